//! Output files: written next to their destination and renamed when complete, so that no partial file is ever visible.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::exit::CliError;

/// A file that is being written, or standard output.
#[derive(Debug)]
pub(crate) struct Sink {
    target: PathBuf,
    writer: Box<dyn SinkWriter>,
    temporary: Option<PathBuf>,
}

trait SinkWriter: Write + Send + std::fmt::Debug {
    /// Makes what was written durable, if the destination is a file.
    fn sync(&mut self) -> io::Result<()>;
}

impl SinkWriter for BufWriter<File> {
    fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        let file = self.get_ref();
        if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
    }
}

impl SinkWriter for BufWriter<io::Stdout> {
    fn sync(&mut self) -> io::Result<()> {
        self.flush()
    }
}

impl Sink {
    /// Opens `path` for writing; `-` is standard output. An existing file is kept until [`Sink::commit`].
    ///
    /// # Errors
    /// Returns an error if the path is not writable.
    pub(crate) fn create(path: &Path) -> Result<Self, CliError> {
        if path == Path::new("-") {
            let writer = Box::new(BufWriter::new(io::stdout()));
            return Ok(Self { target: path.to_owned(), writer, temporary: None });
        }
        // A symbolic link is kept: its target is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_special = fs::metadata(&target).is_ok_and(|metadata| !metadata.is_file());
        let (opened, temporary) = if is_special {
            (File::options().write(true).open(&target), None)
        } else {
            let path = temporary_path(&target);
            (File::options().write(true).create_new(true).open(&path), Some(path))
        };
        let file = opened.map_err(|error| CliError::file("write", path, error))?;
        Ok(Self { target, writer: Box::new(BufWriter::new(file)), temporary })
    }

    /// Renames the complete file to its destination, after its content is durable.
    ///
    /// # Errors
    /// Returns an error if the rest cannot be written or the file cannot be synced or renamed.
    pub(crate) fn commit_synced(mut self) -> Result<(), CliError> {
        let target = self.target.clone();
        let failed = |error| CliError::file("write", &target, error);
        self.writer.sync().map_err(failed)?;
        let folder = self.temporary.as_ref().and_then(|path| path.parent()).map(Path::to_owned);
        self.commit()?;
        let Some(folder) = folder else { return Ok(()) };
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Renames the complete file to its destination.
    ///
    /// # Errors
    /// Returns an error if the rest cannot be written or the file cannot be renamed.
    pub(crate) fn commit(mut self) -> Result<(), CliError> {
        self.writer.flush().map_err(|error| CliError::file("write", &self.target, error))?;
        let moved = self.temporary.as_ref().map_or(Ok(()), |temporary| fs::rename(temporary, &self.target));
        moved.map_err(|error| CliError::file("write", &self.target, error))?;
        self.temporary = None;
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // The cause has been reported already, and a leftover file is harmless.
            let _gone = fs::remove_file(temporary);
        }
    }
}

/// Writes a whole file; `-` is standard output.
///
/// # Errors
/// Returns an error if it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut sink = Sink::create(path)?;
    sink.write_all(bytes).map_err(|error| CliError::file("write", path, error))?;
    sink.commit()
}

/// Returns the cause of a CSV writer's error, so that a closed pipe is recognized.
pub(crate) fn csv_cause(error: csv::Error) -> io::Error {
    if let csv::ErrorKind::Io(_) = error.kind()
        && let csv::ErrorKind::Io(cause) = error.into_kind()
    {
        return cause;
    }
    io::Error::other("a row cannot be written as CSV")
}

/// Returns a new name in the same folder, because renaming is atomic only within one file system.
fn temporary_path(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.{}.tmp", Uuid::new_v4()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_file_changes_only_on_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let mut sink = Sink::create(&path).unwrap();
        sink.write_all(b"new").unwrap();
        sink.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        sink.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_dropped_sink_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        Sink::create(&path).unwrap().write_all(b"half").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_broken_pipe_is_recognized_in_a_csv_error() {
        let gone = csv_cause(csv::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)));
        assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_missing_folder_is_reported_with_its_path() {
        let error = Sink::create(Path::new("/nonexistent/out.csv")).unwrap_err();
        assert!(error.to_string().starts_with("cannot write /nonexistent/out.csv: "), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_written_symlink_stays_a_symlink() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
