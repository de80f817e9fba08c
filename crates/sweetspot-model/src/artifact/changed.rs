//! What became of the values' effects from one version to a later one: of the same values, however each version bins them.

use std::collections::BTreeMap;

use sweetspot_core::Effect;

use super::believed_effect::believed_effects;
use super::effect::{believed_mean, groups, is_telling, shares};
use super::whole::{Additions, whole_slots};
use crate::encoder::{Encoder, Feature};
use crate::scorer::standard_error;
use crate::stored;

/// A value of an attribute in two versions.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectChange {
    /// The attribute.
    pub attribute: String,
    /// The value, or the later version's band of numbers, as a person reads it.
    pub label: String,
    /// Whether it is a band of numbers that are read with thousands apart: not so years.
    pub is_amount: bool,
    /// What it added to the log-odds, with what its pairs add on average and what is believed of it, against the average customer.
    pub from: Effect,
    /// What it adds since.
    pub to: Effect,
    /// The later version's training customers with it.
    pub customers: u64,
}

type Kept<'a> = (&'a stored::Term, Additions<'a>);

/// The values of an attribute that both versions know, in the later one's order; none where it is of another kind since.
///
/// Of a band of numbers the earlier version is asked what it added to the later version's customers: the mean over its own bins in
/// which they lie.
pub(super) fn changes((old, then): Kept<'_>, (new, now): Kept<'_>) -> Vec<EffectChange> {
    let feature = |term: &stored::Term| Feature::from_stored(&term.attribute, term.encoder.as_ref()?);
    let Some((old_feature, new_feature)) = feature(old).zip(feature(new)) else { return Vec::new() };
    let (before, since) = (whole_slots(old, then.pairs), whole_slots(new, now.pairs));
    let (old_beliefs, beliefs) = (believed_effects(old, then.hypotheses), believed_effects(new, now.hypotheses));
    let change = |members: Vec<usize>| {
        let customers = members.iter().filter_map(|slot| since.get(*slot)).map(|slot| slot.customers).sum();
        if customers == 0 || !is_telling(&new_feature, &members) {
            return None;
        }
        let now = shares(&since, &members);
        let mut then = BTreeMap::new();
        for (slot, share) in &now {
            *then.entry(counterpart(&old_feature, &new_feature, *slot)?).or_insert(0.0) += share;
        }
        Some(EffectChange {
            attribute: new.attribute.clone(),
            label: new_feature.group_label(&members),
            is_amount: new_feature.is_amount(),
            from: effect(&believed_mean(&before, &then, &old_beliefs)),
            to: effect(&believed_mean(&since, &now, &beliefs)),
            customers,
        })
    };
    groups(&new_feature, &since).into_iter().filter_map(change).collect()
}

fn effect(slot: &stored::Slot) -> Effect {
    Effect { log_odds: slot.log_odds, standard_error: standard_error(slot) }
}

/// The earlier version's slot for a slot of the later one; nothing where it did not know the value.
fn counterpart(old: &Feature, new: &Feature, slot: usize) -> Option<usize> {
    match (&old.encoder, &new.encoder) {
        (Encoder::Number(old), Encoder::Number(new)) | (Encoder::Date(old), Encoder::Date(new)) => {
            Some(old.place(new.middle(slot)).0)
        }
        (Encoder::Category(old), Encoder::Category(new)) => old.find(new.label(slot)?),
        // What follows the items is the empty list.
        (Encoder::List(old), Encoder::List(new)) => new.label(slot).map_or(Some(old.len()), |item| old.find(item)),
        (Encoder::Flag, Encoder::Flag) => Some(slot),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoder::{Bins, Levels};

    fn term(encoder: Encoder, slots: &[(f64, u64)]) -> stored::Term {
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

    fn told(old: &stored::Term, new: &stored::Term) -> Vec<(String, f64, f64)> {
        let changes = changes((old, Additions::default()), (new, Additions::default())).into_iter();
        changes.map(|one| (one.label, one.from.log_odds, one.to.log_odds)).collect()
    }

    #[test]
    fn bands_ask_the_earlier_version_about_the_same_numbers() {
        let old = term(Encoder::Number(Bins::new(vec![50.0], 0.0, 100.0, true)), &[(-1.0, 50), (1.0, 50), (9.0, 1)]);
        let new = term(
            Encoder::Number(Bins::new(vec![20.0, 40.0, 80.0], 0.0, 120.0, true)),
            &[(-2.0, 25), (-1.0, 25), (0.5, 25), (2.0, 25), (9.0, 1)],
        );
        let expected =
            [("below 20", -1.0, -2.0), ("20 to 39", -1.0, -1.0), ("40 to 79", 1.0, 0.5), ("80 or more", 1.0, 2.0)];
        assert_eq!(told(&old, &new), expected.map(|(label, from, to)| (label.to_owned(), from, to)));
        assert!(
            changes((&old, Additions::default()), (&old, Additions::default())).iter().all(|one| one.from == one.to)
        );
    }

    #[test]
    fn levels_are_found_by_name_and_new_ones_are_left_out() {
        let levels = |names: &[&str]| {
            Encoder::Category(Levels::new(names.iter().map(|name| (name.to_lowercase(), (*name).to_owned())).collect()))
        };
        let old = term(levels(&["Retail", "Media"]), &[(0.1, 5), (0.2, 5), (0.3, 5), (0.0, 0)]);
        let new = term(levels(&["media", "Farming", "retail"]), &[(0.4, 5), (0.5, 5), (0.6, 5), (0.7, 5), (0.0, 0)]);
        assert_eq!(told(&old, &new), [("media".to_owned(), 0.2, 0.4), ("retail".to_owned(), 0.1, 0.6)]);
        let flag = term(Encoder::Flag, &[(0.0, 5), (0.0, 5), (0.0, 0)]);
        assert_eq!(told(&flag, &new), []);
    }
}
