//! Properties of all label policies for any customers.

use proptest::prelude::*;
use sweetspot_core::{
    AccountTable, ClassWeights, Column, ColumnData, Customers, Date, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
};

use crate::labels::customers;

fn outcome() -> impl Strategy<Value = Outcome> {
    let status =
        prop::option::of(prop::sample::select(vec![OutcomeStatus::Won, OutcomeStatus::Lost, OutcomeStatus::Churned]));
    // Few distinct amounts, so that ties are common.
    let amount = || prop::option::of((-4..9_i8).prop_map(|amount| f64::from(amount) * 12.5));
    (status, amount(), amount(), prop::option::of(-400..400_i32)).prop_map(|(status, value, cost, days)| Outcome {
        status,
        value,
        cost_to_serve: cost,
        since: days.map(|days| Date { days }),
        ..Outcome::default()
    })
}

fn preset() -> impl Strategy<Value = LabelPreset> {
    let weight = || -3..4_i8;
    let custom = (weight(), weight(), weight(), weight(), weight()).prop_map(|(a, b, c, d, e)| {
        let [negative_net, churned, lost, high_value, won] = [a, b, c, d, e].map(f64::from);
        LabelPreset::Custom(ClassWeights { negative_net, churned, lost, high_value, won })
    });
    let plain =
        prop::sample::select(vec![LabelPreset::Ideal, LabelPreset::Won, LabelPreset::Retained, LabelPreset::HighValue]);
    prop_oneof![plain, custom]
}

fn policy() -> impl Strategy<Value = LabelPolicy> {
    let share = prop::option::of(0.01..0.99);
    let value = prop::option::of(-20.0..90.0);
    (preset(), share, value, prop::option::of(0..500_u32)).prop_map(
        |(preset, top_share, value_at_least, maturity_days)| LabelPolicy {
            preset,
            top_share,
            value_at_least,
            maturity_days,
            base_rate: None,
        },
    )
}

proptest! {
    #[test]
    fn the_card_counts_every_customer_once_and_weights_are_positive(
        policy in policy(),
        outcomes in prop::collection::vec(outcome(), 1..40),
    ) {
        let count = outcomes.len();
        let Ok(labels) = policy.label(&customers(outcomes)) else { return Ok(()) };
        let of = |wanted| labels.ideal.iter().filter(|label| **label == wanted).count() as u64;
        let card = &labels.card;
        prop_assert_eq!([card.ideal, card.not_ideal, card.excluded], [of(Some(true)), of(Some(false)), of(None)]);
        prop_assert_eq!(card.ideal + card.not_ideal + card.excluded, count as u64);
        prop_assert_eq!((labels.ideal.len(), labels.weights.len()), (count, count));
        prop_assert!(labels.weights.iter().all(|weight| *weight > 0.0 && weight.is_finite()));
        prop_assert_eq!(card.policy.as_str(), policy.preset.name());
    }

    #[test]
    fn labels_depend_on_outcomes_alone(policy in policy(), outcomes in prop::collection::vec(outcome(), 1..30)) {
        let bare = policy.label(&customers(outcomes.clone()));
        let ids: Vec<String> = (0..outcomes.len()).rev().map(|row| format!("other-{row}")).collect();
        let numbers = ColumnData::Numbers((0..ids.len()).map(|row| Some(row as f64)).collect());
        let table = AccountTable::new(ids.into(), vec![Column { name: "employees".to_owned(), data: numbers }]).unwrap();
        let dressed = Customers::new(table, outcomes.into(), Some("EUR".to_owned())).unwrap();
        prop_assert_eq!(policy.label(&dressed), bare);
    }

    #[test]
    fn the_order_of_customers_does_not_matter(policy in policy(), outcomes in prop::collection::vec(outcome(), 1..30)) {
        let mut turned = outcomes.clone();
        turned.reverse();
        let (Ok(labels), Ok(mut reversed)) = (policy.label(&customers(outcomes)), policy.label(&customers(turned))) else {
            return Ok(());
        };
        reversed.ideal.reverse();
        reversed.weights.reverse();
        prop_assert_eq!(labels, reversed);
    }

    #[test]
    fn more_value_never_makes_an_ideal_customer_less_than_ideal(
        policy in policy(),
        outcomes in prop::collection::vec(outcome(), 1..30),
        which in any::<prop::sample::Index>(),
        more in 0.0..200.0,
    ) {
        prop_assume!(!matches!(policy.preset, LabelPreset::Custom(_)));
        let row = which.index(outcomes.len());
        let mut richer = outcomes.clone();
        richer[row].value = richer[row].value.map(|value| value + more);
        let (before, after) = (policy.label(&customers(outcomes)), policy.label(&customers(richer)));
        if let (Ok(before), Ok(after)) = (before, after) && before.ideal[row] == Some(true) {
            prop_assert_eq!(after.ideal[row], Some(true));
        }
    }

    #[test]
    fn a_smaller_share_has_a_higher_threshold(
        outcomes in prop::collection::vec(outcome(), 1..40),
        small in 0.01..0.99,
        large in 0.01..0.99,
    ) {
        let (small, large) = if small < large { (small, large) } else { (large, small) };
        let with = |share| LabelPolicy { top_share: Some(share), ..LabelPolicy::default() };
        let of = |share| with(share).label(&customers(outcomes.clone())).unwrap().card;
        let (strict, lax) = (of(small), of(large));
        prop_assert!(strict.value_threshold >= lax.value_threshold);
        prop_assert!(strict.ideal <= lax.ideal);
    }
}
