//! What every section works with: options, accounts, a model, and the servers to compare.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use sweetspot_core::{Account, Alias, Digest, ModelName, RunName};
use sweetspot_model::ModelArtifact;
use sweetspot_store::clock::SystemClock;
use sweetspot_store::registry::{Promote, Registry, RequestKey, TierCuts};
use sweetspot_store::store::{SledStore, Store};
use tempfile::TempDir;

use crate::accounts;
use crate::options::Options;
use crate::server::Server;

/// Customers that the model has learned from.
pub(crate) const CUSTOMERS: usize = 5_000;

/// See the top of this file.
pub(crate) struct Bed {
    pub(crate) options: Options,
    pub(crate) artifact: ModelArtifact,
    pub(crate) accounts: Vec<Account>,
    /// Names and programs of the product's builds to compare.
    pub(crate) products: Vec<(String, PathBuf)>,
    folder: TempDir,
}

impl Bed {
    pub(crate) fn new(options: Options) -> Self {
        let split = |text: &String| {
            let (name, path) = text.split_once('=').unwrap();
            (name.to_owned(), path.into())
        };
        let mut products: Vec<(String, PathBuf)> = options.products.iter().map(split).collect();
        if products.is_empty() {
            products.push(("Sweetspot".to_owned(), env!("CARGO_BIN_EXE_sweetspot").into()));
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("customers.csv"), accounts::customers(CUSTOMERS)).unwrap();
        fs::write(folder.path().join("mapping.toml"), accounts::mapping_text()).unwrap();
        let accounts = accounts::prospects(10_000);
        Self { options, artifact: accounts::model(CUSTOMERS), accounts, products, folder }
    }

    /// The length of one round.
    pub(crate) fn round(&self) -> Duration {
        Duration::from_secs_f64(self.options.seconds)
    }

    /// A file of the bench.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first of the accounts that have every attribute.
    pub(crate) fn one(&self) -> &[Account] {
        let full = self.accounts.iter().position(|account| account.attributes.len() == 20).unwrap();
        self.accounts.get(full..=full).unwrap()
    }

    /// A new store that holds the model so many times, the first one live.
    pub(crate) fn store(&self, versions: usize) -> PathBuf {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&folder).unwrap());
        let registry = Registry::open(store, Arc::new(SystemClock)).unwrap();
        let model: ModelName = "workspaces/default/models/default".parse().unwrap();
        for number in 0..versions {
            let run: RunName = format!("{model}/trainingRuns/bench{number}").parse().unwrap();
            let published = registry.publish(&run, &self.artifact).unwrap();
            if number == 0 {
                let request = RequestKey { id: String::new(), body: Digest::of(b"") };
                let (version, etag, actor) = (published.name, published.etag, "bench".to_owned());
                let (alias, reason) = (Alias::Live, String::new());
                registry
                    .promote(&Promote {
                        version,
                        alias,
                        etag,
                        overrides: Vec::new(),
                        tiers: TierCuts::Reset,
                        reason,
                        actor,
                        request,
                    })
                    .unwrap();
            }
        }
        folder
    }

    /// How the product serves a store.
    pub(crate) fn serve(&self, program: &Path, store: &Path, port: u16) -> Command {
        let mut command = self.command(program);
        command.arg("serve").arg("--store").arg(store).arg("--listen").arg(format!("127.0.0.1:{port}"));
        command
    }

    /// Starts every build of the product.
    pub(crate) async fn start_products(&self) -> Vec<Server> {
        let mut servers = Vec::new();
        for (name, program) in &self.products {
            let store = self.store(1);
            servers.push(Server::start(name, |port| self.serve(program, &store, port)).await);
        }
        servers
    }

    /// Starts a server that answers so many bytes to everything: `tonic` or `hyper`.
    pub(crate) async fn start_floor(&self, kind: &str, bytes: usize) -> Server {
        let command = |port: u16| {
            let mut command = self.command(&env::current_exe().unwrap());
            command.arg(format!("--{kind}={bytes}")).arg(format!("--port={port}"));
            command
        };
        Server::start(&format!("bare {kind}"), command).await
    }

    /// Starts what users would pick instead, where there is a Python for it, and adds what runs already.
    pub(crate) async fn start_peers(&self) -> Vec<Server> {
        let mut servers = Vec::new();
        for kind in self.options.peers.iter().filter(|_| self.options.python.is_some()) {
            servers.push(Server::start(kind, |port| self.peer(kind, port)).await);
        }
        servers.extend(self.options.peer.iter().map(|text| {
            let (name, port) = text.split_once('=').unwrap();
            Server::running(name, port.parse().unwrap())
        }));
        servers
    }

    /// How a peer serves.
    fn peer(&self, kind: &str, port: u16) -> Command {
        let mut command = self.python().unwrap();
        let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
        command.arg(kind).arg(port.to_string()).arg(self.file("customers.csv")).arg(proto);
        command
    }

    /// How peers are measured without a wire, where there is a Python for it.
    pub(crate) fn peers_in_process(&self) -> Option<Command> {
        let mut command = self.python()?;
        command.arg("in-process").arg(self.file("customers.csv"));
        Some(command)
    }

    fn python(&self) -> Option<Command> {
        let mut command = self.command(self.options.python.as_ref()?);
        command.arg(script("serving_peers.py"));
        Some(command)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(workers) = self.options.workers {
            command.env("TOKIO_WORKER_THREADS", workers.to_string());
        }
        command
    }
}

/// A file beside this bench.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name)
}
