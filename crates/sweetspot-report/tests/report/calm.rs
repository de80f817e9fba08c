//! Every document of every kind of company, however little is known of it: whole, escaped, and without a figure that is none.

use sweetspot_core::{Account, AccountTable, Column, ColumnData, Customers, Definition, Outcome, Status};
use sweetspot_model::{Scorer, TrainingSpec};
use sweetspot_report::targets::{Prepared, TargetDocument, TargetList, Wanted};
use sweetspot_report::{Document, Evidence, Report, html, markdown};

use crate::support::{account, believed, company, evidence, evidence_of, gate, only, with_texts};

/// Texts that some program somewhere would take for its own.
const HOSTILE: [&str; 5] =
    ["<script>alert(1)</script>", "\" onload=\"x", "| a | b |\n# c", "=cmd|' /C calc'!A0", "\u{202e}evil\u{0}"];

/// The first so many customers once more, as prospects whose ids are no better than other texts.
fn prospects(evidence: &Evidence, most: usize) -> TargetDocument {
    let id = |number: usize| format!("{} {number}", HOSTILE.get(number % HOSTILE.len()).unwrap());
    let known = (0..evidence.rows().min(most)).map(|row| Account { id: id(row), ..account(&evidence.customers, row) });
    let unknown = Account { id: id(most), attributes: [].into() };
    let accounts: Vec<Account> = known.chain((most > 0).then_some(unknown)).collect();
    let scorer = Scorer::compile(&evidence.model).unwrap();
    let wanted = Wanted { top: 25, reasons: 3, explained: 3, ..Wanted::default() };
    let list = TargetList::new(evidence, &scorer, &Prepared::new(evidence, &scorer), &accounts, &wanted);
    TargetDocument { list, left_out: 1, unusable: 1, ignored: 1, warnings: vec![] }
}

/// The page and the text of every document, and what each of them must be.
fn told(evidence: &Evidence) -> (String, String) {
    for few in [0, 1] {
        let report = Report::new("", &[Document::Targets], evidence, Some(&prospects(evidence, few)));
        check(&html::page(&report), &markdown::text(&report));
    }
    let without = Report::new("", &[Document::Targets], evidence, None);
    assert!(without.parts.is_empty(), "without prospects there is no such document");
    let report = Report::new("", &Document::ALL, evidence, Some(&prospects(evidence, 40)));
    let (page, text) = (html::page(&report), markdown::text(&report));
    for document in Document::ALL {
        assert!(report.parts.iter().any(|part| part.document == document && part.blocks.len() > 1), "{document:?}");
    }
    check(&page, &text);
    (page, text)
}

fn check(page: &str, text: &str) {
    for written in [page, text] {
        let slip = written.split(|c: char| !c.is_alphanumeric()).find(|word| ["NaN", "inf"].contains(word));
        assert_eq!(slip, None, "in {}", around(written, slip.unwrap_or_default()));
    }
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script"));
    assert!(!page.contains("\" onload=\"x") && !page.contains('\u{202e}') && !text.contains('\u{0}'));
    assert!(!text.contains("<script>") && !text.lines().any(|line| line.starts_with("# c")));
}

fn around<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or(0);
    let from = (0..=at.saturating_sub(80)).rev().find(|from| text.is_char_boundary(*from)).unwrap_or(0);
    let to = (at + 80..text.len()).find(|to| text.is_char_boundary(*to)).unwrap_or(text.len());
    text.get(from..to).unwrap_or_default()
}

#[test]
fn the_demonstrations_company() {
    let (page, text) = told(&evidence(company(600)));
    assert!(page.contains("Your best-fit accounts have") && text.contains("Your best-fit accounts have"));
}

#[test]
fn twenty_customers() {
    let rows: Vec<_> =
        (0..20).map(|row| (["a", "b"][row % 2], only(if row % 3 == 0 { Status::Won } else { Status::Lost }))).collect();
    told(&evidence(with_texts("kind", &rows)));
}

#[test]
fn nobody_left_nothing_cost_anything_and_no_day_is_known() {
    let valued = |row: usize| Outcome { value: Some(1000.0 + row as f64), ..only(Status::Won) };
    let rows: Vec<_> = (0..60).map(|row| (if row < 15 { "a" } else { "b" }, valued(59 - row))).collect();
    told(&evidence(with_texts("kind", &rows)));
}

#[test]
fn everybody_loses_money() {
    let losing = |row: usize| Outcome {
        value: Some(row as f64),
        cost_to_serve: Some(5000.0),
        ..only(if row.is_multiple_of(2) { Status::Won } else { Status::Churned })
    };
    let rows: Vec<_> = (0..60).map(|row| (["a", "b", "c"][row % 3], losing(row))).collect();
    told(&evidence(with_texts("kind", &rows)));
}

#[test]
fn no_customers_at_all() {
    told(&believed());
}

#[test]
fn hostile_texts_stay_texts() {
    let rows: Vec<_> =
        (0..100).map(|row| (HOSTILE[row % 5], only(if row % 5 == 0 { Status::Won } else { Status::Lost }))).collect();
    let mut gate = gate(sweetspot_core::Severity::Out, None);
    gate.statement = HOSTILE[0].to_owned();
    gate.by.author = HOSTILE[1].to_owned();
    let definition = Definition { gates: vec![gate], ..Definition::default() };
    let evidence = evidence_of(with_texts(HOSTILE[1], &rows), definition, &TrainingSpec::default());
    let (page, text) = told(&evidence);
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
    assert!(!page.contains("\" onload=\"x"));
    assert!(!text.contains("<script>") && !text.lines().any(|line| line.starts_with("# c")));
    assert!(!page.contains('\u{202e}') && !text.contains('\u{0}'));
}

#[test]
fn many_customers_of_many_kinds() {
    let rows = 80_000_u32;
    let codes = (0..rows).map(|row| Some(row.wrapping_mul(2_654_435_761) % 300)).collect();
    let dictionary = (0..300).map(|level| format!("level {level}")).collect();
    let sizes = (0..rows).map(|row| Some(f64::from(row % 977))).collect();
    let columns = vec![
        Column { name: "level".to_owned(), data: ColumnData::Categories { dictionary, codes } },
        Column { name: "size".to_owned(), data: ColumnData::Numbers(sizes) },
    ];
    let outcome = |row: u32| Outcome {
        value: Some(f64::from(row % 977) * 10.0),
        ..only(if row.is_multiple_of(7) { Status::Lost } else { Status::Won })
    };
    let outcomes: Vec<Outcome> = (0..rows).map(outcome).collect();
    let ids = (0..rows).map(|row| format!("c{row}")).collect();
    let customers = Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap();
    let (page, text) = told(&evidence(customers));
    assert!(page.len() < 2 << 20 && text.len() < 1 << 20, "{} {}", page.len(), text.len());
}
