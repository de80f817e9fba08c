//! Kill -9 at many points of the loop of import, train and promote, all on one store.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use tonic::Status;

use crate::process::support::data::{MODEL, promote, reason_of, score, send, train, wait};
use crate::process::support::server::{Clients, Server};
use crate::process::support::{Bench, files_in};

const ROUNDS: usize = 20;
/// What the store may grow by in a round: a version, its history, and the rows about them.
const ROUND_BYTES: u64 = 256 * 1024;

/// What the server has promised, and what was asked of it last.
#[derive(Default)]
struct Told {
    /// Runs, with the version of those that were told to have one.
    runs: BTreeMap<String, Option<String>>,
    /// What each version makes of the golden row.
    golden: BTreeMap<String, u64>,
    /// Versions that were made live, in order.
    promoted: Vec<String>,
    /// What `live` may be.
    live: BTreeSet<String>,
}

impl Told {
    /// Goes on with the loop until a call is not answered.
    async fn work(&mut self, to: &Clients, round: usize) -> Result<(), Status> {
        for lap in 0.. {
            let data = send(to, round % 3 + lap).await?;
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
            // Whatever waited when the process died waits on, and is done before the next round.
            let run = wait(to, &name).await.unwrap();
            match (self.runs.get(&name).cloned().flatten(), run.state()) {
                (told, State::Succeeded) => {
                    assert!(told.is_none_or(|version| version == run.model_version));
                    let bits = score(to, &run.model_version).await.unwrap().1;
                    assert_eq!(*self.golden.entry(run.model_version.clone()).or_insert(bits), bits);
                    self.runs.insert(name, Some(run.model_version));
                }
                (None, State::Failed) => assert_eq!(reason_of(&run.error.unwrap()), "INTERRUPTED"),
                (told, state) => panic!("{name} was told to be {told:?} and is {state:?}"),
            }
        }
    }

    /// Every promotion that was told is there, in order, each from where the one before went.
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
        assert!(went.len() <= self.promoted.len() + 1, "nobody asked for {went:?}");
        self.promoted = went;
    }
}

/// The digest of the data of a version.
async fn trained_on(to: &Clients, version: &str) -> Result<String, Status> {
    let request = v1::GetModelVersionRequest { name: version.to_owned() };
    Ok(to.models.clone().get_model_version(request).await?.into_inner().version.unwrap().data_sha256)
}

/// Checks the promises, goes on with the loop, and kills the server after so many polls of it: no clock decides.
async fn round(bench: &Bench, told: &mut Told, number: usize) {
    let server = Server::start(bench);
    let to = server.clients().await;
    told.check(&to).await;
    assert!(!files_in(&bench.path("sweetspot-data")).iter().any(|file| file.ends_with("blobs/tmp")));
    // A different number of steps each round: some end within a call, some between two.
    let mut polls = (number * 7919 + 13) % 29 + 1;
    let mut work = Box::pin(told.work(&to, number));
    std::future::poll_fn(|context| {
        let ended = work.as_mut().poll(context);
        assert!(ended.is_pending(), "the loop ended on its own: {ended:?}");
        polls -= 1;
        if polls == 0 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    server.kill();
    // What had been answered before the end still counts.
    work.await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_outlives_every_kill() {
    let bench = Bench::empty();
    let mut told = Told::default();
    for number in 0..ROUNDS {
        round(&bench, &mut told, number).await;
    }
    let server = Server::start(&bench);
    told.check(&server.clients().await).await;
    assert!(told.promoted.len() >= 3, "the loop hardly ran: {:?}", told.promoted);
    assert_eq!(server.stop("-TERM").code, Some(0));
    let grown = bench.bytes_in("sweetspot-data");
    assert!(grown < 2 * 1024 * 1024 + ROUND_BYTES * ROUNDS as u64, "{grown} bytes");
}
