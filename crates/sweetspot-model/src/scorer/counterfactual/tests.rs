use proptest::prelude::*;

use super::*;
use crate::scorer::tests::{account, model};

/// The account with the changes applied.
fn apply_counterfactual(account: &Account, step: &Counterfactual) -> Account {
    let mut account = account.clone();
    for change in &step.changes {
        account.attributes.insert(change.attribute.clone(), change.value.clone());
    }
    account
}

proptest! {
    #[test]
    fn the_fit_of_a_counterfactual_is_that_of_the_changed_account(model in model(), account in account(), goal in 0.05..0.95_f64) {
        let scorer = Scorer::compile(&model).unwrap();
        let steps = Alternatives::new(&scorer);
        if let Some(step) = scorer.counterfactual(&steps, &account, &scorer.encode_account(&account), goal, &[]) {
            prop_assert_eq!(scorer.score(&apply_counterfactual(&account, &step)), step.fit);
            prop_assert!(step.fit.probability >= goal && scorer.score(&account).probability < goal);
            prop_assert!(step.changes.iter().all(|change| account.attributes.contains_key(&change.attribute)));
            if let [first, second] = step.changes.as_slice() {
                prop_assert_ne!(&first.attribute, &second.attribute);
            }
        }
    }

    #[test]
    fn the_gain_of_an_alternative_equals_that_of_scoring(model in model(), account in account()) {
        let scorer = Scorer::compile(&model).unwrap();
        let steps = Alternatives::new(&scorer);
        let placed = scorer.encode_account(&account);
        let before = scorer.fit(&placed).log_odds;
        for candidate in scorer.change_candidates(&placed, &steps, &[]) {
            let Some(step) = scorer.apply_changes(&account, &placed, &[candidate]) else { continue };
            prop_assert!((step.fit.log_odds - before - candidate.gain).abs() < 1e-6, "{:?}", step);
        }
    }

    #[test]
    fn a_counterfactual_changes_only_changeable_attributes(model in model(), account in account(), goal in 0.05..0.95_f64) {
        let scorer = Scorer::compile(&model).unwrap();
        let step = scorer.counterfactual(&Alternatives::new(&scorer), &account, &scorer.encode_account(&account), goal, &["remote".to_owned()]);
        prop_assert!(step.is_none_or(|step| step.changes.iter().all(|change| change.attribute == "remote")));
    }
}
