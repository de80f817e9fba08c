//! The test bed that all sections share: options, accounts, a model, and the servers to compare.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use sweetspot_core::{Account, Digest, ModelName, ModelVersionAlias, RunName};
use sweetspot_model::ModelArtifact;
use sweetspot_store::clock::SystemClock;
use sweetspot_store::registry::{PromoteRequest, Registry, RequestKey, TierCutsChoice};
use sweetspot_store::store::{SledStore, Store};
use tempfile::TempDir;

use crate::accounts;
use crate::encryption::{self, FILES};
use crate::options::Options;
use crate::server::ServerProcess;

/// The number of customers that the model is trained on.
pub(crate) const CUSTOMERS: usize = 5_000;

/// See the module documentation.
pub(crate) struct TestBed {
    pub(crate) options: Options,
    pub(crate) artifact: ModelArtifact,
    pub(crate) accounts: Vec<Account>,
    /// The names and programs of the product builds to compare.
    pub(crate) products: Vec<(String, PathBuf)>,
    folder: TempDir,
}

impl TestBed {
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
        if options.tls {
            encryption::enable(folder.path());
        }
        let accounts = accounts::prospects(10_000);
        Self { options, artifact: accounts::train_model(CUSTOMERS), accounts, products, folder }
    }

    /// The duration of one round.
    pub(crate) fn round_duration(&self) -> Duration {
        Duration::from_secs_f64(self.options.seconds)
    }

    /// The path of a file in the bench's temporary folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first account with all attributes.
    pub(crate) fn single_account(&self) -> &[Account] {
        let full = self.accounts.iter().position(|account| account.attributes.len() == 20).unwrap();
        self.accounts.get(full..=full).unwrap()
    }

    /// Creates a store with `versions` versions of the model, the first of which is live.
    pub(crate) fn create_store(&self, versions: usize) -> PathBuf {
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&folder).unwrap());
        let registry = Registry::open(store, Arc::new(SystemClock)).unwrap();
        let model: ModelName = "workspaces/default/models/default".parse().unwrap();
        for number in 0..versions {
            let run: RunName = format!("{model}/trainingRuns/bench{number}").parse().unwrap();
            let published = registry.publish(&run, &self.artifact).unwrap();
            if number == 0 {
                let request = RequestKey { id: String::new(), body: Digest::new(b"") };
                let (version, etag, actor) = (published.name, published.etag, "bench".to_owned());
                let (alias, reason) = (ModelVersionAlias::Live, String::new());
                registry
                    .promote(&PromoteRequest {
                        version,
                        alias,
                        etag,
                        overrides: Vec::new(),
                        tiers: TierCutsChoice::Reset,
                        reason,
                        actor,
                        request,
                    })
                    .unwrap();
            }
        }
        folder
    }

    /// The command that serves a store with the product.
    pub(crate) fn serve_command(&self, program: &Path, store: &Path, port: u16) -> Command {
        let mut command = self.base_command(program);
        command.arg("serve").arg("--store").arg(store).arg("--listen").arg(format!("127.0.0.1:{port}"));
        if self.options.tls {
            let [certificate, key] = FILES.map(|name| self.file(name));
            command.arg("--tls-cert").arg(certificate).arg("--tls-key").arg(key);
        }
        command
    }

    /// Starts each build of the product.
    pub(crate) async fn start_products(&self) -> Vec<ServerProcess> {
        let mut servers = Vec::new();
        for (name, program) in &self.products {
            let store = self.create_store(1);
            servers.push(ServerProcess::start(name, |port| self.serve_command(program, &store, port)).await);
        }
        servers
    }

    /// Starts a baseline server that answers each call with `bytes` bytes: `tonic` or `hyper`.
    pub(crate) async fn start_floor(&self, kind: &str, bytes: usize) -> ServerProcess {
        let command = |port: u16| {
            let mut command = self.base_command(&env::current_exe().unwrap());
            command.arg(format!("--{kind}={bytes}")).arg(format!("--port={port}"));
            if self.options.tls {
                command.arg("--certificate").arg(self.folder.path());
            }
            command
        };
        ServerProcess::start(&format!("bare {kind}"), command).await
    }

    /// Starts the alternatives to the product if Python is given, and adds those that are already running.
    pub(crate) async fn start_peers(&self) -> Vec<ServerProcess> {
        let mut servers = Vec::new();
        for kind in self.options.peers.iter().filter(|_| self.options.python.is_some()) {
            servers.push(ServerProcess::start(kind, |port| self.peer_command(kind, port)).await);
        }
        servers.extend(self.options.peer.iter().map(|text| {
            let (name, port) = text.split_once('=').unwrap();
            ServerProcess::running(name, port.parse().unwrap())
        }));
        servers
    }

    /// The command that starts a peer.
    fn peer_command(&self, kind: &str, port: u16) -> Command {
        let mut command = self.python_command().unwrap();
        let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
        command.arg(kind).arg(port.to_string()).arg(self.file("customers.csv")).arg(proto);
        command
    }

    /// The command that measures the peers in process. `None` without Python.
    pub(crate) fn peers_in_process(&self) -> Option<Command> {
        let mut command = self.python_command()?;
        command.arg("in-process").arg(self.file("customers.csv"));
        Some(command)
    }

    fn python_command(&self) -> Option<Command> {
        let mut command = self.base_command(self.options.python.as_ref()?);
        command.arg(script("serving_peers.py"));
        Some(command)
    }

    fn base_command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some(workers) = self.options.workers {
            command.env("TOKIO_WORKER_THREADS", workers.to_string());
        }
        command
    }
}

/// The path of a script next to this bench.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches").join(name)
}
