//! Interviews: what counts as one, and what is asked where they are missing.

use sweetspot_core::{AccountReviews, ColumnData, Definition, Finding, OutcomeStatus, ReviewField};
use sweetspot_model::TrainingSpec;
use sweetspot_report::summary::{Summary, blocks};
use sweetspot_report::{Interviews, ReportInput};

use crate::fixtures::{
    company, customers_with_texts, default_input, hypothesis_only_input, outcome_with_status, statement_by_ann,
    trained_input,
};

/// Two hundred customers, every third of which is lost, with these pains and findings about accounts.
fn with_pains(pains: &[&str], findings: &[(&str, Option<i32>)]) -> ReportInput {
    let status = |row: usize| if row.is_multiple_of(3) { OutcomeStatus::Lost } else { OutcomeStatus::Won };
    let rows: Vec<_> = (0..200).map(|row| (["north", "south"][row % 2], outcome_with_status(status(row)))).collect();
    let codes = (0..200_u32).map(|row| pains.get(row as usize).filter(|pain| !pain.is_empty()).map(|_| row)).collect();
    let dictionary = (0..200).map(|row| pains.get(row).copied().unwrap_or_default().to_owned()).collect();
    let mut review = AccountReviews::default();
    review.set(ReviewField::Pain, ColumnData::Categories { dictionary, codes });
    let customers = customers_with_texts("region", &rows).with_review(review).unwrap();
    let finding = |(account, until): &(&str, Option<i32>)| Finding {
        id: format!("about-{account}"),
        text: "They need it by May.".to_owned(),
        account_id: (*account).to_owned(),
        attribution: statement_by_ann(*until),
        ..Finding::default()
    };
    let definition = Definition { findings: findings.iter().map(finding).collect(), ..Definition::default() };
    trained_input(customers, definition, &TrainingSpec::default())
}

#[test]
fn an_interview_is_an_answer_or_a_current_finding_and_counts_once() {
    assert_eq!(Interviews::new(&with_pains(&[], &[])).total, 0);
    // Two customers and a prospect with a finding, one of the customers with an answer as well, a finding that has
    // expired, and a lost account.
    let pains = ["late invoices", "late invoices"];
    let findings = [("c1", None), ("c2", None), ("elsewhere", None), ("past", Some(20_600))];
    let found = Interviews::new(&with_pains(&pains, &findings));
    assert_eq!((found.total, found.segments.iter().map(|segment| segment.interviews).sum::<u64>()), (3, 2));
    assert_eq!(found.questions.len(), 5);
    for segment in &found.segments {
        assert_eq!(segment.missing, 5_u64.saturating_sub(segment.interviews));
        assert!(segment.candidates.len() <= 3 && (segment.missing > 0 || segment.candidates.is_empty()));
    }
}

#[test]
fn questions_are_asked_only_where_interviews_are_missing() {
    let enough = default_input(company(600));
    let summary = Summary::new(&enough);
    assert_eq!(summary.interviews.questions, [""; 0]);
    let page = format!("{:?}", blocks(&enough, &summary));
    assert!(page.contains("which counts as an interview: enough, as 5 to 10"), "{page}");
    let none = with_pains(&[], &[]);
    let page = format!("{:?}", blocks(&none, &Summary::new(&none)));
    assert!(page.contains("0 accounts have a SPICED answer or a finding"), "{page}");
    assert_eq!(page.matches("How did you and the customer find each other?").count(), 1);
    let no_customers = hypothesis_only_input();
    let page = format!("{:?}", blocks(&no_customers, &Summary::new(&no_customers)));
    assert!(page.contains("Ask companies that match most of the hypotheses") && page.contains("leave everything"));
}
