//! Repeated requests: the answer to a mutation is kept with its effect, so that sending it again does nothing twice.
//!
//! First [`seen`]; where it finds nothing, do the work and put [`remember`] into the same [`Commit`] as the effect.
//! Two requests racing under one id: the later commit fails with [`StoreError::Conflict`], and then [`seen`] finds the answer.

use jiff::Timestamp;
use sweetspot_core::Digest;
use sweetspot_core::fault::{Fault, FaultKind};
use thiserror::Error;

use super::{Commit, Row, Store, StoreError};

/// How long an answer is kept at least, in seconds: seven days.
pub const KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;

const PREFIX: &str = "request/";
const SWEEP_PAGE: usize = 256;
const SWEEP_PAGES: usize = 1024;

/// A caller's key for a mutation, so that repeating it does nothing twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The caller's id of the request; empty: none was given, and repeating is the caller's risk.
    pub id: String,
    /// Digest of everything else in the request.
    pub body: Digest,
}

/// Why a request cannot be told from a repeated one.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The request id was used for another request.
    #[error("request id {id:?} was used for a different request: use a new id for a new request")]
    Reused {
        /// The id.
        id: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for RequestError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Reused { .. } => FaultKind::InvalidArgument,
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

/// The answer that this request got before; nothing where it is new or has no id. `scope` is the workspace and the method.
///
/// # Errors
/// [`RequestError::Reused`] where the id came with another body; a failing store.
pub fn seen(store: &dyn Store, scope: &str, key: &RequestKey) -> Result<Option<Vec<u8>>, RequestError> {
    if key.id.is_empty() {
        return Ok(None);
    }
    let Some(row) = store.get(&row_key(scope, key))? else { return Ok(None) };
    let kept = Kept::decode(&row).ok_or_else(|| StoreError::Backend {
        action: "read a remembered request",
        source: "the row is damaged".into(),
    })?;
    if kept.body == key.body {
        Ok(Some(kept.answer.to_vec()))
    } else {
        Err(RequestError::Reused { id: key.id.clone() })
    }
}

/// The row that remembers an answer, to be added to the commit of the effect; nothing where the request has no id.
///
/// An answer has room for about 1,900 bytes: keep a name or a number in it and read the rest again.
#[must_use]
pub fn remember(scope: &str, key: &RequestKey, answer: &[u8], now: Timestamp) -> Commit {
    if key.id.is_empty() {
        return Commit::default();
    }
    let kept = Kept { body: key.body, seconds: now.as_second(), answer };
    Commit::default().create(row_key(scope, key), kept.encode())
}

/// Forgets answers older than [`KEPT_SECONDS`] and tells how many. Bounded: looks at some 260,000 rows at most.
///
/// # Errors
/// Where the store fails.
pub fn sweep(store: &dyn Store, now: Timestamp) -> Result<usize, StoreError> {
    let oldest = now.as_second().saturating_sub(KEPT_SECONDS);
    let expired = |row: &Row| Kept::decode(&row.value).is_none_or(|kept| kept.seconds < oldest);
    let (mut after, mut forgotten) = (None, 0);
    for _ in 0..SWEEP_PAGES {
        let page = store.scan(PREFIX, after.as_deref(), SWEEP_PAGE)?;
        let Some(last) = page.last().map(|row| row.key.clone()) else { break };
        let write: Vec<_> = page.into_iter().filter(expired).map(|row| (row.key, None)).collect();
        if !write.is_empty() {
            forgotten += write.len();
            store.commit(&Commit { expect: Vec::new(), write })?;
        }
        after = Some(last);
    }
    Ok(forgotten)
}

/// The id is hashed: whatever the caller chose, the key stays short and cannot reach into another scope.
fn row_key(scope: &str, key: &RequestKey) -> String {
    format!("{PREFIX}{scope}/{}", Digest::of(key.id.as_bytes()))
}

/// A kept row: one line with the body's digest and the time in seconds since 1970, then the answer as it is.
struct Kept<'a> {
    body: Digest,
    seconds: i64,
    answer: &'a [u8],
}

impl<'a> Kept<'a> {
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
    use super::*;
    use crate::store::MemoryStore;

    fn key(id: &str, body: &str) -> RequestKey {
        RequestKey { id: id.to_owned(), body: Digest::of(body.as_bytes()) }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_answer_is_found_again_in_its_scope_only() {
        let store = MemoryStore::new();
        let key = key("a", "body");
        assert_eq!(seen(&store, "w/train", &key).unwrap(), None);
        store.commit(&remember("w/train", &key, b"line 1\nline 2", at(5))).unwrap();
        assert_eq!(seen(&store, "w/train", &key).unwrap(), Some(b"line 1\nline 2".to_vec()));
        assert_eq!(seen(&store, "w/promote", &key).unwrap(), None);
        assert_eq!(seen(&store, "v/train", &key).unwrap(), None);
    }

    #[test]
    fn an_id_is_good_for_one_body() {
        let store = MemoryStore::new();
        store.commit(&remember("w/train", &key("a", "one"), b"", at(5))).unwrap();
        let error = seen(&store, "w/train", &key("a", "two")).unwrap_err();
        assert!(matches!(&error, RequestError::Reused { id } if id == "a"));
        assert_eq!((error.kind(), error.reason()), (FaultKind::InvalidArgument, "REQUEST_ID_REUSED"));
    }

    #[test]
    fn without_an_id_nothing_is_remembered() {
        assert_eq!(remember("w/train", &key("", "one"), b"x", at(5)), Commit::default());
        assert_eq!(seen(&MemoryStore::new(), "w/train", &key("", "one")).unwrap(), None);
    }

    #[test]
    fn one_id_is_remembered_once() {
        let store = MemoryStore::new();
        let again = remember("w/train", &key("a", "one"), b"x", at(5));
        store.commit(&again).unwrap();
        assert!(matches!(store.commit(&again), Err(StoreError::Conflict { .. })));
    }

    #[test]
    fn the_sweep_forgets_what_is_older_than_a_week_and_nothing_else() {
        let store = MemoryStore::new();
        for second in 0..1000 {
            store.commit(&remember("w/train", &key(&format!("{second}"), "b"), b"x", at(second))).unwrap();
        }
        store.commit(&Commit::default().create("requests-of-others", b"kept".to_vec())).unwrap();
        assert_eq!(sweep(&store, at(KEPT_SECONDS + 600)).unwrap(), 600);
        assert_eq!(store.scan(PREFIX, None, 2000).unwrap().len(), 400);
        assert_eq!(seen(&store, "w/train", &key("599", "b")).unwrap(), None);
        assert!(seen(&store, "w/train", &key("600", "b")).unwrap().is_some());
        assert_eq!(store.get("requests-of-others").unwrap(), Some(b"kept".to_vec()));
    }

    #[test]
    fn a_damaged_row_is_an_error_and_is_swept() {
        let store = MemoryStore::new();
        let row = row_key("w/train", &key("a", "b"));
        for damaged in [&b""[..], b"no newline", b"abc 1\n", b"\xff 1\n"] {
            store.commit(&Commit { expect: vec![], write: vec![(row.clone(), Some(damaged.to_vec()))] }).unwrap();
            let error = seen(&store, "w/train", &key("a", "b")).unwrap_err();
            assert_eq!(error.kind(), FaultKind::Internal);
        }
        assert_eq!(sweep(&store, at(0)).unwrap(), 1);
    }
}
