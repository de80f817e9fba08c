//! Opens the store of the settings, of whatever kind.

use std::sync::Arc;

use sweetspot_store::copy;
use sweetspot_store::jobs::SubmittingProcess;
use sweetspot_store::store::{
    DatabaseUrl, LocalCache, ObjectUrl, SledStore, Store, StoreError, StoreLocation, check_blobs_are_with_rows,
};

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
            refuse_objects(settings.objects.url.as_ref())?;
            let store = SledStore::open_with_min_free(folder, settings.server.min_free_disk.0)?;
            copy::check_complete(&store)?;
            Ok((Arc::new(store), None))
        }
        StoreLocation::Database(url) => {
            let folder = settings.server.model_cache.as_deref().filter(|_| owner == SubmittingProcess::Server);
            let cache = folder.map(LocalCache::open).transpose()?.map(Arc::new);
            let has_copies = cache.as_ref().is_some_and(|cache| !cache.is_empty());
            let (store, answer) = open_database(url, settings.objects.url.as_ref())?;
            match answer.and_then(|()| copy::check_complete(&*store)) {
                Err(StoreError::Unreachable { .. }) if has_copies => {}
                checked => checked?,
            }
            Ok((store, cache))
        }
    }
}

/// Opens a store for a copy. `objects` is where its blobs are, unless they are with its rows.
///
/// # Errors
/// If the store is in use, unreadable, or cannot be reached.
pub(crate) fn open_store(location: &StoreLocation, objects: Option<&ObjectUrl>) -> Result<Arc<dyn Store>, StoreError> {
    match location {
        StoreLocation::Folder(folder) => {
            refuse_objects(objects)?;
            Ok(Arc::new(SledStore::open(folder)?))
        }
        StoreLocation::Database(url) => {
            let (store, answer) = open_database(url, objects)?;
            answer.map(|()| store)
        }
    }
}

/// Fails if the blobs of a directory would be elsewhere: its repair and its check need them.
fn refuse_objects(objects: Option<&ObjectUrl>) -> Result<(), StoreError> {
    let Some(url) = objects else { return Ok(()) };
    let cause =
        "the store is a directory, which contains its files: unset objects.url, or name a database as the store";
    Err(StoreError::ObjectUrl { store: url.to_string(), cause: cause.to_owned() })
}

/// Opens a database, with its blobs in an object store if there is an address. Returns its store, and whether it answers.
fn open_database(url: &DatabaseUrl, objects: Option<&ObjectUrl>) -> Result<OpenedDatabase, StoreError> {
    let (store, answer) = open_rows(url)?;
    if let Some(objects) = objects {
        return add_objects(store, objects, answer);
    }
    let answer = answer.and_then(|()| check_blobs_are_with_rows(&*store));
    Ok((store, answer))
}

#[cfg(feature = "postgres")]
fn open_rows(url: &DatabaseUrl) -> Result<OpenedDatabase, StoreError> {
    let store = sweetspot_store::store::PostgresStore::start(url)?;
    let answer = store.wait_until_open();
    Ok((Arc::new(store), answer))
}

#[cfg(not(feature = "postgres"))]
fn open_rows(url: &DatabaseUrl) -> Result<OpenedDatabase, StoreError> {
    let cause = "this program was built without the feature postgres".to_owned();
    Err(StoreError::DatabaseUrl { store: url.to_string(), cause })
}

#[cfg(feature = "object-store")]
fn add_objects(
    rows: Arc<dyn Store>,
    url: &ObjectUrl,
    answer: Result<(), StoreError>,
) -> Result<OpenedDatabase, StoreError> {
    let store = sweetspot_store::store::ObjectBlobStore::new(rows, url)?;
    let answer = answer.and_then(|()| store.check_identity());
    Ok((Arc::new(store), answer))
}

#[cfg(not(feature = "object-store"))]
fn add_objects(
    _rows: Arc<dyn Store>,
    url: &ObjectUrl,
    _answer: Result<(), StoreError>,
) -> Result<OpenedDatabase, StoreError> {
    let cause = "this program was built without the feature object-store".to_owned();
    Err(StoreError::ObjectUrl { store: url.to_string(), cause })
}
