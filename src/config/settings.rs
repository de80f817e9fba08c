//! Every setting and its built-in value.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Folder of the embedded store.
    pub store: PathBuf,
    /// The gRPC server.
    pub server: ServerSettings,
    /// Training.
    pub training: TrainingSettings,
    /// Logs.
    pub log: LogSettings,
}

/// The gRPC server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address to listen on. Anything but loopback also needs `allow_remote`.
    pub listen: SocketAddr,
    /// Listen beyond loopback although neither encryption nor authentication is configured.
    pub allow_remote: bool,
    /// Address to listen on for HTTP and JSON. Unset: there is none. Anything but loopback also needs `allow_remote`.
    pub http_listen: Option<SocketAddr>,
    /// Connections at a time for HTTP; further ones wait.
    pub http_max_connections: usize,
    /// Serve reflection. Unset: on loopback only.
    pub reflection: Option<bool>,
    /// Concurrent calls over all connections; further ones are told to try again.
    pub max_concurrent_calls: usize,
    /// Concurrent calls on one connection.
    pub max_concurrent_streams: u32,
    /// Largest request message, in bytes.
    pub max_request_bytes: usize,
    /// Largest response message, in bytes.
    pub max_response_bytes: usize,
    /// Most accounts in one import.
    pub max_import_accounts: u64,
    /// Most bytes of one import, over all its messages.
    pub max_import_bytes: u64,
    /// Longest time a shutdown waits for calls under way, in seconds.
    pub drain_seconds: u64,
}

/// Training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingSettings {
    /// Threads of one run; 0: as many as the machine has cores.
    pub threads: usize,
    /// Runs that may wait.
    pub queue: usize,
    /// Most bytes that one run may need, as estimated before it starts.
    pub max_memory_bytes: u64,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// What is logged, as a tracing filter: `info`, `sweetspot=debug`.
    pub filter: String,
    /// How it is written.
    pub format: LogFormat,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: PathBuf::from("sweetspot-data"),
            server: ServerSettings::default(),
            training: TrainingSettings::default(),
            log: LogSettings::default(),
        }
    }
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 50_051)),
            allow_remote: false,
            http_listen: None,
            http_max_connections: 256,
            reflection: None,
            max_concurrent_calls: 1024,
            max_concurrent_streams: 100,
            max_request_bytes: 4 << 20,
            max_response_bytes: 3 << 20,
            max_import_accounts: 5_000_000,
            max_import_bytes: 2 << 30,
            drain_seconds: 20,
        }
    }
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self { threads: 0, queue: 16, max_memory_bytes: 4 << 30 }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}
