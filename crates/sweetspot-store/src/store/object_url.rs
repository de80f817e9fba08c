//! Where the blobs of a store are if they are not with its rows: a folder of an object store.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Store, StoreError};

/// The key of the row with the name of a store whose blobs are in an object store. It begins as all rows that only such
/// a store uses.
pub(super) const IDENTITY_KEY: &str = "objects/identity";

/// The maximum length of an address in bytes.
const MAX_BYTES: usize = 1024;

/// The kind of an object store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectScheme {
    /// `s3://BUCKET/PATH`: Amazon S3, or a server with its interface.
    S3,
    /// `gs://BUCKET/PATH`: Google Cloud Storage.
    GoogleCloud,
    /// `az://CONTAINER/PATH`: Azure Blob Storage.
    Azure,
    /// `file:///PATH`: a folder of a file system that all servers share.
    File,
}

/// The address of a folder of an object store. It contains no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectUrl {
    scheme: ObjectScheme,
    /// Empty for a file system.
    bucket: String,
    /// Without a slash at its start or end.
    path: String,
}

/// A text is not an [`ObjectUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an address such as s3://bucket/path, gs://bucket/path, az://container/path or file:///path")]
pub struct InvalidObjectUrl;

impl ObjectUrl {
    /// The kind of the object store.
    #[must_use]
    pub const fn scheme(&self) -> ObjectScheme {
        self.scheme
    }

    /// The bucket or container; empty for a file system.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The path of the folder, without a slash at its start or end.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl ObjectScheme {
    const ALL: [Self; 4] = [Self::S3, Self::GoogleCloud, Self::Azure, Self::File];

    /// The part of an address before the bucket.
    const fn start(self) -> &'static str {
        match self {
            Self::S3 => "s3://",
            Self::GoogleCloud => "gs://",
            Self::Azure => "az://",
            Self::File => "file:///",
        }
    }
}

impl FromStr for ObjectUrl {
    type Err = InvalidObjectUrl;

    fn from_str(text: &str) -> Result<Self, InvalidObjectUrl> {
        let text = text.trim();
        let found = ObjectScheme::ALL.into_iter().find_map(|scheme| Some((scheme, text.strip_prefix(scheme.start())?)));
        let (scheme, rest) = found.ok_or(InvalidObjectUrl)?;
        let (bucket, path) = match scheme {
            ObjectScheme::File => ("", rest),
            ObjectScheme::S3 | ObjectScheme::GoogleCloud | ObjectScheme::Azure => {
                rest.split_once('/').unwrap_or((rest, ""))
            }
        };
        let path = path.trim_end_matches('/');
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let is_name = |name: &str| !name.is_empty() && name != "." && name != ".." && name.chars().all(is_letter);
        // A user or parameters could contain a credential, which would be logged with the address.
        let has_bucket = scheme == ObjectScheme::File || is_name(bucket);
        let has_path = path.split('/').all(is_name) || (path.is_empty() && scheme != ObjectScheme::File);
        if text.len() > MAX_BYTES || !has_bucket || !has_path {
            return Err(InvalidObjectUrl);
        }
        Ok(Self { scheme, bucket: bucket.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for ObjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.bucket.is_empty() || self.path.is_empty() { "" } else { "/" };
        write!(f, "{}{}{separator}{}", self.scheme.start(), self.bucket, self.path)
    }
}

/// Fails if the blobs of a store are in an object store, without which it was opened.
///
/// # Errors
/// [`StoreError::BlobsElsewhere`], or if the store fails.
pub fn check_blobs_are_with_rows(store: &dyn Store) -> Result<(), StoreError> {
    match store.get(IDENTITY_KEY)? {
        Some(_) => Err(StoreError::BlobsElsewhere {
            cause: "its files are in an object store, and no address is set".to_owned(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Commit, MemoryStore};

    #[test]
    fn an_address_has_a_scheme_a_bucket_and_a_path() {
        for (text, scheme, bucket, path) in [
            ("s3://models", ObjectScheme::S3, "models", ""),
            ("s3://models/sweetspot/eu", ObjectScheme::S3, "models", "sweetspot/eu"),
            ("gs://models_1/x", ObjectScheme::GoogleCloud, "models_1", "x"),
            ("az://models/a-b.c", ObjectScheme::Azure, "models", "a-b.c"),
            ("file:///mnt/models", ObjectScheme::File, "", "mnt/models"),
        ] {
            let url: ObjectUrl = text.parse().unwrap();
            assert_eq!((url.scheme(), url.bucket(), url.path(), &*url.to_string()), (scheme, bucket, path, text));
            assert_eq!(format!(" {text}/ ").parse(), Ok(url));
        }
    }

    #[test]
    fn an_address_has_neither_a_user_nor_parameters() {
        for text in [
            "",
            "models",
            "s3:models",
            "s3://",
            "s3:///models",
            "s3://key:secret@models/x",
            "s3://models/x?secret=y",
            "s3://models/x#y",
            "s3://models//x",
            "s3://models/../x",
            "https://models/x",
            "file://",
            "file:///",
            "file://host/models",
            "file:///a b",
        ] {
            assert_eq!(text.parse::<ObjectUrl>(), Err(InvalidObjectUrl), "{text}");
        }
        assert_eq!(format!("s3://{}", "a".repeat(MAX_BYTES)).parse::<ObjectUrl>(), Err(InvalidObjectUrl));
    }

    #[test]
    fn a_store_with_its_blobs_elsewhere_is_refused() {
        let store = MemoryStore::new();
        check_blobs_are_with_rows(&store).unwrap();
        store.commit(&Commit::default().create(IDENTITY_KEY, b"{}".to_vec())).unwrap();
        assert!(matches!(check_blobs_are_with_rows(&store), Err(StoreError::BlobsElsewhere { .. })));
    }
}
