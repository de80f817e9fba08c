//! Scores a list through a stream: sends batches, receives scores, and restarts the stream when it breaks off.

use std::collections::VecDeque;
use std::time::Duration;

use sweetspot_proto::v1::{ScoreConfig, StreamScoresResponse};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::{AccountBatch, EncodedRequest};
use crate::cli::client::Client;
use crate::cli::exit::CliError;

/// The maximum number of batches sent but not answered.
const MAX_UNANSWERED: usize = 4;
/// The maximum number of attempts without a response in between.
const MAX_ATTEMPTS: u32 = 5;
/// The delay before a new attempt.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// The source of batches and the receiver of scores.
pub(crate) trait BatchIo {
    /// Returns the next batch, or `None` at the end.
    async fn next_batch(&mut self) -> Result<Option<AccountBatch>, CliError>;

    /// Handles the scores of a batch.
    fn handle_scores(&mut self, batch: &AccountBatch, answer: StreamScoresResponse) -> Result<(), CliError>;
}

/// Scores a list: sends batches, keeps those without scores, and sends them again if the stream breaks off.
#[derive(Debug)]
pub(crate) struct ScoreStream {
    config: ScoreConfig,
    /// The batches without scores, in order; the first one has the number `first_sequence`.
    unanswered: VecDeque<AccountBatch>,
    /// The first messages of the answer to the first batch, if there are more to come.
    partial_answer: Option<StreamScoresResponse>,
    first_sequence: u64,
    is_exhausted: bool,
    failures: u32,
}

/// The reason why a stream ended early.
enum StreamError {
    /// A permanent error.
    Permanent(CliError),
    /// The server or the connection is gone, but may come back.
    Transient(Status),
}

impl From<CliError> for StreamError {
    fn from(error: CliError) -> Self {
        Self::Permanent(error)
    }
}

impl ScoreStream {
    /// Creates a stream. The configuration must name the version by number, so that a restarted stream uses the same
    /// one.
    pub(crate) const fn new(config: ScoreConfig) -> Self {
        Self {
            config,
            unanswered: VecDeque::new(),
            partial_answer: None,
            first_sequence: 0,
            is_exhausted: false,
            failures: 0,
        }
    }

    /// Scores all batches. A stream that breaks off is restarted with the first batch without scores.
    ///
    /// # Errors
    /// Returns an error if `io` fails, if the server refuses, or if it does not come back.
    pub(crate) async fn run(mut self, client: &mut Client, io: &mut impl BatchIo) -> Result<(), CliError> {
        loop {
            match self.stream(client, io).await {
                Ok(()) => return Ok(()),
                Err(StreamError::Permanent(error)) => return Err(error),
                Err(StreamError::Transient(status)) if self.failures >= MAX_ATTEMPTS => {
                    return client.response(Err(status));
                }
                Err(StreamError::Transient(_)) => self.failures += 1,
            }
            sleep(RETRY_DELAY).await;
        }
    }

    /// Runs one stream, from the first batch without scores to the end.
    async fn stream(&mut self, client: &mut Client, io: &mut impl BatchIo) -> Result<(), StreamError> {
        // The first batch is answered again.
        self.partial_answer = None;
        let (sender, receiver) = mpsc::channel(1);
        // The channel has room for one message.
        let _ = sender.try_send(EncodedRequest::config(self.config.clone()));
        let answers = client.stream_scores(ReceiverStream::new(receiver)).await;
        let mut answers = answers.map_err(|status| stream_error(client, status))?;
        let (mut sender, mut sent) = (Some(sender), 0);
        while !(self.is_exhausted && self.unanswered.is_empty()) {
            tokio::select! {
                room = reserve(sender.clone()), if sent < self.unanswered.len() || self.can_read() => {
                    // The response contains the reason why the receiver is gone.
                    let Some(room) = room else { sender = None; continue };
                    if sent == self.unanswered.len() && !self.read_batch(io).await? {
                        sender = None;
                    } else {
                        room.send(self.chunk_message(sent));
                        sent += 1;
                    }
                }
                answer = answers.message() => {
                    if self.handle_response(answer.map_err(|status| stream_error(client, status))?, io)? {
                        // The numbers reveal a server that answers batches it was not sent.
                        sent = sent.saturating_sub(1);
                    }
                }
            }
        }
        drop(sender);
        drain(&mut answers).await.map_err(|status| stream_error(client, status))
    }

    fn can_read(&self) -> bool {
        !self.is_exhausted && self.unanswered.len() < MAX_UNANSWERED
    }

    /// Reads one more batch; returns false at the end of the list.
    async fn read_batch(&mut self, io: &mut impl BatchIo) -> Result<bool, CliError> {
        match io.next_batch().await? {
            Some(batch) => self.unanswered.push_back(batch),
            None => self.is_exhausted = true,
        }
        Ok(!self.is_exhausted)
    }

    fn chunk_message(&self, place: usize) -> EncodedRequest {
        let rows = self.unanswered.get(place).map(AccountBatch::encoded_rows).unwrap_or_default();
        EncodedRequest::chunk(self.first_sequence + place as u64, rows)
    }

    /// Handles a message of the answer to the first batch; returns whether it was the last one.
    fn handle_response(
        &mut self,
        message: Option<StreamScoresResponse>,
        io: &mut impl BatchIo,
    ) -> Result<bool, StreamError> {
        let message = message.ok_or_else(|| StreamError::Transient(Status::unavailable("the stream ended early")))?;
        let mut answer = self.partial_answer.take().unwrap_or_default();
        answer.scores.extend(message.scores);
        answer.errors.extend(message.errors);
        answer.sequence = message.sequence;
        answer.running = message.running;
        if message.continues && answer.sequence == self.first_sequence {
            self.partial_answer = Some(answer);
            return Ok(false);
        }
        let batch = self.unanswered.pop_front().filter(|_| answer.sequence == self.first_sequence);
        let batch = batch.ok_or_else(|| {
            CliError::Failed(format!(
                "the server answered chunk {}, and {} was next",
                answer.sequence, self.first_sequence
            ))
        })?;
        self.first_sequence += 1;
        self.failures = 0;
        io.handle_scores(&batch, answer)?;
        Ok(true)
    }
}

/// Waits for capacity; returns `None` if the stream has ended.
async fn reserve<T>(sender: Option<mpsc::Sender<T>>) -> Option<mpsc::OwnedPermit<T>> {
    match sender {
        Some(sender) => sender.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

/// Reads responses until the end.
async fn drain(answers: &mut Streaming<StreamScoresResponse>) -> Result<(), Status> {
    while answers.message().await?.is_some() {}
    Ok(())
}

/// Classifies an error: a lost connection is worth a retry, a refusal is not.
fn stream_error(client: &Client, status: Status) -> StreamError {
    let lost = matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled);
    if lost { StreamError::Transient(status) } else { StreamError::Permanent(client.error(&status)) }
}
