//! One request's worth of prospects.

use prost::Message as _;
use sweetspot_ingest::Prospect;
use sweetspot_proto::v1;

use crate::cli::wire::{MESSAGE_BYTES, wire_account};

/// Most accounts of one request.
const ACCOUNTS: usize = 500;

/// Most attributes, issues and reasons that one request can bring about: they are what makes answers large.
const PARTS: usize = 40_000;

/// How much a batch can take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// What every account costs by itself, in parts: the model's attributes and the reasons asked for.
    pub(crate) parts_each: usize,
}

/// Prospects that go into one request, under ids that count from 0.
///
/// The caller's own ids stay here: they may repeat or be too long for the wire, and no server needs them.
#[derive(Debug)]
pub(crate) struct Batch {
    room: Room,
    places: Vec<Place>,
    accounts: Vec<v1::Account>,
    bytes: usize,
    parts: usize,
}

/// Where an account came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its row in the file, from 1.
    pub(crate) row: u64,
    /// Its own id.
    pub(crate) id: String,
    /// The cells of the columns that are kept.
    pub(crate) kept: Vec<String>,
}

impl Batch {
    /// Nothing yet.
    pub(crate) const fn new(room: Room) -> Self {
        Self { room, places: Vec::new(), accounts: Vec::new(), bytes: 0, parts: 0 }
    }

    /// Adds a prospect; gives back the full batch that has no room for it, if there is one.
    pub(crate) fn push(&mut self, prospect: Prospect) -> Option<Self> {
        let account = wire_account(&prospect.account, self.accounts.len().to_string());
        let kept: usize = prospect.kept.iter().map(String::len).sum();
        let (bytes, parts) = (account.encoded_len() + kept + 16, account.attributes.len() + self.room.parts_each);
        let fits = self.accounts.len() < ACCOUNTS && self.bytes + bytes <= MESSAGE_BYTES && self.parts + parts <= PARTS;
        // An account too large for any batch still gets one of its own: the server says what is wrong with it.
        let full = (!fits && !self.accounts.is_empty()).then(|| std::mem::replace(self, Self::new(self.room)));
        let account_id = self.accounts.len().to_string();
        self.accounts.push(v1::Account { account_id, ..account });
        self.places.push(Place { row: prospect.row, id: prospect.id, kept: prospect.kept });
        self.bytes += bytes;
        self.parts += parts;
        full
    }

    /// Whether there is nothing to score.
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// How many prospects it was given.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The accounts, as they are sent.
    pub(crate) fn accounts(&self) -> &[v1::Account] {
        &self.accounts
    }

    /// Takes the accounts out, for the request.
    pub(crate) fn take_accounts(&mut self) -> Vec<v1::Account> {
        std::mem::take(&mut self.accounts)
    }

    /// Where the account with this wire id came from.
    pub(crate) fn place(&self, wire_id: &str) -> Option<&Place> {
        self.places.get(wire_id.parse::<usize>().ok()?)
    }

    /// Where the account at this position came from.
    pub(crate) fn place_at(&self, position: u32) -> Option<&Place> {
        self.places.get(position as usize)
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Account, Value};

    use super::*;

    fn prospect(row: u64, bytes: usize) -> Prospect {
        let attributes = [("a".to_owned(), Value::Text("x".repeat(bytes)))].into();
        Prospect { row, id: "same".into(), account: Account { id: "same".into(), attributes }, kept: Vec::new() }
    }

    fn sizes(prospects: impl Iterator<Item = Prospect>, parts_each: usize) -> Vec<usize> {
        let mut batch = Batch::new(Room { parts_each });
        let mut sizes: Vec<_> = prospects.filter_map(|prospect| batch.push(prospect)).map(|full| full.len()).collect();
        sizes.push(batch.len());
        sizes
    }

    #[test]
    fn batches_are_bounded_by_accounts_bytes_and_parts() {
        assert_eq!(sizes((0..1_001).map(|row| prospect(row, 1)), 10), [500, 500, 1]);
        assert_eq!(sizes((0..5).map(|row| prospect(row, 400_000)), 10), [2, 2, 1]);
        assert_eq!(sizes((0..5).map(|row| prospect(row, 1)), 19_999), [2, 2, 1]);
        assert_eq!(sizes((0..2).map(|row| prospect(row, 2_000_000)), 10), [1, 1]);
    }

    #[test]
    fn repeated_ids_are_told_apart_by_position() {
        let mut batch = Batch::new(Room { parts_each: 1 });
        assert!(batch.is_empty());
        for row in 1..=3 {
            assert!(batch.push(prospect(row, 1)).is_none());
        }
        let ids: Vec<_> = batch.take_accounts().into_iter().map(|account| account.account_id).collect();
        assert_eq!(ids, ["0", "1", "2"]);
        assert_eq!(batch.place("2").unwrap().row, 3);
        assert_eq!(batch.place_at(1).unwrap(), &Place { row: 2, id: "same".into(), kept: Vec::new() });
        assert_eq!(batch.place("x"), None);
    }
}
