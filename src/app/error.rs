//! Why there is no server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sweetspot_store::jobs::JobError;
use sweetspot_store::registry::RegistryError;
use sweetspot_store::store::StoreError;
use thiserror::Error;

/// Why a world cannot be opened or served.
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
    /// Something that the store holds cannot be read, though the store itself is open.
    #[error("store {} cannot be read ({source}): put a backup in place of the folder", store.display())]
    Unreadable {
        /// The store's folder.
        store: PathBuf,
        /// What cannot be read.
        source: Box<AppError>,
    },
    /// Everybody could reach the server, and it asks nobody who they are.
    #[error(
        "refusing to listen on {listen} without encryption and authentication: listen on 127.0.0.1, or set \
         server.allow_remote if the network is protected"
    )]
    Remote {
        /// The address.
        listen: SocketAddr,
    },
    /// The listener has no address.
    #[error("the listening socket cannot be used")]
    Socket(#[source] std::io::Error),
    /// The metrics have no address.
    #[error("the metrics cannot be served on {listen}: set server.metrics_listen to a free address")]
    Metrics {
        /// The address.
        listen: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The pipe within the process cannot be set up.
    #[error("the embedded server cannot be reached")]
    Embed(#[source] tonic::transport::Error),
}

impl AppError {
    /// The same error with the folder of the store, where it does not name it itself.
    pub(super) fn within(self, store: &Path) -> Self {
        let (Self::Store(kept) | Self::Registry(RegistryError::Store(kept)) | Self::Jobs(JobError::Store(kept))) =
            &self
        else {
            return self;
        };
        let nameless =
            matches!(kept, StoreError::Backend { .. } | StoreError::Conflict { .. } | StoreError::RowTooLarge { .. });
        if nameless { Self::Unreadable { store: store.to_owned(), source: Box::new(self) } } else { self }
    }
}
