//! The file `format`, which contains the format of a store's folder.

use std::path::Path;
use std::{fs, io};

use super::{StoreError, files};

/// The format that this program reads and writes.
const FORMAT: u32 = 1;
const PREFIX: &str = "sweetspot store ";

/// Fails if a newer release wrote the store. Returns whether there is a file `format`.
pub(super) fn check(store: &Path) -> Result<bool, StoreError> {
    let text = match fs::read_to_string(store.join("format")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        // Not UTF-8, for example.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(StoreError::io(store, "read its file format", error)),
    };
    let path = || store.display().to_string();
    match text.trim_end().strip_prefix(PREFIX).and_then(|number| number.parse::<u32>().ok()) {
        Some(FORMAT) => Ok(true),
        Some(found) if found > FORMAT => Err(StoreError::NewerFormat { path: path(), found }),
        Some(_) | None => Err(StoreError::FormatDamaged { path: path() }),
    }
}

/// Writes the file, durably.
pub(super) fn write(store: &Path) -> Result<(), StoreError> {
    let bytes = format!("{PREFIX}{FORMAT}\n");
    files::write_atomically(&store.join("format.new"), &store.join("format"), bytes.as_bytes())
        .map_err(|error| StoreError::io(store, "write its file format", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_or_unknown_format_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!check(folder.path()).unwrap());
        write(folder.path()).unwrap();
        assert_eq!(fs::read(folder.path().join("format")).unwrap(), b"sweetspot store 1\n");
        assert!(check(folder.path()).unwrap());
        for newer in ["2", "2\n", "4294967295\n"] {
            fs::write(folder.path().join("format"), format!("{PREFIX}{newer}")).unwrap();
            assert!(matches!(check(folder.path()), Err(StoreError::NewerFormat { found: 2.., .. })));
        }
        for damaged in [&b""[..], b"sweetspot store", b"sweetspot store 0", b"sweetspot store 1 2", b"\xFF"] {
            fs::write(folder.path().join("format"), damaged).unwrap();
            assert!(matches!(check(folder.path()), Err(StoreError::FormatDamaged { .. })), "{damaged:?}");
        }
    }
}
