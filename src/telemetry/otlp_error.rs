//! Why traces and metrics cannot be sent as set.

use std::path::PathBuf;

use thiserror::Error;

/// Why traces and metrics cannot be sent as set.
#[derive(Debug, Error)]
pub enum OtlpError {
    /// The program was built without the feature `otlp`.
    #[error("otlp.endpoint is set, and this build cannot send traces and metrics: build it with the feature otlp")]
    NoSupport,
    /// There is no collector.
    #[error("otlp.* is set, but not the address of a collector: set otlp.endpoint, too")]
    NoEndpoint,
    /// The address has a path.
    #[error("otlp.endpoint: {endpoint} has a path, which gRPC does not use: give scheme, host and port alone")]
    Path {
        /// The address.
        endpoint: String,
    },
    /// The headers would be sent without encryption to another machine.
    #[error("otlp.headers_file would be sent to {endpoint} without encryption: use https://")]
    Unencrypted {
        /// The address.
        endpoint: String,
    },
    /// Connections to the collector would not be encrypted.
    #[error("otlp.ca_file is set, but {endpoint} is not encrypted: use https://")]
    UnusedAuthorities {
        /// The address.
        endpoint: String,
    },
    /// A file cannot be used.
    #[error("{setting}: cannot use {}: {cause}", path.display())]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The encryption cannot be set up.
    #[error("otlp.endpoint: cannot encrypt connections: {cause}")]
    Tls {
        /// Why.
        cause: String,
    },
}
