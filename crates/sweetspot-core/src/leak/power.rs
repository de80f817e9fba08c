//! How well one attribute tells ideal customers from the others, all by itself.

use super::tally::{Cell, Counts, FOLDS, Tally};

/// Customers of the average that every cell is mixed with before cells are ranked.
const PRIOR: f64 = 5.0;
/// Customers of the rarer label that are taken to be undecided, so that few customers prove little: the idea of
/// Agresti and Coull 1998, American Statistician 52:119.
const UNDECIDED: f64 = 4.0;

/// What an attribute achieves alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Power {
    /// Probability that an ideal customer ranks before another one; 0.5 says nothing, 1 is perfect.
    pub(super) auc: f64,
    /// The same, drawn towards 0.5 where there are few customers of either label.
    pub(super) cautious: f64,
    /// Two standard errors below that (Hanley and McNeil 1982, Radiology 143:29).
    pub(super) at_least: f64,
}

impl Power {
    /// Judges cells on customers that did not rank them, and an order as it is, in whichever direction.
    pub(super) fn of(tally: &Tally, all: Counts) -> Self {
        let auc = out_of_fold(&tally.cells, all).max(by_order(&tally.ascending, all)).clamp(0.0, 1.0);
        let (ideal, other) = (all.ideal as f64, all.other as f64);
        let fewer = ideal.min(other);
        let cautious = (auc * fewer + UNDECIDED / 2.0) / (fewer + UNDECIDED);
        let (q1, q2) = (cautious / (2.0 - cautious), 2.0 * cautious * cautious / (1.0 + cautious));
        let square = cautious * cautious;
        let spread = cautious - square + (ideal - 1.0) * (q1 - square) + (other - 1.0) * (q2 - square);
        let error = (spread.max(0.0) / (ideal * other).max(1.0)).sqrt();
        Self { auc, cautious, at_least: cautious - 2.0 * error }
    }
}

/// Cells are ranked by four parts of the customers and judged by the fifth, each in turn.
fn out_of_fold(cells: &[Cell], all: Counts) -> f64 {
    let base = all.ideal as f64 / (all.all() as f64).max(1.0);
    let (mut won, mut pairs) = (0.0, 0.0);
    for fold in 0..FOLDS {
        let mut ranked: Vec<(f64, Counts)> = cells
            .iter()
            .map(|cell| {
                let judged = cell.folds.get(fold).copied().unwrap_or_default();
                let known = cell.total().less(judged);
                ((known.ideal as f64 + PRIOR * base) / (known.all() as f64 + PRIOR), judged)
            })
            .collect();
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        let equals = ranked.chunk_by(|one, other| one.0 == other.0);
        let groups = equals.map(|group| group.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts)));
        let part = ranked.iter().fold(Counts::default(), |sum, (_, counts)| sum.plus(*counts));
        won += pairs_won(groups);
        pairs += part.ideal as f64 * part.other as f64;
    }
    if pairs > 0.0 { won / pairs } else { 0.5 }
}

/// The attribute's own order; customers without a value win half of their pairs.
fn by_order(ascending: &[Counts], all: Counts) -> f64 {
    let present = ascending.iter().copied().fold(Counts::default(), Counts::plus);
    let pairs = all.ideal as f64 * all.other as f64;
    if pairs == 0.0 {
        return 0.5;
    }
    let without = pairs - present.ideal as f64 * present.other as f64;
    let auc = (pairs_won(ascending.iter().copied()) + without / 2.0) / pairs;
    auc.max(1.0 - auc)
}

/// Pairs of an ideal and another customer in which the ideal one is in a later group; within one group, half.
fn pairs_won(groups: impl Iterator<Item = Counts>) -> f64 {
    let (mut won, mut below) = (0.0, 0.0);
    for counts in groups {
        won += counts.ideal as f64 * (below + counts.other as f64 / 2.0);
        below += counts.other as f64;
    }
    won
}
