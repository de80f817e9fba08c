//! The ids that one stream leaves out, ten million of them in eighty megabytes.

use std::hash::RandomState;
use std::sync::Arc;

use bytes::Bytes;
use sweetspot_core::IdSet;
use sweetspot_core::fault::FaultKind;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use crate::api::limits::STREAM_EXCLUDED_IDS;
use crate::api::status::{malformed, with_kind};
use crate::api::wire::request::excluded_ids;

/// The ids, and the room that they take up of what all streams share.
#[derive(Debug, Default)]
pub(in crate::api) struct Excluded {
    ids: IdSet<RandomState>,
    room: Option<OwnedSemaphorePermit>,
}

impl Excluded {
    /// Adds the ids of a message; `room` is what all streams may hold together.
    ///
    /// # Errors
    /// Where they are too many, or the bytes are no such message.
    pub(in crate::api) fn add(&mut self, message: &Bytes, room: &Arc<Semaphore>) -> Result<(), Status> {
        let before = self.ids.len();
        for id in excluded_ids(message) {
            let id = id.map_err(|error| malformed(&error))?;
            if self.ids.len() == STREAM_EXCLUDED_IDS {
                let text = format!(
                    "a stream can exclude at most {STREAM_EXCLUDED_IDS} ids: remove other accounts from the list of prospects"
                );
                return Err(with_kind(FaultKind::InvalidArgument, &text, "TOO_MANY_IDS"));
            }
            self.ids.push(id);
        }
        let more = u32::try_from(self.ids.len() - before).unwrap_or(u32::MAX);
        let permit = Arc::clone(room).try_acquire_many_owned(more).map_err(|_| {
            let text =
                "the ids that other streams exclude fill the available memory: try again when those streams have ended";
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
        self.ids.is_empty()
    }

    /// All ids are there: makes them ready to be asked for.
    pub(in crate::api) fn sealed(self) -> Self {
        Self { ids: self.ids.sealed(), ..self }
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
