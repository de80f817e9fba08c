//! Attributes with very many values are one sentence in the body, and a short table in the appendix.

use sweetspot_core::{Definition, LabelPolicy, LabelPreset, OutcomeStatus};
use sweetspot_model::TrainingSpec;
use sweetspot_report::summary::Summary;
use sweetspot_report::{Document, Report, markdown};

use crate::fixtures::{customers_with_texts, outcome_with_status, trained_input};

#[test]
fn an_attribute_with_many_values_is_one_sentence_and_twenty_rows() {
    let names: Vec<String> = (0..80).map(|city| format!("City {city:02}")).collect();
    // Thirty customers in each city; those of the first ten buy, those of the others rarely do.
    let status = |row: usize| {
        if row % 80 < 10 || row.is_multiple_of(11) { OutcomeStatus::Won } else { OutcomeStatus::Lost }
    };
    let rows: Vec<_> = (0..2400).map(|row| (names[row % 80].as_str(), outcome_with_status(status(row)))).collect();
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    let input = trained_input(customers_with_texts("city", &rows), Definition::default(), &spec);
    let summary = Summary::new(&input);
    assert_eq!(summary.many_values.iter().map(|many| many.values).collect::<Vec<_>>(), [80]);
    assert!(summary.parts.iter().all(|part| part.factors.is_empty()) && summary.negative_factors.is_empty());
    let page = |document| markdown::text(&Report::new("", &[document], &input, None));
    let body = page(Document::Summary);
    let sentence = body.lines().find(|line| line.starts_with("City has 80 values: ")).unwrap();
    assert!(sentence.contains("City 0") && sentence.matches("City ").count() <= 7, "{sentence}");
    let proof = page(Document::Proof);
    let appendix = proof.split("Appendix: attributes with many values").nth(1).unwrap();
    assert_eq!(appendix.matches("| city |").count(), 20, "{appendix}");
    assert!(appendix.contains("And 60 more."), "{appendix}");
}
