//! A list on its way through a stream: batches out, answers back, and the stream begun again where it broke off.

use std::collections::VecDeque;
use std::time::Duration;

use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_proto::v1::{
    AccountRows, ScoreChunk, ScoreConfig, StreamScoresRequest, StreamScoresResponse, score_chunk,
};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use super::Batch;
use crate::cli::client::Client;
use crate::cli::exit::CliError;

/// Batches that are sent and not answered yet.
const UNANSWERED: usize = 4;
/// How often a broken stream is begun again without an answer in between.
const ATTEMPTS: u32 = 5;
/// Before it is begun again.
const PAUSE: Duration = Duration::from_secs(1);

/// Where batches come from and answers go.
pub(crate) trait Ends {
    /// The next batch, until there are none.
    fn next(&mut self) -> Result<Option<Batch>, CliError>;

    /// Takes the answer of a batch.
    fn take(&mut self, batch: &Batch, answer: StreamScoresResponse) -> Result<(), CliError>;
}

/// A list under way.
#[derive(Debug)]
pub(crate) struct Flow {
    config: ScoreConfig,
    /// Batches without an answer, in their order, the first with the number `first`.
    unanswered: VecDeque<Batch>,
    first: u64,
    exhausted: bool,
    failures: u32,
}

/// Why a stream ended early.
enum Broken {
    /// For good.
    For(CliError),
    /// The server or the way to it is gone: it may come back.
    Now(Status),
}

impl From<CliError> for Broken {
    fn from(error: CliError) -> Self {
        Self::For(error)
    }
}

impl Flow {
    /// With a configuration that names its version by number, so that a stream begun again goes on with the same one.
    pub(crate) const fn new(config: ScoreConfig) -> Self {
        Self { config, unanswered: VecDeque::new(), first: 0, exhausted: false, failures: 0 }
    }

    /// Scores everything. A stream that breaks off is begun again with the first batch that has no answer.
    ///
    /// # Errors
    /// Where an end fails, the server refuses, or does not come back.
    pub(crate) async fn run(mut self, client: &mut Client, ends: &mut impl Ends) -> Result<(), CliError> {
        loop {
            match self.stream(client, ends).await {
                Ok(()) => return Ok(()),
                Err(Broken::For(error)) => return Err(error),
                Err(Broken::Now(status)) if self.failures >= ATTEMPTS => return client.answer(Err(status)),
                Err(Broken::Now(_)) => self.failures += 1,
            }
            sleep(PAUSE).await;
        }
    }

    /// One stream, from the first batch without an answer to the end.
    async fn stream(&mut self, client: &mut Client, ends: &mut impl Ends) -> Result<(), Broken> {
        let (sender, receiver) = mpsc::channel(1);
        let config = Message::Config(self.config.clone());
        // There is room for one message.
        let _ = sender.try_send(StreamScoresRequest { message: Some(config) });
        let answers = client.scoring.stream_scores(ReceiverStream::new(receiver)).await;
        let mut answers = answers.map_err(|status| broken(client, status))?.into_inner();
        let (mut sender, mut sent) = (Some(sender), 0);
        while !(self.exhausted && self.unanswered.is_empty()) {
            tokio::select! {
                room = reserve(sender.clone()), if sent < self.unanswered.len() || self.may_read() => {
                    // A receiver that is gone tells why in its answer.
                    let Some(room) = room else { sender = None; continue };
                    if sent == self.unanswered.len() && !self.read(ends)? {
                        sender = None;
                    } else {
                        room.send(self.message(sent));
                        sent += 1;
                    }
                }
                answer = answers.message() => {
                    self.take(answer.map_err(|status| broken(client, status))?, ends)?;
                    // A server that answers what it was not sent is found out by the numbers.
                    sent = sent.saturating_sub(1);
                }
            }
        }
        drop(sender);
        end(&mut answers).await.map_err(|status| broken(client, status))
    }

    fn may_read(&self) -> bool {
        !self.exhausted && self.unanswered.len() < UNANSWERED
    }

    /// Reads one more batch; false at the end of the list.
    fn read(&mut self, ends: &mut impl Ends) -> Result<bool, CliError> {
        match ends.next()? {
            Some(batch) => self.unanswered.push_back(batch),
            None => self.exhausted = true,
        }
        Ok(!self.exhausted)
    }

    fn message(&self, place: usize) -> StreamScoresRequest {
        let rows = self.unanswered.get(place).map(|batch| batch.accounts().to_vec()).unwrap_or_default();
        let accounts = Some(score_chunk::Accounts::Rows(AccountRows { rows }));
        let chunk = ScoreChunk { sequence: self.first + place as u64, accounts };
        StreamScoresRequest { message: Some(Message::Chunk(chunk)) }
    }

    fn take(&mut self, answer: Option<StreamScoresResponse>, ends: &mut impl Ends) -> Result<(), Broken> {
        let answer = answer.ok_or_else(|| Broken::Now(Status::unavailable("the stream ended early")))?;
        let batch = self.unanswered.pop_front().filter(|_| answer.sequence == self.first);
        let batch = batch.ok_or_else(|| {
            CliError::Failed(format!("the server answered chunk {}, and {} was next", answer.sequence, self.first))
        })?;
        self.first += 1;
        self.failures = 0;
        Ok(ends.take(&batch, answer)?)
    }
}

/// Waits for room; nothing where there is no stream any more.
async fn reserve<T>(sender: Option<mpsc::Sender<T>>) -> Option<mpsc::OwnedPermit<T>> {
    match sender {
        Some(sender) => sender.reserve_owned().await.ok(),
        None => std::future::pending().await,
    }
}

/// Waits for the end of the answers.
async fn end(answers: &mut Streaming<StreamScoresResponse>) -> Result<(), Status> {
    while answers.message().await?.is_some() {}
    Ok(())
}

/// Whether it is worth trying again. A refusal is not, but for one that says so itself.
fn broken(client: &Client, status: Status) -> Broken {
    let lost = matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled);
    if lost { Broken::Now(status) } else { Broken::For(client.error(&status)) }
}
