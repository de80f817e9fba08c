//! The effect of each value of an attribute. Fine bins are merged into a few ranges for display.

use std::collections::BTreeMap;

use sweetspot_core::ValueRef;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;

use super::hypothesis_slot_shares::{HypothesisSlotShares, hypothesis_effects};
use super::interaction_cell_counts::InteractionCellCounts;
use crate::encoder::{Feature, FeatureEncoder};
use crate::score_uncertainty::slot_standard_error;
use crate::stored;

/// The maximum number of ranges of a number or date.
pub(super) const MAX_BANDS: usize = 4;
/// The maximum number of ranges of the shape of a number.
const MAX_SHAPE_BANDS: usize = 12;

/// One value of an attribute, or one range of its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueEffect {
    /// The value for display: `200 to 499`, `Fintech`, `missing`, `other`.
    pub label: String,
    /// The effect in log-odds relative to the average customer, including its hypotheses and the average of its
    /// interactions; for a range, the mean over its customers.
    pub log_odds: f64,
    /// The standard error of the effect, in log-odds.
    pub standard_error: f64,
    /// The number of training customers with the value.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
    /// Whether the value describes an account; `false` for the slot for missing values and for the one of all rare
    /// levels.
    pub is_informative: bool,
}

/// A range of a number with its effect: one step of the shape.
#[derive(Clone, Debug, PartialEq)]
pub struct ShapeStep {
    /// The lower end; of the first step, the minimum of the training customers.
    pub from: f64,
    /// The upper end; of the last step, their maximum.
    pub to: f64,
    /// The effect of the range.
    pub effect: ValueEffect,
}

impl ShapeStep {
    /// The 95% interval of the effect, in log-odds.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        let margin = NINETY_FIVE_PERCENT * self.effect.standard_error;
        (self.effect.log_odds - margin, self.effect.log_odds + margin)
    }
}

/// An attribute with the effects of its values, in the model's order.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeEffects {
    /// The attribute's name.
    pub attribute: String,
    /// The values or ranges.
    pub values: Vec<ValueEffect>,
    /// The shape of a number, in ascending order: finer ranges than [`Self::values`]; empty for other kinds.
    pub shape: Vec<ShapeStep>,
    feature: Feature,
    /// The index of the value for each slot.
    value_by_slot: Vec<usize>,
}

impl AttributeEffects {
    /// Reads a stored term; `None` if it is damaged, in which case the model does not compile.
    pub(super) fn from_stored(
        term: &stored::Term,
        pair_counts: &[InteractionCellCounts<'_>],
        hypotheses: &[stored::Hypothesis],
    ) -> Option<Self> {
        let feature = Feature::from_stored(&term.attribute, term.encoder.as_ref()?)?;
        let slots = term.slots.as_slice();
        let groups = slot_groups(&feature, slots, MAX_BANDS);
        let mut of_slot = vec![0; slots.len()];
        for (group, slots) in groups.iter().enumerate() {
            for slot in slots {
                *of_slot.get_mut(*slot)? = group;
            }
        }
        let effects_of_hypotheses = hypothesis_effects(term, hypotheses);
        let values = groups
            .iter()
            .map(|members| value_effect(&feature, slots, members, (pair_counts, &effects_of_hypotheses)))
            .collect();
        let mut shape = Vec::new();
        if let FeatureEncoder::Number(bins) = &feature.encoder {
            for members in slot_groups(&feature, slots, MAX_SHAPE_BANDS) {
                let (Some(first), Some(last)) = (members.first(), members.last()) else { continue };
                // The slot for missing values has no range.
                if *first >= bins.len() {
                    continue;
                }
                let effect = value_effect(&feature, slots, &members, (pair_counts, &effects_of_hypotheses));
                let (from, to) = bins.range_within_training(*first, *last);
                shape.push(ShapeStep { from, to, effect });
            }
        }
        Some(Self { attribute: term.attribute.clone(), values, shape, feature, value_by_slot: of_slot })
    }

    /// The indices of an account's values; more than one only for lists.
    #[must_use]
    pub fn value_indices(&self, value: Option<&ValueRef<'_>>) -> Vec<usize> {
        let mut found = Vec::new();
        self.feature.encode(value, |slot| found.extend(self.value_by_slot.get(slot).copied()));
        found.dedup();
        found
    }
}

impl AttributeEffects {
    /// Whether the values are ranges of numbers that are shown with thousands separators; `false` for years.
    #[must_use]
    pub fn is_amount(&self) -> bool {
        self.feature.is_amount()
    }

    /// Whether the values are ranges of numbers or dates, in ascending order.
    #[must_use]
    pub const fn is_ordered(&self) -> bool {
        matches!(self.feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_))
    }

    /// The label of several values together: adjacent ranges are merged, other values are listed.
    #[must_use]
    pub fn joint_label(&self, values: &[usize]) -> String {
        let slots: Vec<usize> = self
            .value_by_slot
            .iter()
            .enumerate()
            .filter(|(_, value)| values.contains(value))
            .map(|(slot, _)| slot)
            .collect();
        let neighbors = slots.windows(2).all(|pair| matches!(pair, [one, next] if one + 1 == *next));
        if neighbors && self.is_ordered() {
            return self.feature.group_label(&slots);
        }
        let labels: Vec<&str> =
            values.iter().filter_map(|value| self.values.get(*value)).map(|value| value.label.as_str()).collect();
        labels.join(" or ")
    }

    /// The effects of a yes/no attribute with these values.
    #[must_use]
    pub fn from_flag(attribute: &str, values: Vec<ValueEffect>) -> Self {
        let feature = Feature {
            attribute: attribute.to_owned(),
            encoder: FeatureEncoder::Flag,
            format: sweetspot_core::TextFormat::default(),
        };
        Self {
            attribute: attribute.to_owned(),
            value_by_slot: (0..values.len()).collect(),
            values,
            shape: Vec::new(),
            feature,
        }
    }
}

/// The slots that are shown as one value: at most `max_bands` ranges of adjacent bins with about equal numbers of
/// customers; every other slot is on its own.
pub(super) fn slot_groups(feature: &Feature, slots: &[stored::Slot], max_bands: usize) -> Vec<Vec<usize>> {
    if !matches!(feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_)) {
        return (0..slots.len()).map(|slot| vec![slot]).collect();
    }
    let missing = feature.missing_slot();
    let all: u64 = slots.iter().take(missing).map(|slot| slot.customers).sum();
    let (mut groups, mut seen): (Vec<Vec<usize>>, u64) = (Vec::new(), 0);
    for (number, slot) in slots.iter().enumerate().take(missing) {
        // The range that contains the middle of the bin.
        let band = ((seen + slot.customers / 2) * max_bands as u64 / all.max(1)) as usize;
        if groups.len() <= band && groups.len() < max_bands || groups.is_empty() {
            groups.push(Vec::new());
        }
        groups.last_mut().into_iter().for_each(|group| group.push(number));
        seen += slot.customers;
    }
    groups.push(vec![missing]);
    groups
}

fn value_effect(
    feature: &Feature,
    all: &[stored::Slot],
    members: &[usize],
    (met, believed): (&[InteractionCellCounts<'_>], &[HypothesisSlotShares<'_>]),
) -> ValueEffect {
    let slots = || members.iter().filter_map(|slot| all.get(*slot));
    let mut mean = mean_with_hypotheses(all, &customer_shares(all, members), believed);
    for meeting in met {
        meeting.cells.iter().zip(meeting.shares(members)).for_each(|(cell, share)| add_share(&mut mean, cell, share));
    }
    ValueEffect {
        label: feature.group_label(members),
        log_odds: mean.log_odds,
        standard_error: slot_standard_error(&mean),
        customers: slots().map(|slot| slot.customers).sum(),
        ideal: slots().map(|slot| slot.ideal).sum(),
        is_informative: is_informative(feature, members),
    }
}

/// Whether slots describe an account; `false` for the slot for missing values and for the one of all rare levels.
pub(super) fn is_informative(feature: &Feature, members: &[usize]) -> bool {
    !members.iter().any(|slot| feature.is_pooled(*slot) || *slot == feature.missing_slot())
}

/// The share of their customers in each of these slots; equal shares if they have no customers.
pub(super) fn customer_shares(all: &[stored::Slot], members: &[usize]) -> BTreeMap<usize, f64> {
    let slot_customers = |slot: &usize| all.get(*slot).map_or(0, |slot| slot.customers);
    let customers: u64 = members.iter().map(slot_customers).sum();
    let share = |slot: &usize| match customers {
        0 => 1.0 / members.len().max(1) as f64,
        _ => slot_customers(slot) as f64 / customers as f64,
    };
    members.iter().map(|slot| (*slot, share(slot))).collect()
}

/// The mean of slots, with its uncertainty.
fn mean_slot(all: &[stored::Slot], shares: &BTreeMap<usize, f64>) -> stored::Slot {
    let mut mean = stored::Slot::default();
    for (slot, share) in shares.iter().filter_map(|(slot, share)| Some((all.get(*slot)?, *share))) {
        add_share(&mut mean, slot, share);
    }
    mean
}

/// The mean of slots relative to the average customer, including their hypotheses.
pub(super) fn mean_with_hypotheses(
    all: &[stored::Slot],
    shares: &BTreeMap<usize, f64>,
    hypothesis_effects: &[HypothesisSlotShares<'_>],
) -> stored::Slot {
    let mut mean = mean_slot(all, shares);
    for effect in hypothesis_effects {
        add_share(&mut mean, effect.slot, effect.relative_share(shares));
    }
    mean
}

/// Adds a share of a slot to a sum, including its uncertainty.
fn add_share(sum: &mut stored::Slot, slot: &stored::Slot, share: f64) {
    sum.log_odds += share * slot.log_odds;
    sum.variance += (share * share) as f32 * slot.variance;
    sum.factors.resize(sum.factors.len().max(slot.factors.len()), 0.0);
    sum.factors.iter_mut().zip(&slot.factors).for_each(|(sum, factor)| *sum += share as f32 * factor);
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{AccountTable, Column, ColumnData};

    use super::*;
    use crate::ModelArtifact;
    use crate::encoder::{Bins, Levels};

    fn slot(log_odds: f64, customers: u64, ideal: u64) -> stored::Slot {
        stored::Slot { log_odds, customers, ideal, variance: 0.04, factors: vec![0.1] }
    }

    #[test]
    fn bins_are_grouped_into_bands_and_missing_is_separate() {
        let edges = (1..12).map(|edge| f64::from(edge) * 10.0).collect();
        let feature = Feature {
            attribute: "employees".into(),
            encoder: FeatureEncoder::Number(Bins::new(edges, 0.0, 900.0, true)),
            format: sweetspot_core::TextFormat::default(),
        };
        let mut slots: Vec<_> = (0..12).map(|bin| slot(f64::from(bin), 10, bin as u64)).collect();
        slots.push(slot(-1.0, 7, 1));
        let term = stored::Term {
            attribute: "employees".into(),
            encoder: Some(feature.to_stored()),
            slots,
            ..stored::Term::default()
        };
        let effects = AttributeEffects::from_stored(&term, &[], &[]).unwrap();
        let told: Vec<_> =
            effects.values.iter().map(|v| (v.label.as_str(), v.customers, v.ideal, v.is_informative)).collect();
        let bands = [("below 30", 30, 3, true), ("30 to 59", 30, 12, true), ("60 to 89", 30, 21, true)];
        assert_eq!(told[..3], bands);
        assert_eq!(told[3..], [("90 or more", 30, 30, true), ("missing", 7, 1, false)]);
        // The mean of three equal, partly shared errors: sqrt(3 · 0.04 / 9 + 0.1²).
        assert!((effects.values[0].standard_error - (0.04_f64 / 3.0 + 0.01).sqrt()).abs() < 1e-6);
        assert!((effects.values[0].log_odds - 1.0).abs() < 1e-12);
        assert_eq!(effects.value_indices(Some(&ValueRef::Number(31.0))), [1]);
        assert_eq!(effects.value_indices(None), [4]);
        let shape: Vec<_> = effects.shape.iter().map(|step| (step.from, step.to, step.effect.ideal)).collect();
        assert_eq!((shape.len(), shape[0], shape[11]), (12, (0.0, 10.0, 0), (110.0, 900.0, 11)));
        assert_eq!(effects.joint_label(&[2, 3]), "60 or more");
        assert_eq!(effects.joint_label(&[0, 3]), "below 30 or 90 or more");
    }

    /// Two levels are in one group of an interaction: of the customers with the first, three of four have the flag; of
    /// those with the second, none.
    #[test]
    fn interaction_effects_are_averaged_over_customers_with_the_value() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let term = |attribute: &str, encoder, slots| stored::Term {
            attribute: attribute.to_owned(),
            encoder: Some(
                Feature { attribute: attribute.to_owned(), encoder, format: sweetspot_core::TextFormat::default() }
                    .to_stored(),
            ),
            slots,
            ..stored::Term::default()
        };
        let levels =
            FeatureEncoder::Category(Levels::new(["a", "b"].map(|key| (key.to_owned(), key.to_uppercase())).into()));
        let pair = stored::Pair {
            first: "kind".into(),
            second: "flag".into(),
            first_groups: vec![0, 0, 0, 0],
            second_groups: vec![0, 1, 0],
            first_labels: texts(&["all"]),
            second_labels: texts(&["no", "yes"]),
            cells: vec![slot(-1.0, 5, 0), slot(1.0, 3, 3)],
            ..stored::Pair::default()
        };
        let none = slot(0.0, 0, 0);
        let kinds = vec![slot(0.5, 4, 2), slot(0.25, 4, 1), none.clone(), none.clone()];
        let flags = vec![slot(0.0, 5, 1), slot(0.0, 3, 2), none];
        let terms = vec![term("kind", levels, kinds), term("flag", FeatureEncoder::Flag, flags)];
        let model = ModelArtifact(stored::ModelArtifact { terms, pairs: vec![pair], ..Default::default() });
        let kind = ColumnData::Categories {
            dictionary: texts(&["A", "B"]),
            codes: [0, 0, 0, 0, 1, 1, 1, 1].map(Some).into_iter().collect(),
        };
        let flag =
            ColumnData::Flags([true, true, true, false, false, false, false, false].map(Some).into_iter().collect());
        let columns = [("kind", kind), ("flag", flag)].map(|(name, data)| Column { name: name.to_owned(), data });
        let ids = (0..8).map(|row| row.to_string()).collect();
        let accounts = AccountTable::new(ids, columns.into()).unwrap();
        let effects = model.value_effects(&accounts, &[0, 1, 2, 3, 4, 5, 6, 7]);
        let told = |attribute: usize| effects[attribute].values.iter().map(|value| value.log_odds).collect::<Vec<_>>();
        assert_eq!(told(0)[..2], [0.5 + 0.75 - 0.25, 0.25 - 1.0]);
        assert_eq!(told(1)[..2], [-1.0, 1.0]);
        // Both levels share a cell, whose effect does not average out: sqrt(0.04 + (0.25² + 0.75²) · 0.04 + (0.1 +
        // 0.1)²).
        let expected = (0.04_f64 + (0.0625 + 0.5625) * 0.04 + 0.04).sqrt();
        assert!((effects[0].values[0].standard_error - expected).abs() < 1e-6);
        let half = model.value_effects(&accounts, &[3, 4]);
        assert_eq!(half[0].values[0].log_odds, 0.5 - 1.0);
    }

    #[test]
    fn one_crowded_bin_is_a_band_of_its_own() {
        let feature = Feature {
            attribute: "a".into(),
            encoder: FeatureEncoder::Number(Bins::new(vec![1.0, 2.0], 0.0, 9.0, true)),
            format: sweetspot_core::TextFormat::default(),
        };
        let slots = [slot(0.0, 1, 0), slot(1.0, 97, 3), slot(2.0, 2, 2), slot(0.0, 0, 0)];
        let labels: Vec<_> =
            slot_groups(&feature, &slots, MAX_BANDS).iter().map(|group| feature.group_label(group)).collect();
        assert_eq!(labels.last().map(String::as_str), Some("missing"));
        assert_eq!(labels.len(), 4);
    }
}
