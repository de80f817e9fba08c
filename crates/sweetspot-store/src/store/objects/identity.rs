//! Whether the objects at an address are those of the rows: a name in a row is also that of an object.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blob_rows::{BLOB_PREFIX, decode, encode};
use super::error::ObjectError;
use super::{MAX_ATTEMPTS, ObjectBlobStore, is_hidden};
use crate::store::object_url::IDENTITY_KEY;
use crate::store::{Commit, StoreError};

/// The name of a store.
#[derive(Serialize, Deserialize)]
struct Identity {
    id: String,
}

impl Identity {
    /// The name of the object.
    fn object(&self) -> String {
        format!("store-{}", self.id)
    }
}

impl ObjectBlobStore {
    /// Checks that the blobs of the rows are at the address. A new store gets its name.
    ///
    /// # Errors
    /// [`StoreError::BlobsElsewhere`]; [`StoreError::Unreachable`]; or if the store fails in another way.
    pub fn check_identity(&self) -> Result<(), StoreError> {
        if self.is_checked.load(Ordering::Acquire) {
            return Ok(());
        }
        let identity = self.identity()?;
        match self.objects.size(&identity.object()) {
            Ok(_) => {}
            // A new store, or one whose first start was interrupted.
            Err(ObjectError::Missing) if self.rows.scan(BLOB_PREFIX, None, 1)?.is_empty() => {
                let text = "The files of a Sweetspot store. The database of the store names them.\n";
                self.objects.put(&identity.object(), text.as_bytes())?;
            }
            Err(ObjectError::Missing) => return Err(self.elsewhere()),
            Err(ObjectError::Store(error)) => return Err(error),
        }
        self.is_checked.store(true, Ordering::Release);
        Ok(())
    }

    /// Checks that the object store answers, with the objects of the rows.
    pub(super) fn check_answers(&self) -> Result<(), StoreError> {
        self.check_identity()?;
        match self.objects.size(&self.identity()?.object()) {
            Ok(_) => Ok(()),
            Err(ObjectError::Missing) => Err(self.elsewhere()),
            Err(ObjectError::Store(error)) => Err(error),
        }
    }

    /// The name of the store, which is created if there is nothing in the store.
    fn identity(&self) -> Result<Identity, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            if let Some(bytes) = self.rows.get(IDENTITY_KEY)? {
                return decode("name of a store", &bytes);
            }
            self.check_new()?;
            let identity = Identity { id: Uuid::new_v4().simple().to_string() };
            if self.try_commit(&Commit::default().create(IDENTITY_KEY, encode(&identity)?))? {
                return Ok(identity);
            }
        }
        Err(StoreError::Conflict { key: IDENTITY_KEY.to_owned() })
    }

    /// Fails if the store contains anything, whose blobs would be with its rows.
    fn check_new(&self) -> Result<(), StoreError> {
        let mut is_new = self.rows.scan("", None, 2)?.iter().all(|row| is_hidden(&row.key));
        for first_byte in u8::MIN..=u8::MAX {
            is_new = is_new && self.rows.maintenance().list_blobs(first_byte)?.is_empty();
        }
        if is_new {
            return Ok(());
        }
        let cause = "its files are in the database".to_owned();
        Err(StoreError::BlobsElsewhere { cause })
    }

    fn elsewhere(&self) -> StoreError {
        StoreError::BlobsElsewhere { cause: format!("{} does not contain its files", self.objects.store()) }
    }
}
