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
        if !self.has_object(&identity)? {
            if self.rows.scan(BLOB_PREFIX, None, 1)?.is_empty() {
                // A new store, or one whose first start was interrupted.
                let text = "The files of a Sweetspot store. The database of the store names them.\n";
                self.objects.put(&identity.object(), text.as_bytes())?;
            } else if !self.has_object(&identity)? {
                // Another server would have written it before the first blob.
                return Err(self.elsewhere());
            }
        }
        self.is_checked.store(true, Ordering::Release);
        Ok(())
    }

    /// Checks that the object store answers, with the objects of the rows.
    pub(super) fn check_answers(&self) -> Result<(), StoreError> {
        self.check_identity()?;
        if self.has_object(&self.identity()?)? { Ok(()) } else { Err(self.elsewhere()) }
    }

    fn has_object(&self, identity: &Identity) -> Result<bool, StoreError> {
        match self.objects.size(&identity.object()) {
            Ok(_) => Ok(true),
            Err(ObjectError::Missing) => Ok(false),
            Err(ObjectError::Store(error)) => Err(error),
        }
    }

    /// Gives a new store its name. The object store need not answer.
    pub(super) fn ensure_named(&self) -> Result<(), StoreError> {
        if !self.is_named.load(Ordering::Acquire) {
            self.identity()?;
            self.is_named.store(true, Ordering::Release);
        }
        Ok(())
    }

    /// The name of the store, which is created if there is nothing in the store.
    fn identity(&self) -> Result<Identity, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            if let Some(bytes) = self.rows.get(IDENTITY_KEY)? {
                return decode("name of a store", &bytes);
            }
            match self.check_new() {
                // Another server has just named the store, before it wrote anything else.
                Err(StoreError::BlobsElsewhere { .. }) if self.rows.get(IDENTITY_KEY)?.is_some() => continue,
                checked => checked?,
            }
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
