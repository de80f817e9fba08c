//! The best accounts of a list of any length, with all that is known of them: no more than one request ranks.

use std::collections::BTreeSet;

use sweetspot_proto::v1::{Account, StreamScoresResponse};

use super::Order;
use super::order::Standing;
use super::whole::Census;
use crate::cli::exit::CliError;
use crate::cli::kept_columns::HeldCells;
use crate::cli::list::List;
use crate::cli::rejects::{Rejected, Rejects};
use crate::cli::scoring::{Batch, Ends, Room};

/// Most accounts that one request ranks.
pub(crate) const MOST: usize = 10_000;

/// A list on its way through scoring.
pub(crate) struct Best<'l> {
    list: &'l mut List,
    room: Room,
    order: Order,
    /// A prospect that had no room in the last batch begins the next one.
    begun: Batch,
    rejects: Rejects,
    kept: Vec<RankedAccount>,
    held: HeldCells,
    /// All that were scored.
    pub(super) census: Census,
}

/// An account, and how good it is.
#[derive(Clone, Debug)]
struct RankedAccount {
    standing: Standing,
    row: u64,
    id: String,
    kept: Vec<String>,
    account: Account,
}

/// An account as it stands in the list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListedAccount {
    /// Its id in the file.
    pub(crate) id: String,
    /// The cells of the columns that are kept.
    pub(crate) kept: Vec<String>,
}

impl<'l> Best<'l> {
    /// Of a list, for a model of so many attributes, in this order, counted by `census`.
    pub(super) fn new(
        list: &'l mut List,
        attributes: usize,
        (order, census): (Order, Census),
        rejects: Rejects,
    ) -> Self {
        let room = Room { parts_each: attributes };
        Self {
            list,
            room,
            order,
            begun: Batch::new(room),
            rejects,
            kept: Vec::new(),
            held: HeldCells::default(),
            census,
        }
    }

    /// The best accounts, best first, each under an id of its own: its id in the file, or one made of it where that repeats or is
    /// too long; beside it what the list says of it. And the figures of the whole list, and the rejects.
    pub(super) fn finish(mut self) -> (Vec<(Account, ListedAccount)>, Census, Rejects) {
        self.prune();
        let mut seen = BTreeSet::new();
        let named = self.kept.into_iter().map(|RankedAccount { row, id, kept, account, .. }| {
            let usable = (1..=128).contains(&id.len()) && seen.insert(id.clone());
            let account_id = if usable { id.clone() } else { format!("row-{row}") };
            let account_id = if usable || seen.insert(account_id.clone()) { account_id } else { format!("row-{row}#") };
            (Account { account_id, ..account }, ListedAccount { id, kept })
        });
        (named.collect(), self.census, self.rejects)
    }

    fn prune(&mut self) {
        let Self { kept, order, .. } = self;
        kept.sort_by(|a, b| {
            let first = order.compare(a.standing, b.standing);
            first.then_with(|| a.id.cmp(&b.id)).then(a.row.cmp(&b.row))
        });
        for dropped in self.kept.drain(MOST.min(self.kept.len())..) {
            self.held.remove(&dropped.kept);
        }
    }
}

impl Ends for Best<'_> {
    fn next(&mut self) -> Result<Option<Batch>, CliError> {
        while let Some(prospect) = self.list.next()? {
            match prospect {
                Ok(prospect) => {
                    if let Some(full) = self.begun.push(prospect) {
                        return Ok(Some(full));
                    }
                }
                Err(reject) => self.rejects.add((&reject).into())?,
            }
        }
        let last = std::mem::replace(&mut self.begun, Batch::new(self.room));
        Ok((!last.is_empty()).then_some(last))
    }

    fn take(&mut self, batch: &Batch, answer: StreamScoresResponse) -> Result<(), CliError> {
        for error in &answer.errors {
            let Some(place) = batch.place_at(error.row_index) else { continue };
            let description = format!("{}: {}", error.field, error.description);
            let description = description.trim_start_matches(": ");
            self.rejects.add(Rejected { row: place.row, id: &place.id, reason: &error.reason, description })?;
        }
        for score in answer.scores {
            let place = batch.place(&score.account_id);
            let account = batch.accounts().iter().find(|account| account.account_id == score.account_id);
            let Some((place, account)) = place.zip(account) else { continue };
            self.census.add(&score);
            let (row, id, kept, account) = (place.row, place.id.clone(), place.kept.clone(), account.clone());
            self.held.add(&kept);
            self.kept.push(RankedAccount { standing: (&score).into(), row, id, kept, account });
        }
        if self.kept.len() >= 2 * MOST || self.held.is_over() {
            self.prune();
        }
        self.held.check()
    }
}
