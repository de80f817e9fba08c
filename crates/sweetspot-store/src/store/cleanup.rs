//! Removes incomplete files that an interrupted start left beside the rows.
//!
//! sled writes two files when it opens: `conf` once, and `snap.<log position>` by way of `snap.<log
//! position>.generating`. If one of them is incomplete, the next start finds a wrong checksum and fails, as do all
//! later ones. Both are derived from the log `db`, so removing them loses no data. Call this under the lock of the
//! folder, before sled opens.

use std::path::Path;
use std::{fs, io};

use super::files::REWRITTEN_FILE;

/// The length of the checksum at the end of `conf`, in bytes.
const CHECKSUM_BYTES: usize = 4;

/// Removes incomplete files from `folder`, the folder of sled.
pub(super) fn remove_unfinished(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if (name.starts_with("snap.") && name.ends_with(".generating")) || name == REWRITTEN_FILE {
            tracing::warn!(file = %entry.path().display(), "removed an unfinished file of an interrupted start");
            fs::remove_file(entry.path())?;
        }
    }
    let conf = folder.join("conf");
    match fs::read(&conf) {
        Ok(bytes) if is_complete(&bytes) => Ok(()),
        Ok(_) => fs::remove_file(&conf),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether `conf` is complete: its lines, the last of which contains the version, followed by the checksum.
fn is_complete(conf: &[u8]) -> bool {
    let Some((lines, _checksum)) = conf.len().checked_sub(CHECKSUM_BYTES).and_then(|at| conf.split_at_checked(at))
    else {
        return false;
    };
    let last = lines.strip_suffix(b"\n").and_then(|lines| lines.rsplit(|byte| *byte == b'\n').next());
    last.is_some_and(|line| line.starts_with(b"version: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truncated_conf_is_incomplete() {
        let conf = b"segment_size: 524288\nuse_compression: false\nversion: 0.34\nv\x19Q\xc1";
        assert!(is_complete(conf));
        for end in 0..conf.len() {
            assert!(!is_complete(&conf[..end]), "{end} bytes");
        }
        assert!(!is_complete(&[0; 62]), "zeros after a power failure");
    }

    #[test]
    fn unfinished_files_are_removed_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            "snap.0000000000000060.generating",
            "snap.0000000000000060",
            "db",
            "conf",
            "notes.generating",
            "rewritten",
        ];
        for name in files {
            fs::write(folder.path().join(name), "segment_size: 52").unwrap();
        }
        remove_unfinished(folder.path()).unwrap();
        let left = files.map(|name| folder.path().join(name).exists());
        assert_eq!(left, [false, true, true, false, true, false]);
        remove_unfinished(folder.path()).unwrap();
    }
}
