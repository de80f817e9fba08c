//! Screening of interactions, each by a coarse table.

use rayon::prelude::*;
use sweetspot_solver::{Design, SlotGroups, TermBlock, TermSlots};

use super::{Interaction, group_codes};

/// The numbers of groups that each attribute of an interaction is divided into: coarse cells for few customers, fine
/// ones for many.
const GROUP_COUNTS: [usize; 3] = [3, 6, 12];
/// The minimum gain in evidence of the table alone, in nats, for an interaction to be tried.
const MIN_GAIN: f64 = 0.5;
/// The smoothing parameters that are tried: the prior precision of a cell's effect, in 1 / log-odds².
const SMOOTHING_GRID: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The most promising interactions, at most `max_count`.
///
/// The gain in evidence of independent cells with residual sums R and curvature W is, for each smoothing parameter λ, ½
/// Σ (R² / (W + λ) − log(1 + W / λ)). `counts` are the customers in each slot of the design.
pub(in crate::train) fn screen_interactions(
    design: &Design,
    blocks: &[TermBlock],
    counts: &[f64],
    (residuals, weights): (&[f64], &[f64]),
    max_count: usize,
) -> Vec<Interaction> {
    let offsets = design.offsets();
    let cuts = |term: usize| {
        let (codes, block) = (design.terms.get(term)?, blocks.get(term)?);
        // The effect of an interaction at one value of the other attribute could violate a monotonicity constraint.
        if block.monotonicity.is_some() {
            return None;
        }
        let counts = counts.get(*offsets.get(term)?..*offsets.get(term + 1)?)?;
        let TermSlots::One(slots) = &codes.codes else { return None };
        let mut coarser = None;
        let cut = |max_groups| {
            let groups = SlotGroups::new(block, &codes.codes, counts, max_groups);
            let is_finer = coarser.as_ref() != Some(&groups);
            coarser = Some(groups.clone());
            GroupedColumn { is_finer, ..GroupedColumn::new(groups, slots) }
        };
        Some((term, GROUP_COUNTS.map(cut)))
    };
    let cuts: Vec<(usize, [GroupedColumn; 3])> = (1..design.terms.len()).into_par_iter().filter_map(cuts).collect();
    let candidates: Vec<(usize, usize)> =
        (0..cuts.len()).flat_map(|second| (0..second).map(move |first| (first, second))).collect();
    let best = |(first, second): &(usize, usize)| {
        let ((first, first_cuts), (second, second_cuts)) = (cuts.get(*first)?, cuts.get(*second)?);
        // Terms with few slots have the same groups in several cuts.
        let cuts = first_cuts.iter().zip(second_cuts).filter(|(first, second)| first.is_finer || second.is_finer);
        let tried = cuts.map(|(first_cut, second_cut)| {
            InteractionCandidate {
                first_column: (*first, first_cut),
                second_column: (*second, second_cut),
                gain: 0.0,
                smoothing: 0.0,
                chosen_count: 0,
            }
            .with_gain(residuals, weights, 0)
        });
        tried.max_by(|a, b| a.gain.total_cmp(&b.gain)).filter(|best| best.gain > MIN_GAIN)
    };
    let promising = candidates.par_iter().filter_map(best).collect();
    choose_candidates(promising, residuals.to_vec(), weights, max_count)
        .iter()
        .map(InteractionCandidate::to_interaction)
        .collect()
}

/// The best candidates, chosen one by one, each by the residuals that remain after those chosen before: redundant
/// attributes have redundant interactions, and one of these is enough.
fn choose_candidates<'a>(
    mut candidates: Vec<InteractionCandidate<'a>>,
    mut residuals: Vec<f64>,
    weights: &[f64],
    max_count: usize,
) -> Vec<InteractionCandidate<'a>> {
    candidates.sort_by(|a, b| a.gain.total_cmp(&b.gain));
    let mut chosen: Vec<InteractionCandidate<'_>> = Vec::new();
    while chosen.len() < max_count {
        let Some(best) = candidates.pop() else { break };
        if best.chosen_count == chosen.len() {
            best.subtract_effects(&mut residuals, weights);
            chosen.push(best);
            continue;
        }
        // Gains rarely increase when other candidates are chosen, so a candidate that is still best after an update is
        // the best of all.
        let again = best.with_gain(&residuals, weights, chosen.len());
        if again.gain > MIN_GAIN {
            let place = candidates.partition_point(|other| other.gain < again.gain);
            candidates.insert(place, again);
        }
    }
    chosen
}

/// Two grouped attributes, and the gain that they promise.
struct InteractionCandidate<'a> {
    first_column: (usize, &'a GroupedColumn),
    second_column: (usize, &'a GroupedColumn),
    gain: f64,
    smoothing: f64,
    /// The number of chosen candidates when the gain was computed.
    chosen_count: usize,
}

impl InteractionCandidate<'_> {
    /// The same candidate, with the gain for these residuals.
    fn with_gain(self, residuals: &[f64], weights: &[f64], chosen: usize) -> Self {
        let (gain, smoothing) = best_gain(&self.cell_sums(residuals, weights));
        Self { gain, smoothing, chosen_count: chosen, ..self }
    }

    /// R and W of each cell.
    fn cell_sums(&self, residuals: &[f64], weights: &[f64]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.first_column.1.groups.count * self.second_column.1.groups.count];
        let width = self.second_column.1.groups.count;
        let rows = self.first_column.1.group_by_row.iter().zip(&self.second_column.1.group_by_row);
        for (((i, j), residual), weight) in rows.zip(residuals).zip(weights) {
            if let Some((r, w)) = sums.get_mut(usize::from(*i) * width + usize::from(*j)) {
                *r += residual;
                *w += weight;
            }
        }
        sums
    }

    /// Subtracts the cells' effects R / (W + λ) from the residuals.
    fn subtract_effects(&self, residuals: &mut [f64], weights: &[f64]) {
        let effects = self.cell_sums(residuals, weights).into_iter().map(|(r, w)| r / (w + self.smoothing));
        let effects: Vec<f64> = effects.collect();
        for ((cell, residual), weight) in self.row_cells().zip(residuals).zip(weights) {
            *residual -= weight * effects.get(cell).copied().unwrap_or(0.0);
        }
    }

    /// The cell of each row.
    fn row_cells(&self) -> impl Iterator<Item = usize> {
        let width = self.second_column.1.groups.count;
        let rows = self.first_column.1.group_by_row.iter().zip(&self.second_column.1.group_by_row);
        rows.map(move |(i, j)| usize::from(*i) * width + usize::from(*j))
    }

    fn to_interaction(&self) -> Interaction {
        let ((first, first_cut), (second, second_cut)) = (self.first_column, self.second_column);
        Interaction {
            // The base is the first term of a design.
            first: first - 1,
            second: second - 1,
            first_groups: first_cut.groups.clone(),
            second_groups: second_cut.groups.clone(),
            smoothing: self.smoothing,
        }
    }
}

/// An attribute divided into groups: the groups, and the group of each row.
struct GroupedColumn {
    groups: SlotGroups,
    group_by_row: Vec<u8>,
    /// Whether the groups differ from those of the next coarser cut.
    is_finer: bool,
}

impl GroupedColumn {
    fn new(groups: SlotGroups, slots: &[u16]) -> Self {
        let of_row = group_codes(&groups, slots).collect();
        Self { groups, group_by_row: of_row, is_finer: true }
    }
}

/// The largest gain of cells with these R and W, and its smoothing parameter.
fn best_gain(sums: &[(f64, f64)]) -> (f64, f64) {
    let gain = |smoothing: &f64| {
        let cell_gain = |(r, w): &(f64, f64)| 0.5 * (r * r / (w + smoothing) - (w / smoothing).ln_1p());
        (sums.iter().filter(|(_, w)| *w > 0.0).map(cell_gain).sum::<f64>(), *smoothing)
    };
    SMOOTHING_GRID.iter().map(gain).max_by(|(a, _), (b, _)| a.total_cmp(b)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
