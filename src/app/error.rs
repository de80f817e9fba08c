//! Errors of opening and serving an application.

use std::net::SocketAddr;

use sweetspot_store::datasets::DatasetError;
use sweetspot_store::jobs::JobError;
use sweetspot_store::registry::RegistryError;
use sweetspot_store::store::{StoreError, StoreLocation};
use thiserror::Error;

use super::tls::TlsError;
use crate::access::TokenError;
use crate::telemetry::OtlpError;

/// The reason why an application cannot be opened or served.
#[derive(Debug, Error)]
pub enum AppError {
    /// The store cannot be opened or recovered.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry cannot be opened.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The training runs cannot be recovered.
    #[error(transparent)]
    Jobs(#[from] JobError),
    /// The datasets cannot be read.
    #[error(transparent)]
    Datasets(#[from] DatasetError),
    /// A part of the store cannot be read, although the store itself is open.
    #[error("store {store} cannot be read ({source}): put a backup in its place")]
    Unreadable {
        /// The folder of the store, or the URL of its database.
        store: String,
        /// The error of the part.
        source: Box<AppError>,
    },
    /// The server would be reachable from other machines without authentication.
    #[error(
        "refusing to listen on {listen} without encryption and authentication: listen on 127.0.0.1, set \
         tls.certificate_file, tls.key_file and auth.required, or set server.allow_remote if the network is protected"
    )]
    Remote {
        /// The address.
        listen: SocketAddr,
    },
    /// Credentials are required, and there is none.
    #[error(
        "auth.required is set, but the store has no active API key, so that no call could succeed: create one with \
         `sweetspot key create --role owner --principal NAME` on the folder of the store, or set \
         auth.owner_key_file or auth.jwt_issuer"
    )]
    NoCredentials,
    /// The key in `auth.owner_key_file` cannot be used.
    #[error("auth.owner_key_file: {0}")]
    OwnerKey(String),
    /// Tokens cannot be accepted as set.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Connections cannot be encrypted as set.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Traces and metrics cannot be sent as set.
    #[error(transparent)]
    Otlp(#[from] OtlpError),
    /// The address of the listener cannot be read.
    #[error("the listening socket cannot be used: set server.listen to another address")]
    Socket(#[source] std::io::Error),
    /// The probes and the metrics cannot be served at their address.
    #[error("the probes and the metrics cannot be served on {listen}: set server.admin_listen to a free address")]
    Admin {
        /// The address.
        listen: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The in-memory pipe cannot be set up.
    #[error("the server within this process did not start: this is a bug, please report it")]
    Embed(#[source] tonic::transport::Error),
}

impl AppError {
    /// Adds the place of the store to the error, unless the error names it already.
    pub(super) fn with_store(self, store: &StoreLocation) -> Self {
        let (Self::Store(source) | Self::Registry(RegistryError::Store(source)) | Self::Jobs(JobError::Store(source))) =
            &self
        else {
            return self;
        };
        let nameless = matches!(
            source,
            StoreError::Backend { .. }
                | StoreError::Conflict { .. }
                | StoreError::RowTooLarge { .. }
                | StoreError::CopyIncomplete
                | StoreError::LeaseLost { .. }
                | StoreError::Message(_)
        );
        if nameless { Self::Unreadable { store: store.to_string(), source: Box::new(self) } } else { self }
    }
}
