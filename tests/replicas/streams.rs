//! A stream keeps its version, whatever other servers do.

use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_proto::v1::{self, score_chunk};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use crate::ALONE;
use crate::cluster::Cluster;
use crate::data::{account, promote, score};
use crate::server::Clients;

/// An open stream of the live version.
struct OpenStream {
    sender: mpsc::Sender<v1::StreamScoresRequest>,
    answers: Streaming<v1::StreamScoresResponse>,
    sequence: u64,
}

impl OpenStream {
    /// Begins a stream, and scores an account.
    async fn start(to: &Clients) -> (Self, (String, u64)) {
        let (sender, receiver) = mpsc::channel(4);
        let config = Message::Config(v1::ScoreConfig::default());
        sender.send(v1::StreamScoresRequest { message: Some(config) }).await.unwrap();
        let answers = to.scoring.clone().stream_scores(ReceiverStream::new(receiver)).await.unwrap().into_inner();
        let mut stream = Self { sender, answers, sequence: 0 };
        let scored = stream.score().await;
        (stream, scored)
    }

    /// Returns the version that answers the next chunk, and the bits of the log-odds.
    async fn score(&mut self) -> (String, u64) {
        let accounts = Some(score_chunk::Accounts::Rows(v1::AccountRows { rows: vec![account()] }));
        let chunk = v1::ScoreChunk { sequence: self.sequence, accounts };
        self.sequence += 1;
        self.sender.send(v1::StreamScoresRequest { message: Some(Message::Chunk(chunk)) }).await.unwrap();
        let answer = self.answers.message().await.unwrap().unwrap();
        (answer.running.unwrap().resolved_version, answer.scores[0].log_odds.to_bits())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_stream_mixes_versions() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(3).await else { return };
    let versions = cluster.train_two().await;
    let mut streams = Vec::new();
    for member in &cluster.members {
        let (stream, scored) = OpenStream::start(&member.clients).await;
        assert_eq!(scored.0, versions[0]);
        streams.push((stream, scored));
    }
    for version in [&versions[1], &versions[0], &versions[1]] {
        promote(&cluster.members[1].clients, version).await.unwrap();
        for (member, (stream, scored)) in cluster.members.iter().zip(&mut streams) {
            member.until_live(version).await;
            assert_eq!(stream.score().await, *scored);
            assert_eq!(OpenStream::start(&member.clients).await.1, score(&member.clients, version).await.unwrap());
        }
    }
    cluster.database.kill();
    for (member, (stream, scored)) in cluster.members.iter().zip(&mut streams) {
        assert_eq!(stream.score().await, *scored);
        assert_eq!(OpenStream::start(&member.clients).await.1.0, versions[1]);
    }
}
