//! What a value does in all, with the pairs that it takes part in and what is believed of it: a pair or a belief that says much leaves its
//! attributes little to say alone.

use super::believed_effect::believed_effects;
use super::summary::spread;
use crate::stored;

/// What a model adds to a score besides the attributes' own slots.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Additions<'a> {
    /// Its pairs.
    pub pairs: &'a [stored::Pair],
    /// Its hypotheses.
    pub hypotheses: &'a [stored::Hypothesis],
}

impl<'a> Additions<'a> {
    /// Those of a model.
    pub(crate) fn of_model(model: &'a stored::ModelArtifact) -> Self {
        Self { pairs: &model.pairs, hypotheses: &model.hypotheses }
    }
}

/// The slots of a term, each with what its pairs add to it on average over the training customers who have it.
pub(crate) fn whole_slots(term: &stored::Term, pairs: &[stored::Pair]) -> Vec<stored::Slot> {
    let mut slots = term.slots.clone();
    for pair in pairs {
        let width = pair.second_labels.len();
        for (number, slot) in slots.iter_mut().enumerate() {
            let group = |groups: &[u32]| groups.get(number).map(|group| *group as usize);
            if pair.first == term.attribute
                && let Some(group) = group(&pair.first_groups)
            {
                add(slot, pair.cells.iter().skip(group * width).take(width));
            } else if pair.second == term.attribute
                && let Some(group) = group(&pair.second_groups)
            {
                add(slot, pair.cells.iter().skip(group).step_by(width.max(1)));
            }
        }
    }
    slots
}

/// The log-odds of a term's slots, each with its pairs' average and what is believed of it, against the average customer.
pub(crate) fn whole_log_odds(term: &stored::Term, additions: Additions<'_>) -> Vec<f64> {
    let believed = believed_effects(term, additions.hypotheses);
    let more = |number| believed.iter().map(|one| one.part(&[(number, 1.0)].into()) * one.slot.log_odds).sum::<f64>();
    let slots = whole_slots(term, additions.pairs).into_iter().enumerate();
    slots.map(|(number, slot)| slot.log_odds + more(number)).collect()
}

/// How much an attribute matters in all, in log-odds: the spread of its slots with their pairs' average and what is believed of them,
/// and that of the pairs.
pub(crate) fn whole_spread(term: &stored::Term, additions: Additions<'_>) -> f64 {
    let slots = term.slots.iter().zip(whole_log_odds(term, additions));
    let whole: Vec<stored::Slot> = slots
        .map(|(slot, log_odds)| stored::Slot { log_odds, customers: slot.customers, ..stored::Slot::default() })
        .collect();
    let own = spread(&whole);
    let pairs = additions.pairs;
    let of = pairs.iter().filter(|pair| pair.first == term.attribute || pair.second == term.attribute);
    let together: f64 = of.map(|pair| spread(&pair.cells).powi(2)).sum();
    (own * own + together).sqrt()
}

/// Adds the mean of some cells over their customers.
fn add<'a>(slot: &mut stored::Slot, cells: impl Iterator<Item = &'a stored::Slot> + Clone) {
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
    use crate::made_up::{artifact, hypothesis};

    #[test]
    fn a_pair_that_says_all_is_told_with_its_attributes() {
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
        let of = |term: &stored::Term| whole_slots(term, std::slice::from_ref(&pair));
        let told = |term: &stored::Term| of(term).iter().map(|slot| slot.log_odds).collect::<Vec<_>>();
        let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
        let (a, b) = (told(&first), told(&second));
        assert!(close(a[0], 0.1 + 0.5) && close(a[1], 0.2 + (-40.0 + 20.0) / 60.0), "{a:?}");
        assert!(close(b[0], (30.0 - 40.0) / 50.0) && close(b[1], (-10.0 + 20.0) / 50.0), "{b:?}");
        let additions = Additions { pairs: std::slice::from_ref(&pair), ..Additions::default() };
        assert!(whole_spread(&second, additions) > spread(&pair.cells));
        assert_eq!(whole_slots(&second, &[]), second.slots);
    }

    #[test]
    fn a_belief_that_says_all_is_told_with_its_attribute() {
        let mut kept = artifact().0;
        let city = kept.terms.swap_remove(1);
        let alone: Vec<f64> = whole_log_odds(&city, Additions::default());
        let hypotheses = [hypothesis()];
        let additions = Additions { hypotheses: &hypotheses, ..Additions::default() };
        let with: Vec<f64> = whole_log_odds(&city, additions);
        // It holds for 30 of 40 customers.
        let more: Vec<f64> = with.iter().zip(alone).map(|(with, alone)| with - alone).collect();
        assert_eq!(more, [0.125, 0.125, -0.375, -0.375]);
        assert!(whole_spread(&city, additions) != whole_spread(&city, Additions::default()));
    }
}
