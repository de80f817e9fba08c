//! Every document of every kind of company, with sparse data: complete, escaped, and without invalid figures.

use sweetspot_core::{Account, AccountTable, Column, ColumnData, Customers, Definition, Outcome, OutcomeStatus};
use sweetspot_model::{Scorer, TrainingSpec};
use sweetspot_report::targets::{ExplanationContext, TargetDocument, TargetList, TargetListOptions};
use sweetspot_report::{Document, Report, ReportInput, html, markdown};

use crate::fixtures::{
    account, company, customers_with_texts, default_input, exclusion_rule, hypothesis_only_input, outcome_with_status,
    trained_input,
};

/// Texts with the syntax of other programs.
const HOSTILE: [&str; 5] =
    ["<script>alert(1)</script>", "\" onload=\"x", "| a | b |\n# c", "=cmd|' /C calc'!A0", "\u{202e}evil\u{0}"];

/// The first customers, at most `most`, as prospects with hostile ids.
fn prospects(input: &ReportInput, most: usize) -> TargetDocument {
    let id = |number: usize| format!("{} {number}", HOSTILE.get(number % HOSTILE.len()).unwrap());
    let known = (0..input.rows().min(most)).map(|row| Account { id: id(row), ..account(&input.customers, row) });
    let unknown = Account { id: id(most), attributes: [].into() };
    let accounts: Vec<Account> = known.chain((most > 0).then_some(unknown)).collect();
    let scorer = Scorer::compile(&input.model).unwrap();
    let wanted = TargetListOptions { top: 25, reasons: 3, explained_count: 3, ..TargetListOptions::default() };
    let list = TargetList::new(input, &scorer, &ExplanationContext::new(input, &scorer), &accounts, &wanted);
    TargetDocument { list, excluded_count: 1, unusable_count: 1, ignored_value_count: 1, warnings: vec![] }
}

/// The page and the text of every document, after checking their invariants.
fn render_all(input: &ReportInput) -> (String, String) {
    for few in [0, 1] {
        let report = Report::new("", &[Document::Targets], input, Some(&prospects(input, few)));
        check(&html::page(&report), &markdown::text(&report));
    }
    let without = Report::new("", &[Document::Targets], input, None);
    assert!(without.parts.is_empty(), "the document needs prospects");
    let report = Report::new("", &Document::ALL, input, Some(&prospects(input, 40)));
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
        assert_eq!(slip, None, "in {}", text_around(written, slip.unwrap_or_default()));
    }
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script"));
    assert!(!page.contains("\" onload=\"x") && !page.contains('\u{202e}') && !text.contains('\u{0}'));
    assert!(!text.contains("<script>") && !text.lines().any(|line| line.starts_with("# c")));
}

fn text_around<'a>(text: &'a str, word: &str) -> &'a str {
    let at = text.find(word).unwrap_or(0);
    let from = (0..=at.saturating_sub(80)).rev().find(|from| text.is_char_boundary(*from)).unwrap_or(0);
    let to = (at + 80..text.len()).find(|to| text.is_char_boundary(*to)).unwrap_or(text.len());
    text.get(from..to).unwrap_or_default()
}

#[test]
fn documents_of_the_demo_company_are_sound() {
    let (page, text) = render_all(&default_input(company(600)));
    assert!(page.contains("Your best-fit accounts have") && text.contains("Your best-fit accounts have"));
}

#[test]
fn documents_of_twenty_customers_are_sound() {
    let rows: Vec<_> = (0..20)
        .map(|row| {
            (
                ["a", "b"][row % 2],
                outcome_with_status(if row % 3 == 0 { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
            )
        })
        .collect();
    render_all(&default_input(customers_with_texts("kind", &rows)));
}

#[test]
fn documents_without_churn_costs_or_days_are_sound() {
    let valued = |row: usize| Outcome { value: Some(1000.0 + row as f64), ..outcome_with_status(OutcomeStatus::Won) };
    let rows: Vec<_> = (0..60).map(|row| (if row < 15 { "a" } else { "b" }, valued(59 - row))).collect();
    render_all(&default_input(customers_with_texts("kind", &rows)));
}

#[test]
fn documents_of_customers_that_all_lose_money_are_sound() {
    let losing = |row: usize| Outcome {
        value: Some(row as f64),
        cost_to_serve: Some(5000.0),
        ..outcome_with_status(if row.is_multiple_of(2) { OutcomeStatus::Won } else { OutcomeStatus::Churned })
    };
    let rows: Vec<_> = (0..60).map(|row| (["a", "b", "c"][row % 3], losing(row))).collect();
    render_all(&default_input(customers_with_texts("kind", &rows)));
}

#[test]
fn documents_without_customers_are_sound() {
    render_all(&hypothesis_only_input());
}

#[test]
fn hostile_texts_are_escaped_in_every_document() {
    let rows: Vec<_> = (0..100)
        .map(|row| {
            (HOSTILE[row % 5], outcome_with_status(if row % 5 == 0 { OutcomeStatus::Won } else { OutcomeStatus::Lost }))
        })
        .collect();
    let mut exclusion_rule = exclusion_rule(sweetspot_core::Severity::Out, None);
    exclusion_rule.statement = HOSTILE[0].to_owned();
    exclusion_rule.attribution.author = HOSTILE[1].to_owned();
    let definition = Definition { exclusion_rules: vec![exclusion_rule], ..Definition::default() };
    let input = trained_input(customers_with_texts(HOSTILE[1], &rows), definition, &TrainingSpec::default());
    let (page, text) = render_all(&input);
    assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
    assert!(!page.contains("\" onload=\"x"));
    assert!(!text.contains("<script>") && !text.lines().any(|line| line.starts_with("# c")));
    assert!(!page.contains('\u{202e}') && !text.contains('\u{0}'));
}

#[test]
fn documents_of_many_customers_and_attribute_kinds_are_sound() {
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
        ..outcome_with_status(if row.is_multiple_of(7) { OutcomeStatus::Lost } else { OutcomeStatus::Won })
    };
    let outcomes: Vec<Outcome> = (0..rows).map(outcome).collect();
    let ids = (0..rows).map(|row| format!("c{row}")).collect();
    let customers = Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap();
    let (page, text) = render_all(&default_input(customers));
    assert!(page.len() < 2 << 20 && text.len() < 1 << 20, "{} {}", page.len(), text.len());
}
