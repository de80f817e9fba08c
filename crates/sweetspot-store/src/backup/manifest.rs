//! The manifest of a backup, and the list of its digests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sweetspot_core::Digest;

use super::file_name::FileName;
use super::{BackupError, DamagedBlobs};

/// The format that this program writes, and the only one that it reads.
const FORMAT: u32 = 1;
/// The maximum size of a manifest in bytes.
pub(super) const MAX_MANIFEST_BYTES: u64 = 256 << 10;
/// The maximum size of the journal in bytes: a restore reads it into memory.
pub(super) const MAX_JOURNAL_BYTES: u64 = 2 << 30;
/// The maximum number of files of a backup.
pub(super) const MAX_FILES: u64 = 2_000_000;
/// The maximum length of a line of the list of digests: a digest, two spaces, and the path of a blob.
const MAX_LINE_BYTES: u64 = 160;

/// The content of `manifest.json`: format, release, time, counts, and the blobs that were left out. The digests of the
/// files are in `SHA256SUMS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of the backup.
    format: u32,
    /// The release that wrote it.
    pub release: String,
    /// The moment of the rows, as RFC 3339.
    pub created: String,
    /// The number of files that `SHA256SUMS` lists.
    pub files: u64,
    /// The total size of these files in bytes, except this one.
    pub bytes: u64,
    /// The number of rows of each kind.
    pub records: BTreeMap<String, u64>,
    /// The blobs that rows name and that are left out, because they were damaged or missing.
    #[serde(default, skip_serializing_if = "DamagedBlobs::is_empty")]
    pub skipped: DamagedBlobs,
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    /// Creates the manifest of a backup.
    pub(super) fn new(
        created: Timestamp,
        files: u64,
        bytes: u64,
        records: BTreeMap<String, u64>,
        skipped: DamagedBlobs,
    ) -> Self {
        let (release, created) = (env!("CARGO_PKG_VERSION").to_owned(), created.to_string());
        Self { format: FORMAT, release, created, files, bytes, records, skipped }
    }

    /// Encodes the manifest as JSON.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, BackupError> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|source| BackupError::Damaged {
            file: FileName::Manifest.to_string(),
            cause: source.to_string(),
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Decodes a manifest.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, BackupError> {
        let damaged = |cause: String| BackupError::Damaged { file: FileName::Manifest.to_string(), cause };
        let unreadable = |source: serde_json::Error| damaged(source.to_string());
        let FormatOnly { format } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if format != FORMAT {
            return Err(BackupError::UnknownFormat { found: format, expected: FORMAT });
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(unreadable)?;
        manifest.created.parse::<Timestamp>().map_err(|source| damaged(source.to_string()))?;
        if manifest.files > MAX_FILES {
            return Err(BackupError::TooManyFiles { files: manifest.files, limit: MAX_FILES });
        }
        Ok(manifest)
    }

    /// The maximum size of the list of digests in bytes.
    pub(super) const fn max_sums_bytes(&self) -> u64 {
        self.files.saturating_mul(MAX_LINE_BYTES)
    }
}

/// Encodes the digests of files.
pub(super) fn encode_sums<'a>(sums: impl Iterator<Item = (&'a FileName, &'a Digest)>) -> Vec<u8> {
    sums.fold(String::new(), |text, (name, digest)| text + &format!("{digest}  {name}\n")).into_bytes()
}

/// Decodes the digests of files, at most `limit`.
pub(super) fn decode_sums(content: impl Read, limit: u64) -> Result<BTreeMap<FileName, Digest>, BackupError> {
    let damaged = |cause: &str| BackupError::Damaged { file: FileName::Sums.to_string(), cause: cause.to_owned() };
    let mut sums = BTreeMap::new();
    let mut lines = BufReader::new(content);
    loop {
        let mut line = String::new();
        let length = (&mut lines).take(MAX_LINE_BYTES).read_line(&mut line);
        if length.map_err(|error| damaged(&error.to_string()))? == 0 {
            return Ok(sums);
        }
        let pair = line.strip_suffix('\n').and_then(|line| line.split_once("  "));
        let pair = pair.and_then(|(digest, path)| Some((FileName::parse(path)?, digest.parse().ok()?)));
        let Some((name, digest)) = pair else { return Err(damaged("a line is not a digest and the path of a file")) };
        let is_consistent = match name {
            FileName::Blob(own) => own == digest,
            FileName::Sums => false,
            FileName::Manifest | FileName::Journal => true,
        };
        if !is_consistent {
            return Err(damaged("a line has another digest than its file can have"));
        }
        if sums.insert(name, digest).is_some() || sums.len() as u64 > limit {
            return Err(damaged("it lists a file twice, or more files than manifest.json states"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let records = BTreeMap::from([("models".to_owned(), 1)]);
        Manifest::new(Timestamp::UNIX_EPOCH, 3, 70, records, DamagedBlobs::default())
    }

    #[test]
    fn a_manifest_round_trips_and_others_are_refused() {
        let text = String::from_utf8(manifest().to_bytes().unwrap()).unwrap();
        assert_eq!(Manifest::from_bytes(text.as_bytes()).unwrap(), manifest());
        let change = |from: &str, to: &str| Manifest::from_bytes(text.replace(from, to).as_bytes()).unwrap_err();
        assert!(matches!(change("\"format\": 1", "\"format\": 2"), BackupError::UnknownFormat { found: 2, .. }));
        assert!(matches!(change("\"files\": 3", "\"files\": 2000001"), BackupError::TooManyFiles { .. }));
        for (from, to) in [("1970", "197O"), ("files", "filez"), ("{", "["), ("\"models\"", "\"models")] {
            assert!(matches!(change(from, to), BackupError::Damaged { .. }), "{from}");
        }
    }

    #[test]
    fn digests_round_trip_and_damaged_lists_are_refused() {
        let digest = Digest::new(b"a");
        let sums = BTreeMap::from([(FileName::Manifest, digest), (FileName::Blob(digest), digest)]);
        let text = String::from_utf8(encode_sums(sums.iter())).unwrap();
        assert_eq!(decode_sums(text.as_bytes(), 2).unwrap(), sums);
        assert!(text.contains(&format!("{digest}  manifest.json\n")), "as sha256sum writes it: {text}");
        for damaged in [
            text.replace("  ", " "),
            text.replace("manifest.json", "../manifest.json"),
            text.trim_end().to_owned(),
            format!("{text}{text}"),
            format!("{}\n", "x".repeat(1 << 20)),
            text.replacen("manifest.json", "SHA256SUMS", 1),
            text.replacen(&format!("{digest}  blobs"), &format!("{}  blobs", Digest::new(b"b")), 1),
        ] {
            assert!(decode_sums(damaged.as_bytes(), 2).is_err(), "{damaged:.80}");
        }
        assert!(decode_sums(text.as_bytes(), 1).is_err());
    }
}
