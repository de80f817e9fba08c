//! How well one attribute alone separates ideal customers from others.

use super::tally::{FOLDS, LabelCounts, LabelTally, TallyCell};

/// The number of average customers that is added to each cell before cells are ranked.
const PRIOR_CUSTOMERS: f64 = 5.0;
/// The number of customers of the rarer label that count as undecided, so that a small sample is weak evidence: the
/// idea of Agresti and Coull 1998, American Statistician 52:119.
const UNDECIDED_CUSTOMERS: f64 = 4.0;

/// The discriminative power of one attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DiscriminativePower {
    /// The probability that an ideal customer ranks above another one; 0.5 is chance, 1 is perfect.
    pub(super) auc: f64,
    /// The AUC, shrunk toward 0.5 if there are few customers of either label.
    pub(super) shrunken_auc: f64,
    /// Two standard errors below the shrunken AUC (Hanley and McNeil 1982, Radiology 143:29).
    pub(super) auc_lower_bound: f64,
}

impl DiscriminativePower {
    /// The better of two AUCs: of cells, ranked by other customers, and of the attribute's own order, in either
    /// direction.
    pub(super) fn new(tally: &LabelTally, all: LabelCounts) -> Self {
        let auc = out_of_fold_auc(&tally.cells, all).max(ordered_auc(&tally.ascending, all)).clamp(0.0, 1.0);
        let (ideal, other) = (all.ideal as f64, all.other as f64);
        let fewer = ideal.min(other);
        let cautious = (auc * fewer + UNDECIDED_CUSTOMERS / 2.0) / (fewer + UNDECIDED_CUSTOMERS);
        let (q1, q2) = (cautious / (2.0 - cautious), 2.0 * cautious * cautious / (1.0 + cautious));
        let square = cautious * cautious;
        let spread = cautious - square + (ideal - 1.0) * (q1 - square) + (other - 1.0) * (q2 - square);
        let error = (spread.max(0.0) / (ideal * other).max(1.0)).sqrt();
        Self { auc, shrunken_auc: cautious, auc_lower_bound: cautious - 2.0 * error }
    }
}

/// The AUC of cells that are ranked by four folds of the customers and evaluated on the fifth, for each fold.
fn out_of_fold_auc(cells: &[TallyCell], all: LabelCounts) -> f64 {
    let base = all.ideal as f64 / (all.total() as f64).max(1.0);
    let (mut won, mut pairs) = (0.0, 0.0);
    for fold in 0..FOLDS {
        let mut ranked: Vec<(f64, LabelCounts)> = cells
            .iter()
            .map(|cell| {
                let fold_counts = cell.folds.get(fold).copied().unwrap_or_default();
                let known = cell.total().minus(fold_counts);
                ((known.ideal as f64 + PRIOR_CUSTOMERS * base) / (known.total() as f64 + PRIOR_CUSTOMERS), fold_counts)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let equals = ranked.chunk_by(|a, b| a.0 == b.0);
        let groups =
            equals.map(|group| group.iter().fold(LabelCounts::default(), |sum, (_, counts)| sum.plus(*counts)));
        let part = ranked.iter().fold(LabelCounts::default(), |sum, (_, counts)| sum.plus(*counts));
        won += count_pairs_won(groups);
        pairs += part.ideal as f64 * part.other as f64;
    }
    if pairs > 0.0 { won / pairs } else { 0.5 }
}

/// The AUC of the attribute's own order; customers without a value win half of their pairs.
fn ordered_auc(ascending: &[LabelCounts], all: LabelCounts) -> f64 {
    let present = ascending.iter().copied().fold(LabelCounts::default(), LabelCounts::plus);
    let pairs = all.ideal as f64 * all.other as f64;
    if pairs == 0.0 {
        return 0.5;
    }
    let without = pairs - present.ideal as f64 * present.other as f64;
    let auc = (count_pairs_won(ascending.iter().copied()) + without / 2.0) / pairs;
    auc.max(1.0 - auc)
}

/// Counts the pairs of an ideal and another customer in which the ideal one is in a later group; pairs within one group
/// count half.
fn count_pairs_won(groups: impl Iterator<Item = LabelCounts>) -> f64 {
    let (mut won, mut below) = (0.0, 0.0);
    for counts in groups {
        won += counts.ideal as f64 * (below + counts.other as f64 / 2.0);
        below += counts.other as f64;
    }
    won
}
