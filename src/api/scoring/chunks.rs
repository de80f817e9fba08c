//! Reads the messages of a stream and checks their order.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use sweetspot_core::reportable_error::ErrorKind;
use sweetspot_proto::v1::{self, ScoreConfig};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::CountedAccounts;
use crate::api::blocking_pool::BlockingPool;
use crate::api::limits::{MAX_CHUNK_BYTES, MAX_SCORED_ACCOUNTS};
use crate::api::list_scoring::ExcludedIdSet;
use crate::api::status::{malformed_request, status_with_kind};
use crate::api::violations::Violations;
use crate::api::wire::decoded_size::check_decoded_size;
use crate::api::wire::score_request::{AccountPayload, StreamMessage, WireChunk};

/// The remaining messages of a stream.
pub(super) struct ChunkReader {
    messages: Streaming<Bytes>,
    draining: CancellationToken,
    /// Limits the excluded ids of all streams.
    excluded_id_permits: Arc<Semaphore>,
    pool: BlockingPool,
    excluded: Arc<ExcludedIdSet>,
    last: Option<u64>,
}

/// A chunk, and the ids that its stream excludes.
pub(super) struct NumberedChunk {
    pub(super) sequence: u64,
    pub(super) accounts: CountedAccounts,
    pub(super) excluded: Arc<ExcludedIdSet>,
}

impl ChunkReader {
    /// Starts at the beginning of a stream.
    pub(super) fn new(
        messages: Streaming<Bytes>,
        draining: CancellationToken,
        excluded_id_permits: Arc<Semaphore>,
        pool: BlockingPool,
    ) -> Self {
        Self { messages, draining, excluded_id_permits, pool, excluded: Arc::default(), last: None }
    }

    /// Reads the configuration, which is the first message.
    pub(super) async fn read_config(&mut self) -> Result<ScoreConfig, Status> {
        match self.next_message().await? {
            Some(StreamMessage::Config(config)) => Ok(*config),
            Some(StreamMessage::Chunk(_) | StreamMessage::Exclude(_)) | None => Err(invalid_stream(
                "CONFIG_MISSING",
                "the first message of a stream must be its config: send an empty one for the defaults",
            )),
        }
    }

    /// The chunks in order. The stream ends after the first error.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<NumberedChunk, Status>> + Send {
        unfold(Some(self), |chunks| async {
            let mut chunks = chunks?;
            match chunks.next_chunk().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(chunks))),
                Ok(None) => None,
                Err(status) => Some((Err(status), None)),
            }
        })
    }

    async fn next_chunk(&mut self) -> Result<Option<NumberedChunk>, Status> {
        let mut more = ExcludedIdSet::default();
        loop {
            match self.next_message().await? {
                None => return Ok(None),
                Some(StreamMessage::Config(_)) => {
                    return Err(invalid_stream(
                        "CONFIG_REPEATED",
                        "a stream has one config, in its first message: start another stream",
                    ));
                }
                Some(StreamMessage::Exclude(ids)) if self.last.is_none() => {
                    more.add(&ids, &self.excluded_id_permits)?;
                }
                Some(StreamMessage::Exclude(_)) => {
                    return Err(invalid_stream(
                        "EXCLUDED_TOO_LATE",
                        "ids to exclude must precede the first chunk: start another stream",
                    ));
                }
                Some(StreamMessage::Chunk(chunk)) => {
                    if self.last.is_none() && !more.is_empty() {
                        let sealed = self.pool.compute(move |_| more.seal()).await?;
                        self.excluded = Arc::new(sealed);
                    }
                    return self.check_chunk(chunk).map(Some);
                }
            }
        }
    }

    fn check_chunk(&mut self, WireChunk { sequence, accounts }: WireChunk) -> Result<NumberedChunk, Status> {
        let expected = self.last.map_or(sequence, |last| last.wrapping_add(1));
        if sequence != expected {
            let text = format!("expected chunk {expected}, received {sequence}: number chunks consecutively");
            return Err(invalid_stream("SEQUENCE_BROKEN", &text));
        }
        if let Some(bytes) = accounts.as_ref().map(AccountPayload::byte_count).filter(|bytes| *bytes > MAX_CHUNK_BYTES)
        {
            let text = format!(
                "chunk {sequence} has {bytes} bytes, which exceeds the limit of {MAX_CHUNK_BYTES}: send smaller chunks"
            );
            return Err(invalid_stream("CHUNK_TOO_LARGE", &text));
        }
        let mut problems = Violations::default();
        let path = ["chunk.rows", "chunk.table.account_ids", "chunk"];
        let accounts = CountedAccounts::new(accounts, path, MAX_SCORED_ACCOUNTS, &mut problems)?;
        let accounts = problems.finish(accounts)?;
        self.last = Some(sequence);
        Ok(NumberedChunk { sequence, accounts, excluded: Arc::clone(&self.excluded) })
    }

    /// Reads the next message. A shutdown of the server ends the stream; HTTP layers end one whose client stays silent.
    async fn next_message(&mut self) -> Result<Option<StreamMessage>, Status> {
        let message = tokio::select! {
            biased;
            message = self.messages.message() => message,
            () = self.draining.cancelled() => return Err(self.draining_status()),
        };
        let Some(bytes) = message? else { return Ok(None) };
        check_decoded_size::<v1::StreamScoresRequest>(&bytes, "")?;
        let read = StreamMessage::read(&bytes).map_err(|error| malformed_request(&error))?;
        let empty =
            || invalid_stream("EMPTY_MESSAGE", "the message is empty: send a config, ids to exclude, or a chunk");
        read.ok_or_else(empty).map(Some)
    }

    fn draining_status(&self) -> Status {
        let text = format!("the server is shutting down: {}", self.resume_hint());
        status_with_kind(ErrorKind::Unavailable, &text, "DRAINING")
    }

    /// Where the client can resume.
    fn resume_hint(&self) -> String {
        let Some(last) = self.last else { return "start again".to_owned() };
        format!("chunk {last} is the last one answered; start again with the one after it")
    }
}

fn invalid_stream(reason: &str, text: &str) -> Status {
    status_with_kind(ErrorKind::InvalidArgument, text, reason)
}
