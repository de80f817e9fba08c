//! Two versions against each other: the champion, which is there, and the challenger, which may take its place.
//!
//! Both are judged on rows that neither has learned from: a row's prediction is the one that was made out of fold, or, of a row
//! that the champion has never seen, what it scores today.

mod accounts;
mod attributes;
mod sample;
mod unseen;

use std::collections::BTreeMap;

pub use accounts::{Accounts, ContributionChange, Mover, ScorerPair, Standing, TierMoves};
pub use attributes::{AttributeDifference, attribute_differences};
pub use sample::{JudgedRow, JudgedSample};
use sweetspot_core::RowWeights;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;
pub use unseen::{UnseenRows, score_unseen_rows};

use super::ModelArtifact;
use super::evaluate::{Difference, Predictions, auc_difference, log_loss_difference, log_loss_with_error};

/// Fewest rows of either label that are compared row by row.
pub const MIN_ROWS_OF_A_LABEL: usize = 20;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The same rows, one by one: the interval is that of a paired difference.
    SameRows,
    /// Each version's own evaluation, because too few rows are in both: the interval is that of independent figures.
    SeparateRows,
}

/// Two versions' figures beside each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// What is compared.
    pub basis: Basis,
    /// Rows compared; of separate rows those of the challenger.
    pub rows: u64,
    /// Ideal ones among them, by the challenger's labels.
    pub positives: u64,
    /// Those of them that the champion has never seen and scores today.
    pub unseen: u64,
    /// Areas under the ROC curve.
    pub auc: Difference,
    /// Mean negative log-likelihoods, in nats, rows weighted by the base rate of the challenger, and separate rows by that of their own
    /// version; nothing where an earlier release judged one of the versions and rows are separate.
    pub log_loss: Option<Difference>,
}

/// Compares two versions. `unseen` holds the champion's log-odds, by the hash of an account's id, of rows that it has never seen.
/// Nothing where one of them was not judged at all.
#[must_use]
pub fn compare(champion: &ModelArtifact, challenger: &ModelArtifact, unseen: &UnseenRows) -> Option<Comparison> {
    let samples = champion.judged_sample().zip(challenger.judged_sample());
    let [of_champion, of_challenger] = [champion, challenger].map(|model| model.label_card().row_weights());
    let same = samples.as_ref().map(|(before, since)| SameRows::new(before, since, unseen));
    if let Some(same) = same.filter(SameRows::is_enough) {
        return Some(same.comparison(of_challenger));
    }
    let (before, since) = (champion.evaluation(), challenger.evaluation());
    if before.rows == 0 || since.rows == 0 {
        return None;
    }
    let area = |auc: f64, low: f64, high: f64| (auc, (high - low) / (2.0 * NINETY_FIVE_PERCENT));
    let auc = Difference::from_independent(
        area(before.auc, before.auc_low, before.auc_high),
        area(since.auc, since.auc_low, since.auc_high),
    );
    let log_loss = samples.map(|(before, since)| {
        Difference::from_independent(before.log_loss(of_champion), since.log_loss(of_challenger))
    });
    Some(Comparison {
        basis: Basis::SeparateRows,
        rows: since.rows,
        positives: since.positives,
        unseen: 0,
        auc,
        log_loss,
    })
}

/// Rows that both versions predict without having learned from them.
#[derive(Debug, Default)]
struct SameRows {
    labels: Vec<f64>,
    champion: Predictions,
    challenger: Predictions,
    groups: Vec<u32>,
    unseen: u64,
}

/// The fold of rows that the champion has never seen and scores today.
const UNSEEN_FOLD: usize = u8::MAX as usize + 1;

impl SameRows {
    fn new(champion: &JudgedSample, challenger: &JudgedSample, unseen: &UnseenRows) -> Self {
        let fold = |row: &JudgedRow| (row.log_odds, usize::from(row.fold));
        let judged: BTreeMap<u64, _> = champion.rows().iter().map(|row| (row.account, fold(row))).collect();
        let mut same = Self::default();
        for row in challenger.rows() {
            let out_of_fold = judged.get(&row.account).copied();
            let scored_today = || Some((*unseen.get(&row.account)?, UNSEEN_FOLD));
            let Some((log_odds, fold)) = out_of_fold.or_else(scored_today) else { continue };
            same.unseen += u64::from(out_of_fold.is_none());
            same.labels.push(f64::from(u8::from(row.ideal)));
            same.champion.push(log_odds, fold);
            same.challenger.push(row.log_odds, row.fold.into());
            same.groups.push(row.group);
        }
        same
    }

    fn ideal(&self) -> usize {
        self.labels.iter().filter(|label| **label > 0.5).count()
    }

    fn is_enough(&self) -> bool {
        let ideal = self.ideal();
        ideal.min(self.labels.len() - ideal) >= MIN_ROWS_OF_A_LABEL
    }

    fn comparison(&self, weights: RowWeights) -> Comparison {
        let Self { labels, champion, challenger, groups, unseen } = self;
        Comparison {
            basis: Basis::SameRows,
            rows: labels.len() as u64,
            positives: self.ideal() as u64,
            unseen: *unseen,
            auc: auc_difference(labels, champion, challenger, groups),
            log_loss: Some(log_loss_difference(labels, &champion.log_odds, &challenger.log_odds, groups, weights)),
        }
    }
}

impl JudgedSample {
    /// The mean negative log-likelihood, in nats, of rows with these weights, and its standard error.
    fn log_loss(&self, weights: RowWeights) -> (f64, f64) {
        let rows = self.rows().iter();
        let (labels, rest): (Vec<f64>, Vec<(f64, u32)>) =
            rows.map(|row| (f64::from(u8::from(row.ideal)), (row.log_odds, row.group))).unzip();
        let (log_odds, groups): (Vec<f64>, Vec<u32>) = rest.into_iter().unzip();
        log_loss_with_error(&labels, &log_odds, &groups, weights)
    }
}
