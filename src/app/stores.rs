//! Opens the store of the settings, of whatever kind.

use std::sync::Arc;

use sweetspot_store::copy;
use sweetspot_store::jobs::SubmittingProcess;
use sweetspot_store::store::{DatabaseUrl, LocalCache, SledStore, Store, StoreError, StoreLocation};

use super::AppError;
use crate::config::Settings;

/// A store, with the copies of its live models.
type OpenedStore = (Arc<dyn Store>, Option<Arc<LocalCache>>);

/// The store of a database, and whether it answers.
type OpenedDatabase = (Arc<dyn Store>, Result<(), StoreError>);

/// Opens the store of the settings. That of a server may not answer yet, if there are copies with which it can start.
///
/// # Errors
/// If the store is in use, unreadable, not complete, or cannot be reached.
pub(super) fn open(settings: &Settings, owner: SubmittingProcess) -> Result<OpenedStore, AppError> {
    match &settings.store {
        StoreLocation::Folder(folder) => {
            let store = SledStore::open_with_min_free(folder, settings.server.min_free_disk.0)?;
            copy::check_complete(&store)?;
            Ok((Arc::new(store), None))
        }
        StoreLocation::Database(url) => {
            let folder = settings.server.model_cache.as_deref().filter(|_| owner == SubmittingProcess::Server);
            let cache = folder.map(LocalCache::open).transpose()?.map(Arc::new);
            let has_copies = cache.as_ref().is_some_and(|cache| !cache.is_empty());
            let (store, answer) = open_database(url)?;
            match answer.and_then(|()| copy::check_complete(&*store)) {
                Err(StoreError::Unreachable { .. }) if has_copies => {}
                checked => checked?,
            }
            Ok((store, cache))
        }
    }
}

/// Opens a store for a copy.
///
/// # Errors
/// If the store is in use, unreadable, or cannot be reached.
pub(crate) fn open_store(location: &StoreLocation) -> Result<Arc<dyn Store>, StoreError> {
    match location {
        StoreLocation::Folder(folder) => Ok(Arc::new(SledStore::open(folder)?)),
        StoreLocation::Database(url) => {
            let (store, answer) = open_database(url)?;
            answer.map(|()| store)
        }
    }
}

/// Opens a database, which need not answer.
#[cfg(feature = "postgres")]
fn open_database(url: &DatabaseUrl) -> Result<OpenedDatabase, StoreError> {
    let store = sweetspot_store::store::PostgresStore::start(url)?;
    let answer = store.wait_until_open();
    Ok((Arc::new(store), answer))
}

#[cfg(not(feature = "postgres"))]
fn open_database(url: &DatabaseUrl) -> Result<OpenedDatabase, StoreError> {
    let cause = "this program was built without the feature postgres".to_owned();
    Err(StoreError::DatabaseUrl { store: url.to_string(), cause })
}
