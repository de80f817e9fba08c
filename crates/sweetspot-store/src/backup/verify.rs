//! Verifies the files of a backup while they are read, and passes them on.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};

use sweetspot_core::{Digest, DigestBuilder};

use super::file_name::FileName;
use super::manifest::{self, MAX_JOURNAL_BYTES, MAX_MANIFEST_BYTES, Manifest};
use super::{BackupError, BackupSource};

/// Receives the files of a backup.
pub(super) trait FileSink {
    /// Prepares for a backup, before any of its files.
    fn begin(&mut self, manifest: &Manifest) -> Result<(), BackupError>;

    /// Writes a file. Its content is verified after the last byte: after an error, remove what was written.
    fn write(&mut self, name: FileName, content: &mut dyn Read) -> Result<(), BackupError>;
}

/// Reads a whole backup and passes its files on: the list of digests last, and only if all others are intact.
pub(super) fn verify(source: BackupSource, sink: &mut dyn FileSink) -> Result<Manifest, BackupError> {
    let mut progress = BackupProgress::Start;
    source.read(&mut |name, bytes, content| {
        progress = std::mem::replace(&mut progress, BackupProgress::Start).advance(name, bytes, content, sink)?;
        Ok(())
    })?;
    let incomplete = |name: &FileName| BackupError::Incomplete { file: name.to_string() };
    let (manifest, sums, missing) = match progress {
        BackupProgress::Start => return Err(incomplete(&FileName::Manifest)),
        BackupProgress::Manifest { .. } => return Err(incomplete(&FileName::Sums)),
        BackupProgress::Files { manifest, sums, missing, bytes_left: _ } => (manifest, sums, missing),
    };
    if let Some((name, _)) = missing.first_key_value() {
        return Err(incomplete(name));
    }
    sink.write(FileName::Sums, &mut Cursor::new(sums))?;
    Ok(manifest)
}

/// What has been read.
enum BackupProgress {
    /// Nothing.
    Start,
    /// The manifest.
    Manifest { bytes: Vec<u8>, manifest: Manifest },
    /// The manifest, the digests, and the files that are no longer `missing`.
    Files { manifest: Manifest, sums: Vec<u8>, missing: BTreeMap<FileName, Digest>, bytes_left: u64 },
}

impl BackupProgress {
    /// Reads the next file.
    fn advance(
        self,
        name: FileName,
        bytes: u64,
        content: &mut dyn Read,
        sink: &mut dyn FileSink,
    ) -> Result<Self, BackupError> {
        match (self, name) {
            (Self::Start, FileName::Manifest) => {
                let bytes = read_small(name, bytes, content, MAX_MANIFEST_BYTES)?;
                Ok(Self::Manifest { manifest: Manifest::from_bytes(&bytes)?, bytes })
            }
            (Self::Manifest { bytes: manifest_bytes, manifest }, FileName::Sums) => {
                let sums = read_small(name, bytes, content, manifest.max_sums_bytes())?;
                let mut missing = manifest::decode_sums(&*sums, manifest.files)?;
                let digest = missing.remove(&FileName::Manifest);
                if digest != Some(Digest::new(&manifest_bytes)) {
                    return Err(damaged(FileName::Manifest, "its SHA-256 is another one"));
                }
                sink.begin(&manifest)?;
                sink.write(FileName::Manifest, &mut Cursor::new(manifest_bytes))?;
                let bytes_left = manifest.bytes;
                Ok(Self::Files { manifest, sums, missing, bytes_left })
            }
            (Self::Files { manifest, sums, mut missing, bytes_left }, name) => {
                let digest =
                    missing.remove(&name).ok_or_else(|| foreign(name, "which SHA256SUMS does not list once"))?;
                if name == FileName::Journal && bytes > MAX_JOURNAL_BYTES {
                    return Err(foreign(name, "which is too large"));
                }
                let left = bytes_left.checked_sub(bytes);
                let bytes_left = left.ok_or_else(|| foreign(name, "which is larger than manifest.json states"))?;
                write_verified(name, digest, bytes, content, sink)?;
                Ok(Self::Files { manifest, sums, missing, bytes_left })
            }
            (Self::Start | Self::Manifest { .. }, name) => Err(foreign(name, "which is not in its place")),
        }
    }
}

fn write_verified(
    name: FileName,
    digest: Digest,
    bytes: u64,
    content: &mut dyn Read,
    sink: &mut dyn FileSink,
) -> Result<(), BackupError> {
    let mut counted = DigestReader { content: content.take(bytes), builder: DigestBuilder::default() };
    sink.write(name, &mut counted)?;
    if counted.builder.finish() == digest { Ok(()) } else { Err(damaged(name, "its SHA-256 is another one")) }
}

/// Reads a file that is held in memory.
fn read_small(name: FileName, bytes: u64, content: &mut dyn Read, limit: u64) -> Result<Vec<u8>, BackupError> {
    if bytes > limit {
        return Err(foreign(name, "which is too large"));
    }
    let mut buffer = Vec::new();
    content.take(limit).read_to_end(&mut buffer).map_err(BackupError::io("read", name))?;
    Ok(buffer)
}

fn damaged(name: FileName, cause: &str) -> BackupError {
    BackupError::Damaged { file: name.to_string(), cause: cause.to_owned() }
}

fn foreign(name: FileName, cause: &'static str) -> BackupError {
    BackupError::Foreign { path: name.to_string(), cause }
}

/// Computes the digest of what is read.
struct DigestReader<R> {
    content: R,
    builder: DigestBuilder,
}

impl<R: Read> Read for DigestReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        self.builder.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
