//! The threshold of high value, and its description on the label card.

use sweetspot_core::OutcomeStatus::{Churned, Lost, Won};
use sweetspot_core::{LabelPolicy, LabelPreset, Outcome};

use crate::labels::{label, outcome, policy};

/// Won customers with the values 1, 2, 3 and so on.
fn ladder(steps: u32) -> Vec<Outcome> {
    (1..=steps).map(|value| outcome(Won, f64::from(value))).collect()
}

fn ideal(share: f64, outcomes: Vec<Outcome>) -> (Option<f64>, u64) {
    let policy = LabelPolicy { top_share: Some(share), ..policy(LabelPreset::Ideal) };
    let card = label(policy, outcomes).card;
    (card.value_threshold, card.ideal)
}

#[test]
fn the_top_share_is_rounded_and_includes_at_least_one_customer() {
    for (share, customers, threshold, count) in [
        (0.2, 10, 9.0, 2),
        (0.2, 100, 81.0, 20),
        (0.25, 10, 8.0, 3),
        (0.01, 10, 10.0, 1),
        (0.99, 10, 1.0, 10),
        (0.5, 1, 1.0, 1),
    ] {
        assert_eq!(ideal(share, ladder(customers)), (Some(threshold), count), "{share} of {customers}");
    }
    let untold = label(policy(LabelPreset::Ideal), ladder(10));
    assert_eq!(untold.card.value_threshold, Some(9.0), "a fifth by default");
}

#[test]
fn ties_at_the_threshold_all_count_as_high() {
    let mut outcomes = vec![outcome(Won, 50.0); 6];
    outcomes.extend(vec![outcome(Won, 10.0); 4]);
    assert_eq!(ideal(0.2, outcomes.clone()), (Some(50.0), 6));
    assert_eq!(ideal(0.7, outcomes), (Some(10.0), 10));
}

#[test]
fn lost_accounts_do_not_move_the_threshold_and_churned_ones_do() {
    let with = |status| {
        let mut outcomes = ladder(10);
        outcomes.extend(vec![outcome(status, 1000.0); 2]);
        ideal(0.2, outcomes)
    };
    assert_eq!(with(Lost), (Some(9.0), 2));
    assert_eq!(with(Churned), (Some(1000.0), 0), "the best customers churned, and no other is as good");
}

#[test]
fn negative_values_and_zero_are_values() {
    let outcomes = vec![outcome(Won, -5.0), outcome(Won, -1.0), outcome(Won, 0.0), outcome(Won, -0.0)];
    assert_eq!(ideal(0.5, outcomes.clone()), (Some(0.0), 2));
    let card = label(LabelPolicy { value_at_least: Some(-1.0), ..policy(LabelPreset::Ideal) }, outcomes).card;
    assert_eq!((card.ideal, card.not_ideal), (3, 1));
}

#[test]
fn value_at_least_takes_precedence_over_top_share() {
    let both = LabelPolicy { value_at_least: Some(7.0), top_share: Some(0.1), ..policy(LabelPreset::HighValue) };
    let card = label(both, ladder(10)).card;
    assert_eq!((card.value_threshold, card.ideal, card.not_ideal), (Some(7.0), 4, 6));
    assert!(!card.notes.iter().any(|note| note.contains("top share")), "{:?}", card.notes);
}

#[test]
fn the_card_notes_the_thresholds_of_other_shares() {
    let card = label(policy(LabelPreset::HighValue), ladder(20)).card;
    let shares: Vec<_> = card.notes.iter().filter(|note| note.contains("top share")).collect();
    let expected = [
        "a top share of 10% would start at EUR 19 (2 customers)",
        "a top share of 30% would start at EUR 15 (6 customers)",
    ];
    assert_eq!(shares, expected.iter().collect::<Vec<_>>());
    let tied = label(policy(LabelPreset::HighValue), vec![outcome(Won, 5.0); 9]).card;
    assert!(
        tied.notes.contains(&"a top share of 10% would start at EUR 5 (9 customers)".to_owned()),
        "{:?}",
        tied.notes
    );
}

#[test]
fn the_card_states_rule_threshold_and_currency_together_or_not_at_all() {
    let card = label(policy(LabelPreset::Ideal), ladder(10)).card;
    assert_eq!(card.policy, "ideal");
    assert_eq!(
        card.rule,
        "ideal: won and kept with a net value of at least EUR 9; not ideal: lost, churned or worth less"
    );
    assert_eq!(card.currency.as_deref(), Some("EUR"));
    let without = label(policy(LabelPreset::Ideal), vec![outcome(Won, None), outcome(Lost, None)]).card;
    assert_eq!(without.rule, "ideal: won and kept; not ideal: lost or churned");
    assert_eq!((without.value_threshold, without.currency), (None, None));
    assert_eq!(without.notes, ["no customer has a value: ideal means won and kept, whatever the customer is worth"]);
    for preset in [LabelPreset::Won, LabelPreset::Retained] {
        let card = label(policy(preset), ladder(10)).card;
        assert_eq!((card.value_threshold, card.currency), (None, None), "{preset:?} does not use values");
        assert_eq!((card.policy.as_str(), card.notes.len()), (preset.name(), 0));
    }
}
