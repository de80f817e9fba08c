//! Servers are replaced one after the other while clients call them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tonic::{Code, Status};

use crate::ALONE;
use crate::cluster::{Cluster, LIMIT};
use crate::data::score;
use crate::server::Clients;

const CLIENTS: usize = 4;

/// A client that balances over servers, and repeats a call that a server refuses to take at another one, as clients of
/// gRPC do with a retry policy for UNAVAILABLE.
struct BalancedClient {
    servers: Arc<Mutex<Vec<Clients>>>,
    next: usize,
}

impl BalancedClient {
    async fn score(&mut self, repeated: &AtomicUsize) -> Result<String, Status> {
        let mut last = None;
        for _ in 0..3 {
            self.next += 1;
            let to = {
                let servers = self.servers.lock().unwrap();
                servers[self.next % servers.len()].clone()
            };
            match score(&to, "").await {
                Ok((version, _)) => return Ok(version),
                Err(status)
                    if matches!(
                        status.code(),
                        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
                    ) =>
                {
                    repeated.fetch_add(1, Ordering::Relaxed);
                    last = Some(status);
                }
                Err(status) => return Err(status),
            }
        }
        Err(last.unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_fails_no_call() {
    let _alone = ALONE.lock().await;
    let Some(mut cluster) = Cluster::start(3).await else { return };
    let [live, _] = cluster.train_two().await;
    let servers: Arc<Mutex<Vec<Clients>>> =
        Arc::new(Mutex::new(cluster.members.iter().map(|member| member.clients.clone()).collect()));
    let (is_stopped, calls, repeated) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let mut client = BalancedClient { servers: Arc::clone(&servers), next: number };
            let (is_stopped, calls, repeated) = (Arc::clone(&is_stopped), Arc::clone(&calls), Arc::clone(&repeated));
            tokio::spawn(async move {
                let mut failed = Vec::new();
                while !is_stopped.load(Ordering::Relaxed) {
                    calls.fetch_add(1, Ordering::Relaxed);
                    match client.score(&repeated).await {
                        Ok(version) => assert_eq!(version, "workspaces/default/models/default/versions/1"),
                        Err(status) => failed.push(status),
                    }
                }
                failed
            })
        })
        .collect();
    for number in 0..3 {
        let (before, started) = (calls.load(Ordering::Relaxed), Instant::now());
        cluster.members[number].restart("-TERM").await;
        servers.lock().unwrap()[number] = cluster.members[number].clients.clone();
        assert_eq!(cluster.members[number].live().await, live);
        // The other clients have called the new server, too.
        while calls.load(Ordering::Relaxed) < before + 200 {
            assert!(started.elapsed() < LIMIT);
            tokio::task::yield_now().await;
        }
    }
    is_stopped.store(true, Ordering::Relaxed);
    let mut failed = Vec::new();
    for task in tasks {
        failed.extend(task.await.unwrap());
    }
    let (calls, repeated) = (calls.load(Ordering::Relaxed), repeated.load(Ordering::Relaxed));
    println!(
        "rolling restart of 3 servers: {calls} calls, {repeated} repeated at another server, {} failed",
        failed.len()
    );
    assert!(failed.is_empty(), "{:?}", failed.first());
}
