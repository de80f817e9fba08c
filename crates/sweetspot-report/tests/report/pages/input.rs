//! Reports of trained versions, with many and with few customers.

use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, Definition, Digest, LabelPolicy, LabelPreset, Outcome,
    OutcomeStatus,
};
use sweetspot_model::{NoProgress, Scorer, TrainingSpec, train};
use sweetspot_report::{CriterionResult, Document, Proof, Report, ReportInput, html, markdown};

use crate::pages::html_reader;

/// Customers, where those in one industry buy more often than others.
fn customers(count: u32) -> Customers {
    let odd = |row: u32| row.wrapping_mul(2_654_435_761) >> 24;
    let won = |row: u32| odd(row) < if row.is_multiple_of(3) { 200 } else { 40 };
    let employees = (0..count).map(|row| (row % 7 != 0).then(|| f64::from(row % 90))).collect::<Vec<_>>();
    let columns = vec![
        Column {
            name: "industry <b>".to_owned(),
            data: ColumnData::Categories {
                dictionary: vec!["logistics".to_owned(), "retail".to_owned(), "media | print".to_owned()],
                codes: (0..count).map(|row| Some(row % 3)).collect::<Vec<_>>().into(),
            },
        },
        Column { name: "employees".to_owned(), data: ColumnData::Numbers(employees.into()) },
    ];
    let ids = (0..count).map(|row| format!("c-{row}")).collect();
    let status = |row| if won(row) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let outcomes: Vec<Outcome> =
        (0..count).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    Customers::new(AccountTable::new(ids, columns).unwrap(), outcomes.into(), None).unwrap()
}

fn input(count: u32) -> ReportInput {
    let customers = customers(count);
    let policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy: policy, ..TrainingSpec::default() };
    let model = train(&spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap();
    let scorer = Scorer::compile(&model).unwrap();
    let (version, as_of) = ("workspaces/w/models/m/versions/1".to_owned(), Date { days: 20_000 });
    ReportInput::new(version, model, &scorer, customers, Definition::default(), as_of).unwrap()
}

#[test]
fn a_report_of_any_size_is_a_page_and_a_text() {
    for count in [24, 600] {
        let input = input(count);
        let report = Report::new("", &Document::ALL, &input, None);
        assert_eq!(report.title, sweetspot_report::TITLE);
        let page = html::page(&report);
        html_reader::check(&page);
        assert!(page.contains("industry &lt;b&gt;") && page.contains("What to bear in mind"));
        let text = markdown::text(&report);
        assert!(text.contains("- All of this is based on"), "{text}");
        assert_eq!(page, html::page(&Report::new("", &Document::ALL, &input, None)));
    }
}

#[test]
fn the_figures_agree_with_each_other() {
    let proof = Proof::new(&input(600));
    let sum = |of: fn(&sweetspot_report::TierRow) -> u64| proof.tiers.iter().map(of).sum::<u64>();
    assert_eq!((sum(|row| row.customers.part), sum(|row| row.ideal.part)), (600, proof.overall.part));
    assert_eq!(proof.strips.iter().map(|strip| strip.scores.counts.iter().sum::<u64>()).sum::<u64>(), 600);
    assert_eq!(proof.influence.first().map(|one| one.attribute.key.as_str()), Some("industry <b>"));
    let missing: Vec<_> = proof.missing.iter().map(|one| (one.attribute.key.as_str(), one.is_uneven())).collect();
    assert_eq!(missing, [("employees", false)]);
    assert!(proof.acceptance.criteria().iter().all(|criterion| criterion.result != CriterionResult::Unknown));
}

#[test]
fn documents_stand_in_their_order_and_once() {
    let input = input(24);
    let report = Report::new(" Ours ", &[Document::Proof, Document::Summary, Document::Proof], &input, None);
    let documents: Vec<_> = report.parts.iter().map(|part| part.document).collect();
    assert_eq!((report.title.as_str(), documents.as_slice()), ("Ours", &[Document::Summary, Document::Proof][..]));
}
