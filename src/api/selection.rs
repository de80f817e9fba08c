//! Scores a batch with one version, and keeps what was asked for.

use tokio_util::sync::CancellationToken;

use super::convert::batch::Batch;
use super::convert::fit::{fit_score, reason};
use super::convert::plan::Plan;
use crate::domain::Account;
use crate::generated::v1;
use crate::model::{Explained, Scorer};

/// Between so many accounts it is looked whether the caller is still there.
const BLOCK: usize = 64;

/// The fits of a batch that pass the filter.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// How many passed.
    pub(super) passed: usize,
    /// All of them in the order of the request, or the best of them, best first.
    pub(super) scores: Vec<v1::FitScore>,
}

/// Scores a batch. Stops early when nobody waits any more.
pub(super) fn select(scorer: &Scorer, plan: &Plan, batch: &Batch, given_up: &CancellationToken) -> Selection {
    let mut kept = Vec::with_capacity(batch.accounts.len());
    for block in batch.accounts.chunks(BLOCK) {
        if given_up.is_cancelled() {
            break;
        }
        kept.extend(block.iter().filter_map(|account| score(scorer, plan, account)));
    }
    let passed = kept.len();
    if let Some(top) = plan.top {
        // Stable: accounts with equal scores stay in the order of the request.
        kept.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds));
        kept.truncate(top);
    }
    Selection { passed, scores: kept }
}

fn score(scorer: &Scorer, plan: &Plan, account: &Account) -> Option<v1::FitScore> {
    if !plan.filter.admits(account) {
        return None;
    }
    let Some(reasons) = plan.reasons else {
        let fit = scorer.score(account);
        return plan.filter.passes(&fit).then(|| fit_score(&account.id, fit));
    };
    let Explained { fit, mut contributions } = scorer.explain(account);
    if !plan.filter.passes(&fit) {
        return None;
    }
    // Stable: of equal reasons the one earlier in the model comes first.
    contributions.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    contributions.truncate(reasons);
    Some(v1::FitScore { reasons: contributions.into_iter().map(reason).collect(), ..fit_score(&account.id, fit) })
}

/// The fits of a batch with every reason, in the order of the model.
pub(super) fn explanations(scorer: &Scorer, batch: &Batch, given_up: &CancellationToken) -> Vec<v1::FitScore> {
    let explain = |account: &Account| {
        let Explained { fit, contributions } = scorer.explain(account);
        v1::FitScore { reasons: contributions.into_iter().map(reason).collect(), ..fit_score(&account.id, fit) }
    };
    batch.accounts.iter().take_while(|_| !given_up.is_cancelled()).map(explain).collect()
}
