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
    /// Worker threads that answer calls; 0: as many as the machine has cores.
    pub workers: usize,
    /// Address of the metrics, as plain HTTP; unset: nowhere. Anything but loopback also needs `allow_remote`.
    pub metrics_listen: Option<SocketAddr>,
    /// Connections at a time; further ones are closed at once.
    pub max_connections: usize,
    /// Time in which a connection must begin to speak, in seconds.
    pub handshake_seconds: u64,
    /// Time after which a client is asked to connect anew, in seconds, give or take a tenth.
    pub max_connection_age_seconds: u64,
    /// Time that the calls of an old connection then have, in seconds.
    pub connection_grace_seconds: u64,
    /// Concurrent calls over all connections; further ones are told to try again.
    pub max_concurrent_calls: usize,
    /// Concurrent calls on one connection.
    pub max_concurrent_streams: u32,
    /// Streams of scores at a time, over all connections; further ones are told to try again.
    pub max_score_streams: usize,
    /// Largest request message, in bytes.
    pub max_request_bytes: usize,
    /// Bytes of requests held at a time, over all calls; further ones are told to try again.
    pub max_buffered_bytes: usize,
    /// Time in which a stream of requests must go on, in seconds.
    pub body_timeout_seconds: u64,
    /// Longest that calls may wait for their turn, in milliseconds, before some are told to try again.
    pub max_queue_ms: u64,
    /// Largest response message, in bytes.
    pub max_response_bytes: usize,
    /// Most accounts in one import.
    pub max_import_accounts: u64,
    /// Most bytes of one import, over all its messages.
    pub max_import_bytes: u64,
    /// Versions of a dataset that are kept, those aside that something stands on.
    pub max_dataset_versions: usize,
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
            workers: 0,
            metrics_listen: None,
            max_connections: 1024,
            handshake_seconds: 5,
            max_connection_age_seconds: 300,
            // As long as a training may be waited for.
            connection_grace_seconds: 1800,
            max_concurrent_calls: 1024,
            max_concurrent_streams: 100,
            max_score_streams: 64,
            max_request_bytes: 4 << 20,
            max_buffered_bytes: 256 << 20,
            body_timeout_seconds: 30,
            max_queue_ms: 100,
            max_response_bytes: 3 << 20,
            max_import_accounts: 5_000_000,
            max_import_bytes: 2 << 30,
            max_dataset_versions: 20,
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
