//! Which pairs look worth having, by a coarse table each.

use rayon::prelude::*;
use sweetspot_solver::{Block, Codes, Design, Groups};

use super::{Pair, group_codes};

/// How many groups each attribute of a pair is cut into: coarse cells for few customers, fine ones for many.
const GROUPS: [usize; 3] = [3, 6, 12];
/// A pair is tried if its table alone promises this gain in evidence, in nats.
const PROMISING: f64 = 0.5;
/// Strengths that are tried: the prior precision of a cell's effect, in 1 / log-odds².
const STRENGTHS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The most promising pairs, at most `most`.
///
/// The gain in evidence of independent cells with residual sums R and curvature W is, for each strength λ,
/// ½ Σ (R² / (W + λ) − log(1 + W / λ)). `counts` are the customers in each slot of the design.
pub(in crate::train) fn screen(
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
        let tried = first_cuts.iter().zip(second_cuts).map(|(first_cut, second_cut)| {
            Candidate { first: (*first, first_cut), second: (*second, second_cut), gain: 0.0, strength: 0.0, chosen: 0 }
                .judged(residuals, weights, 0)
        });
        tried.max_by(|a, b| a.gain.total_cmp(&b.gain)).filter(|best| best.gain > PROMISING)
    };
    let promising = candidates.par_iter().filter_map(best).collect();
    choose(promising, residuals.to_vec(), weights, most).iter().map(Candidate::pair).collect()
}

/// The best candidates, one after the other, each judged by what those before it leave unexplained: attributes that say the same
/// make pairs that say the same, and one of these is enough.
fn choose<'a>(
    mut candidates: Vec<Candidate<'a>>,
    mut residuals: Vec<f64>,
    weights: &[f64],
    most: usize,
) -> Vec<Candidate<'a>> {
    candidates.sort_by(|a, b| a.gain.total_cmp(&b.gain));
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    while chosen.len() < most {
        let Some(best) = candidates.pop() else { break };
        if best.chosen == chosen.len() {
            best.explain(&mut residuals, weights);
            chosen.push(best);
            continue;
        }
        // A gain hardly ever grows when others are chosen, so that whoever is best when judged anew is the best of all.
        let again = best.judged(&residuals, weights, chosen.len());
        if again.gain > PROMISING {
            let place = candidates.partition_point(|other| other.gain < again.gain);
            candidates.insert(place, again);
        }
    }
    chosen
}

/// Two cut attributes, and what they promise.
struct Candidate<'a> {
    first: (usize, &'a Cut),
    second: (usize, &'a Cut),
    gain: f64,
    strength: f64,
    /// How many others had been chosen when it was judged.
    chosen: usize,
}

impl Candidate<'_> {
    /// The same, judged by these residuals.
    fn judged(self, residuals: &[f64], weights: &[f64], chosen: usize) -> Self {
        let (gain, strength) = best_gain(&self.sums(residuals, weights));
        Self { gain, strength, chosen, ..self }
    }

    /// R and W of every cell.
    fn sums(&self, residuals: &[f64], weights: &[f64]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.first.1.groups.count * self.second.1.groups.count];
        for ((cell, residual), weight) in self.cells().zip(residuals).zip(weights) {
            if let Some((r, w)) = sums.get_mut(cell) {
                *r += residual;
                *w += weight;
            }
        }
        sums
    }

    /// Takes from the residuals what the cells' effects R / (W + λ) explain of them.
    fn explain(&self, residuals: &mut [f64], weights: &[f64]) {
        let effects = self.sums(residuals, weights).into_iter().map(|(r, w)| r / (w + self.strength));
        let effects: Vec<f64> = effects.collect();
        for ((cell, residual), weight) in self.cells().zip(residuals).zip(weights) {
            *residual -= weight * effects.get(cell).copied().unwrap_or(0.0);
        }
    }

    /// The cell of every row.
    fn cells(&self) -> impl Iterator<Item = usize> {
        let width = self.second.1.groups.count;
        let rows = self.first.1.of_row.iter().zip(&self.second.1.of_row);
        rows.map(move |(i, j)| usize::from(*i) * width + usize::from(*j))
    }

    fn pair(&self) -> Pair {
        let ((first, first_cut), (second, second_cut)) = (self.first, self.second);
        Pair {
            // The base is the first term of a design.
            first: first - 1,
            second: second - 1,
            first_groups: first_cut.groups.clone(),
            second_groups: second_cut.groups.clone(),
            strength: self.strength,
        }
    }
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

/// The greatest gain of cells with these R and W, and the strength that has it.
fn best_gain(sums: &[(f64, f64)]) -> (f64, f64) {
    let gain = |strength: &f64| {
        let of = |(r, w): &(f64, f64)| 0.5 * (r * r / (w + strength) - (w / strength).ln_1p());
        (sums.iter().map(of).sum::<f64>(), *strength)
    };
    STRENGTHS.iter().map(gain).max_by(|(a, _), (b, _)| a.total_cmp(b)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
