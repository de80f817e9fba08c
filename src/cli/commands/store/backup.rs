//! `store backup`: copies a store at one moment, while it is in use.

use std::io::{self, Cursor, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_proto::v1::{BackupStoreRequest, BackupStoreResponse, SkippedFile};
use sweetspot_store::backup::{BackupError, BackupSource, DamagedBlob, DamagedBlobs, Manifest, check_empty, unpack};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tonic::{Request, Status, Streaming};

use super::stats::size_text;
use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, wrap};
use crate::cli::output_file::Sink;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct BackupArgs {
    /// New or empty directory for the backup
    #[arg(value_name = "DIR", required_unless_present = "output", conflicts_with = "output")]
    folder: Option<PathBuf>,
    /// Write one tar file instead; - is stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave out files that are damaged or missing, and name them
    #[arg(long)]
    skip_damaged: bool,
}

/// Runs the command.
pub(crate) async fn run(args: BackupArgs, context: &Context) -> Result<(), CliError> {
    let BackupArgs { folder, output, skip_damaged } = args;
    if let Some(folder) = &folder {
        check_empty(folder).map_err(|error| backup_error(&error))?;
    }
    let copy = async |client: &mut Client| {
        // A backup takes as long as its size requires.
        let answer = client.stores.backup_store(Request::new(BackupStoreRequest { skip_damaged })).await;
        let mut parts = client.response(answer)?;
        let first = parts.message().await.map_err(|status| client.error(&status))?.unwrap_or_default();
        let BackupStoreResponse { content, skipped_file_count, skipped_files } = first;
        match (folder, output) {
            (Some(folder), _) => to_folder(content, parts, client, folder, context).await?,
            (None, Some(output)) => to_file(content, parts, client, &output, context).await?,
            (None, None) => return Err(CliError::Usage("name a directory, or a file with --output".to_owned())),
        }
        let skipped_files = skipped_files.into_iter().map(|file| {
            let SkippedFile { sha256, cause, use_count, uses } = file;
            DamagedBlob { sha256, cause, use_count, uses }
        });
        warn_of_skipped(&DamagedBlobs { count: skipped_file_count, first: skipped_files.collect() }, context);
        Ok(())
    };
    context.with_client(MissingStore::Refuse, copy).await
}

/// Writes the backup as one file.
async fn to_file(
    first: Vec<u8>,
    mut parts: Streaming<BackupStoreResponse>,
    client: &Client,
    output: &Path,
    context: &Context,
) -> Result<(), CliError> {
    let mut sink = Sink::create(output)?;
    let (mut bytes, mut part) = (0, Some(first));
    while let Some(content) = part {
        sink.write_all(&content).map_err(|error| CliError::file("write", output, error))?;
        bytes += content.len() as u64;
        part = parts.message().await.map_err(|status| client.error(&status))?.map(|response| response.content);
    }
    sink.commit_synced()?;
    context.out.note(&format!("backed up the store: {}", size_text(bytes)));
    Ok(())
}

/// Verifies the backup and writes it as a folder.
async fn to_folder(
    first: Vec<u8>,
    parts: Streaming<BackupStoreResponse>,
    client: &Client,
    folder: PathBuf,
    context: &Context,
) -> Result<(), CliError> {
    let failure = Arc::new(OnceLock::new());
    let (part, runtime) = (Cursor::new(first), Handle::current());
    let reader = PartReader { parts, runtime, part, failure: Arc::clone(&failure) };
    let target = folder.clone();
    let unpacked = spawn_blocking(move || unpack(BackupSource::Tar(Box::new(reader)), &target)).await;
    if let Some(status) = failure.get() {
        return Err(client.error(status));
    }
    let manifest =
        unpacked.map_err(|error| CliError::Failed(error.to_string()))?.map_err(|error| backup_error(&error))?;
    let text = format!("backed up the store to {}: {}", folder.display(), contents_text(&manifest));
    context.out.note(&wrap(&text, 0, 2));
    Ok(())
}

/// Names the files that a backup does not contain.
pub(super) fn warn_of_skipped(skipped: &DamagedBlobs, context: &Context) {
    let DamagedBlobs { count, first } = skipped;
    if *count == 0 {
        return;
    }
    let files = plural(*count, "file that was damaged or missing", "files that were damaged or missing");
    context.out.warn(&wrap(&format!("the backup does not contain {files}:"), 0, 2));
    for file in first {
        context.out.warn(&wrap(&file.to_string(), 2, 4));
    }
    match count.saturating_sub(first.len() as u64) {
        0 => {}
        more => context.out.warn(&format!("  and {more} more")),
    }
}

/// Returns what a backup contains, in words.
fn contents_text(manifest: &Manifest) -> String {
    let count = |kind: &str| manifest.records.get(kind).copied().unwrap_or_default();
    let kinds =
        [("model versions", "model version"), ("dataset versions", "dataset version"), ("definitions", "definition")];
    let counts: Vec<String> = kinds.iter().map(|(kind, singular)| plural(count(kind), singular, kind)).collect();
    format!("{}; {}", counts.join(", "), size_text(manifest.bytes))
}

/// Converts an error of a backup.
pub(super) fn backup_error(error: &BackupError) -> CliError {
    match error.kind() {
        ErrorKind::DataLoss | ErrorKind::InvalidArgument => CliError::Data(error.to_string()),
        ErrorKind::NotFound
        | ErrorKind::FailedPrecondition
        | ErrorKind::Aborted
        | ErrorKind::ResourceExhausted
        | ErrorKind::Unavailable
        | ErrorKind::Cancelled
        | ErrorKind::DeadlineExceeded
        | ErrorKind::Internal => CliError::Failed(error.to_string()),
    }
}

/// Reads the parts of a stream on a thread that may block.
struct PartReader {
    parts: Streaming<BackupStoreResponse>,
    runtime: Handle,
    /// The part that is being read.
    part: Cursor<Vec<u8>>,
    /// Why the stream ended early.
    failure: Arc<OnceLock<Status>>,
}

impl Read for PartReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.part.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            match self.runtime.block_on(self.parts.message()) {
                Ok(Some(response)) => self.part = Cursor::new(response.content),
                Ok(None) => return Ok(0),
                Err(status) => {
                    let error = io::Error::other(status.message().to_owned());
                    let _first = self.failure.set(status);
                    return Err(error);
                }
            }
        }
    }
}
