use proptest::prelude::*;

use super::*;
use crate::{Condition, Test};

fn timestamp(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn exclusion_rule(id: &str) -> ExclusionRule {
    ExclusionRule {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: "employees".to_owned(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity: Severity::Out,
        section: PondMapSectionKind::AccountProfile,
        attribution: Attribution::default(),
    }
}

fn hypothesis_entry(id: &str, attribute: &str, expires: Option<Timestamp>) -> HypothesisEntry {
    let when = Condition { attribute: attribute.to_owned(), test: Test::Flag(true) };
    let hypothesis = Hypothesis {
        id: id.to_owned(),
        statement: String::new(),
        when,
        odds_ratio: 2.0,
        confidence_customers: 10.0,
        author: String::new(),
        expires,
    };
    HypothesisEntry { hypothesis, stated_at: timestamp(0), reason: String::new() }
}

#[test]
fn changing_an_approved_definition_makes_it_a_draft_and_a_comment_does_not() {
    let mut definition = Definition::default();
    assert_eq!(definition.approve("Ann", timestamp(1), 1), Err(DefinitionChangeError::NotInReview));
    definition.submit("Ben", timestamp(1)).unwrap();
    assert_eq!(definition.submit("Ben", timestamp(1)), Err(DefinitionChangeError::InReview));
    definition.add(exclusion_rule("small"), timestamp(2)).unwrap();
    assert_eq!(definition.approval, Approval::Draft, "the committee has not read the rule");
    definition.submit("Ben", timestamp(2)).unwrap();
    definition.approve("Ann", timestamp(3), 1).unwrap();
    let comment = Comment { id: "c-1".into(), text: "Good.".into(), author: "Cem".into(), ..Comment::default() };
    definition.add(comment, timestamp(4)).unwrap();
    assert!(matches!(definition.approval, Approval::Approved { number: 1, .. }));
    definition.remove::<ExclusionRule>("small").unwrap();
    assert_eq!(definition.approval, Approval::Draft);
}

#[test]
fn the_person_who_submitted_a_definition_cannot_approve_it_unless_it_allows_self_approval() {
    let mut definition = Definition::default();
    definition.submit("Ben", timestamp(1)).unwrap();
    for person in ["Ben", " ben "] {
        let refused = DefinitionChangeError::SelfApproval { person: person.to_owned() };
        assert_eq!(definition.approve(person, timestamp(2), 1), Err(refused));
    }
    definition.allow_self_approval = true;
    definition.approve("Ben", timestamp(2), 1).unwrap();
    definition.submit("Ann", timestamp(3)).unwrap();
    definition.approve("Ben", timestamp(4), 2).unwrap();
    assert!(
        matches!(definition.approval, Approval::Approved { number: 2, .. }),
        "unchanged, for another model version"
    );
}

#[test]
fn returning_a_definition_records_the_reason() {
    let mut definition = Definition::default();
    definition.submit("Ben", timestamp(1)).unwrap();
    definition.return_to_draft("Ann", "Too few exclusion rules.", "c-2".into(), timestamp(2)).unwrap();
    assert_eq!(definition.approval, Approval::Draft);
    let comment = definition.entry::<Comment>("c-2").unwrap();
    assert_eq!(
        (comment.text.as_str(), comment.author.as_str(), comment.time),
        ("Too few exclusion rules.", "Ann", timestamp(2))
    );
}

#[test]
fn an_entry_is_replaced_under_its_id_and_keeps_its_date() {
    let mut definition = Definition::default();
    definition.add(exclusion_rule("b"), timestamp(5)).unwrap();
    definition.add(exclusion_rule("a"), timestamp(6)).unwrap();
    assert!(matches!(definition.add(exclusion_rule("a"), timestamp(7)), Err(DefinitionChangeError::Exists { .. })));
    let changed = ExclusionRule { severity: Severity::Caution, ..exclusion_rule("b") };
    definition.replace(changed, timestamp(8)).unwrap();
    let found = definition.entry::<ExclusionRule>("b").unwrap();
    assert_eq!((found.severity, found.attribution.stated_at), (Severity::Caution, timestamp(5)));
    assert!(matches!(
        definition.replace(exclusion_rule("c"), timestamp(9)),
        Err(DefinitionChangeError::Missing { .. })
    ));
    assert!(matches!(definition.remove::<ExclusionRule>("c"), Err(DefinitionChangeError::Missing { .. })));
}

#[test]
fn two_active_hypotheses_about_the_same_accounts_are_refused() {
    let mut definition = Definition::default();
    definition.add(hypothesis_entry("a", "b2b", Some(timestamp(10))), timestamp(1)).unwrap();
    assert!(matches!(
        definition.add(hypothesis_entry("b", "b2b", None), timestamp(9)),
        Err(DefinitionChangeError::Conflict { .. })
    ));
    definition.add(hypothesis_entry("b", "b2b", None), timestamp(10)).unwrap();
    definition.replace(hypothesis_entry("b", "b2b", None), timestamp(11)).unwrap();
}

#[test]
fn entry_lists_are_bounded() {
    let mut definition = Definition::default();
    for number in 0..EntryKind::ExclusionRule.max_entries() {
        definition.add(exclusion_rule(&number.to_string()), timestamp(0)).unwrap();
    }
    assert_eq!(
        definition.add(exclusion_rule("one more"), timestamp(0)),
        Err(DefinitionChangeError::Full { kind: EntryKind::ExclusionRule })
    );
}

#[test]
fn every_fault_of_an_entry_is_reported() {
    let fields = |faults: Vec<EntryFault>| faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>();
    let long = "x".repeat(2001);
    let by = Attribution { author: long.clone(), reason: long.clone(), ..Attribution::default() };
    let test = Test::Range { gte: Some(2.0), lt: Some(1.0) };
    let when = Condition { attribute: "a".into(), test };
    let bad =
        ExclusionRule { id: " ".into(), statement: long.clone(), when, attribution: by.clone(), ..exclusion_rule("") };
    assert_eq!(fields(bad.faults()), ["id", "statement", "author", "reason", "when"]);
    let bad = Finding {
        question: long.clone(),
        account_id: long.clone(),
        segment_id: long.clone(),
        attribution: by,
        ..Finding::default()
    };
    assert_eq!(fields(bad.faults()), ["id", "text", "question", "account_id", "segment_id", "author", "reason"]);
    let bad = Comment { about: long.clone(), ..Comment::default() };
    assert_eq!(fields(bad.faults()), ["about", "text", "author"]);
    let mut bad = hypothesis_entry("", "a", None);
    bad.reason = long;
    assert_eq!(fields(bad.faults()), ["hypothesis.id", "reason"]);
    assert_eq!(exclusion_rule("a").faults(), []);
}

#[test]
fn keys_round_trip() {
    assert!(IcpCategory::ALL.into_iter().all(|one| IcpCategory::from_key(one.key()) == Some(one)));
    assert!(PondMapSectionKind::ALL.into_iter().all(|one| PondMapSectionKind::from_key(one.key()) == Some(one)));
    assert!(SpicedPart::ALL.into_iter().all(|one| SpicedPart::from_key(one.key()) == Some(one)));
    assert!(Stance::ALL.into_iter().all(|one| Stance::from_key(one.key()) == Some(one)));
    assert_eq!(Stance::from_key("Positive"), None);
}

proptest! {
    #[test]
    fn lists_stay_in_the_order_of_ids_whatever_is_done(steps in prop::collection::vec((0..3_u8, 0..9_u8), 0..60)) {
        let mut definition = Definition::default();
        for (what, id) in steps {
            let id = id.to_string();
            let there = definition.entry::<ExclusionRule>(&id).is_some();
            let done = match what {
                0 => definition.add(exclusion_rule(&id), timestamp(0)).is_ok() != there,
                1 => definition.replace(exclusion_rule(&id), timestamp(0)).is_ok() == there,
                _ => definition.remove::<ExclusionRule>(&id).is_ok() == there,
            };
            prop_assert!(done);
            prop_assert!(definition.exclusion_rules.is_sorted_by(|one, other| one.id < other.id));
        }
    }
}
