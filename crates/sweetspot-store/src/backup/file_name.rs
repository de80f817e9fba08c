//! The names of the files in a backup.

use std::fmt;

use sweetspot_core::Digest;

/// The name of a file of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FileName {
    /// The format, the time and counts.
    Manifest,
    /// The digests of all other files.
    Sums,
    /// The rows, as a journal.
    Journal,
    /// A blob.
    Blob(Digest),
}

impl FileName {
    /// Parses a path as it is in a backup. `None` if no file of a backup has this path.
    pub(super) fn parse(path: &str) -> Option<Self> {
        match path {
            "manifest.json" => Some(Self::Manifest),
            "SHA256SUMS" => Some(Self::Sums),
            "journal" => Some(Self::Journal),
            _ => {
                let digest = path.rsplit('/').next()?.parse().ok()?;
                let name = Self::Blob(digest);
                (name.to_string() == path).then_some(name)
            }
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => f.write_str("manifest.json"),
            Self::Sums => f.write_str("SHA256SUMS"),
            Self::Journal => f.write_str("journal"),
            Self::Blob(digest) => write!(f, "blobs/{:02x}/{digest}", digest.first_byte()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_a_backup_are_parsed() {
        let digest = Digest::new(b"a");
        for name in [FileName::Manifest, FileName::Sums, FileName::Journal, FileName::Blob(digest)] {
            assert_eq!(FileName::parse(&name.to_string()), Some(name));
        }
        let blob = FileName::Blob(digest).to_string();
        for path in [
            "",
            "lock",
            "./journal",
            "/journal",
            "../journal",
            "journal/",
            "rows",
            "blobs",
            &blob.to_uppercase(),
            &format!("/{blob}"),
            &format!("../{blob}"),
            &blob.replace('/', "//"),
            &format!("blobs/00/{digest}"),
            &digest.to_string(),
        ] {
            assert_eq!(FileName::parse(path), None, "{path}");
        }
    }
}
