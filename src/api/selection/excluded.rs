//! The ids that one stream leaves out, ten million of them in eighty megabytes.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::api::limits::STREAM_EXCLUDED_IDS;
use crate::api::status::{malformed, with_kind};
use crate::api::wire::request::excluded_ids;
use crate::fault::FaultKind;

/// Hashes of ids, under a key that is this stream's own.
///
/// Of ten million ids and ten million accounts one account is taken for an excluded one with a probability of five in a
/// million: 10⁷ · 10⁷ / 2⁶⁴.
#[derive(Debug, Default)]
pub(in crate::api) struct Excluded {
    hashes: Vec<u64>,
    key: RandomState,
    room: Option<OwnedSemaphorePermit>,
}

impl Excluded {
    /// Adds the ids of a message; `room` is what all streams may hold together.
    ///
    /// # Errors
    /// Where they are too many, or the bytes are no such message.
    pub(in crate::api) fn add(&mut self, message: &Bytes, room: &Arc<Semaphore>) -> Result<(), Status> {
        let before = self.hashes.len();
        for id in excluded_ids(message) {
            let id = id.map_err(|error| malformed(&error))?;
            if self.hashes.len() == STREAM_EXCLUDED_IDS {
                let text = format!(
                    "a stream leaves out at most {STREAM_EXCLUDED_IDS} ids: take others off the list of prospects"
                );
                return Err(with_kind(FaultKind::InvalidArgument, &text, "TOO_MANY_IDS"));
            }
            self.hashes.push(self.key.hash_one(id));
        }
        let more = u32::try_from(self.hashes.len() - before).unwrap_or(u32::MAX);
        let permit = Arc::clone(room).try_acquire_many_owned(more).map_err(|_| {
            let text =
                "other streams leave out so many ids that there is no room for more: try again when they have ended";
            with_kind(FaultKind::Unavailable, text, "OVERLOADED")
        })?;
        match &mut self.room {
            Some(room) => room.merge(permit),
            None => self.room = Some(permit),
        }
        Ok(())
    }

    /// Whether no id was added.
    pub(in crate::api) const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// All ids are there: makes them ready to be asked for.
    pub(in crate::api) fn sealed(mut self) -> Self {
        self.hashes.sort_unstable();
        self
    }

    /// Whether an id was added.
    pub(in crate::api) fn contains(&self, id: &str) -> bool {
        !self.hashes.is_empty() && self.hashes.binary_search(&self.key.hash_one(id)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::generated::v1::ExcludedIds;

    fn message(ids: std::ops::Range<u32>) -> Bytes {
        ExcludedIds { account_ids: ids.map(|id| format!("a-{id}")).collect() }.encode_to_vec().into()
    }

    #[test]
    fn what_was_added_is_left_out_and_nothing_else() {
        let room = Arc::new(Semaphore::new(3_000));
        let mut excluded = Excluded::default();
        assert!(!excluded.contains("a-1"));
        excluded.add(&message(0..1_000), &room).unwrap();
        excluded.add(&message(500..1_500), &room).unwrap();
        let excluded = excluded.sealed();
        assert!((0..1_500).all(|id| excluded.contains(&format!("a-{id}"))));
        assert!((1_500..9_000).all(|id| !excluded.contains(&format!("a-{id}"))));
        let full = Excluded::default().add(&message(0..1_001), &room).unwrap_err();
        assert_eq!(full.code(), tonic::Code::Unavailable);
        drop(excluded);
        assert_eq!(room.available_permits(), 3_000, "room comes back with the end of a stream");
    }

    #[test]
    fn what_is_no_list_of_ids_is_refused() {
        let room = Arc::new(Semaphore::new(9));
        for bytes in [&b"\x0a\x05ab"[..], b"\x08\x01", b"\x0a\x01\xff"] {
            assert!(Excluded::default().add(&Bytes::from_static(bytes), &room).is_err(), "{bytes:?}");
        }
    }
}
