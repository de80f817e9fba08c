//! The total effect of a value, including its interactions and hypotheses: they may explain most of what an attribute
//! says, and leave little to its own slots.

use super::attribute_summary::spread;
use super::hypothesis_slot_shares::hypothesis_effects;
use crate::stored;

/// The parts of a model that add to a score in addition to the attributes' own slots.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AdditionalTerms<'a> {
    /// The interactions.
    pub interactions: &'a [stored::Pair],
    /// The hypotheses.
    pub hypotheses: &'a [stored::Hypothesis],
}

impl<'a> AdditionalTerms<'a> {
    /// The interactions and hypotheses of a model.
    pub(crate) fn from_model(model: &'a stored::ModelArtifact) -> Self {
        Self { interactions: &model.pairs, hypotheses: &model.hypotheses }
    }
}

/// The slots of a term, each including the average of its interactions over the training customers who have it.
pub(crate) fn slots_with_interactions(term: &stored::Term, pairs: &[stored::Pair]) -> Vec<stored::Slot> {
    let mut slots = term.slots.clone();
    for pair in pairs {
        let width = pair.second_labels.len();
        for (number, slot) in slots.iter_mut().enumerate() {
            let group = |groups: &[u32]| groups.get(number).map(|group| *group as usize);
            if pair.first == term.attribute
                && let Some(group) = group(&pair.first_groups)
            {
                add_cell_mean(slot, pair.cells.iter().skip(group * width).take(width));
            } else if pair.second == term.attribute
                && let Some(group) = group(&pair.second_groups)
            {
                add_cell_mean(slot, pair.cells.iter().skip(group).step_by(width.max(1)));
            }
        }
    }
    slots
}

/// The log-odds of a term's slots relative to the average customer, each including its hypotheses and the average of
/// its interactions.
pub(crate) fn total_log_odds(term: &stored::Term, additions: AdditionalTerms<'_>) -> Vec<f64> {
    let additional_effects = hypothesis_effects(term, additions.hypotheses);
    let more = |number| {
        additional_effects
            .iter()
            .map(|effect| effect.relative_share(&[(number, 1.0)].into()) * effect.slot.log_odds)
            .sum::<f64>()
    };
    let slots = slots_with_interactions(term, additions.interactions).into_iter().enumerate();
    slots.map(|(number, slot)| slot.log_odds + more(number)).collect()
}

/// The total spread of an attribute, in log-odds: of its slots with their hypotheses and the average of their
/// interactions, combined with the spread of the interactions.
pub(crate) fn total_spread(term: &stored::Term, additions: AdditionalTerms<'_>) -> f64 {
    let slots = term.slots.iter().zip(total_log_odds(term, additions));
    let total_slots: Vec<stored::Slot> = slots
        .map(|(slot, log_odds)| stored::Slot { log_odds, customers: slot.customers, ..stored::Slot::default() })
        .collect();
    let own_spread = spread(&total_slots);
    let pairs = additions.interactions;
    let own_pairs = pairs.iter().filter(|pair| pair.first == term.attribute || pair.second == term.attribute);
    let interactions: f64 = own_pairs.map(|pair| spread(&pair.cells).powi(2)).sum();
    (own_spread * own_spread + interactions).sqrt()
}

/// Adds the mean of these cells over their customers.
fn add_cell_mean<'a>(slot: &mut stored::Slot, cells: impl Iterator<Item = &'a stored::Slot> + Clone) {
    let customers: u64 = cells.clone().map(|cell| cell.customers).sum();
    for cell in cells {
        let share = cell.customers as f64 / customers.max(1) as f64;
        slot.log_odds += share * cell.log_odds;
        slot.variance += (share * share) as f32 * cell.variance;
        slot.factors.resize(slot.factors.len().max(cell.factors.len()), 0.0);
        slot.factors.iter_mut().zip(&cell.factors).for_each(|(sum, factor)| *sum += share as f32 * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{artifact, hypothesis};

    #[test]
    fn total_effects_include_a_dominant_interaction() {
        let slot = |log_odds, customers| stored::Slot { log_odds, customers, ..stored::Slot::default() };
        let term = |name: &str, slots| stored::Term { attribute: name.into(), slots, ..stored::Term::default() };
        let first = term("a", vec![slot(0.1, 40), slot(0.2, 60), slot(0.0, 0)]);
        let second = term("b", vec![slot(0.0, 50), slot(0.0, 50), slot(0.0, 0)]);
        let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        let pair = stored::Pair {
            first: "a".into(),
            second: "b".into(),
            first_groups: vec![0, 1, 1],
            second_groups: vec![0, 1, 0],
            first_labels: texts(["x", "y"]),
            second_labels: texts(["u", "v"]),
            cells: vec![slot(1.0, 30), slot(-1.0, 10), slot(-2.0, 20), slot(0.5, 40)],
            ..stored::Pair::default()
        };
        let of = |term: &stored::Term| slots_with_interactions(term, std::slice::from_ref(&pair));
        let told = |term: &stored::Term| of(term).iter().map(|slot| slot.log_odds).collect::<Vec<_>>();
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
        let (a, b) = (told(&first), told(&second));
        assert!(close(a[0], 0.1 + 0.5) && close(a[1], 0.2 + (-40.0 + 20.0) / 60.0), "{a:?}");
        assert!(close(b[0], (30.0 - 40.0) / 50.0) && close(b[1], (-10.0 + 20.0) / 50.0), "{b:?}");
        let additions = AdditionalTerms { interactions: std::slice::from_ref(&pair), ..AdditionalTerms::default() };
        assert!(total_spread(&second, additions) > spread(&pair.cells));
        assert_eq!(slots_with_interactions(&second, &[]), second.slots);
    }

    #[test]
    fn total_effects_include_a_dominant_hypothesis() {
        let mut kept = artifact().0;
        let city = kept.terms.swap_remove(1);
        let alone: Vec<f64> = total_log_odds(&city, AdditionalTerms::default());
        let hypotheses = [hypothesis()];
        let additions = AdditionalTerms { hypotheses: &hypotheses, ..AdditionalTerms::default() };
        let with: Vec<f64> = total_log_odds(&city, additions);
        // The hypothesis matches 30 of 40 customers.
        let more: Vec<f64> = with.iter().zip(alone).map(|(with, alone)| with - alone).collect();
        assert_eq!(more, [0.125, 0.125, -0.375, -0.375]);
        assert!(total_spread(&city, additions) != total_spread(&city, AdditionalTerms::default()));
    }
}
