//! All settings and their defaults.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// All settings.
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

/// Settings of the gRPC server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address to listen on. Anything but loopback also needs `allow_remote`.
    pub listen: SocketAddr,
    /// Whether to listen beyond loopback although neither encryption nor authentication is configured.
    pub allow_remote: bool,
    /// Address to listen on for HTTP and JSON; `None` disables them. Anything but loopback also needs `allow_remote`.
    pub http_listen: Option<SocketAddr>,
    /// Maximum number of HTTP connections; further ones wait.
    pub http_max_connections: usize,
    /// Whether to serve reflection. `None`: on loopback only.
    pub reflection: Option<bool>,
    /// Number of worker threads that handle calls; 0: the number of cores.
    pub workers: usize,
    /// Address of the metrics, in plain HTTP; `None` disables them. Anything but loopback also needs `allow_remote`.
    pub metrics_listen: Option<SocketAddr>,
    /// Maximum number of connections; further ones are closed at once.
    pub max_connections: usize,
    /// Time until a connection must send its first frame, in seconds.
    pub handshake_seconds: u64,
    /// Age at which a client is asked to reconnect, in seconds, plus or minus a tenth.
    pub max_connection_age_seconds: u64,
    /// Time that the calls of an old connection then have, in seconds.
    pub connection_grace_seconds: u64,
    /// Maximum number of concurrent calls over all connections; further ones are refused and may be retried.
    pub max_concurrent_calls: usize,
    /// Maximum number of concurrent calls on one connection.
    pub max_concurrent_streams: u32,
    /// Maximum number of concurrent score streams over all connections; further ones are refused and may be retried.
    pub max_score_streams: usize,
    /// Maximum size of a request message, in bytes.
    pub max_request_bytes: usize,
    /// Maximum number of request bytes buffered over all calls; further calls are refused and may be retried.
    pub max_buffered_bytes: usize,
    /// Maximum pause within a stream of requests, in seconds.
    pub body_timeout_seconds: u64,
    /// Maximum time that calls may wait in the queue, in milliseconds, before some are refused.
    pub max_queue_ms: u64,
    /// Maximum size of a response message, in bytes.
    pub max_response_bytes: usize,
    /// Maximum number of accounts in one import.
    pub max_import_accounts: u64,
    /// Maximum size of one import over all its messages, in bytes.
    pub max_import_bytes: u64,
    /// Number of versions of a dataset that are kept, in addition to those that something depends on.
    pub max_dataset_versions: usize,
    /// Maximum time that a shutdown waits for running calls, in seconds.
    pub drain_seconds: u64,
}

/// Settings of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingSettings {
    /// Number of threads of one run; 0: the number of cores.
    pub threads: usize,
    /// Maximum number of runs in the queue.
    pub queue: usize,
    /// Maximum memory of one run, in bytes, as estimated before it starts.
    pub max_memory_bytes: u64,
}

/// Settings of the logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSettings {
    /// Filter of the events, as a tracing filter: `info`, `sweetspot=debug`.
    pub filter: String,
    /// Format of the events.
    pub format: LogFormat,
}

/// The format of logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object per line.
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
            // The maximum time that a call may wait for a training run.
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
