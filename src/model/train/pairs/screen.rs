//! Which pairs look worth having, by a coarse table each.

use rayon::prelude::*;

use super::Pair;
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
    let groups = |term: usize| {
        let (codes, block) = (design.terms.get(term)?, blocks.get(term)?);
        // What a pair adds for one value of the other attribute could go against a direction.
        if block.direction.is_some() {
            return None;
        }
        let counts = counts.get(*offsets.get(term)?..*offsets.get(term + 1)?)?;
        let groups = || GROUPS.map(|most| Groups::new(block, &codes.codes, counts, most));
        matches!(codes.codes, Codes::One(_)).then(|| (term, groups()))
    };
    let groups: Vec<(usize, [Groups; 3])> = (1..design.terms.len()).filter_map(groups).collect();
    let candidates: Vec<(usize, usize)> =
        (0..groups.len()).flat_map(|second| (0..second).map(move |first| (first, second))).collect();
    let gain = |(first, second): &(usize, usize)| {
        let ((first, first_groups), (second, second_groups)) = (groups.get(*first)?, groups.get(*second)?);
        let pairs = first_groups.iter().zip(second_groups).map(|(first_groups, second_groups)| Pair {
            first: first - 1,
            second: second - 1,
            first_groups: first_groups.clone(),
            second_groups: second_groups.clone(),
            strength: 0.0,
        });
        let gains = pairs.filter_map(|pair| {
            let (gain, strength) = best_gain(&pair, design, residuals, weights)?;
            Some((gain, Pair { strength, ..pair }))
        });
        gains.max_by(|(a, _), (b, _)| a.total_cmp(b))
    };
    let mut found: Vec<(f64, Pair)> =
        candidates.par_iter().filter_map(gain).filter(|(gain, _)| *gain > PROMISING).collect();
    found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    found.into_iter().take(most).map(|(_, pair)| pair).collect()
}

fn best_gain(pair: &Pair, design: &Design, residuals: &[f64], weights: &[f64]) -> Option<(f64, f64)> {
    let Codes::One(cells) = pair.encode(design)?.codes else { return None };
    let mut sums = vec![(0.0, 0.0); pair.cells()];
    for ((cell, residual), weight) in cells.iter().zip(residuals).zip(weights) {
        if let Some((r, w)) = sums.get_mut(usize::from(*cell)) {
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
