//! Attributes that give the outcome away: known only after it, and so of no use for an account whose outcome is still open.
//!
//! Evidence decides; a name only adds weight to it. What no honest attribute does is refused, what few do is flagged. The
//! thresholds are explained in `docs/MODEL.md`.

mod one_sided;
mod power;
mod tally;
mod words;

use self::one_sided::{Side, filled, one_sided, side};
use self::power::Power;
use self::tally::{Case, Counts, FOLDS, Tally, tallies};
pub use self::words::{deal_date_word, late_word, outcome_word, words};
use super::{Column, ColumnData, Status, percent};

/// From this AUC alone on, with caution, an attribute is refused: it needs 36 customers of either label even when perfect.
const PERFECT: f64 = 0.95;
/// From this AUC alone on an attribute is flagged, if it is at least [`STRONG_CAUTIOUS`] with caution; with this much
/// caution and a name that speaks of what comes later it is refused.
const STRONG: f64 = 0.9;
const STRONG_CAUTIOUS: f64 = 0.85;
/// An attribute is flagged where one-sided values hold this share of a label's customers; with such a name, refused.
const ONE_SIDED_SHARE: f64 = 1.0 / 3.0;
/// An attribute is flagged where the shares of filled cells differ this much between labels, with caution.
const FILLING: f64 = 0.4;
/// An attribute whose name speaks of what comes later is flagged from this AUC alone on, two standard errors below it.
const NAMED: f64 = 0.55;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeakSeverity {
    /// It may be honest: kept, with a warning.
    Flagged,
    /// It is not used unless it is allowed by name.
    Refused,
}

/// Why an attribute seems to be known only after the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// How bad it is.
    pub severity: LeakSeverity,
    /// The evidence, as a clause with its figures.
    pub reason: String,
}

/// Labelled customers, ready to judge attributes by.
#[derive(Debug)]
pub struct LeakGuard {
    cases: Vec<Case>,
    all: Counts,
    /// What became of each case, where that is known; none where it is known of no case.
    statuses: Vec<Option<Status>>,
}

impl LeakGuard {
    /// Takes the rows with a label: above one half is ideal. Rows of equal place always fall into the same part.
    #[must_use]
    pub fn new(rows: &[usize], labels: &[f64]) -> Self {
        Self::by_groups(rows, labels, &[])
    }

    /// The same; rows of one group, one entry a row, always fall into one part.
    #[must_use]
    pub fn by_groups(rows: &[usize], labels: &[f64], groups: &[Option<usize>]) -> Self {
        let unit = |place: usize| groups.get(place).copied().flatten().map_or(place, |group| rows.len() + group);
        let case = |(place, (row, label)): (usize, (&usize, &f64))| Case {
            row: *row,
            ideal: *label > 0.5,
            fold: fold(unit(place) as u64),
        };
        let cases: Vec<Case> = rows.iter().zip(labels).enumerate().map(case).collect();
        let mut all = Counts::default();
        for case in &cases {
            all.add(case.ideal);
        }
        Self { cases, all, statuses: Vec::new() }
    }

    /// The same with what became of each row, one entry a row: what is written after one of three outcomes need not tell the labels
    /// apart.
    #[must_use]
    pub fn with_statuses(self, statuses: Vec<Option<Status>>) -> Self {
        Self { statuses, ..self }
    }

    /// The strongest evidence that a column gives the outcome away, if there is any.
    #[must_use]
    pub fn find(&self, column: &Column) -> Option<Leak> {
        if self.all.ideal == 0 || self.all.other == 0 {
            return None;
        }
        if let Some(reason) = self.filled_for_status(&column.data) {
            return Some(Leak { severity: LeakSeverity::Refused, reason });
        }
        let tallies = tallies(&column.data, &self.cases);
        let found = tallies.iter().filter_map(|tally| self.judge(column, tally));
        found.reduce(|worst, next| if next.severity > worst.severity { next } else { worst })
    }

    fn judge(&self, column: &Column, tally: &Tally) -> Option<Leak> {
        let power = Power::of(tally, self.all);
        let word = words::late_word(&column.name);
        if let Some(reason) = perfect(power).or_else(|| self.filled_for_one(tally)) {
            return Some(Leak { severity: LeakSeverity::Refused, reason });
        }
        let decided = self.decided(tally, &column.data);
        let proven = decided.is_some() || power.cautious >= STRONG;
        match (strong(power).or(decided), word) {
            (Some(evidence), Some(word)) if proven => Some(Leak {
                severity: LeakSeverity::Refused,
                reason: format!("{evidence}; its name refers to what comes later, too ({word:?})"),
            }),
            (evidence, word) => evidence
                .or_else(|| self.filled_unlike(tally))
                .or_else(|| named(&word?, power))
                .map(|reason| Leak { severity: LeakSeverity::Flagged, reason }),
        }
    }

    /// Filled cells that nearly all go with one label, beside empty ones.
    fn filled_for_one(&self, tally: &Tally) -> Option<String> {
        let (filled, missing) = filled(tally);
        let side = side(filled, self.all).filter(|_| missing.all() > 0)?;
        let who = match side.exceptions(filled) {
            0 => "all of them".to_owned(),
            exceptions => format!("all but {exceptions}"),
        };
        let (count, side) = (filled.all(), side.word());
        Some(format!("it is filled in for {count} customers, {who} {side}, as what is written after the outcome is"))
    }

    /// Filled cells that nearly all go with one status, beside empty ones, where that cannot be chance.
    fn filled_for_status(&self, data: &ColumnData) -> Option<String> {
        let count = |wanted: Status| {
            let (mut filled, mut all) = (Counts::default(), Counts::default());
            for (case, status) in self.cases.iter().zip(&self.statuses) {
                let Some(status) = status else { continue };
                all.add(*status == wanted);
                if data.get(case.row).is_some() {
                    filled.add(*status == wanted);
                }
            }
            (filled, all)
        };
        let words = [(Status::Won, "won"), (Status::Lost, "lost"), (Status::Churned, "churned")];
        words.into_iter().find_map(|(status, word)| {
            let (filled, all) = count(status);
            let is_partly = filled.all() < all.all();
            side(filled, all).filter(|side| is_partly && *side == Side::Ideal)?;
            let who = match filled.other {
                0 => "all of them".to_owned(),
                exceptions => format!("all but {exceptions}"),
            };
            Some(format!(
                "it is filled in for {} customers, {who} {word}, as what is written after the outcome is",
                filled.all()
            ))
        })
    }

    /// Values that all but decide the label of many customers.
    fn decided(&self, tally: &Tally, data: &ColumnData) -> Option<String> {
        let found = one_sided(tally, self.all).filter(|found| found.share >= ONE_SIDED_SHARE)?;
        let (what, side, count) = (found.what.words(data), found.side, found.counts.all());
        let (held, share) = (side.of(found.counts), percent(found.share));
        let side = side.word();
        Some(format!(
            "where it {what}, {held} of {count} customers are {side}; {share} of those who are {side} have such values"
        ))
    }

    /// Cells filled for one label far more often than for the other.
    fn filled_unlike(&self, tally: &Tally) -> Option<String> {
        let (filled, _) = filled(tally);
        // One customer of each label is taken to be filled and one empty, so that a few prove nothing.
        let cautious = |side: Side| (side.of(filled) as f64 + 1.0) / (side.of(self.all) as f64 + 2.0);
        let share = |side: Side| percent(side.of(filled) as f64 / side.of(self.all) as f64);
        let differs = (cautious(Side::Ideal) - cautious(Side::Other)).abs() >= FILLING;
        let (ideal, other) = (share(Side::Ideal), share(Side::Other));
        differs.then(|| format!("it is filled in for {ideal} of the ideal customers and {other} of the others"))
    }
}

fn perfect(power: Power) -> Option<String> {
    (power.cautious >= PERFECT).then(|| {
        let auc = power.auc;
        format!(
            "alone it separates ideal customers from others almost without error (AUC {auc:.3}), as only the outcome does"
        )
    })
}

fn strong(power: Power) -> Option<String> {
    (power.auc >= STRONG && power.cautious >= STRONG_CAUTIOUS).then(|| {
        let auc = power.auc;
        format!("alone it predicts better than what is known beforehand usually does (AUC {auc:.3})")
    })
}

fn named(word: &str, power: Power) -> Option<String> {
    (power.at_least >= NAMED).then(|| {
        let auc = power.auc;
        format!("its name refers to what comes later ({word:?}), and alone it predicts with AUC {auc:.3}")
    })
}

/// The part of the customers that a place belongs to: mixed (splitmix64), for files are often sorted or periodic.
const fn fold(place: u64) -> u8 {
    let mut mixed = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) % FOLDS as u64) as u8
}

#[cfg(test)]
mod tests;
