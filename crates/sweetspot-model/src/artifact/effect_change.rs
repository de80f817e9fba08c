//! How the effects of values changed from one version to a later one. Values are matched even if the versions bin them
//! differently.

use std::collections::BTreeMap;

use sweetspot_core::Effect;

use super::hypothesis_slot_shares::hypothesis_effects;
use super::total_effect::{AdditionalTerms, slots_with_interactions};
use super::value_effect::{MAX_BANDS, customer_shares, is_informative, mean_with_hypotheses, slot_groups};
use crate::encoder::{Feature, FeatureEncoder};
use crate::score_uncertainty::slot_standard_error;
use crate::stored;

/// A value of an attribute in two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectChange {
    /// The attribute's name.
    pub attribute: String,
    /// The value, or the later version's range of numbers, for display.
    pub label: String,
    /// Whether the value is a range of numbers that are shown with thousands separators; `false` for years.
    pub is_amount: bool,
    /// The effect in the earlier version, in log-odds relative to the average customer, including its hypotheses and
    /// the average of its interactions.
    pub before: Effect,
    /// The effect in the later version.
    pub after: Effect,
    /// The number of the later version's training customers with the value.
    pub customers: u64,
}

type ModelTerm<'a> = (&'a stored::Term, AdditionalTerms<'a>);

/// The values of an attribute that both versions have, in the later version's order; empty if the attribute's kind
/// changed.
///
/// For a range of numbers, the earlier effect is the mean over the later version's customers in the range, by the
/// earlier version's bins.
pub(super) fn effect_changes((old, then): ModelTerm<'_>, (new, now): ModelTerm<'_>) -> Vec<EffectChange> {
    let feature = |term: &stored::Term| Feature::from_stored(&term.attribute, term.encoder.as_ref()?);
    let Some((old_feature, new_feature)) = feature(old).zip(feature(new)) else { return Vec::new() };
    let (before, after) =
        (slots_with_interactions(old, then.interactions), slots_with_interactions(new, now.interactions));
    let (old_effects, new_effects) =
        (hypothesis_effects(old, then.hypotheses), hypothesis_effects(new, now.hypotheses));
    let change = |members: Vec<usize>| {
        let customers = members.iter().filter_map(|slot| after.get(*slot)).map(|slot| slot.customers).sum();
        if customers == 0 || !is_informative(&new_feature, &members) {
            return None;
        }
        let now = customer_shares(&after, &members);
        let mut then = BTreeMap::new();
        for (slot, share) in &now {
            *then.entry(earlier_slot(&old_feature, &new_feature, *slot)?).or_insert(0.0) += share;
        }
        Some(EffectChange {
            attribute: new.attribute.clone(),
            label: new_feature.group_label(&members),
            is_amount: new_feature.is_amount(),
            before: slot_effect(&mean_with_hypotheses(&before, &then, &old_effects)),
            after: slot_effect(&mean_with_hypotheses(&after, &now, &new_effects)),
            customers,
        })
    };
    slot_groups(&new_feature, &after, MAX_BANDS).into_iter().filter_map(change).collect()
}

fn slot_effect(slot: &stored::Slot) -> Effect {
    Effect { log_odds: slot.log_odds, standard_error: slot_standard_error(slot) }
}

/// The earlier version's slot for a slot of the later one; `None` if the earlier version does not have the value.
fn earlier_slot(old: &Feature, new: &Feature, slot: usize) -> Option<usize> {
    match (&old.encoder, &new.encoder) {
        (FeatureEncoder::Number(old), FeatureEncoder::Number(new))
        | (FeatureEncoder::Date(old), FeatureEncoder::Date(new)) => Some(old.encode(new.midpoint(slot)).0),
        (FeatureEncoder::Category(old), FeatureEncoder::Category(new)) => old.find(new.label(slot)?),
        // The slot after the items is the one for the empty list.
        (FeatureEncoder::List(old), FeatureEncoder::List(new)) => {
            new.label(slot).map_or(Some(old.len()), |item| old.find(item))
        }
        (FeatureEncoder::Flag, FeatureEncoder::Flag) => Some(slot),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::{Bins, Levels};

    fn term(encoder: FeatureEncoder, slots: &[(f64, u64)]) -> stored::Term {
        let feature = Feature { attribute: "a".into(), encoder, format: sweetspot_core::TextFormat::default() };
        let slot = |(log_odds, customers): &(f64, u64)| stored::Slot {
            log_odds: *log_odds,
            customers: *customers,
            variance: 0.04,
            ..stored::Slot::default()
        };
        let encoder = Some(feature.to_stored());
        stored::Term {
            attribute: "a".into(),
            encoder,
            slots: slots.iter().map(slot).collect(),
            ..stored::Term::default()
        }
    }

    fn change_log_odds(old: &stored::Term, new: &stored::Term) -> Vec<(String, f64, f64)> {
        let changes = effect_changes((old, AdditionalTerms::default()), (new, AdditionalTerms::default())).into_iter();
        changes.map(|one| (one.label, one.before.log_odds, one.after.log_odds)).collect()
    }

    #[test]
    fn bands_ask_the_earlier_version_about_the_same_numbers() {
        let old =
            term(FeatureEncoder::Number(Bins::new(vec![50.0], 0.0, 100.0, true)), &[(-1.0, 50), (1.0, 50), (9.0, 1)]);
        let new = term(
            FeatureEncoder::Number(Bins::new(vec![20.0, 40.0, 80.0], 0.0, 120.0, true)),
            &[(-2.0, 25), (-1.0, 25), (0.5, 25), (2.0, 25), (9.0, 1)],
        );
        let expected =
            [("below 20", -1.0, -2.0), ("20 to 39", -1.0, -1.0), ("40 to 79", 1.0, 0.5), ("80 or more", 1.0, 2.0)];
        assert_eq!(change_log_odds(&old, &new), expected.map(|(label, from, to)| (label.to_owned(), from, to)));
        assert!(
            effect_changes((&old, AdditionalTerms::default()), (&old, AdditionalTerms::default()))
                .iter()
                .all(|one| one.before == one.after)
        );
    }

    #[test]
    fn levels_are_found_by_name_and_new_ones_are_left_out() {
        let levels = |names: &[&str]| {
            FeatureEncoder::Category(Levels::new(
                names.iter().map(|name| (name.to_lowercase(), (*name).to_owned())).collect(),
            ))
        };
        let old = term(levels(&["Retail", "Media"]), &[(0.1, 5), (0.2, 5), (0.3, 5), (0.0, 0)]);
        let new = term(levels(&["media", "Farming", "retail"]), &[(0.4, 5), (0.5, 5), (0.6, 5), (0.7, 5), (0.0, 0)]);
        assert_eq!(change_log_odds(&old, &new), [("media".to_owned(), 0.2, 0.4), ("retail".to_owned(), 0.1, 0.6)]);
        let flag = term(FeatureEncoder::Flag, &[(0.0, 5), (0.0, 5), (0.0, 0)]);
        assert_eq!(change_log_odds(&flag, &new), []);
    }
}
