//! Values whose effects changed by more than their standard errors explain.

use sweetspot_core::Effect;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_model::{EffectChange, ModelArtifact};

use super::model_diff::MIN_EFFECT;
use super::{ProfileDifference, new_change};
use crate::AttributeName;
use crate::format::format_band;
use crate::odds_factor::format_ratio;
use crate::proportion::MIN_SAMPLE;

/// The maximum number of values to show per attribute.
const MAX_VALUES: usize = 3;
/// The maximum number of attributes to show.
const MAX_ATTRIBUTES: usize = 10;

/// The values of each attribute with the largest changes, the attribute with the largest change first.
pub(super) fn differences(old: &ModelArtifact, new: &ModelArtifact) -> Vec<ProfileDifference> {
    let clear = new.effect_changes(old).into_iter().filter(is_clear).map(|mut change| {
        if change.is_amount {
            change.label = format_band(&change.label);
        }
        change
    });
    strongest_changes(clear.collect())
}

/// The largest of these changes, each as a sentence.
fn strongest_changes(mut clear: Vec<EffectChange>) -> Vec<ProfileDifference> {
    clear.sort_by(|a, b| step_size(b).abs().total_cmp(&step_size(a).abs()));
    let mut attributes: Vec<Vec<EffectChange>> = Vec::new();
    for change in clear {
        let is_same_attribute =
            |changes: &Vec<EffectChange>| changes.first().is_some_and(|first| first.attribute == change.attribute);
        let place = attributes.iter().position(is_same_attribute).unwrap_or(attributes.len());
        match attributes.get_mut(place) {
            Some(values) if values.len() < MAX_VALUES => values.push(change),
            None if place < MAX_ATTRIBUTES => attributes.push(vec![change]),
            Some(_) | None => (),
        }
    }
    attributes.into_iter().flatten().map(difference).collect()
}

fn step_size(change: &EffectChange) -> f64 {
    change.after.log_odds - change.before.log_odds
}

/// Whether the change is larger than the standard errors of both effects explain. The versions may share customers, so
/// that their errors are correlated: then this test is conservative.
fn is_clear(change: &EffectChange) -> bool {
    let error = change.before.standard_error.hypot(change.after.standard_error);
    let step = step_size(change).abs();
    change.customers >= MIN_SAMPLE && step >= MIN_EFFECT && step > NINETY_FIVE_PERCENT * error
}

/// An effect as an odds ratio with its 95% interval.
pub fn odds(effect: Effect) -> [f64; 3] {
    let margin = NINETY_FIVE_PERCENT * effect.standard_error;
    [effect.log_odds, effect.log_odds - margin, effect.log_odds + margin].map(f64::exp)
}

fn difference(change: EffectChange) -> ProfileDifference {
    let ([from, from_low, from_high], [to, to_low, to_high]) = (odds(change.before), odds(change.after));
    let sentence = format!(
        "{} {}: from {} to {} times the odds of an average customer (95% {} to {} before, {} to {} now).",
        AttributeName::new(&change.attribute, None, None),
        change.label,
        format_ratio(from),
        format_ratio(to),
        format_ratio(from_low),
        format_ratio(from_high),
        format_ratio(to_low),
        format_ratio(to_high)
    );
    let difference = new_change("effect", &change.attribute, sentence);
    ProfileDifference { effect: Some(change), ..difference }
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
            before: effect(from),
            after: effect(to),
            customers: 40,
        }
    }

    #[test]
    fn a_clear_change_is_reported_in_odds() {
        let clear = change("employees", "50 to 99", 1.4, 2.1, 0.1);
        assert!(is_clear(&clear) && !is_clear(&change("employees", "50 to 99", 1.4, 2.1, 0.2)));
        assert!(!is_clear(&EffectChange { customers: 9, ..clear.clone() }));
        assert!(!is_clear(&change("employees", "50 to 99", 1.4, 1.4, 0.0)));
        let [one] = strongest_changes(vec![clear]).try_into().unwrap();
        assert_eq!(
            one.sentence,
            "employees 50 to 99: from 1.4 to 2.1 times the odds of an average customer (95% 1.15 to 1.7 before, 1.73 to 2.55 now)."
        );
        assert_eq!((one.subject, one.id.as_str()), ("effect", "employees"));
    }

    #[test]
    fn the_strongest_values_of_each_attribute_are_reported() {
        let of = |attribute: &str| {
            (1..=5)
                .map(|more| change(attribute, &more.to_string(), 1.0, f64::from(more) + 1.0, 0.0))
                .collect::<Vec<_>>()
        };
        let all: Vec<_> = (0..12).flat_map(|attribute| of(&format!("a{attribute}"))).collect();
        let told = strongest_changes(all);
        assert_eq!(told.len(), MAX_ATTRIBUTES * MAX_VALUES);
        let first: Vec<_> = told.iter().take(3).filter_map(|one| Some(one.effect.as_ref()?.label.as_str())).collect();
        assert_eq!(first, ["5", "4", "3"]);
    }
}
