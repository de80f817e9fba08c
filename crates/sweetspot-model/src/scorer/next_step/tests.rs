use proptest::prelude::*;

use super::*;
use crate::scorer::tests::{account, model};

/// The account with the changes made.
fn changed(account: &Account, step: &NextStep) -> Account {
    let mut account = account.clone();
    for change in &step.changes {
        account.attributes.insert(change.attribute.clone(), change.value.clone());
    }
    account
}

proptest! {
    #[test]
    fn the_told_fit_is_that_of_the_changed_account(model in model(), account in account(), goal in 0.05..0.95_f64) {
        let scorer = Scorer::compile(&model).unwrap();
        let steps = Steps::of(&scorer);
        if let Some(step) = scorer.next_step(&steps, &account, &scorer.placed(&account), goal, &[]) {
            prop_assert_eq!(scorer.score(&changed(&account, &step)), step.fit);
            prop_assert!(step.fit.probability >= goal && scorer.score(&account).probability < goal);
            prop_assert!(step.changes.iter().all(|change| account.attributes.contains_key(&change.attribute)));
            if let [first, second] = step.changes.as_slice() {
                prop_assert_ne!(&first.attribute, &second.attribute);
            }
        }
    }

    #[test]
    fn a_gain_is_what_scoring_finds(model in model(), account in account()) {
        let scorer = Scorer::compile(&model).unwrap();
        let steps = Steps::of(&scorer);
        let placed = scorer.placed(&account);
        let before = scorer.fit(&placed).log_odds;
        for candidate in scorer.candidates(&placed, &steps, &[]) {
            let Some(step) = scorer.tried(&account, &placed, &[candidate]) else { continue };
            prop_assert!((step.fit.log_odds - before - candidate.gain).abs() < 1e-6, "{:?}", step);
        }
    }

    #[test]
    fn only_what_may_change_changes(model in model(), account in account(), goal in 0.05..0.95_f64) {
        let scorer = Scorer::compile(&model).unwrap();
        let step = scorer.next_step(&Steps::of(&scorer), &account, &scorer.placed(&account), goal, &["remote".to_owned()]);
        prop_assert!(step.is_none_or(|step| step.changes.iter().all(|change| change.attribute == "remote")));
    }
}
