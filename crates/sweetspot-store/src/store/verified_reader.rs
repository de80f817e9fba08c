//! Reads the bytes of a blob and verifies them on the way, for blobs that are too large for memory.

use std::io::{self, Read};

use sweetspot_core::{Digest, DigestBuilder};

use super::StoreError;

/// Fails at the end, instead of ending, if the bytes are not those of the digest.
pub(super) struct VerifiedReader<R> {
    content: R,
    digest: Digest,
    store: String,
    builder: DigestBuilder,
}

impl<R: Read> VerifiedReader<R> {
    /// Reads the blob with this digest. `store` is the folder of the store, for the error.
    pub(super) fn new(content: R, digest: Digest, store: String) -> Self {
        Self { content, digest, store, builder: DigestBuilder::default() }
    }
}

impl<R: Read> Read for VerifiedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            if self.builder.clone().finish() == self.digest {
                return Ok(0);
            }
            return Err(io::Error::other(StoreError::BlobCorrupt { digest: self.digest, store: self.store.clone() }));
        }
        self.builder.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_verified_at_its_end() {
        let read = |bytes: &[u8]| {
            let mut content = Vec::new();
            let reader = VerifiedReader::new(bytes, Digest::new(b"bytes"), "store".to_owned());
            io::BufReader::with_capacity(2, reader).read_to_end(&mut content).map(|_| content)
        };
        assert_eq!(read(b"bytes").unwrap(), b"bytes");
        for damaged in [&b""[..], b"byte", b"bytez", b"bytes\0"] {
            let error = StoreError::from_read(read(damaged).unwrap_err());
            assert!(matches!(error, StoreError::BlobCorrupt { .. }), "{error}");
        }
    }
}
