//! The messages of a stream, in the order that they must have.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use sweetspot_core::fault::FaultKind;
use sweetspot_proto::v1::ScoreConfig;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use super::Counted;
use crate::api::limits::{CHUNK_BYTES, SCORED_ACCOUNTS};
use crate::api::problems::Problems;
use crate::api::selection::Excluded;
use crate::api::status::{malformed, status, with_kind};
use crate::api::wire::request::{Chunk, Form, StreamMessage};
use crate::api::work::Work;

/// The messages of a stream that are still to come.
pub(super) struct Chunks {
    messages: Streaming<Bytes>,
    draining: CancellationToken,
    /// Room for the ids of all streams.
    room: Arc<Semaphore>,
    work: Work,
    excluded: Arc<Excluded>,
    last: Option<u64>,
}

/// A chunk, and the ids that its stream leaves out.
pub(super) struct Numbered {
    pub(super) sequence: u64,
    pub(super) accounts: Counted,
    pub(super) excluded: Arc<Excluded>,
}

impl Chunks {
    /// Of a stream that has just begun.
    pub(super) fn new(
        messages: Streaming<Bytes>,
        draining: CancellationToken,
        room: Arc<Semaphore>,
        work: Work,
    ) -> Self {
        Self { messages, draining, room, work, excluded: Arc::default(), last: None }
    }

    /// The configuration, which comes first.
    pub(super) async fn config(&mut self) -> Result<ScoreConfig, Status> {
        match self.message().await? {
            Some(StreamMessage::Config(config)) => Ok(*config),
            Some(StreamMessage::Chunk(_) | StreamMessage::Exclude(_)) | None => Err(wrong(
                "CONFIG_MISSING",
                "the first message of a stream must be its config: send an empty one for the defaults",
            )),
        }
    }

    /// One chunk after the other. After one that is wrong nothing more comes.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Numbered, Status>> + Send {
        unfold(Some(self), |chunks| async {
            let mut chunks = chunks?;
            match chunks.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(chunks))),
                Ok(None) => None,
                Err(status) => Some((Err(status), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Option<Numbered>, Status> {
        let mut more = Excluded::default();
        loop {
            match self.message().await? {
                None => return Ok(None),
                Some(StreamMessage::Config(_)) => {
                    return Err(wrong(
                        "CONFIG_REPEATED",
                        "a stream has one config, in its first message: start another stream",
                    ));
                }
                Some(StreamMessage::Exclude(ids)) if self.last.is_none() => more.add(&ids, &self.room)?,
                Some(StreamMessage::Exclude(_)) => {
                    return Err(wrong(
                        "EXCLUDED_TOO_LATE",
                        "ids to exclude must precede the first chunk: start another stream",
                    ));
                }
                Some(StreamMessage::Chunk(chunk)) => {
                    if self.last.is_none() && !more.is_empty() {
                        let sealed = self.work.compute(move |_| more.sealed()).await?;
                        self.excluded = Arc::new(sealed);
                    }
                    return self.numbered(chunk).map(Some);
                }
            }
        }
    }

    fn numbered(&mut self, Chunk { sequence, accounts }: Chunk) -> Result<Numbered, Status> {
        let expected = self.last.map_or(sequence, |last| last.wrapping_add(1));
        if sequence != expected {
            let text = format!("expected chunk {expected}, received {sequence}: number chunks consecutively");
            return Err(wrong("SEQUENCE_BROKEN", &text));
        }
        if let Some(bytes) = accounts.as_ref().map(Form::bytes).filter(|bytes| *bytes > CHUNK_BYTES) {
            let text = format!(
                "chunk {sequence} has {bytes} bytes, which exceeds the limit of {CHUNK_BYTES}: send smaller chunks"
            );
            return Err(wrong("CHUNK_TOO_LARGE", &text));
        }
        let mut problems = Problems::default();
        let path = ["chunk.rows", "chunk.table.account_ids", "chunk"];
        let accounts = Counted::new(accounts, path, SCORED_ACCOUNTS, &mut problems)?;
        let accounts = problems.check(accounts).map_err(|fault| status(&fault))?;
        self.last = Some(sequence);
        Ok(Numbered { sequence, accounts, excluded: Arc::clone(&self.excluded) })
    }

    /// The next message. A server that shuts down ends the stream; one whose client is silent for long is ended by the layers.
    async fn message(&mut self) -> Result<Option<StreamMessage>, Status> {
        let message = tokio::select! {
            biased;
            message = self.messages.message() => message,
            () = self.draining.cancelled() => return Err(self.is_draining()),
        };
        let Some(bytes) = message? else { return Ok(None) };
        let read = StreamMessage::read(&bytes).map_err(|error| malformed(&error))?;
        let empty = || wrong("EMPTY_MESSAGE", "the message is empty: send a config, ids to exclude, or a chunk");
        read.ok_or_else(empty).map(Some)
    }

    fn is_draining(&self) -> Status {
        let text = format!("the server is shutting down: {}", self.go_on());
        with_kind(FaultKind::Unavailable, &text, "DRAINING")
    }

    /// Where to go on.
    fn go_on(&self) -> String {
        let Some(last) = self.last else { return "start again".to_owned() };
        format!("chunk {last} is the last one answered; start again with the one after it")
    }
}

fn wrong(reason: &str, text: &str) -> Status {
    with_kind(FaultKind::InvalidArgument, text, reason)
}
