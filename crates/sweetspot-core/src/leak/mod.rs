//! Finds leaks: attributes that are known only after the outcome, and so cannot be used for an account whose outcome is
//! open.
//!
//! The decision depends on evidence; a suspicious name only adds to it. Patterns that legitimate attributes never have
//! are refused, and those that few have are flagged. `docs/MODEL.md` explains the thresholds.

mod discriminative_power;
mod name_words;
mod one_sided_values;
mod tally;

use self::discriminative_power::DiscriminativePower;
pub use self::name_words::{deal_date_word, late_word, name_words, outcome_word};
use self::one_sided_values::{LabelSide, dominant_label, fill_counts, one_sided_values};
use self::tally::{FOLDS, LabelCounts, LabelTally, LabeledRow, tallies};
use super::{Column, ColumnData, OutcomeStatus, percent};

/// An attribute with at least this shrunken AUC alone is refused, which takes 36 customers of each label even for a
/// perfect one.
const PERFECT_AUC: f64 = 0.95;
/// An attribute with at least this AUC alone is flagged if its shrunken AUC is at least [`STRONG_SHRUNKEN_AUC`]. It is
/// refused if its shrunken AUC reaches this value and its name indicates late data.
const STRONG_AUC: f64 = 0.9;
const STRONG_SHRUNKEN_AUC: f64 = 0.85;
/// An attribute is flagged if customers with one-sided values are at least this share of a label; refused if its name
/// indicates late data.
const ONE_SIDED_SHARE: f64 = 1.0 / 3.0;
/// An attribute is flagged if the shrunken shares of filled cells differ by at least this between labels.
const MIN_FILL_DIFFERENCE: f64 = 0.4;
/// An attribute whose name indicates late data is flagged if its AUC alone, minus two standard errors, is at least
/// this.
const MIN_AUC_OF_SUSPICIOUS_NAME: f64 = 0.55;

/// The severity of a leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeakSeverity {
    /// Possibly legitimate: kept, with a warning.
    Flagged,
    /// Excluded unless it is explicitly allowed.
    Refused,
}

/// The evidence that an attribute is known only after the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The severity.
    pub severity: LeakSeverity,
    /// The evidence, as a clause with its figures.
    pub reason: String,
}

/// Labeled customers, prepared to test attributes for leaks.
#[derive(Debug)]
pub struct LeakDetector {
    cases: Vec<LabeledRow>,
    totals: LabelCounts,
    /// The status of each row, in the order of the rows; empty if no status is known.
    statuses: Vec<Option<OutcomeStatus>>,
}

impl LeakDetector {
    /// Creates a detector from labeled rows; a label above one half is ideal. The fold of a row depends on its index
    /// only.
    #[must_use]
    pub fn new(rows: &[usize], labels: &[f64]) -> Self {
        Self::with_groups(rows, labels, &[])
    }

    /// As [`Self::new`], with all rows of a group in the same fold. `groups` has one entry per row.
    #[must_use]
    pub fn with_groups(rows: &[usize], labels: &[f64], groups: &[Option<usize>]) -> Self {
        let unit = |place: usize| groups.get(place).copied().flatten().map_or(place, |group| rows.len() + group);
        let case = |(place, (row, label)): (usize, (&usize, &f64))| LabeledRow {
            row: *row,
            index: place,
            ideal: *label > 0.5,
            fold: fold_index(unit(place) as u64),
            count: 1,
        };
        Self::from_cases(rows.iter().zip(labels).enumerate().map(case).collect())
    }

    /// As [`Self::new`], with the number of customers that each row stands for. The result is that of rows which are
    /// repeated this number of times.
    #[must_use]
    pub fn with_counts(rows: &[usize], labels: &[f64], counts: impl Iterator<Item = u64>) -> Self {
        let (mut cases, mut place) = (Vec::with_capacity(rows.len()), 0);
        for (index, ((row, label), count)) in rows.iter().zip(labels).zip(counts).enumerate() {
            let mut by_fold = [0_u64; FOLDS];
            for _ in 0..count {
                by_fold.get_mut(usize::from(fold_index(place))).into_iter().for_each(|count| *count += 1);
                place += 1;
            }
            let case = |(fold, count): (u8, u64)| LabeledRow { row: *row, index, ideal: *label > 0.5, fold, count };
            cases.extend((0..).zip(by_fold).filter(|(_, count)| *count > 0).map(case));
        }
        Self::from_cases(cases)
    }

    fn from_cases(cases: Vec<LabeledRow>) -> Self {
        let mut totals = LabelCounts::default();
        for case in &cases {
            totals.add(case.ideal, case.count);
        }
        Self { cases, totals, statuses: Vec::new() }
    }

    /// Returns the detector with the status of each row, one entry per row. With statuses, it also finds attributes
    /// that are filled in for one status only, which need not separate the labels.
    #[must_use]
    pub fn with_statuses(self, statuses: Vec<Option<OutcomeStatus>>) -> Self {
        Self { statuses, ..self }
    }

    /// The strongest evidence that a column is a leak, if any.
    #[must_use]
    pub fn find(&self, column: &Column) -> Option<Leak> {
        if self.totals.ideal == 0 || self.totals.other == 0 {
            return None;
        }
        if let Some(reason) = self.filled_for_status(&column.data) {
            return Some(Leak { severity: LeakSeverity::Refused, reason });
        }
        let tallies = tallies(&column.data, &self.cases);
        let found = tallies.iter().filter_map(|tally| self.assess(column, tally));
        found.reduce(|worst, next| if next.severity > worst.severity { next } else { worst })
    }

    fn assess(&self, column: &Column, tally: &LabelTally) -> Option<Leak> {
        let power = DiscriminativePower::new(tally, self.totals);
        let word = name_words::late_word(&column.name);
        if let Some(reason) = perfect_separation(power).or_else(|| self.filled_for_one_label(tally)) {
            return Some(Leak { severity: LeakSeverity::Refused, reason });
        }
        let decided = self.deciding_values(tally, &column.data);
        let proven = decided.is_some() || power.shrunken_auc >= STRONG_AUC;
        match (strong_separation(power).or(decided), word) {
            (Some(evidence), Some(word)) if proven => Some(Leak {
                severity: LeakSeverity::Refused,
                reason: format!("{evidence}; its name refers to what comes later, too ({word:?})"),
            }),
            (evidence, word) => evidence
                .or_else(|| self.fill_rate_difference(tally))
                .or_else(|| suspicious_name(&word?, power))
                .map(|reason| Leak { severity: LeakSeverity::Flagged, reason }),
        }
    }

    /// Evidence that filled cells nearly all have one label, while other cells are empty.
    fn filled_for_one_label(&self, tally: &LabelTally) -> Option<String> {
        let (filled, missing) = fill_counts(tally);
        let side = dominant_label(filled, self.totals).filter(|_| missing.total() > 0)?;
        let share = match side.exception_count(filled) {
            0 => "all of them".to_owned(),
            exceptions => format!("all but {exceptions}"),
        };
        let (count, side) = (filled.total(), side.as_str());
        Some(format!("it is filled in for {count} customers, {share} {side}, as what is written after the outcome is"))
    }

    /// Evidence that filled cells nearly all have one status, beyond chance, while other cells are empty.
    fn filled_for_status(&self, data: &ColumnData) -> Option<String> {
        let count = |outcome_status: OutcomeStatus| {
            let (mut filled, mut all) = (LabelCounts::default(), LabelCounts::default());
            for case in &self.cases {
                let Some(status) = self.statuses.get(case.index).copied().flatten() else { continue };
                all.add(status == outcome_status, case.count);
                if data.get(case.row).is_some() {
                    filled.add(status == outcome_status, case.count);
                }
            }
            (filled, all)
        };
        let words = [(OutcomeStatus::Won, "won"), (OutcomeStatus::Lost, "lost"), (OutcomeStatus::Churned, "churned")];
        words.into_iter().find_map(|(status, word)| {
            let (filled, all) = count(status);
            let is_partly = filled.total() < all.total();
            dominant_label(filled, all).filter(|side| is_partly && *side == LabelSide::Ideal)?;
            let share = match filled.other {
                0 => "all of them".to_owned(),
                exceptions => format!("all but {exceptions}"),
            };
            Some(format!(
                "it is filled in for {} customers, {share} {word}, as what is written after the outcome is",
                filled.total()
            ))
        })
    }

    /// Evidence of values that nearly determine the label of many customers.
    fn deciding_values(&self, tally: &LabelTally, data: &ColumnData) -> Option<String> {
        let found = one_sided_values(tally, self.totals).filter(|found| found.share >= ONE_SIDED_SHARE)?;
        let (what, side, count) = (found.values.description(data), found.side, found.counts.total());
        let (with_label, share) = (side.count(found.counts), percent(found.share));
        let side = side.as_str();
        Some(format!(
            "where it {what}, {with_label} of {count} customers are {side}; {share} of those who are {side} have such values"
        ))
    }

    /// Evidence that cells are filled far more often for one label.
    fn fill_rate_difference(&self, tally: &LabelTally) -> Option<String> {
        let (filled, _) = fill_counts(tally);
        // Adds one filled and one empty customer to each label, so that a small sample is weak evidence.
        let cautious = |side: LabelSide| (side.count(filled) as f64 + 1.0) / (side.count(self.totals) as f64 + 2.0);
        let share = |side: LabelSide| percent(side.count(filled) as f64 / side.count(self.totals) as f64);
        let differs = (cautious(LabelSide::Ideal) - cautious(LabelSide::Other)).abs() >= MIN_FILL_DIFFERENCE;
        let (ideal, other) = (share(LabelSide::Ideal), share(LabelSide::Other));
        differs.then(|| format!("it is filled in for {ideal} of the ideal customers and {other} of the others"))
    }
}

fn perfect_separation(power: DiscriminativePower) -> Option<String> {
    (power.shrunken_auc >= PERFECT_AUC).then(|| {
        let auc = power.auc;
        format!(
            "alone it separates ideal customers from others almost without error (AUC {auc:.3}), as only the outcome does"
        )
    })
}

fn strong_separation(power: DiscriminativePower) -> Option<String> {
    (power.auc >= STRONG_AUC && power.shrunken_auc >= STRONG_SHRUNKEN_AUC).then(|| {
        let auc = power.auc;
        format!("alone it predicts better than what is known beforehand usually does (AUC {auc:.3})")
    })
}

fn suspicious_name(word: &str, power: DiscriminativePower) -> Option<String> {
    (power.auc_lower_bound >= MIN_AUC_OF_SUSPICIOUS_NAME).then(|| {
        let auc = power.auc;
        format!("its name refers to what comes later ({word:?}), and alone it predicts with AUC {auc:.3}")
    })
}

/// The fold of an index, mixed by splitmix64 because files are often sorted or periodic.
const fn fold_index(place: u64) -> u8 {
    let mut mixed = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) % FOLDS as u64) as u8
}

#[cfg(test)]
mod tests;
