//! Selects the best accounts of a list of any length, with all their attributes, up to the number that one request
//! ranks.

use std::collections::BTreeSet;

use sweetspot_proto::v1::{Account, StreamScoresResponse};

use super::Order;
use super::list_order::RankKey;
use super::list_totals::ListTotalsBuilder;
use crate::cli::copied_columns::KeptBytesBudget;
use crate::cli::exit::CliError;
use crate::cli::prospect_list::ProspectList;
use crate::cli::rejected_rows::{RejectList, RejectedRow};
use crate::cli::scoring::{AccountBatch, BatchIo, BatchLimits};

/// The maximum number of accounts that one request ranks.
pub(crate) const MAX_RANKED: usize = 10_000;

/// Collects the best accounts while a list is scored.
pub(crate) struct TopCollector<'l> {
    list: &'l mut ProspectList,
    limits: BatchLimits,
    order: Order,
    /// The next batch; starts with the prospect that did not fit into the last one.
    pending_batch: AccountBatch,
    rejects: RejectList,
    ranked: Vec<RankedProspect>,
    budget: KeptBytesBudget,
    /// The counts of all scored accounts.
    pub(super) totals: ListTotalsBuilder,
}

/// An account with its rank.
#[derive(Clone, Debug)]
struct RankedProspect {
    rank_key: RankKey,
    row: u64,
    id: String,
    kept_cells: Vec<String>,
    account: Account,
}

/// An account's row in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListRow {
    /// The id in the file.
    pub(crate) id: String,
    /// The cells of the copied columns.
    pub(crate) kept_cells: Vec<String>,
}

impl<'l> TopCollector<'l> {
    /// Creates a collector for a list and a model with this number of attributes, in this order; `totals` counts the
    /// accounts.
    pub(super) fn new(
        list: &'l mut ProspectList,
        attributes: usize,
        (order, totals): (Order, ListTotalsBuilder),
        rejects: RejectList,
    ) -> Self {
        let limits = BatchLimits { parts_per_account: attributes };
        Self {
            list,
            limits,
            order,
            pending_batch: AccountBatch::new(limits),
            rejects,
            ranked: Vec::new(),
            budget: KeptBytesBudget::default(),
            totals,
        }
    }

    /// Returns the best accounts, best first, each under a unique id: its id in the file, or one derived from it if
    /// that is a duplicate or too long; with each, its row in the list. Also returns the totals of the whole list, and
    /// the rejects.
    pub(super) fn finish(mut self) -> (Vec<(Account, ListRow)>, ListTotalsBuilder, RejectList) {
        self.prune();
        let mut seen = BTreeSet::new();
        let named = self.ranked.into_iter().map(|RankedProspect { row, id, kept_cells: kept, account, .. }| {
            let usable = (1..=128).contains(&id.len()) && seen.insert(id.clone());
            let account_id = if usable { id.clone() } else { format!("row-{row}") };
            let account_id = if usable || seen.insert(account_id.clone()) { account_id } else { format!("row-{row}#") };
            (Account { account_id, ..account }, ListRow { id, kept_cells: kept })
        });
        (named.collect(), self.totals, self.rejects)
    }

    fn prune(&mut self) {
        let Self { ranked: kept, order, .. } = self;
        kept.sort_by(|a, b| {
            let first = order.compare(a.rank_key, b.rank_key);
            first.then_with(|| a.id.cmp(&b.id)).then(a.row.cmp(&b.row))
        });
        for dropped in self.ranked.drain(MAX_RANKED.min(self.ranked.len())..) {
            self.budget.remove(&dropped.kept_cells);
        }
    }
}

impl BatchIo for TopCollector<'_> {
    fn next_batch(&mut self) -> Result<Option<AccountBatch>, CliError> {
        while let Some(prospect) = self.list.next()? {
            match prospect {
                Ok(prospect) => {
                    if let Some(full) = self.pending_batch.push(prospect) {
                        return Ok(Some(full));
                    }
                }
                Err(reject) => self.rejects.add((&reject).into())?,
            }
        }
        let last = std::mem::replace(&mut self.pending_batch, AccountBatch::new(self.limits));
        Ok((!last.is_empty()).then_some(last))
    }

    fn handle_scores(&mut self, batch: &AccountBatch, answer: StreamScoresResponse) -> Result<(), CliError> {
        for error in &answer.errors {
            let Some(place) = batch.source_row_at(error.row_index) else { continue };
            let description = format!("{}: {}", error.field, error.description);
            let description = description.trim_start_matches(": ");
            self.rejects.add(RejectedRow { row: place.row, id: &place.id, reason: &error.reason, description })?;
        }
        let accounts = batch.accounts();
        for score in answer.scores {
            let account = score.account_id.parse::<usize>().ok().and_then(|position| accounts.get(position));
            let Some((place, account)) = batch.source_row(&score.account_id).zip(account) else { continue };
            self.totals.add(&score);
            let (row, id, copied_cells, account) =
                (place.row, place.id.clone(), place.kept_cells.clone(), account.clone());
            self.budget.add(&copied_cells);
            self.ranked.push(RankedProspect { rank_key: (&score).into(), row, id, kept_cells: copied_cells, account });
        }
        if self.ranked.len() >= 2 * MAX_RANKED || self.budget.is_over() {
            self.prune();
        }
        self.budget.check()
    }
}
