//! Servers on one database.

use std::time::{Duration, Instant};

use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::bench::{Bench, SERVE, Server, signal};
use crate::data::{promote, send_import, train, wait};
use crate::postgres::PostgresServer;
use crate::server::Clients;

/// The time after which a test gives up.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A server of a cluster.
pub(crate) struct Member {
    bench: Bench,
    cache: TempDir,
    url: String,
    pub(crate) server: Server,
    pub(crate) clients: Clients,
    pub(crate) access: AccessServiceClient<Channel>,
}

/// Servers, and their database.
pub(crate) struct Cluster {
    pub(crate) members: Vec<Member>,
    pub(crate) database: PostgresServer,
}

impl Cluster {
    /// Starts a database and servers. `None` if this machine has no PostgreSQL.
    pub(crate) async fn start(count: usize) -> Option<Self> {
        let database = PostgresServer::start()?;
        let url = database.new_schema();
        let mut members = Vec::new();
        for _ in 0..count {
            members.push(Member::start(&url).await);
        }
        Some(Self { members, database })
    }

    /// Trains two versions on other data, and makes the first one live. Returns their names.
    pub(crate) async fn train_two(&self) -> [String; 2] {
        let to = &self.members[0].clients;
        let mut versions = Vec::new();
        for salt in [0, 1] {
            send_import(to, salt).await.unwrap();
            let run = train(to).await.unwrap();
            versions.push(wait(to, &run.name).await.unwrap().model_version);
        }
        promote(to, &versions[0]).await.unwrap();
        for member in &self.members {
            member.until_live(&versions[0]).await;
        }
        versions.try_into().unwrap()
    }
}

impl Member {
    /// Starts a server on a database.
    pub(crate) async fn start(url: &str) -> Self {
        let (bench, cache) = (Bench::empty(), tempfile::tempdir().unwrap());
        let server = start(&bench, &cache, url, &[]).await;
        let channel = server.channel().await;
        let (clients, access) = (Clients::from_channel(&channel), AccessServiceClient::new(channel));
        Self { bench, cache, url: url.to_owned(), server, clients, access }
    }

    /// Stops the process as `signal_name` does, and starts another one with the same cache.
    pub(crate) async fn restart(&mut self, signal_name: &str) {
        signal(self.server.child.id(), signal_name);
        self.server.child.wait().unwrap();
        self.server = start(&self.bench, &self.cache, &self.url, &[]).await;
        let channel = self.server.channel().await;
        (self.clients, self.access) = (Clients::from_channel(&channel), AccessServiceClient::new(channel));
    }

    /// The URL of the database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the cache contains the live version.
    pub(crate) async fn until_cached(&self) {
        let (started, rows) = (Instant::now(), self.cache.path().join("cached-rows"));
        while !std::fs::read(&rows).is_ok_and(|bytes| bytes.windows(8).any(|part| part == b"version/")) {
            assert!(started.elapsed() < LIMIT, "nothing is cached");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns the live version that answers.
    pub(crate) async fn live(&self) -> String {
        crate::data::score(&self.clients, "").await.unwrap().0
    }

    /// Waits until a version answers as the live one, and returns how long it took.
    pub(crate) async fn until_live(&self, version: &str) -> Duration {
        let started = Instant::now();
        while crate::data::score(&self.clients, "").await.map(|(live, _)| live).unwrap_or_default() != version {
            assert!(started.elapsed() < LIMIT, "{version} is not live");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        started.elapsed()
    }
}

/// Starts a server on a store, with further settings.
pub(crate) async fn start(bench: &Bench, cache: &TempDir, url: &str, settings: &[(&str, &str)]) -> Server {
    let mut command = bench.command(SERVE);
    command.env("SWEETSPOT__STORE", url).env("SWEETSPOT__SERVER__MODEL_CACHE", cache.path());
    command.envs(settings.iter().copied());
    // A start waits for the database, and must not stop the other tasks of the test.
    tokio::task::spawn_blocking(move || Server::start_with(command)).await.unwrap().unwrap()
}
