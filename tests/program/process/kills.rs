//! Kill -9 at many points of a loop of import, train and promote, all on one store.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use tonic::Status;

use crate::process::support::data::{MODEL, error_reason, promote, score, send_import, train, wait};
use crate::process::support::server::{Clients, Server};
use crate::process::support::{Bench, files_in};

const ROUND_COUNT: usize = 20;
/// The maximum growth of the store in a round, in bytes: a version, its history, and the rows about them.
const ROUND_BYTES: u64 = 256 * 1024;

/// The changes that the server has acknowledged, and the last one requested.
#[derive(Default)]
struct Acknowledged {
    /// Runs, with the version of those that are known to have one.
    runs: BTreeMap<String, Option<String>>,
    /// The score of the golden row by each version.
    golden: BTreeMap<String, u64>,
    /// Versions that were made live, in order.
    promoted: Vec<String>,
    /// The possible values of `live`.
    live: BTreeSet<String>,
}

impl Acknowledged {
    /// Runs the loop until a call is not answered.
    async fn make_changes(&mut self, to: &Clients, round: usize) -> Result<(), Status> {
        for lap in 0.. {
            let data = send_import(to, round % 3 + lap).await?;
            let run = train(to).await?;
            self.runs.insert(run.name.clone(), None);
            let run = wait(to, &run.name).await?;
            assert_eq!(run.state(), State::Succeeded, "{run:?}");
            self.runs.insert(run.name, Some(run.model_version.clone()));
            assert_eq!(trained_on(to, &run.model_version).await?, data);
            let (resolved, bits) = score(to, &run.model_version).await?;
            assert_eq!(resolved, run.model_version);
            self.golden.insert(run.model_version.clone(), bits);
            self.live.insert(run.model_version.clone());
            promote(to, &run.model_version).await?;
            self.promoted.push(run.model_version.clone());
            self.live = BTreeSet::from([run.model_version]);
        }
        Ok(())
    }

    async fn check(&mut self, to: &Clients) {
        self.check_runs(to).await;
        for (version, bits) in &self.golden {
            assert_eq!(score(to, version).await.unwrap(), (version.clone(), *bits));
        }
        if self.live.is_empty() {
            return;
        }
        let live = score(to, &format!("{MODEL}/versions/live")).await;
        if self.promoted.is_empty() && live.is_err() {
            return;
        }
        let (version, bits) = live.unwrap();
        assert!(self.live.contains(&version), "{version} is live, not one of {:?}", self.live);
        assert_eq!(self.golden.get(&version), Some(&bits));
        self.check_history(to, &version).await;
        self.live = BTreeSet::from([version]);
    }

    async fn check_runs(&mut self, to: &Clients) {
        let request = v1::ListTrainingRunsRequest { parent: MODEL.to_owned(), page_size: 1000, ..Default::default() };
        let listed = to.models.clone().list_training_runs(request).await.unwrap().into_inner().runs;
        let names: BTreeSet<_> = listed.iter().map(|run| run.name.clone()).collect();
        assert_eq!(names.len(), listed.len());
        assert!(self.runs.keys().all(|name| names.contains(name)), "a run is lost");
        for name in names {
            // Runs that waited when the process died are resumed, and end before the next round.
            let run = wait(to, &name).await.unwrap();
            match (self.runs.get(&name).cloned().flatten(), run.state()) {
                (told, State::Succeeded) => {
                    assert!(told.is_none_or(|version| version == run.model_version));
                    let bits = score(to, &run.model_version).await.unwrap().1;
                    assert_eq!(*self.golden.entry(run.model_version.clone()).or_insert(bits), bits);
                    self.runs.insert(name, Some(run.model_version));
                }
                (None, State::Failed) => assert_eq!(error_reason(&run.error.unwrap()), "INTERRUPTED"),
                (told, state) => panic!("{name} was told to be {told:?} and is {state:?}"),
            }
        }
    }

    /// Checks that every acknowledged promotion is there, in order, each starting from the version of the one before.
    async fn check_history(&mut self, to: &Clients, live: &str) {
        let request = v1::ListPromotionsRequest { parent: MODEL.to_owned(), page_size: 1000, ..Default::default() };
        let mut moves = to.models.clone().list_promotions(request).await.unwrap().into_inner().promotions;
        moves.reverse();
        let mut at = String::new();
        for entry in &moves {
            assert_eq!(entry.from_version, at);
            at.clone_from(&entry.to_version);
        }
        assert_eq!(at, live);
        let went: Vec<_> = moves.into_iter().map(|entry| entry.to_version).collect();
        assert!(went.starts_with(&self.promoted), "{went:?} does not begin with {:?}", self.promoted);
        assert!(went.len() <= self.promoted.len() + 1, "more promotions than requested: {went:?}");
        self.promoted = went;
    }
}

/// Returns the digest of the data of a version.
async fn trained_on(to: &Clients, version: &str) -> Result<String, Status> {
    let request = v1::GetModelVersionRequest { name: version.to_owned() };
    Ok(to.models.clone().get_model_version(request).await?.into_inner().version.unwrap().data_sha256)
}

/// Checks the acknowledged changes, runs the loop, and kills the server after a number of polls, independent of time.
async fn kill_round(bench: &Bench, told: &mut Acknowledged, number: usize) {
    let server = Server::start(bench);
    let to = server.clients().await;
    told.check(&to).await;
    assert!(!files_in(&bench.path("sweetspot-data")).iter().any(|file| file.ends_with("blobs/tmp")));
    // A different number of steps each round: some end within a call, some between two.
    let mut polls = (number * 7919 + 13) % 29 + 1;
    let mut work = Box::pin(told.make_changes(&to, number));
    std::future::poll_fn(|context| {
        let ended = work.as_mut().poll(context);
        assert!(ended.is_pending(), "the loop ended on its own: {ended:?}");
        polls -= 1;
        if polls == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    server.kill();
    // Changes that were acknowledged before the kill still count.
    work.await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_change_survives_kills() {
    let bench = Bench::empty();
    let mut told = Acknowledged::default();
    for number in 0..ROUND_COUNT {
        kill_round(&bench, &mut told, number).await;
    }
    let server = Server::start(&bench);
    told.check(&server.clients().await).await;
    assert!(told.promoted.len() >= 3, "the loop hardly ran: {:?}", told.promoted);
    assert_eq!(server.stop("-TERM").code, Some(0));
    let grown = bench.byte_count("sweetspot-data");
    assert!(grown < 2 * 1024 * 1024 + ROUND_BYTES * ROUND_COUNT as u64, "{grown} bytes");
}
