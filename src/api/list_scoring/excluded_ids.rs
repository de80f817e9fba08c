//! The ids that a stream excludes: ten million of them take 80 MB.

use std::hash::RandomState;
use std::sync::Arc;

use bytes::Bytes;
use sweetspot_core::HashedIdSet;
use sweetspot_core::reportable_error::ErrorKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::api::limits::MAX_STREAM_EXCLUDED_IDS;
use crate::api::status::{malformed_request, status_with_kind};
use crate::api::wire::score_request::excluded_ids;

/// The ids, and their share of the limit for all streams.
#[derive(Debug, Default)]
pub(in crate::api) struct ExcludedIdSet {
    ids: HashedIdSet<RandomState>,
    permit: Option<OwnedSemaphorePermit>,
}

impl ExcludedIdSet {
    /// Adds the ids of a message; `room` limits the ids of all streams.
    ///
    /// # Errors
    /// If there are too many ids, or the message is malformed.
    pub(in crate::api) fn add(&mut self, message: &Bytes, room: &Arc<Semaphore>) -> Result<(), Status> {
        let before = self.ids.len();
        for id in excluded_ids(message) {
            let id = id.map_err(|error| malformed_request(&error))?;
            if self.ids.len() == MAX_STREAM_EXCLUDED_IDS {
                let text = format!(
                    "a stream can exclude at most {MAX_STREAM_EXCLUDED_IDS} ids: remove other accounts from the list of prospects"
                );
                return Err(status_with_kind(ErrorKind::InvalidArgument, &text, "TOO_MANY_IDS"));
            }
            self.ids.push(id);
        }
        let more = u32::try_from(self.ids.len() - before).unwrap_or(u32::MAX);
        let permit = Arc::clone(room).try_acquire_many_owned(more).map_err(|_| {
            let text =
                "the ids that other streams exclude fill the available memory: try again when those streams have ended";
            status_with_kind(ErrorKind::Unavailable, text, "OVERLOADED")
        })?;
        match &mut self.permit {
            Some(room) => room.merge(permit),
            None => self.permit = Some(permit),
        }
        Ok(())
    }

    /// Whether no id was added.
    pub(in crate::api) const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Sorts the ids for lookups, after all of them were added.
    pub(in crate::api) fn seal(self) -> Self {
        Self { ids: self.ids.sorted(), ..self }
    }

    /// Whether an id was added.
    pub(in crate::api) fn contains(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use sweetspot_proto::v1::ExcludedIds;

    use super::*;

    fn message(ids: std::ops::Range<u32>) -> Bytes {
        ExcludedIds { account_ids: ids.map(|id| format!("a-{id}")).collect() }.encode_to_vec().into()
    }

    #[test]
    fn ids_that_were_added_are_excluded_and_no_others() {
        let room = Arc::new(Semaphore::new(3_000));
        let mut excluded = ExcludedIdSet::default();
        assert!(!excluded.contains("a-1"));
        excluded.add(&message(0..1_000), &room).unwrap();
        excluded.add(&message(500..1_500), &room).unwrap();
        let excluded = excluded.seal();
        assert!((0..1_500).all(|id| excluded.contains(&format!("a-{id}"))));
        assert!((1_500..9_000).all(|id| !excluded.contains(&format!("a-{id}"))));
        let full = ExcludedIdSet::default().add(&message(0..1_001), &room).unwrap_err();
        assert_eq!(full.code(), tonic::Code::Unavailable);
        drop(excluded);
        assert_eq!(room.available_permits(), 3_000, "the end of a stream releases its permits");
    }

    #[test]
    fn malformed_lists_of_excluded_ids_are_refused() {
        let room = Arc::new(Semaphore::new(9));
        for bytes in [&b"\x0a\x05ab"[..], b"\x08\x01", b"\x0a\x01\xff"] {
            assert!(ExcludedIdSet::default().add(&Bytes::from_static(bytes), &room).is_err(), "{bytes:?}");
        }
    }
}
