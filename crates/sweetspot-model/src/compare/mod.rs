//! The comparison of two versions: the champion, which is in use, and the challenger, which may replace it.
//!
//! Both are evaluated on rows that neither was trained on. The prediction for a row is the one made out of fold or, for
//! a row that the champion has never seen, its current score.

mod attributes;
mod rows_unseen_by_champion;
mod tier_moves;

use std::collections::BTreeMap;

pub use attributes::{AttributeDifference, attribute_differences};
pub use rows_unseen_by_champion::{UnseenRows, score_unseen_rows};
use sweetspot_core::SamplingWeights;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
pub use tier_moves::{Accounts, ContributionChange, RescoredAccount, ScorerPair, TierMoves, VersionScore};

use super::ModelArtifact;
use super::evaluate::{FoldPredictions, MetricDifference, auc_difference, log_loss_difference, log_loss_with_error};
use super::evaluated_sample::{EvaluatedRow, EvaluatedSample};

/// The minimum number of rows of either label for a comparison row by row.
pub const MIN_ROWS_PER_LABEL: usize = 20;

/// The rows that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonBasis {
    /// The same rows: the interval is that of a paired difference.
    SameRows,
    /// Each version's own evaluation, because too few rows are in both: the interval is that of independent estimates.
    SeparateRows,
}

/// The metrics of two versions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// The rows that are compared.
    pub basis: ComparisonBasis,
    /// The number of rows; for separate rows, those of the challenger.
    pub rows: u64,
    /// The number of ideal rows among them, by the challenger's labels.
    pub positives: u64,
    /// The number of these rows that the champion has never seen, and scores now.
    pub unseen_rows: u64,
    /// The areas under the ROC curve.
    pub auc: MetricDifference,
    /// The mean negative log-likelihoods, in nats. Rows are weighted by the challenger's base rate, or, if rows are
    /// separate, by that of their own version. `None` if rows are separate and an earlier release evaluated one of the
    /// versions.
    pub log_loss: Option<MetricDifference>,
}

/// Compares two versions. `unseen` contains the champion's log-odds for rows that it has never seen, by the hash of the
/// account's id. Returns `None` if one of the versions was not evaluated.
#[must_use]
pub fn compare(champion: &ModelArtifact, challenger: &ModelArtifact, unseen: &UnseenRows) -> Option<Comparison> {
    let samples = champion.evaluated_sample().zip(challenger.evaluated_sample());
    let [of_champion, of_challenger] = [champion, challenger].map(|model| model.label_card().row_weights());
    let same = samples.as_ref().map(|(before, since)| SameRows::new(before, since, unseen));
    if let Some(same) = same.filter(SameRows::has_enough_rows) {
        return Some(same.comparison(of_challenger));
    }
    let (before, since) = (champion.evaluation(), challenger.evaluation());
    if before.rows == 0 || since.rows == 0 {
        return None;
    }
    let area = |auc: f64, low: f64, high: f64| (auc, (high - low) / (2.0 * NINETY_FIVE_PERCENT));
    let auc = MetricDifference::from_independent(
        area(before.auc, before.auc_low, before.auc_high),
        area(since.auc, since.auc_low, since.auc_high),
    );
    let log_loss = samples.map(|(before, since)| {
        MetricDifference::from_independent(before.log_loss(of_champion), since.log_loss(of_challenger))
    });
    Some(Comparison {
        basis: ComparisonBasis::SeparateRows,
        rows: since.rows,
        positives: since.positives,
        unseen_rows: 0,
        auc,
        log_loss,
    })
}

/// Rows for which both versions have predictions without having been trained on them.
#[derive(Debug, Default)]
struct SameRows {
    labels: Vec<f64>,
    champion: FoldPredictions,
    challenger: FoldPredictions,
    groups: Vec<u32>,
    unseen: u64,
}

/// The fold number of rows that the champion has never seen, and scores now.
const UNSEEN_FOLD: usize = u8::MAX as usize + 1;

impl SameRows {
    fn new(champion: &EvaluatedSample, challenger: &EvaluatedSample, unseen: &UnseenRows) -> Self {
        let fold = |row: &EvaluatedRow| (row.log_odds, usize::from(row.fold));
        let folds: BTreeMap<u64, _> = champion.rows().iter().map(|row| (row.account, fold(row))).collect();
        let mut same = Self::default();
        for row in challenger.rows() {
            let out_of_fold = folds.get(&row.account).copied();
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

    fn ideal_count(&self) -> usize {
        self.labels.iter().filter(|label| **label > 0.5).count()
    }

    fn has_enough_rows(&self) -> bool {
        let ideal = self.ideal_count();
        ideal.min(self.labels.len() - ideal) >= MIN_ROWS_PER_LABEL
    }

    fn comparison(&self, weights: SamplingWeights) -> Comparison {
        let Self { labels, champion, challenger, groups, unseen } = self;
        Comparison {
            basis: ComparisonBasis::SameRows,
            rows: labels.len() as u64,
            positives: self.ideal_count() as u64,
            unseen_rows: *unseen,
            auc: auc_difference(labels, champion, challenger, groups),
            log_loss: Some(log_loss_difference(labels, &champion.log_odds, &challenger.log_odds, groups, weights)),
        }
    }
}

impl EvaluatedSample {
    /// The mean negative log-likelihood, in nats, of rows with these weights, and its standard error.
    fn log_loss(&self, weights: SamplingWeights) -> (f64, f64) {
        let rows = self.rows().iter();
        let (labels, rest): (Vec<f64>, Vec<(f64, u32)>) =
            rows.map(|row| (f64::from(u8::from(row.ideal)), (row.log_odds, row.group))).unzip();
        let (log_odds, groups): (Vec<f64>, Vec<u32>) = rest.into_iter().unzip();
        log_loss_with_error(&labels, &log_odds, &groups, weights)
    }
}
