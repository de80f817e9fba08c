//! Runs that a killed process leaves behind, one running and one in the queue, and how the next commands treat them.
//! The queue is blocked on purpose: the running one waits at a barrier when its process dies.

use std::sync::Arc;

use sweetspot_core::{Digest, RunName};
use sweetspot_model::TrainingSpec;
use sweetspot_store::annotations::Annotations;
use sweetspot_store::clock::SystemClock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::jobs::{JobLimits, Jobs, SubmittingProcess, TrainingRequest};
use sweetspot_store::registry::{Registry, RequestKey};
use sweetspot_store::store::{SledStore, Store};

use crate::process::support::Bench;
use crate::process::support::data::MODEL;
use crate::process::support::server::Server;
use crate::process::support::store_barrier::{BlobAccess, StoreBarrier};

/// A process of this kind on the store of a folder dies while a run of another model is running and one of the default
/// model is in the queue. Returns the name of the latter.
async fn leave_runs(bench: &Bench, owner: SubmittingProcess) -> RunName {
    let barrier = StoreBarrier::new(Arc::new(SledStore::open(&bench.path("sweetspot-data")).unwrap()));
    let store: Arc<dyn Store> = Arc::new(barrier.clone());
    let registry = Arc::new(Registry::open(Arc::clone(&store), Arc::new(SystemClock)).unwrap());
    let datasets = Datasets::new(Arc::clone(&store), Arc::new(SystemClock));
    let limits = JobLimits { max_queued: 2, max_queued_per_workspace: 2, threads: 1, max_memory_bytes: 4 << 30 };
    let jobs = Jobs::start(store, registry, datasets, Arc::new(SystemClock), limits, owner).unwrap();
    barrier.set_access(BlobAccess::Blocked);
    let submit = |model: &str| TrainingRequest {
        model: model.parse().unwrap(),
        dataset: "workspaces/default/datasets/default".parse().unwrap(),
        dataset_optional: false,
        spec: TrainingSpec::default(),
        time_limit: None,
        annotations: Annotations::default(),
        request: RequestKey { id: String::new(), body: Digest::new(b"") },
    };
    jobs.submit(&submit("workspaces/default/models/other")).unwrap();
    barrier.wait_for_reader().await;
    let waiting = jobs.submit(&submit(MODEL)).unwrap().name;
    barrier.set_failing(true);
    tokio::join!(biased; jobs.drain(), async { barrier.set_access(BlobAccess::Open) });
    waiting
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queued_run_of_a_killed_command_is_not_continued_by_the_next_command() {
    let bench = Bench::with_models();
    let (scores, versions) = (bench.ok("score prospects.csv --json").stdout, bench.ok("model list --json").json());
    leave_runs(&bench, SubmittingProcess::Command).await;
    assert_eq!(bench.ok("score prospects.csv --json").stdout, scores);
    assert_eq!(bench.ok("model list --json").json(), versions, "a command that scores trained");
    bench.ok("train --mapping mapping.toml");
    assert_eq!(bench.ok("model list --json").json().as_array().unwrap().len(), 3, "one more than before");
    assert_eq!(bench.run("model list --json --model other").stdout.trim(), "[]");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_waits_for_a_server_is_trained_by_the_next_server_and_by_no_command() {
    let bench = Bench::with_models();
    let waiting = leave_runs(&bench, SubmittingProcess::Server).await;
    let versions = || bench.ok("model list --json").json().as_array().unwrap().len();
    bench.ok("score prospects.csv");
    assert_eq!(versions(), 2);
    bench.ok("train --mapping mapping.toml");
    assert_eq!(versions(), 3, "a waiting run refuses no command");
    let server = Server::start(&bench);
    let ended = crate::process::support::data::wait(&server.clients().await, &waiting.to_string()).await.unwrap();
    assert_eq!(ended.model_version, format!("{MODEL}/versions/4"));
}
