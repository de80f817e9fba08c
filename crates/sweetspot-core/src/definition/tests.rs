use proptest::prelude::*;

use super::*;
use crate::{Condition, Test};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn gate(id: &str) -> Gate {
    Gate {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: "employees".to_owned(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity: Severity::Out,
        section: PondSection::AccountProfile,
        by: Statement::default(),
    }
}

fn held(id: &str, attribute: &str, expires: Option<Timestamp>) -> HeldHypothesis {
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
    HeldHypothesis { hypothesis, stated: at(0), reason: String::new() }
}

#[test]
fn a_change_of_what_was_agreed_on_makes_it_a_draft_and_a_remark_does_not() {
    let mut definition = Definition::default();
    assert_eq!(definition.approve("Ann", at(1), 1), Err(EditError::NotInReview));
    definition.submit("Ben", at(1)).unwrap();
    assert_eq!(definition.submit("Ben", at(1)), Err(EditError::NotDraft));
    definition.add(gate("small"), at(2)).unwrap();
    assert!(matches!(definition.approval, Approval::InReview { .. }));
    definition.approve("Ann", at(3), 1).unwrap();
    let comment = Comment { id: "c-1".into(), text: "Good.".into(), author: "Cem".into(), ..Comment::default() };
    definition.add(comment, at(4)).unwrap();
    assert!(matches!(definition.approval, Approval::Approved { number: 1, .. }));
    definition.remove::<Gate>("small").unwrap();
    assert_eq!(definition.approval, Approval::Draft);
}

#[test]
fn what_is_given_back_says_why() {
    let mut definition = Definition::default();
    definition.submit("Ben", at(1)).unwrap();
    definition.give_back("Ann", "Too few gates.", "c-2".into(), at(2)).unwrap();
    assert_eq!(definition.approval, Approval::Draft);
    let comment = definition.entry::<Comment>("c-2").unwrap();
    assert_eq!((comment.text.as_str(), comment.author.as_str(), comment.time), ("Too few gates.", "Ann", at(2)));
}

#[test]
fn an_entry_is_replaced_under_its_id_and_keeps_its_date() {
    let mut definition = Definition::default();
    definition.add(gate("b"), at(5)).unwrap();
    definition.add(gate("a"), at(6)).unwrap();
    assert!(matches!(definition.add(gate("a"), at(7)), Err(EditError::Exists { .. })));
    let changed = Gate { severity: Severity::Caution, ..gate("b") };
    definition.replace(changed, at(8)).unwrap();
    let found = definition.entry::<Gate>("b").unwrap();
    assert_eq!((found.severity, found.by.stated), (Severity::Caution, at(5)));
    assert!(matches!(definition.replace(gate("c"), at(9)), Err(EditError::Missing { .. })));
    assert!(matches!(definition.remove::<Gate>("c"), Err(EditError::Missing { .. })));
}

#[test]
fn two_beliefs_about_the_same_accounts_are_refused_while_both_hold() {
    let mut definition = Definition::default();
    definition.add(held("a", "b2b", Some(at(10))), at(1)).unwrap();
    assert!(matches!(definition.add(held("b", "b2b", None), at(9)), Err(EditError::Clash { .. })));
    definition.add(held("b", "b2b", None), at(10)).unwrap();
    definition.replace(held("b", "b2b", None), at(11)).unwrap();
}

#[test]
fn lists_are_bounded() {
    let mut definition = Definition::default();
    for number in 0..EntryKind::Gate.most() {
        definition.add(gate(&number.to_string()), at(0)).unwrap();
    }
    assert_eq!(definition.add(gate("one more"), at(0)), Err(EditError::Full { kind: EntryKind::Gate }));
}

#[test]
fn every_fault_of_an_entry_is_told() {
    let fields = |faults: Vec<EntryFault>| faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>();
    let long = "x".repeat(2001);
    let by = Statement { author: long.clone(), reason: long.clone(), ..Statement::default() };
    let test = Test::Range { gte: Some(2.0), lt: Some(1.0) };
    let when = Condition { attribute: "a".into(), test };
    let bad = Gate { id: " ".into(), statement: long.clone(), when, by: by.clone(), ..gate("") };
    assert_eq!(fields(bad.faults()), ["id", "statement", "author", "reason", "when"]);
    let bad = Finding {
        question: long.clone(),
        account_id: long.clone(),
        segment_id: long.clone(),
        by,
        ..Finding::default()
    };
    assert_eq!(fields(bad.faults()), ["id", "text", "question", "account_id", "segment_id", "author", "reason"]);
    let bad = Comment { about: long.clone(), ..Comment::default() };
    assert_eq!(fields(bad.faults()), ["about", "text", "author"]);
    let mut bad = held("", "a", None);
    bad.reason = long;
    assert_eq!(fields(bad.faults()), ["hypothesis.id", "reason"]);
    assert_eq!(gate("a").faults(), []);
}

#[test]
fn words_lead_back() {
    assert!(Category::ALL.into_iter().all(|one| Category::from_key(one.key()) == Some(one)));
    assert!(PondSection::ALL.into_iter().all(|one| PondSection::from_key(one.key()) == Some(one)));
    assert!(Spiced::ALL.into_iter().all(|one| Spiced::from_key(one.key()) == Some(one)));
    assert!(Lean::ALL.into_iter().all(|one| Lean::from_key(one.key()) == Some(one)));
    assert_eq!(Lean::from_key("Positive"), None);
}

proptest! {
    #[test]
    fn lists_stay_in_the_order_of_ids_whatever_is_done(steps in prop::collection::vec((0..3_u8, 0..9_u8), 0..60)) {
        let mut definition = Definition::default();
        for (what, id) in steps {
            let id = id.to_string();
            let there = definition.entry::<Gate>(&id).is_some();
            let done = match what {
                0 => definition.add(gate(&id), at(0)).is_ok() != there,
                1 => definition.replace(gate(&id), at(0)).is_ok() == there,
                _ => definition.remove::<Gate>(&id).is_ok() == there,
            };
            prop_assert!(done);
            prop_assert!(definition.gates.is_sorted_by(|one, other| one.id < other.id));
        }
    }
}
