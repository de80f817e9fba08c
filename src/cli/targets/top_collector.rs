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
use crate::cli::scoring::{AccountBatch, BatchIo, BatchLimits, BatchReader};

/// The maximum number of accounts that one request ranks.
pub(crate) const MAX_RANKED: usize = 10_000;

/// Collects the best accounts while a list is scored.
pub(crate) struct TopCollector {
    batches: BatchReader,
    order: Order,
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

/// A scored list.
pub(super) struct CollectedList {
    /// The best accounts, best first.
    pub(super) accounts: Vec<(Account, ListRow)>,
    /// The totals of the whole list.
    pub(super) totals: ListTotalsBuilder,
    /// The rejected rows.
    pub(super) rejects: RejectList,
    /// The list, unless it is still being read.
    pub(super) list: Option<ProspectList>,
}

impl TopCollector {
    /// Starts to read a list for a model with this number of attributes, to rank it in this order; `totals` counts the
    /// accounts.
    ///
    /// # Errors
    /// Returns an error if the thread that reads cannot be started.
    pub(super) fn new(
        list: ProspectList,
        attributes: usize,
        (order, totals): (Order, ListTotalsBuilder),
        rejects: RejectList,
    ) -> Result<Self, CliError> {
        let batches = BatchReader::start(list, BatchLimits { parts_per_account: attributes })?;
        Ok(Self { batches, order, rejects, ranked: Vec::new(), budget: KeptBytesBudget::default(), totals })
    }

    /// Returns the best accounts, best first, each under a unique id: its id in the file, or one derived from it if
    /// that is a duplicate or too long; with each, its row in the list.
    pub(super) fn finish(mut self) -> CollectedList {
        self.prune();
        let mut seen = BTreeSet::new();
        let named = self.ranked.into_iter().map(|RankedProspect { row, id, kept_cells: kept, account, .. }| {
            let usable = (1..=128).contains(&id.len()) && seen.insert(id.clone());
            let account_id = if usable { id.clone() } else { format!("row-{row}") };
            let account_id = if usable || seen.insert(account_id.clone()) { account_id } else { format!("row-{row}#") };
            (Account { account_id, ..account }, ListRow { id, kept_cells: kept })
        });
        CollectedList {
            accounts: named.collect(),
            totals: self.totals,
            rejects: self.rejects,
            list: self.batches.into_list(),
        }
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

impl BatchIo for TopCollector {
    async fn next_batch(&mut self) -> Result<Option<AccountBatch>, CliError> {
        self.batches.next(&mut self.rejects).await
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
