//! The uncertainty of the slots' effects: a compact form of the Laplace covariance H̃⁻¹.
#![expect(clippy::indexing_slicing, reason = "all tables have the shape of one problem")]

use faer::linalg::solvers::SelfAdjointEigen;
use faer::{Mat, Side};

use super::approximate_information::ApproximateInformation;
use super::cross_weights::CrossWeights;
use super::design_sums::slot_sums;
use super::grouped_slots::{CoarseDesign, SlotGroups};
use super::newton::dot;
use super::term_block::TermBlock;
use crate::design::{Design, TermSlots};

/// The effective parameters that each penalty has at least when the covariance is computed.
const MIN_EFFECTIVE_PARAMETERS: f64 = 1.0;
/// The divisor of a smoothing parameter in one round, the maximum number of rounds, and the lower bound: an effect
/// without data has a standard error of about one.
const LOOSENING_FACTOR: f64 = 3.0;
const MAX_LOOSENINGS: u32 = 16;
const MIN_SMOOTHING: f64 = 1.0;
/// A direction with a smaller remaining length depends on the earlier ones.
const MIN_DIRECTION_LENGTH: f64 = 1e-9;

/// What a fit retains to compute its uncertainty.
#[derive(Clone, Debug)]
pub(super) struct LaplaceInputs {
    pub(super) blocks: Vec<TermBlock>,
    pub(super) cross_counts: CrossWeights,
    pub(super) groups: Vec<SlotGroups>,
    pub(super) coarse: CoarseDesign,
}

/// The uncertainty of each slot's effect relative to the average customer, in an additive form: the variance of a sum
/// of slots is the sum of their variances plus the squared length of the sum of their factors. The base's slot is the
/// average customer.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectUncertainty {
    /// The number of factors of a slot.
    pub rank: usize,
    /// One per slot, term by term, in log-odds².
    pub variances: Vec<f64>,
    /// `rank` per slot, in log-odds.
    pub factors: Vec<f64>,
}

impl EffectUncertainty {
    /// The variance of one slot's effect, in log-odds²; `None` if the slot is out of range.
    #[must_use]
    pub fn variance(&self, slot: usize) -> Option<f64> {
        let factors = self.factors.get(slot * self.rank..(slot + 1) * self.rank)?;
        Some(self.variances.get(slot)? + dot(factors, factors))
    }
}

/// The uncertainty of the average customer, summed over the terms.
struct AverageCustomer {
    /// The variance that no group shares.
    own_variance: f64,
    /// The part that groups share, in the coordinates of R.
    shared_root: Vec<f64>,
    factors: Vec<f64>,
}

impl LaplaceInputs {
    /// The uncertainty with `rank` factors.
    ///
    /// The shared part is G K⁻¹ Gᵀ = (G R)(G R)ᵀ with K⁻¹ = R Rᵀ. The factors are the directions of G R in which the
    /// customers vary most: the eigenvectors of Rᵀ A R, where A counts how often groups co-occur. The remainder is
    /// added to each slot's own variance.
    pub(crate) fn uncertainty(
        &self,
        design: &Design,
        row_counts: &[f64],
        smoothing: &[f64],
        rank: usize,
    ) -> Option<EffectUncertainty> {
        let information = self.loosened_information(&self.blocks, smoothing)?;
        Laplace { information, groups: &self.groups, coarse: &self.coarse }.uncertainty(
            design,
            row_counts,
            &self.blocks,
            rank,
        )
    }

    /// H̃ at smoothing parameters that leave each penalty at least one effective parameter.
    ///
    /// That a term has no effect is an estimate, too: at its estimated λ it would be certain, and the intervals of
    /// small samples would be far too narrow.
    fn loosened_information(&self, blocks: &[TermBlock], smoothing: &[f64]) -> Option<ApproximateInformation> {
        let mut smoothing = smoothing.to_vec();
        let mut information = self.cross_counts.approximate_information(blocks, &self.groups, &smoothing)?;
        for _ in 0..MAX_LOOSENINGS {
            let used = effective_parameters_and_ranks(blocks, &information, &smoothing);
            let mut loosened = false;
            for (value, (used, rank)) in smoothing.iter_mut().zip(used) {
                if used < MIN_EFFECTIVE_PARAMETERS.min(rank / 2.0) && *value > MIN_SMOOTHING {
                    *value /= LOOSENING_FACTOR;
                    loosened = true;
                }
            }
            if !loosened {
                break;
            }
            information = self.cross_counts.approximate_information(blocks, &self.groups, &smoothing)?;
        }
        Some(information)
    }
}

/// The effective parameters and the rank of each smoothing parameter's penalties.
fn effective_parameters_and_ranks(
    blocks: &[TermBlock],
    information: &ApproximateInformation,
    smoothing: &[f64],
) -> Vec<(f64, f64)> {
    let mut used = vec![(0.0, 0.0); smoothing.len()];
    for (term, block) in blocks.iter().enumerate() {
        for penalty in &block.penalties {
            let trace = information.covariance_trace(term, penalty);
            used[penalty.smoothing].0 += penalty.rank() - smoothing[penalty.smoothing] * trace;
            used[penalty.smoothing].1 += penalty.rank();
        }
    }
    used
}

/// The posterior of one fit, around its optimum.
struct Laplace<'a> {
    information: ApproximateInformation,
    groups: &'a [SlotGroups],
    coarse: &'a CoarseDesign,
}

impl Laplace<'_> {
    fn uncertainty(
        &self,
        design: &Design,
        row_counts: &[f64],
        blocks: &[TermBlock],
        rank: usize,
    ) -> Option<EffectUncertainty> {
        let customers: f64 = row_counts.iter().sum();
        let counts = slot_sums(design, row_counts);
        let root = self.information.coupling().llt(Side::Lower).ok()?.L().to_owned();
        let moment = root.transpose() * self.second_moment(row_counts, customers.max(1.0)) * &root;
        let size = root.nrows();
        let factor_count = rank.min(size);
        let basis = basis(&moment, &self.hypothesis_directions(blocks, &root, factor_count / 2), factor_count)?;
        let projection = &root * basis;
        let mut found = EffectUncertainty { rank, variances: Vec::new(), factors: Vec::new() };
        let mut average = AverageCustomer { own_variance: 0.0, shared_root: vec![0.0; size], factors: vec![0.0; rank] };
        let offsets = design.offsets();
        for (term, block) in blocks.iter().enumerate() {
            let adds_up = matches!(design.terms[term].codes, TermSlots::Many { .. });
            let share = if adds_up { 0.0 } else { 1.0 / customers.max(1.0) };
            let mean: Vec<f64> = counts[offsets[term]..offsets[term + 1]].iter().map(|count| count * share).collect();
            let mean = block.gather(&mean);
            let factors = self.information.project(term, &projection);
            self.add_term(term, block, &mean, &factors, &mut found);
            self.add_average(term, &mean, &factors, &root, &mut average);
        }
        let shared: f64 = average.shared_root.iter().map(|part| part * part).sum();
        let average_variance: f64 = average.factors.iter().map(|factor| factor * factor).sum();
        *found.variances.first_mut()? = (average.own_variance + shared - average_variance).max(0.0);
        found.factors.get_mut(..rank)?.copy_from_slice(&average.factors);
        Some(found)
    }

    /// Directions along which single hypotheses are uncertain, orthonormal, at most `max_count`.
    ///
    /// A hypothesis and its attribute's own slots are nearly collinear: their sum is known far better than each.
    /// Retaining everything that a hypothesis shares with others along these directions makes the variance of such sums
    /// accurate.
    fn hypothesis_directions(&self, blocks: &[TermBlock], root: &Mat<f64>, max_count: usize) -> Vec<Vec<f64>> {
        let mut hypothesis_rows: Vec<Vec<f64>> = Vec::new();
        let terms = blocks.iter().enumerate().skip(1).filter(|(_, block)| !block.priors.is_empty());
        for shared in terms.map(|(term, _)| self.information.project(term, root)) {
            let row = |i: usize| (0..shared.ncols()).map(|j| shared[(i, j)]).collect();
            hypothesis_rows.extend((0..shared.nrows()).map(row));
        }
        hypothesis_rows.sort_by(|a, b| dot(b, b).total_cmp(&dot(a, a)));
        let mut units: Vec<Vec<f64>> = Vec::new();
        for mut direction in hypothesis_rows.into_iter().take(max_count) {
            for unit in &units {
                let along = dot(&direction, unit);
                direction.iter_mut().zip(unit).for_each(|(part, unit)| *part -= along * unit);
            }
            let length = dot(&direction, &direction).sqrt();
            if length > MIN_DIRECTION_LENGTH {
                units.push(direction.iter().map(|part| part / length).collect());
            }
        }
        units
    }

    /// Adds the slots of a term, each relative to the term's mean.
    fn add_term(
        &self,
        term: usize,
        block: &TermBlock,
        mean: &[f64],
        factors: &Mat<f64>,
        found: &mut EffectUncertainty,
    ) {
        let with_mean = self.information.times_covariance(term, mean);
        let of_mean: f64 = dot(mean, &with_mean);
        let mean_factors: Vec<f64> = (0..factors.ncols()).map(|f| column_dot(factors, f, mean)).collect();
        for (first, own) in &block.slots {
            let parameters = [Some(*first), *own];
            let mut slot = vec![0.0; found.rank];
            mean_factors.iter().enumerate().for_each(|(f, mean)| slot[f] = -mean);
            let mut variance = of_mean;
            for i in parameters.into_iter().flatten() {
                mean_factors.iter().enumerate().for_each(|(f, _)| slot[f] += factors[(i, f)]);
                variance -= 2.0 * with_mean[i];
                variance +=
                    parameters.into_iter().flatten().map(|j| self.information.covariance(term, i, j)).sum::<f64>();
            }
            found.variances.push((variance - dot(&slot, &slot)).max(0.0));
            found.factors.extend(slot);
        }
    }

    fn add_average(
        &self,
        term: usize,
        mean: &[f64],
        factors: &Mat<f64>,
        root: &Mat<f64>,
        average: &mut AverageCustomer,
    ) {
        let shared = self.information.project(term, root);
        let shared: Vec<f64> = (0..shared.ncols()).map(|column| column_dot(&shared, column, mean)).collect();
        average.own_variance +=
            (dot(mean, &self.information.times_covariance(term, mean)) - dot(&shared, &shared)).max(0.0);
        average.shared_root.iter_mut().zip(shared).for_each(|(sum, part)| *sum += part);
        (0..factors.ncols()).for_each(|f| average.factors[f] += column_dot(factors, f, mean));
    }

    /// The mean of g gᵀ over the customers, where g counts the groups that a customer is in.
    fn second_moment(&self, row_counts: &[f64], total: f64) -> Mat<f64> {
        let starts = self.information.starts();
        let mut moment = Mat::<f64>::zeros(starts[self.groups.len()], starts[self.groups.len()]);
        for (a, b, table) in self.coarse.cross_tables(row_counts) {
            for (index, weight) in table.iter().enumerate() {
                let (i, j) = (starts[a] + index / self.groups[b].count, starts[b] + index % self.groups[b].count);
                moment[(i, j)] += weight / total;
                if a != b {
                    moment[(j, i)] += weight / total;
                }
            }
        }
        for (term, sums) in self.coarse.sums(row_counts).into_iter().enumerate() {
            for (group, weight) in sums.into_iter().enumerate() {
                let i = starts[term] + group;
                // A list's own table already includes its diagonal.
                if moment[(i, i)] == 0.0 {
                    moment[(i, i)] = weight / total;
                }
            }
        }
        moment
    }
}

/// `factor_count` orthonormal columns: the first directions, then those in which the customers vary most besides.
fn basis(moment: &Mat<f64>, first: &[Vec<f64>], factor_count: usize) -> Option<Mat<f64>> {
    let size = moment.nrows();
    let start = Mat::from_fn(size, first.len(), |i, j| first[j][i]);
    let outer = &start * start.transpose();
    let others = Mat::from_fn(size, size, |i, j| if i == j { 1.0 } else { 0.0 }) - &outer;
    // The given directions get negative eigenvalues, so that they are not found again.
    let besides = if first.is_empty() { moment.clone() } else { &others * moment * &others - outer };
    let directions = SelfAdjointEigen::new(besides.as_ref(), Side::Lower).ok()?;
    // Eigenvalues ascend.
    let column = |i: usize, j: usize| directions.U()[(i, size - 1 - (j - first.len()))];
    Some(Mat::from_fn(size, factor_count, |i, j| if j < first.len() { start[(i, j)] } else { column(i, j) }))
}

fn column_dot(matrix: &Mat<f64>, column: usize, weights: &[f64]) -> f64 {
    weights.iter().enumerate().map(|(row, weight)| weight * matrix[(row, column)]).sum()
}

#[cfg(test)]
mod tests;
