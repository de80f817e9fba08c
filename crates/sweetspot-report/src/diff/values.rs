//! Which values of an attribute speak louder or lower than before, beyond what chance explains.

use sweetspot_core::Effect;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_model::{EffectChange, ModelArtifact};

use super::learned::LEAST_EFFECT;
use super::{Difference, changed};
use crate::factor::short;
use crate::figure::FEW;
use crate::words::{band, plain};

/// Values of one attribute that are told.
const MOST_VALUES: usize = 3;
/// Attributes that are told.
const MOST_ATTRIBUTES: usize = 10;

/// The values of each attribute that changed most, the most changed attribute first.
pub(super) fn differences(old: &ModelArtifact, new: &ModelArtifact) -> Vec<Difference> {
    let clear = new.effects_since(old).into_iter().filter(is_clear).map(|mut change| {
        if change.is_amount {
            change.label = band(&change.label);
        }
        change
    });
    told(clear.collect())
}

/// The strongest of these changes, each as a sentence.
fn told(mut clear: Vec<EffectChange>) -> Vec<Difference> {
    clear.sort_by(|a, b| step(b).abs().total_cmp(&step(a).abs()));
    let mut attributes: Vec<Vec<EffectChange>> = Vec::new();
    for change in clear {
        let of_it = |of: &Vec<EffectChange>| of.first().is_some_and(|one| one.attribute == change.attribute);
        let place = attributes.iter().position(of_it).unwrap_or(attributes.len());
        match attributes.get_mut(place) {
            Some(values) if values.len() < MOST_VALUES => values.push(change),
            None if place < MOST_ATTRIBUTES => attributes.push(vec![change]),
            Some(_) | None => (),
        }
    }
    attributes.into_iter().flatten().map(difference).collect()
}

fn step(change: &EffectChange) -> f64 {
    change.to.log_odds - change.from.log_odds
}

/// Whether the step is greater than the errors of both effects together explain. The versions may have customers in common, so that
/// their errors go together: then this asks for more than it must.
fn is_clear(change: &EffectChange) -> bool {
    let error = change.from.standard_error.hypot(change.to.standard_error);
    let step = step(change).abs();
    change.customers >= FEW && step >= LEAST_EFFECT && step > NINETY_FIVE_PERCENT * error
}

/// An effect as odds: the ratio and its 95% interval.
pub fn odds(effect: Effect) -> [f64; 3] {
    let reach = NINETY_FIVE_PERCENT * effect.standard_error;
    [effect.log_odds, effect.log_odds - reach, effect.log_odds + reach].map(f64::exp)
}

fn difference(change: EffectChange) -> Difference {
    let ([from, from_low, from_high], [to, to_low, to_high]) = (odds(change.from), odds(change.to));
    let sentence = format!(
        "{} {}: from {} to {} times the odds of an average customer (95% {} to {} before, {} to {} now).",
        plain(&change.attribute),
        change.label,
        short(from),
        short(to),
        short(from_low),
        short(from_high),
        short(to_low),
        short(to_high)
    );
    let difference = changed("effect", &change.attribute, sentence);
    Difference { effect: Some(change), ..difference }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(attribute: &str, label: &str, from: f64, to: f64, standard_error: f64) -> EffectChange {
        let effect = |odds: f64| Effect { log_odds: odds.ln(), standard_error };
        EffectChange {
            attribute: attribute.to_owned(),
            label: label.to_owned(),
            is_amount: true,
            from: effect(from),
            to: effect(to),
            customers: 40,
        }
    }

    #[test]
    fn a_clear_change_is_told_in_odds() {
        let clear = change("employees", "50 to 99", 1.4, 2.1, 0.1);
        assert!(is_clear(&clear) && !is_clear(&change("employees", "50 to 99", 1.4, 2.1, 0.2)));
        assert!(!is_clear(&EffectChange { customers: 9, ..clear.clone() }));
        assert!(!is_clear(&change("employees", "50 to 99", 1.4, 1.4, 0.0)));
        let [one] = told(vec![clear]).try_into().unwrap();
        assert_eq!(
            one.sentence,
            "employees 50 to 99: from 1.4 to 2.1 times the odds of an average customer (95% 1.15 to 1.7 before, 1.73 to 2.55 now)."
        );
        assert_eq!((one.subject, one.id.as_str()), ("effect", "employees"));
    }

    #[test]
    fn the_strongest_few_of_each_attribute_are_told() {
        let of = |attribute: &str| {
            (1..=5)
                .map(|more| change(attribute, &more.to_string(), 1.0, f64::from(more) + 1.0, 0.0))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = (0..12).flat_map(|attribute| of(&format!("a{attribute}"))).collect();
        let told = told(all);
        assert_eq!(told.len(), MOST_ATTRIBUTES * MOST_VALUES);
        let first: Vec<_> = told.iter().take(3).filter_map(|one| Some(one.effect.as_ref()?.label.as_str())).collect();
        assert_eq!(first, ["5", "4", "3"]);
    }
}
