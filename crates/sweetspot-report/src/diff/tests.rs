use jiff::Timestamp;
use sweetspot_core::{
    Attribution, Comment, Condition, ExclusionRule, Finding, Hypothesis, HypothesisEntry, IcpCategory,
    PondMapSectionKind, Severity, Test,
};

use super::*;

fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn sample_rule(id: &str, severity: Severity) -> ExclusionRule {
    ExclusionRule {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: "employees".to_owned(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity,
        section: PondMapSectionKind::AccountProfile,
        attribution: Attribution { author: "Ann".to_owned(), ..Attribution::default() },
    }
}

fn sample_hypothesis(id: &str, odds_ratio: f64, expires: Option<Timestamp>) -> HypothesisEntry {
    let when = Condition { attribute: "industry".to_owned(), test: Test::AnyOf(vec!["Logistics".to_owned()]) };
    let (statement, author) = (String::new(), String::new());
    let hypothesis =
        Hypothesis { id: id.to_owned(), statement, when, odds_ratio, confidence_customers: 30.0, author, expires };
    HypothesisEntry { hypothesis, stated_at: timestamp(0), reason: String::new() }
}

fn sentences(from: &Definition, to: &Definition) -> Vec<String> {
    let state = |definition| ProfileState { definition, model: None };
    differences(state(from), state(to)).into_iter().map(|difference| difference.sentence).collect()
}

#[test]
fn a_state_does_not_differ_from_itself() {
    let mut definition = Definition::default();
    definition.add(sample_rule("small", Severity::Out), timestamp(1)).unwrap();
    assert!(sentences(&definition, &definition).is_empty());
}

#[test]
fn what_came_and_went_and_changed_is_reported_in_sentences() {
    let (mut from, mut to) = (Definition::default(), Definition::default());
    from.add(sample_rule("small", Severity::Out), timestamp(1)).unwrap();
    from.add(sample_rule("gone", Severity::Caution), timestamp(1)).unwrap();
    from.add(sample_hypothesis("logistics", 2.0, None), timestamp(1)).unwrap();
    to.add(sample_rule("small", Severity::Caution), timestamp(1)).unwrap();
    to.add(sample_hypothesis("logistics", 3.0, Some(timestamp(86_400))), timestamp(1)).unwrap();
    to.add(Finding { id: "f".into(), text: "They need it by May.".into(), ..Finding::default() }, timestamp(1))
        .unwrap();
    to.add(Comment { id: "c".into(), ..Comment::default() }, timestamp(1)).unwrap();
    to.categories.insert("pain".into(), IcpCategory::ImpactPotential);
    to.review_date = Some(sweetspot_core::Date { days: 0 });
    to.committee = sweetspot_core::ApprovalCommittee::new(vec!["Ben".into(), "Ann".into()], 2);
    assert_eq!(
        sentences(&from, &to),
        [
            "Hypothesis \"logistics\" was changed: the odds ratio is 3 instead of 2; it ends on 1970-01-02 instead of nothing.",
            "Exclusion rule \"gone\" was removed: employees below 20 counts as CAUTION",
            "Exclusion rule \"small\" was changed: it counts as CAUTION instead of OUT.",
            "Finding \"f\" was added: They need it by May.",
            "The category of \"pain\" is impact_potential instead of what its name suggests.",
            "The review is due on 1970-01-01 instead of nothing.",
            "The definition is approved by Ann and Ben instead of any person; the number of required approvals is 2 \
             instead of 1.",
        ]
    );
}

#[test]
fn every_addition_is_a_removal_seen_from_the_other_side() {
    let (from, mut to) = (Definition::default(), Definition::default());
    to.add(sample_rule("a", Severity::Out), timestamp(1)).unwrap();
    to.add(sample_hypothesis("b", 2.0, None), timestamp(1)).unwrap();
    let state = |definition| ProfileState { definition, model: None };
    let kinds = |from, to| differences(state(from), state(to)).into_iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&from, &to), [DifferenceKind::Added; 2]);
    assert_eq!(kinds(&to, &from), [DifferenceKind::Removed; 2]);
}
