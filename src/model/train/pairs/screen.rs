//! Which pairs look worth having, by a coarse table each.

use rayon::prelude::*;

use super::{Pair, group_codes};
use crate::model::design::{Codes, Design};
use crate::model::solve::{Block, Groups};

/// How many groups each attribute of a pair is cut into: coarse cells for few customers, fine ones for many.
const GROUPS: [usize; 3] = [3, 6, 12];
/// A pair is tried if its table alone promises this gain in evidence, in nats.
const PROMISING: f64 = 0.5;
/// Strengths that are tried: the prior precision of a cell's effect, in 1 / log-odds².
const STRENGTHS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The most promising pairs, best first, at most `most`.
///
/// The gain in evidence of independent cells with residual sums R and curvature W is, for each strength λ,
/// ½ Σ (R² / (W + λ) − log(1 + W / λ)). `counts` are the customers in each slot of the design.
pub(in crate::model::train) fn screen(
    design: &Design,
    blocks: &[Block],
    counts: &[f64],
    (residuals, weights): (&[f64], &[f64]),
    most: usize,
) -> Vec<Pair> {
    let offsets = design.offsets();
    let cuts = |term: usize| {
        let (codes, block) = (design.terms.get(term)?, blocks.get(term)?);
        // What a pair adds for one value of the other attribute could go against a direction.
        if block.direction.is_some() {
            return None;
        }
        let counts = counts.get(*offsets.get(term)?..*offsets.get(term + 1)?)?;
        let Codes::One(slots) = &codes.codes else { return None };
        let cut = |most| Cut::new(Groups::new(block, &codes.codes, counts, most), slots);
        Some((term, GROUPS.map(cut)))
    };
    let cuts: Vec<(usize, [Cut; 3])> = (1..design.terms.len()).into_par_iter().filter_map(cuts).collect();
    let candidates: Vec<(usize, usize)> =
        (0..cuts.len()).flat_map(|second| (0..second).map(move |first| (first, second))).collect();
    let best = |(first, second): &(usize, usize)| {
        let ((first, first_cuts), (second, second_cuts)) = (cuts.get(*first)?, cuts.get(*second)?);
        let tried = first_cuts.iter().zip(second_cuts).filter_map(|(first_cut, second_cut)| {
            let (gain, strength) = best_gain(first_cut, second_cut, residuals, weights)?;
            Some((gain, (*first, first_cut), (*second, second_cut), strength))
        });
        tried.max_by(|(a, ..), (b, ..)| a.total_cmp(b)).filter(|(gain, ..)| *gain > PROMISING)
    };
    let mut found: Vec<_> = candidates.par_iter().filter_map(best).collect();
    found.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
    let pair = |(_, (first, first_cut), (second, second_cut), strength): (_, (usize, &Cut), (usize, &Cut), _)| Pair {
        // The base is the first term of a design.
        first: first - 1,
        second: second - 1,
        first_groups: first_cut.groups.clone(),
        second_groups: second_cut.groups.clone(),
        strength,
    };
    found.into_iter().take(most).map(pair).collect()
}

/// An attribute cut into groups: the groups, and the one of every row.
struct Cut {
    groups: Groups,
    of_row: Vec<u8>,
}

impl Cut {
    fn new(groups: Groups, slots: &[u16]) -> Self {
        let of_row = group_codes(&groups, slots).collect();
        Self { groups, of_row }
    }
}

/// The greatest gain of two cut attributes, and the strength that has it.
fn best_gain(first: &Cut, second: &Cut, residuals: &[f64], weights: &[f64]) -> Option<(f64, f64)> {
    let width = second.groups.count;
    let mut sums = vec![(0.0, 0.0); first.groups.count * width];
    for (((i, j), residual), weight) in first.of_row.iter().zip(&second.of_row).zip(residuals).zip(weights) {
        if let Some((r, w)) = sums.get_mut(usize::from(*i) * width + usize::from(*j)) {
            *r += residual;
            *w += weight;
        }
    }
    let gain = |strength: &f64| {
        let of = |(r, w): &(f64, f64)| 0.5 * (r * r / (w + strength) - (w / strength).ln_1p());
        (sums.iter().map(of).sum::<f64>(), *strength)
    };
    STRENGTHS.iter().map(gain).max_by(|(a, _), (b, _)| a.total_cmp(b))
}

#[cfg(test)]
mod tests;
