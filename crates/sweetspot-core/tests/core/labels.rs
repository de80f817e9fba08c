//! All presets with all statuses, and the effects of values, costs, ages and missing fields.

use sweetspot_core::OutcomeStatus::{Churned, Lost, Won};
use sweetspot_core::{
    AccountTable, ClassWeights, Customers, Date, LabelPolicy, LabelPolicyError, LabelPreset, Labels, Outcome,
    OutcomeStatus,
};

/// Customers without attributes.
pub(crate) fn customers(outcomes: Vec<Outcome>) -> Customers {
    let ids = (0..outcomes.len()).map(|row| row.to_string()).collect();
    Customers::new(AccountTable::new(ids, vec![]).unwrap(), outcomes.into(), Some("EUR".to_owned())).unwrap()
}

pub(crate) fn outcome(status: impl Into<Option<OutcomeStatus>>, value: impl Into<Option<f64>>) -> Outcome {
    Outcome { status: status.into(), value: value.into(), ..Outcome::default() }
}

/// An outcome whose customer started this number of days after 1970-01-01.
pub(crate) fn since(days: i32, outcome: Outcome) -> Outcome {
    Outcome { since: Some(Date { days }), ..outcome }
}

pub(crate) fn policy(preset: LabelPreset) -> LabelPolicy {
    LabelPolicy { preset, ..LabelPolicy::default() }
}

pub(crate) fn label(policy: LabelPolicy, outcomes: Vec<Outcome>) -> Labels {
    policy.label(&customers(outcomes)).unwrap()
}

const STATUSES: [Option<OutcomeStatus>; 4] = [Some(Won), Some(Churned), Some(Lost), None];
const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

fn custom_weights() -> LabelPreset {
    LabelPreset::Custom(ClassWeights { negative_net: -3.0, churned: -2.0, lost: -1.0, high_value: 4.0, won: 0.5 })
}

#[test]
fn without_values_only_the_status_counts() {
    for (preset, expected) in [
        (LabelPreset::Ideal, [YES, NO, NO, None]),
        (LabelPreset::Won, [YES, YES, NO, None]),
        (LabelPreset::Retained, [YES, NO, None, None]),
        (custom_weights(), [YES, NO, NO, None]),
    ] {
        let labels = label(policy(preset), STATUSES.map(|status| outcome(status, None)).to_vec());
        assert_eq!(labels.ideal, expected, "{preset:?}");
        assert_eq!(labels.card.value_threshold, None);
    }
}

/// For each preset, the labels of won, churned, lost and unknown customers with a high value, and with a low value.
#[test]
fn with_values_the_status_still_comes_first() {
    for (preset, high, low) in [
        (LabelPreset::Ideal, [YES, NO, NO, YES], [NO, NO, NO, NO]),
        (LabelPreset::Won, [YES, YES, NO, None], [YES, YES, NO, None]),
        (LabelPreset::Retained, [YES, NO, None, None], [YES, NO, None, None]),
        (LabelPreset::HighValue, [YES, YES, None, YES], [NO, NO, None, NO]),
        (custom_weights(), [YES, NO, NO, None], [YES, NO, NO, None]),
    ] {
        let policy = LabelPolicy { value_at_least: Some(100.0), ..policy(preset) };
        let with = |value: f64| label(policy, STATUSES.map(|status| outcome(status, value)).to_vec()).ideal;
        assert_eq!(with(100.0), high, "{preset:?}");
        assert_eq!(with(99.9), low, "{preset:?}");
    }
}

#[test]
fn a_customer_without_a_value_among_others_with_one_says_nothing_about_value() {
    let outcomes = || vec![outcome(Won, 10.0), outcome(Won, None), outcome(None, None), outcome(Churned, None)];
    for (preset, expected) in [
        (LabelPreset::Ideal, [YES, None, None, NO]),
        (LabelPreset::HighValue, [YES, None, None, None]),
        (LabelPreset::Won, [YES, YES, None, YES]),
    ] {
        assert_eq!(label(policy(preset), outcomes()).ideal, expected, "{preset:?}");
    }
}

#[test]
fn known_costs_are_subtracted_and_unknown_ones_are_noted() {
    let full = Outcome { cost_to_serve: Some(30.0), cost_to_acquire: Some(20.0), ..outcome(Won, 100.0) };
    assert_eq!(full.net_value(), Some(50.0));
    let serve = Outcome { cost_to_acquire: None, ..full.clone() };
    assert_eq!(serve.net_value(), Some(70.0));
    assert_eq!(outcome(Won, 100.0).net_value(), Some(100.0));
    let only_costs = Outcome { value: None, ..full.clone() };
    assert_eq!(only_costs.net_value(), None, "costs alone have no net value");
    let policy = LabelPolicy { value_at_least: Some(70.0), ..policy(LabelPreset::Ideal) };
    let labels = label(policy, vec![full, serve, outcome(Won, 100.0), only_costs]);
    assert_eq!(labels.ideal, [NO, YES, YES, None]);
    let expected = [
        "1 of 3 customers with a value has no cost to serve: counted as if it were zero",
        "2 of 3 customers with a value have no cost to acquire: counted as if it were zero",
    ];
    assert_eq!(labels.card.notes, expected);
}

/// Ages are relative to the newest customer: 100 days before it, at the limit of the window, and a day inside it.
#[test]
fn young_customers_have_no_label_from_value_or_retention() {
    let aged = |status, value: f64| {
        let all = [0, 70, 71].map(|days| since(days, outcome(status, value)));
        [all.to_vec(), vec![since(100, outcome(Lost, None))]].concat()
    };
    for (preset, status, value, expected) in [
        (LabelPreset::Ideal, Won, 1.0, [NO, NO, None]),
        (LabelPreset::Ideal, Won, 500.0, [YES, YES, YES]),
        (LabelPreset::Ideal, Churned, 1.0, [NO, NO, NO]),
        (LabelPreset::HighValue, Won, 1.0, [NO, NO, None]),
        (LabelPreset::HighValue, Churned, 500.0, [YES, YES, YES]),
        (LabelPreset::Retained, Won, 1.0, [YES, YES, None]),
        (LabelPreset::Retained, Churned, 1.0, [NO, NO, NO]),
        (LabelPreset::Won, Won, 1.0, [YES, YES, YES]),
        (custom_weights(), Won, 1.0, [YES, YES, None]),
        (custom_weights(), Won, 500.0, [YES, YES, YES]),
        (custom_weights(), Won, -5.0, [NO, NO, None]),
        (custom_weights(), Churned, -5.0, [NO, NO, NO]),
    ] {
        let policy = LabelPolicy { maturity_days: Some(30), value_at_least: Some(500.0), ..policy(preset) };
        let labels = label(policy, aged(status, value));
        assert_eq!(labels.ideal[..3], expected, "{preset:?} {status:?} {value}");
    }
}

#[test]
fn customers_of_unknown_or_extreme_age_are_labeled() {
    let outcomes = vec![outcome(Won, None), since(i32::MIN, outcome(Won, None)), since(i32::MAX, outcome(Won, None))];
    for (days, expected) in [(0, [YES, YES, YES]), (1, [YES, YES, None]), (u32::MAX, [YES, YES, None])] {
        let policy = LabelPolicy { maturity_days: Some(days), ..policy(LabelPreset::Retained) };
        assert_eq!(label(policy, outcomes.clone()).ideal, expected, "{days}");
    }
    let policy = LabelPolicy { maturity_days: Some(30), ..policy(LabelPreset::Retained) };
    assert_eq!(label(policy, vec![outcome(Won, None)]).ideal, [YES], "without known days no customer is young");
}

#[test]
fn custom_classes_apply_in_their_order() {
    let outcomes = vec![
        outcome(Won, -1.0),
        outcome(Churned, -1.0),
        outcome(Lost, -1.0),
        outcome(Churned, 900.0),
        outcome(Won, 900.0),
        outcome(Won, 1.0),
        outcome(Won, None),
        outcome(None, 900.0),
    ];
    let custom = LabelPolicy { value_at_least: Some(900.0), ..policy(custom_weights()) };
    let labels = label(custom, outcomes.clone());
    assert_eq!(labels.ideal, [NO, NO, NO, NO, YES, YES, YES, None]);
    assert_eq!(labels.weights, [3.0, 3.0, 1.0, 2.0, 4.0, 0.5, 0.5, 1.0]);
    let only_won = ClassWeights { won: 2.0, ..ClassWeights::default() };
    let labels = label(LabelPolicy { preset: LabelPreset::Custom(only_won), ..custom }, outcomes);
    assert_eq!(
        labels.ideal,
        [None, None, None, None, YES, YES, YES, None],
        "without a class of their own, high-value customers are won"
    );
}

#[test]
fn invalid_label_policies_are_refused() {
    let nothing = customers(vec![outcome(Won, 1.0)]);
    for share in [0.0, 1.0, -0.2, 20.0, f64::NAN, f64::INFINITY] {
        let policy = LabelPolicy { top_share: Some(share), ..LabelPolicy::default() };
        let error = policy.label(&nothing).unwrap_err();
        assert!(matches!(error, LabelPolicyError::TopShare { .. }), "{error}");
        assert!(error.to_string().contains("above 0 and below 1"), "{error}");
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let policy = LabelPolicy { value_at_least: Some(value), ..LabelPolicy::default() };
        assert_eq!(policy.check(), Err(LabelPolicyError::NotFinite { what: "value_at_least" }));
        let of = |set: fn(&mut ClassWeights, f64)| {
            let mut weights = ClassWeights::default();
            set(&mut weights, value);
            LabelPolicy { preset: LabelPreset::Custom(weights), ..LabelPolicy::default() }.check()
        };
        for set in [
            (|weights, value| weights.won = value) as fn(&mut ClassWeights, f64),
            |weights, value| weights.lost = value,
            |weights, value| weights.churned = value,
            |weights, value| weights.high_value = value,
            |weights, value| weights.negative_net = value,
        ] {
            assert_eq!(of(set), Err(LabelPolicyError::NotFinite { what: "a custom weight" }));
        }
    }
    let lost_only = customers(vec![outcome(Won, None), outcome(Lost, 100.0)]);
    let error = policy(LabelPreset::HighValue).label(&lost_only).unwrap_err();
    assert_eq!(error, LabelPolicyError::NoValues);
    assert!(error.to_string().contains("map the value column"), "{error}");
}
