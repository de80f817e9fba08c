//! Reads blobs in parts, and verifies them.

use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use sweetspot_core::{Digest, DigestBuilder};

use super::ObjectBlobStore;
use super::blob_rows::{BlobRow, blob_key, blob_prefix, decode, digest_of_key};
use super::error::ObjectError;
use super::object_folder::{ObjectFolder, PART_BYTES};
use crate::store::verified_reader::VerifiedReader;
use crate::store::{BlobFile, BlobReader, StoreError};

/// The number of times that a blob is looked for while its object is replaced.
const MAX_LOOKUPS: usize = 3;
const ROW_NAME: &str = "record of a blob";

impl ObjectBlobStore {
    /// The row of a blob, and its bytes.
    pub(super) fn blob_row(&self, digest: &Digest) -> Result<Option<(BlobRow, Vec<u8>)>, StoreError> {
        let Some(bytes) = self.rows.get(&blob_key(digest))? else { return Ok(None) };
        Ok(Some((decode(ROW_NAME, &bytes)?, bytes)))
    }

    /// Opens a blob, which is verified while it is read.
    pub(super) fn open(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        self.check_identity()?;
        let mut last = String::new();
        for _ in 0..MAX_LOOKUPS {
            let Some((row, _)) = self.blob_row(digest)? else { break };
            // An object that was replaced meanwhile is missing under its old name.
            if row.object == last {
                break;
            }
            match self.objects.size(&row.object) {
                Ok(size) => {
                    let parts = ObjectReader::new(Arc::clone(&self.objects), *digest, row.object, size);
                    let content = VerifiedReader::new(parts, *digest, self.objects.store().to_owned());
                    return Ok(BlobReader { bytes: size, content: Box::new(content) });
                }
                Err(ObjectError::Missing) => last = row.object,
                Err(ObjectError::Store(error)) => return Err(error),
            }
        }
        Err(StoreError::BlobMissing { digest: *digest, store: self.objects.store().to_owned() })
    }

    /// Reads and verifies a blob.
    pub(super) fn read(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let mut opened = self.open(digest)?;
        let mut bytes = Vec::with_capacity(usize::try_from(opened.bytes).unwrap_or_default());
        opened.content.read_to_end(&mut bytes).map_err(StoreError::from_read)?;
        Ok(bytes)
    }

    /// Whether the object of a blob contains its bytes.
    pub(super) fn is_intact(&self, row: &BlobRow, digest: &Digest) -> Result<bool, StoreError> {
        let size = match self.objects.size(&row.object) {
            Ok(size) => size,
            Err(ObjectError::Missing) => return Ok(false),
            Err(ObjectError::Store(error)) => return Err(error),
        };
        if size != row.bytes {
            return Ok(false);
        }
        let (mut builder, mut position) = (DigestBuilder::default(), 0);
        while position < size {
            let part = match self.objects.part(&row.object, position..size.min(position + PART_BYTES as u64)) {
                Ok(part) if !part.is_empty() => part,
                Ok(_) | Err(ObjectError::Missing) => return Ok(false),
                Err(ObjectError::Store(error)) => return Err(error),
            };
            builder.update(&part);
            position += part.len() as u64;
        }
        Ok(builder.finish() == *digest)
    }

    /// Returns the blobs whose digest begins with this byte. Their objects are not looked at.
    pub(super) fn list(&self, first_byte: u8) -> Result<Vec<BlobFile>, StoreError> {
        let mut blobs = Vec::new();
        for row in self.rows.scan(&blob_prefix(first_byte), None, usize::MAX)? {
            let Some(digest) = digest_of_key(&row.key) else { continue };
            let found: BlobRow = decode(ROW_NAME, &row.value)?;
            blobs.push(BlobFile { digest, bytes: found.bytes, modified: found.stored() });
        }
        Ok(blobs)
    }
}

/// Reads an object part by part: a reader may be slower than an object store waits.
struct ObjectReader {
    objects: Arc<ObjectFolder>,
    digest: Digest,
    object: String,
    size: u64,
    /// The start of the next part.
    position: u64,
    part: io::Cursor<Bytes>,
}

impl ObjectReader {
    fn new(objects: Arc<ObjectFolder>, digest: Digest, object: String, size: u64) -> Self {
        Self { objects, digest, object, size, position: 0, part: io::Cursor::default() }
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.part.read(buffer)?;
        if count > 0 || buffer.is_empty() || self.position >= self.size {
            return Ok(count);
        }
        let end = self.size.min(self.position + PART_BYTES as u64);
        let part = match self.objects.part(&self.object, self.position..end) {
            Ok(part) => part,
            // Removed meanwhile.
            Err(ObjectError::Missing) => {
                let store = self.objects.store().to_owned();
                return Err(io::Error::other(StoreError::BlobMissing { digest: self.digest, store }));
            }
            Err(ObjectError::Store(error)) => return Err(io::Error::other(error)),
        };
        self.position += part.len() as u64;
        self.part = io::Cursor::new(part);
        self.part.read(buffer)
    }
}
