//! Removes files that a start which was cut off has left half-written beside the rows.
//!
//! sled writes two files as it opens: `conf` once, and `snap.<log position>` by way of `snap.<log position>.generating`. It
//! takes a half-written one for a whole one at the next start, finds its checksum wrong, and refuses to open for good. Both
//! are made again from the log `db`, so that nothing is lost with them. Call this under the folder's lock, before sled opens.

use std::path::Path;
use std::{fs, io};

/// Bytes of the checksum at the end of `conf`.
const CHECKSUM_BYTES: usize = 4;

/// Removes the half-written files of `folder`, which is sled's own.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            tracing::warn!(file = %entry.path().display(), "removed an unfinished snapshot of an interrupted start");
            fs::remove_file(entry.path())?;
        }
    }
    let conf = folder.join("conf");
    match fs::read(&conf) {
        Ok(bytes) if is_whole(&bytes) => Ok(()),
        Ok(_) => fs::remove_file(&conf),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether all of `conf` is there: its lines, of which the last one tells the version, and the checksum behind them.
fn is_whole(conf: &[u8]) -> bool {
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
    fn no_beginning_of_a_conf_is_whole() {
        let conf = b"segment_size: 524288\nuse_compression: false\nversion: 0.34\nv\x19Q\xc1";
        assert!(is_whole(conf));
        for end in 0..conf.len() {
            assert!(!is_whole(&conf[..end]), "{end} bytes");
        }
        assert!(!is_whole(&[0; 62]), "the zeros that a power cut leaves");
    }

    #[test]
    fn half_written_files_go_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["snap.0000000000000060.generating", "snap.0000000000000060", "db", "conf", "notes.generating"];
        for name in files {
            fs::write(folder.path().join(name), "segment_size: 52").unwrap();
        }
        remove(folder.path()).unwrap();
        let left = files.map(|name| folder.path().join(name).exists());
        assert_eq!(left, [false, true, true, false, true]);
        remove(folder.path()).unwrap();
    }
}
