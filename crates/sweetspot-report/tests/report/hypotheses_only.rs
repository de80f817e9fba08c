//! The profile of a version without customers: every hypothesis with its strength, its author and what tests it.

use jiff::Timestamp;
use sweetspot_core::{
    Account, Condition, Customers, Definition, Finding, Hypothesis, HypothesisEntry, IcpCategory, Test, Value,
};
use sweetspot_model::{Scorer, TrainingSpec};
use sweetspot_report::summary::Summary;
use sweetspot_report::targets::{ExplanationContext, Target, TargetDocument, TargetList, TargetListOptions};
use sweetspot_report::{Document, Report, ReportInput, markdown};

use crate::fixtures::{statement_by_ann, trained_input};

fn entry(id: &str, attribute: &str, test: Test, odds_ratio: f64, reason: &str) -> HypothesisEntry {
    let hypothesis = Hypothesis {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: attribute.to_owned(), test },
        odds_ratio,
        confidence_customers: 20.0,
        author: if odds_ratio > 1.0 { "Ann".to_owned() } else { "Ben".to_owned() },
        expires: None,
    };
    HypothesisEntry { hypothesis, stated_at: Timestamp::UNIX_EPOCH, reason: reason.to_owned() }
}

/// A company without customers: whom it believes to be ideal.
fn without_customers() -> ReportInput {
    let texts = |texts: &[&str]| Test::AnyOf(texts.iter().map(|text| (*text).to_owned()).collect());
    let size = Test::Range { gte: Some(200.0), lt: None };
    let hypotheses = vec![
        entry("size", "employees", size, 3.0, "they have a finance team"),
        entry("sector", "industry", texts(&["Gambling"]), 0.5, "their banks forbid it"),
        entry("pain", "pain", texts(&["late invoices"]), 2.0, "two of three prospects mentioned it"),
        entry("skill", "skilled_staff", Test::Flag(true), 1.5, ""),
    ];
    let spec = TrainingSpec {
        hypotheses: hypotheses.iter().map(|entry| entry.hypothesis.clone()).collect(),
        ..TrainingSpec::default()
    };
    let finding = Finding {
        id: "call".to_owned(),
        text: "Invoices are paid after 60 days.".to_owned(),
        account_id: "prospect-1".to_owned(),
        category: Some(IcpCategory::BusinessProblem),
        attribution: statement_by_ann(None),
        ..Finding::default()
    };
    let definition = Definition { hypotheses, findings: vec![finding], ..Definition::default() };
    trained_input(Customers::default(), definition, &spec)
}

#[test]
fn the_profile_reads_as_it_should() {
    let input = without_customers();
    insta::assert_snapshot!(markdown::text(&Report::new("", &[Document::Summary], &input, None)));
}

#[test]
fn rates_are_those_of_the_scores() {
    let input = without_customers();
    let summary = Summary::new(&input);
    let scorer = Scorer::compile(&input.model).unwrap();
    let account = |attributes: Vec<(&str, Value)>| Account {
        id: "a".to_owned(),
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    };
    let large = scorer.score(&account(vec![("employees", Value::Number(500.0))]));
    let unknown = scorer.score(&account(vec![]));
    let stated = summary.hypotheses.iter().find(|hypothesis| hypothesis.odds_ratio == 3.0).unwrap();
    assert!((unknown.probability - stated.rate_without).abs() < 1e-6, "{unknown:?} {stated:?}");
    assert!((large.probability - stated.rate_with).abs() < 1e-6, "{large:?} {stated:?}");
    assert_eq!(summary.interviews.total, 1, "the finding about a prospect");
}

#[test]
fn prospects_are_ranked_by_the_hypotheses() {
    let input = without_customers();
    let scorer = Scorer::compile(&input.model).unwrap();
    let account = |id: &str, employees: f64, industry: &str| Account {
        id: id.to_owned(),
        attributes: [
            ("employees".to_owned(), Value::Number(employees)),
            ("industry".to_owned(), Value::Text(industry.to_owned())),
        ]
        .into(),
    };
    let prospects =
        [account("small", 20.0, "Gambling"), account("large", 500.0, "Retail"), account("middle", 20.0, "Retail")];
    let options = TargetListOptions { top: 25, reasons: 3, explained_count: 3, ..TargetListOptions::default() };
    let context = ExplanationContext::new(&input, &scorer);
    let list = TargetList::new(&input, &scorer, &context, &prospects, &options);
    let ids: Vec<&str> = list.targets.iter().map(Target::display_name).collect();
    assert_eq!(ids, ["large", "middle", "small"]);
    let targets =
        TargetDocument { list, excluded_count: 0, unusable_count: 0, ignored_value_count: 0, warnings: vec![] };
    let page = markdown::text(&Report::new("", &[Document::Targets], &input, Some(&targets)));
    assert!(page.contains("employees 200 or more (stated)"), "{page}");
}
