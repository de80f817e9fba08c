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
    assert_eq!(definition.approve("Ann", 7, 1, timestamp(1)), Err(DefinitionChangeError::NotInReview));
    definition.submit("Ben", timestamp(1)).unwrap();
    assert_eq!(definition.submit("Ben", timestamp(1)), Err(DefinitionChangeError::InReview));
    definition.add(exclusion_rule("small"), timestamp(2)).unwrap();
    assert_eq!(definition.approval, Approval::Draft, "the committee has not read the rule");
    definition.submit("Ben", timestamp(2)).unwrap();
    definition.approve("Ann", 7, 1, timestamp(3)).unwrap();
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
        assert_eq!(definition.approve(person, 7, 1, timestamp(2)), Err(refused));
    }
    definition.allow_self_approval = true;
    definition.approve("Ben", 7, 1, timestamp(2)).unwrap();
    definition.submit("Ann", timestamp(3)).unwrap();
    definition.approve("Ben", 7, 2, timestamp(4)).unwrap();
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

fn committee_of(approvers: &[&str], required: u64) -> Definition {
    let approvers = approvers.iter().map(|name| (*name).to_owned()).collect();
    Definition { committee: ApprovalCommittee::new(approvers, required), ..Definition::default() }
}

#[test]
fn a_definition_is_approved_when_enough_approvers_have_approved_it() {
    let mut definition = committee_of(&["Cem", "ann ", "Ben"], 2);
    assert_eq!(definition.committee.approvers, ["ann ", "Ben", "Cem"], "by name");
    definition.submit("Dan", timestamp(1)).unwrap();
    let outsider = DefinitionChangeError::NotApprover { person: "Eve".into(), approvers: "ann, Ben, Cem".into() };
    assert_eq!(definition.approve("Eve ", 7, 1, timestamp(2)), Err(outsider));
    assert_eq!(definition.approve(" Ann", 7, 1, timestamp(2)), Ok(false));
    assert!(matches!(&definition.approval, Approval::InReview { actor, .. } if actor == "Dan"));
    let again = DefinitionChangeError::AlreadyApproved { person: "ANN".into() };
    assert_eq!(definition.approve("ANN", 7, 1, timestamp(3)), Err(again), "a person counts once");
    let other = DefinitionChangeError::OtherModelVersion { version: 8, approved: 7, person: "Ann".into() };
    assert_eq!(definition.approve("Ben", 8, 1, timestamp(3)), Err(other));
    assert_eq!(definition.approve("Ben", 7, 1, timestamp(4)), Ok(true));
    assert!(matches!(&definition.approval, Approval::Approved { actor, number: 1, .. } if actor == "Ben"));
    let people = [(" Ann", 2), ("Ben", 4)]
        .map(|(name, second)| PersonApproval { actor: name.to_owned(), time: timestamp(second) });
    assert_eq!(definition.round, ReviewRound { version: 7, approvals: people.into() });
    assert_eq!(definition.approver_names(), [" Ann", "Ben"]);
    definition.submit("Dan", timestamp(5)).unwrap();
    assert_eq!(definition.round, ReviewRound::default(), "a new submission starts without approvals");
}

#[test]
fn a_change_or_a_return_drops_the_approvals_and_a_comment_does_not() {
    let in_review = || {
        let mut definition = committee_of(&[], 2);
        definition.submit("Ben", timestamp(1)).unwrap();
        assert_eq!(definition.approve("Ann", 7, 1, timestamp(2)), Ok(false));
        definition
    };
    let mut changed = in_review();
    changed.add(exclusion_rule("small"), timestamp(3)).unwrap();
    let mut returned = in_review();
    returned.return_to_draft("Cem", "Too few rules.", "c-1".into(), timestamp(3)).unwrap();
    for definition in [changed, returned] {
        assert_eq!((&definition.approval, &definition.round), (&Approval::Draft, &ReviewRound::default()));
        assert_eq!(definition.approver_names(), [""; 0]);
    }
    let mut commented = in_review();
    commented.add(Comment { id: "c-1".into(), ..Comment::default() }, timestamp(3)).unwrap();
    commented.resolve_comment("c-1", CommentResolution::default()).unwrap();
    assert_eq!(commented.round.approvals.len(), 1);
    assert_eq!(commented.approve("Cem", 7, 1, timestamp(4)), Ok(true));
}

#[test]
fn a_submission_that_too_few_others_can_approve_is_refused() {
    let mut definition = committee_of(&["Ann", "Ben"], 2);
    let refused = DefinitionChangeError::TooFewApprovers { person: "ben".into(), required: 2 };
    assert_eq!(definition.submit("ben", timestamp(1)), Err(refused));
    assert_eq!(definition.approval, Approval::Draft);
    definition.allow_self_approval = true;
    definition.submit("ben", timestamp(1)).unwrap();
    assert_eq!(definition.approve("Ben", 7, 1, timestamp(2)), Ok(false));
    assert_eq!(definition.approve("Ann", 7, 1, timestamp(2)), Ok(true));
    committee_of(&["Ann", "Ben"], 2).submit("Cem", timestamp(1)).unwrap();
    committee_of(&["Ann", "Ben"], 1).submit("Ben", timestamp(1)).unwrap();
    committee_of(&[], 10).submit("Ben", timestamp(1)).unwrap();
}

#[test]
fn every_fault_of_a_committee_is_reported() {
    let fields = |approvers: &[&str], required_approvals| {
        let approvers = approvers.iter().map(|name| (*name).to_owned()).collect();
        let faults = ApprovalCommittee { approvers, required_approvals }.faults();
        faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    assert_eq!(fields(&[], 10), [""; 0]);
    assert_eq!(fields(&["Ann", "Ben"], 2), [""; 0]);
    assert_eq!(fields(&["Ann", " ", "ANN "], 2), ["approvers[1]", "approvers[2]"]);
    assert_eq!(fields(&[&"x".repeat(129)], 2), ["approvers[0]", "required_approvals"]);
    let (zero, many) = (fields(&[], 0), fields(&[], MAX_REQUIRED_APPROVALS + 1));
    assert_eq!([zero, many], [["required_approvals"], ["required_approvals"]]);
    let names: Vec<String> = (0..=MAX_APPROVERS).map(|number| format!("p{number}")).collect();
    assert_eq!(fields(&names.iter().map(String::as_str).collect::<Vec<_>>(), 1), ["approvers"]);
}

#[test]
fn a_comment_is_resolved_once_and_stays() {
    let mut definition = Definition::default();
    definition.add(Comment { id: "c-1".into(), ..Comment::default() }, timestamp(1)).unwrap();
    definition.add(exclusion_rule("small"), timestamp(1)).unwrap();
    definition.remove::<ExclusionRule>("small").unwrap();
    definition.record_removal::<ExclusionRule>("small", "Ann", "Never used.", "c-2".into(), timestamp(2)).unwrap();
    assert_eq!(definition.open_comments(), 1, "a record is not open");
    let resolution = CommentResolution { author: "Ben".into(), time: timestamp(3), reason: "Done.".into() };
    definition.resolve_comment("c-1", resolution.clone()).unwrap();
    assert_eq!((definition.open_comments(), definition.comments.len()), (0, 2));
    assert_eq!(definition.entry::<Comment>("c-1").unwrap().resolution.as_ref(), Some(&resolution));
    let refused = |definition: &mut Definition, id: &str| {
        definition.resolve_comment(id, resolution.clone()).unwrap_err().to_string()
    };
    assert!(refused(&mut definition, "c-1").contains("Ben resolved it"));
    assert!(refused(&mut definition, "c-2").contains("it records the removal of an entry"));
    assert!(refused(&mut definition, "c-3").contains("does not exist"));
    let record = definition.entry::<Comment>("c-2").unwrap();
    let about = "removed exclusion rule small";
    assert_eq!((record.about.as_str(), record.text.as_str(), record.author.as_str()), (about, "Never used.", "Ann"));
}

#[test]
fn records_of_removals_are_bounded_and_make_room_for_each_other() {
    let mut definition = Definition::default();
    let id = |number: usize| format!("c-{number:09}");
    let record = |definition: &mut Definition, number: usize| {
        definition.record_removal::<Finding>(&number.to_string(), "Ann", "Old.", id(number), timestamp(1))
    };
    for number in 0..MAX_RECORDED_REMOVALS + 3 {
        record(&mut definition, number).unwrap();
    }
    assert_eq!((definition.comments.len(), &definition.comments[0].id), (MAX_RECORDED_REMOVALS, &id(3)));
    let comments = EntryKind::Comment.max_entries();
    for number in MAX_RECORDED_REMOVALS..comments {
        let comment = Comment { id: id(1000 + number), ..Comment::default() };
        definition.add(comment, timestamp(1)).unwrap();
    }
    record(&mut definition, 5000).unwrap();
    assert_eq!((definition.comments.len(), &definition.comments[0].id), (comments, &id(4)));
    definition.comments.iter_mut().for_each(|comment| comment.is_removal = false);
    let full = DefinitionChangeError::Full { kind: EntryKind::Comment };
    assert_eq!(record(&mut definition, 5001), Err(full), "comments of people are not dropped");
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
    fn an_approved_definition_has_the_required_approvals_of_different_approvers(
        approvers in prop::collection::btree_set(0..6_u8, 0..6),
        required in 1..4_u64,
        people in prop::collection::vec(0..6_u8, 0..12),
    ) {
        let names: Vec<String> = approvers.iter().map(|person| format!("Person {person}")).collect();
        let mut definition = Definition { committee: ApprovalCommittee::new(names, required), ..Definition::default() };
        prop_assume!(definition.committee.faults().is_empty());
        definition.submit("Submitter", timestamp(0)).unwrap();
        let mut counted = std::collections::BTreeSet::new();
        for person in people {
            let is_first = (approvers.is_empty() || approvers.contains(&person)) && !counted.contains(&person);
            let is_in_review = (counted.len() as u64) < required;
            let approved = definition.approve(&format!(" person {person}"), 7, 1, timestamp(1));
            prop_assert_eq!(approved.is_ok(), is_first && is_in_review);
            if approved.is_ok() {
                counted.insert(person);
            }
            let is_approved = matches!(definition.approval, Approval::Approved { .. });
            prop_assert_eq!(is_approved, counted.len() as u64 == required);
            prop_assert_eq!(definition.round.approvals.len(), counted.len());
        }
    }

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
