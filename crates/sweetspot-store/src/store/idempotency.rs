//! Idempotent requests: the answer to a mutation is stored with its effect, so that a repetition has no further effect.
//!
//! Call [`find_answer`] first. If it returns `None`, do the work and add [`record_answer`] to the [`Commit`] of the
//! effect. If two requests with the same id race, the later commit fails with [`StoreError::Conflict`], and
//! [`find_answer`] then returns the answer.
//!
//! Answers are removed by their age, which is the difference of two times of the day. A clock that was wrong at one of
//! the two times would remove answers early; therefore [`MIN_ANSWERS`] are never removed.

use jiff::Timestamp;
use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use super::row_kind::{DigestReference, RowKind, find_digests};
use super::{Commit, Row, Store, StoreError};

/// The minimum time for which an answer is stored, in seconds: seven days.
pub const RETENTION_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The number of answers, those with the latest times, that are stored whatever the clock shows. They take about 3 MiB.
pub const MIN_ANSWERS: usize = 10_000;

const REQUEST_PREFIX: &str = "request/";
const SWEEP_PAGE: usize = 256;
const MAX_SWEEP_PAGES: usize = 1024;

/// A caller's key for a mutation, which makes its repetition idempotent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The request id of the caller. If it is empty, repeated requests are not detected.
    pub id: String,
    /// The digest of all other fields of the request.
    pub body: Digest,
}

impl RequestKey {
    /// The key of a change that no caller repeats.
    #[must_use]
    pub fn none() -> Self {
        Self { id: String::new(), body: Digest::new(b"") }
    }
}

/// Why a request id cannot be checked or used.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The request id was already used for a different request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    Reused {
        /// The request id.
        id: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportableError for RequestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Reused { .. } => ErrorKind::InvalidArgument,
            Self::Store(source) => source.kind(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Reused { .. } => "REQUEST_ID_REUSED",
            Self::Store(source) => source.reason(),
        }
    }
}

/// Returns the answer to an earlier request with the same key; `None` if there is none or `key` has no id. `scope` is
/// the workspace and the method.
///
/// # Errors
/// [`RequestError::Reused`] if the id was used with a different body; or if the store fails.
pub fn find_answer(store: &dyn Store, scope: &str, key: &RequestKey) -> Result<Option<Vec<u8>>, RequestError> {
    if key.id.is_empty() {
        return Ok(None);
    }
    let Some(row) = store.get(&row_key(scope, key))? else { return Ok(None) };
    let stored = StoredAnswer::decode(&row).ok_or_else(damaged_row)?;
    if stored.body == key.body {
        Ok(Some(stored.answer.to_vec()))
    } else {
        Err(RequestError::Reused { id: key.id.clone() })
    }
}

/// Returns a commit that stores the answer, to be merged into the commit of the effect. It is empty if `key` has no id.
///
/// An answer is limited to about 1,900 bytes: store a name or a number and read the rest again.
#[must_use]
pub fn record_answer(scope: &str, key: &RequestKey, answer: &[u8], now: Timestamp) -> Commit {
    if key.id.is_empty() {
        return Commit::default();
    }
    let stored = StoredAnswer { body: key.body, seconds: now.as_second(), answer };
    Commit::default().create(row_key(scope, key), stored.encode())
}

/// Removes answers older than [`RETENTION_SECONDS`], except for the newest [`MIN_ANSWERS`], and returns their number.
/// Reads at most about 260,000 rows per call. While the store refuses changes, the answers stay.
///
/// # Errors
/// If the store fails.
pub fn sweep(store: &dyn Store, now: Timestamp) -> Result<usize, StoreError> {
    sweep_beyond(store, now, MIN_ANSWERS)
}

/// The rows of a sweep that were read so far.
#[derive(Default)]
struct SweepPosition {
    pages: usize,
    after: Option<String>,
}

impl SweepPosition {
    /// Reads the next rows. Returns `None` after the last one, and after [`MAX_SWEEP_PAGES`].
    fn next_page(&mut self, store: &dyn Store) -> Result<Option<Vec<Row>>, StoreError> {
        if self.pages == MAX_SWEEP_PAGES {
            return Ok(None);
        }
        self.pages += 1;
        let page = store.scan(REQUEST_PREFIX, self.after.as_deref(), SWEEP_PAGE)?;
        self.after = page.last().map(|row| row.key.clone());
        Ok(self.after.is_some().then_some(page))
    }
}

fn sweep_beyond(store: &dyn Store, now: Timestamp, min_answers: usize) -> Result<usize, StoreError> {
    let oldest = oldest_of_newest(store, min_answers)?.min(now.as_second().saturating_sub(RETENTION_SECONDS));
    let is_expired = |row: &Row| StoredAnswer::decode(&row.value).is_none_or(|stored| stored.seconds < oldest);
    let (mut position, mut removed) = (SweepPosition::default(), 0);
    while let Some(page) = position.next_page(store)? {
        let writes: Vec<_> = page.into_iter().filter(is_expired).map(|row| (row.key, None)).collect();
        if writes.is_empty() {
            continue;
        }
        let count = writes.len();
        match store.commit(&Commit { lease: None, expectations: Vec::new(), writes }) {
            Err(error) if error.is_refusal() => return Ok(removed),
            committed => committed?,
        }
        removed += count;
    }
    Ok(removed)
}

/// The time of the oldest of the newest `count` answers, in seconds; the earliest possible time if there are no more
/// than `count`, and the latest if `count` is zero.
fn oldest_of_newest(store: &dyn Store, count: usize) -> Result<i64, StoreError> {
    let (mut position, mut times) = (SweepPosition::default(), Vec::new());
    while let Some(page) = position.next_page(store)? {
        times.extend(page.iter().filter_map(|row| Some(StoredAnswer::decode(&row.value)?.seconds)));
    }
    match times.len().checked_sub(count) {
        None | Some(0) => Ok(i64::MIN),
        Some(surplus) if surplus == times.len() => Ok(i64::MAX),
        Some(surplus) => Ok(*times.select_nth_unstable(surplus).1),
    }
}

/// The kind of rows that remember requests. The answers of some refer to blobs.
pub(crate) const ROW_KIND: RowKind = RowKind { prefix: REQUEST_PREFIX, name: "remembered requests", digests };

fn digests(row: &Row) -> Result<Vec<DigestReference>, StoreError> {
    let stored = StoredAnswer::decode(&row.value).ok_or_else(damaged_row)?;
    let mut digests: Vec<DigestReference> =
        find_digests(row.key.as_bytes()).into_iter().map(DigestReference::Other).collect();
    digests.push(DigestReference::Other(stored.body));
    digests.extend(find_digests(stored.answer).into_iter().map(DigestReference::OptionalBlob));
    Ok(digests)
}

fn damaged_row() -> StoreError {
    StoreError::Backend { action: "read a remembered request", source: "the row is damaged".into() }
}

/// The id is hashed, so that the key is short and cannot extend into another scope.
fn row_key(scope: &str, key: &RequestKey) -> String {
    format!("{REQUEST_PREFIX}{scope}/{}", Digest::new(key.id.as_bytes()))
}

/// A stored row: a line with the digest of the body and the time in seconds since 1970, followed by the raw answer.
struct StoredAnswer<'a> {
    body: Digest,
    seconds: i64,
    answer: &'a [u8],
}

impl<'a> StoredAnswer<'a> {
    fn encode(&self) -> Vec<u8> {
        let mut row = format!("{} {}\n", self.body, self.seconds).into_bytes();
        row.extend_from_slice(self.answer);
        row
    }

    fn decode(row: &'a [u8]) -> Option<Self> {
        let end = row.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = row.split_at_checked(end)?;
        let (body, seconds) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        Some(Self { body: body.parse().ok()?, seconds: seconds.parse().ok()?, answer: rest.get(1..)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::MemoryStore;

    fn key(id: &str, body: &str) -> RequestKey {
        RequestKey { id: id.to_owned(), body: Digest::new(body.as_bytes()) }
    }

    fn timestamp(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_recorded_answer_is_found_in_its_scope_only() {
        let store = MemoryStore::new();
        let key = key("a", "body");
        assert_eq!(find_answer(&store, "w/train", &key).unwrap(), None);
        store.commit(&record_answer("w/train", &key, b"line 1\nline 2", timestamp(5))).unwrap();
        assert_eq!(find_answer(&store, "w/train", &key).unwrap(), Some(b"line 1\nline 2".to_vec()));
        assert_eq!(find_answer(&store, "w/promote", &key).unwrap(), None);
        assert_eq!(find_answer(&store, "v/train", &key).unwrap(), None);
    }

    #[test]
    fn a_request_id_is_valid_for_one_body() {
        let store = MemoryStore::new();
        store.commit(&record_answer("w/train", &key("a", "one"), b"", timestamp(5))).unwrap();
        let error = find_answer(&store, "w/train", &key("a", "two")).unwrap_err();
        assert!(matches!(&error, RequestError::Reused { id } if id == "a"));
        assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "REQUEST_ID_REUSED"));
    }

    #[test]
    fn a_request_without_an_id_is_not_recorded() {
        assert_eq!(record_answer("w/train", &key("", "one"), b"x", timestamp(5)), Commit::default());
        assert_eq!(find_answer(&MemoryStore::new(), "w/train", &key("", "one")).unwrap(), None);
    }

    #[test]
    fn a_request_id_is_recorded_once() {
        let store = MemoryStore::new();
        let again = record_answer("w/train", &key("a", "one"), b"x", timestamp(5));
        store.commit(&again).unwrap();
        assert!(matches!(store.commit(&again), Err(StoreError::Conflict { .. })));
    }

    #[test]
    fn the_sweep_removes_answers_older_than_a_week() {
        let store = MemoryStore::new();
        for second in 0..1000 {
            store.commit(&record_answer("w/train", &key(&format!("{second}"), "b"), b"x", timestamp(second))).unwrap();
        }
        store.commit(&Commit::default().create("requests-of-others", b"kept".to_vec())).unwrap();
        assert_eq!(sweep_beyond(&store, timestamp(RETENTION_SECONDS + 600), 400).unwrap(), 600);
        assert_eq!(store.scan(REQUEST_PREFIX, None, 2000).unwrap().len(), 400);
        assert_eq!(find_answer(&store, "w/train", &key("599", "b")).unwrap(), None);
        assert!(find_answer(&store, "w/train", &key("600", "b")).unwrap().is_some());
        assert_eq!(store.get("requests-of-others").unwrap(), Some(b"kept".to_vec()));
    }

    /// Stores an answer for each second, with the second as its id.
    fn record(store: &MemoryStore, seconds: impl IntoIterator<Item = i64>) {
        for second in seconds {
            let key = key(&second.to_string(), "b");
            store.commit(&record_answer("w/train", &key, b"x", timestamp(second))).unwrap();
        }
    }

    fn recorded(store: &MemoryStore) -> Vec<i64> {
        let rows = store.scan(REQUEST_PREFIX, None, usize::MAX).unwrap();
        let mut seconds: Vec<i64> = rows.iter().map(|row| StoredAnswer::decode(&row.value).unwrap().seconds).collect();
        seconds.sort_unstable();
        seconds
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_back_removes_no_answer() {
        const YEAR: i64 = 365 * 24 * 60 * 60;
        let store = MemoryStore::new();
        record(&store, 0..100);
        assert_eq!(sweep(&store, timestamp(YEAR)).unwrap(), 0);
        record(&store, [YEAR, YEAR + 1]);
        for now in [100, 2 * YEAR, 0, 100] {
            assert_eq!(sweep(&store, timestamp(now)).unwrap(), 0);
        }
        assert_eq!(recorded(&store).len(), 102);
    }

    proptest! {
        #[test]
        fn a_sweep_at_any_time_leaves_the_newest_and_the_young(
            seconds in prop::collection::btree_set(0..3 * RETENTION_SECONDS, 0..40),
            now in 0..6 * RETENTION_SECONDS,
            min_answers in 0..20_usize,
        ) {
            let store = MemoryStore::new();
            record(&store, seconds.iter().copied());
            let removed = sweep_beyond(&store, timestamp(now), min_answers).unwrap();
            let stays = |(index, second): (usize, &i64)| {
                (index < min_answers || *second >= now - RETENTION_SECONDS).then_some(*second)
            };
            let mut expected: Vec<i64> = seconds.iter().rev().enumerate().filter_map(stays).collect();
            expected.reverse();
            prop_assert_eq!(recorded(&store), expected);
            prop_assert_eq!(removed, seconds.len() - recorded(&store).len());
        }
    }

    #[test]
    fn a_damaged_row_is_an_error_and_is_swept() {
        let store = MemoryStore::new();
        let row = row_key("w/train", &key("a", "b"));
        for damaged in [&b""[..], b"no newline", b"abc 1\n", b"\xff 1\n"] {
            store
                .commit(&Commit {
                    lease: None,
                    expectations: vec![],
                    writes: vec![(row.clone(), Some(damaged.to_vec()))],
                })
                .unwrap();
            let error = find_answer(&store, "w/train", &key("a", "b")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Internal);
        }
        assert_eq!(sweep(&store, timestamp(0)).unwrap(), 1);
    }
}
