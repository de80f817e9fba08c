//! A database that is killed, paused, or cut off: scoring goes on, control calls are refused, and everything recovers.

use std::time::{Duration, Instant};

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::ALONE;
use crate::cluster::{Cluster, LIMIT, Member};
use crate::data::{MODEL, promote, score};
use crate::load::Load;
use crate::postgres::PostgresServer;
use crate::proxy::Proxy;
use crate::server::Clients;

/// How the database fails.
#[derive(Clone, Copy, Debug)]
enum Outage {
    Killed,
    Paused,
    CutOff,
}

impl Outage {
    fn begin(self, database: &PostgresServer, proxy: &Proxy) {
        match self {
            Self::Killed => database.kill(),
            Self::Paused => database.pause(),
            Self::CutOff => proxy.cut(),
        }
    }

    fn end(self, database: &PostgresServer, proxy: &Proxy) {
        match self {
            Self::Killed => database.run(),
            Self::Paused => database.resume(),
            Self::CutOff => proxy.mend(),
        }
    }
}

/// Repeats a call until it is refused. Every refusal must be UNAVAILABLE, with a reason.
async fn until_refused(to: &Clients, version: &str) -> Duration {
    let started = Instant::now();
    loop {
        if let Err(status) = promote(to, version).await {
            check_refusal(&status);
            return started.elapsed();
        }
        assert!(started.elapsed() < LIMIT, "control calls are answered without a database");
    }
}

fn check_refusal(status: &Status) {
    let reason = status.get_details_error_info().map(|info| info.reason).unwrap_or_default();
    assert_eq!(status.code(), Code::Unavailable, "{status}");
    assert!(["STORE_UNREACHABLE", "CHANGE_UNDECIDED", "NOT_RECORDED"].contains(&reason.as_str()), "{status:?}");
}

async fn until_accepted(to: &Clients, version: &str) -> Duration {
    let started = Instant::now();
    loop {
        match promote(to, version).await {
            Ok(_) => return started.elapsed(),
            // The change of an earlier call was made, although it was not confirmed.
            Err(status) if status.code() == Code::Aborted => {}
            Err(status) => check_refusal(&status),
        }
        assert!(started.elapsed() < LIMIT, "control calls are not answered again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn scoring_outlives(outage: Outage) {
    let _alone = ALONE.lock().await;
    let Some(database) = PostgresServer::start() else { return };
    let proxy = Proxy::start(database.port()).await;
    let schema = database.new_schema();
    let schema = schema.rsplit("%3D").next().unwrap();
    let url = PostgresServer::url(proxy.port, schema);
    let mut members = Vec::new();
    for _ in 0..3 {
        members.push(Member::start(&url).await);
    }
    let mut cluster = Cluster { members, database };
    let [live, other] = cluster.train_two().await;
    let loads: Vec<Load> = cluster.members.iter().take(2).map(|member| Load::start(&member.clients)).collect();
    cluster.members[2].until_cached().await;

    outage.begin(&cluster.database, &proxy);
    for member in &cluster.members {
        let refused = until_refused(&member.clients, &live).await;
        println!("{outage:?}: control calls refused after {refused:?}");
        assert!(refused < Duration::from_secs(10), "{refused:?}");
        let started = Instant::now();
        check_refusal(&promote(&member.clients, &live).await.unwrap_err());
        assert!(started.elapsed() < Duration::from_secs(1), "a refusal took {:?}", started.elapsed());
    }
    // A server that starts meanwhile scores with its copies.
    let last_live = cluster.members[0].live().await;
    cluster.members[2].restart("-KILL").await;
    assert_eq!(cluster.members[2].live().await, last_live);
    check_refusal(&promote(&cluster.members[2].clients, &live).await.unwrap_err());
    check_refusal(&score(&cluster.members[2].clients, &format!("{MODEL}/versions/candidate")).await.unwrap_err());

    outage.end(&cluster.database, &proxy);
    for member in &cluster.members {
        let accepted = until_accepted(&member.clients, &other).await;
        println!("{outage:?}: control calls accepted after {accepted:?}");
        assert!(accepted < Duration::from_secs(20), "{accepted:?}");
    }
    for member in &cluster.members {
        assert!(member.until_live(&other).await < Duration::from_secs(5));
    }
    for load in loads {
        let result = load.stop().await;
        println!("{outage:?}: {} scores, no error", result.calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scoring_outlives_a_killed_database() {
    scoring_outlives(Outage::Killed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scoring_outlives_a_paused_database() {
    scoring_outlives(Outage::Paused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scoring_outlives_a_database_that_is_cut_off() {
    scoring_outlives(Outage::CutOff).await;
}
