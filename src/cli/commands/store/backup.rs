//! `store backup`: copies a store at one moment, while it is in use.

use std::io::{self, Cursor, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sweetspot_core::fault::{Fault as _, FaultKind};
use sweetspot_proto::v1::{BackupStoreRequest, BackupStoreResponse};
use sweetspot_store::backup::{BackupError, BackupSource, Manifest, unpack};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tonic::{Request, Status, Streaming};

use super::stats::size_text;
use crate::cli::client::{Client, OpenMode};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::plural;
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
}

/// Runs the command.
pub(crate) async fn run(args: BackupArgs, context: &Context) -> Result<(), CliError> {
    let BackupArgs { folder, output } = args;
    let copy = async |client: &mut Client| {
        // A backup takes as long as its size requires.
        let answer = client.stores.backup_store(Request::new(BackupStoreRequest {})).await;
        let parts = client.response(answer)?;
        match (folder, output) {
            (Some(folder), _) => to_folder(parts, client, folder, context).await,
            (None, Some(output)) => to_file(parts, client, &output, context).await,
            (None, None) => Err(CliError::Usage("name a directory, or a file with --output".to_owned())),
        }
    };
    context.with_client(OpenMode::Existing, copy).await
}

/// Writes the backup as one file.
async fn to_file(
    mut parts: Streaming<BackupStoreResponse>,
    client: &Client,
    output: &Path,
    context: &Context,
) -> Result<(), CliError> {
    let mut sink = Sink::create(output)?;
    let mut bytes = 0;
    while let Some(BackupStoreResponse { content }) = parts.message().await.map_err(|status| client.error(&status))? {
        sink.write_all(&content).map_err(|error| CliError::file("write", output, error))?;
        bytes += content.len() as u64;
    }
    sink.commit_synced()?;
    context.out.note(&format!("backed up the store: {}", size_text(bytes)));
    Ok(())
}

/// Verifies the backup and writes it as a folder.
async fn to_folder(
    parts: Streaming<BackupStoreResponse>,
    client: &Client,
    folder: PathBuf,
    context: &Context,
) -> Result<(), CliError> {
    let failure = Arc::new(OnceLock::new());
    let reader =
        PartReader { parts, runtime: Handle::current(), part: Cursor::default(), failure: Arc::clone(&failure) };
    let target = folder.clone();
    let unpacked = spawn_blocking(move || unpack(BackupSource::Tar(Box::new(reader)), &target)).await;
    if let Some(status) = failure.get() {
        return Err(client.error(status));
    }
    let manifest =
        unpacked.map_err(|error| CliError::Failed(error.to_string()))?.map_err(|error| backup_error(&error))?;
    context.out.note(&format!("backed up the store to {}: {}", folder.display(), contents_text(&manifest)));
    Ok(())
}

/// Returns what a backup contains, in words.
pub(super) fn contents_text(manifest: &Manifest) -> String {
    let count = |kind: &str| manifest.records.get(kind).copied().unwrap_or_default();
    let kinds =
        [("model versions", "model version"), ("dataset versions", "dataset version"), ("definitions", "definition")];
    let counts: Vec<String> = kinds.iter().map(|(kind, singular)| plural(count(kind), singular, kind)).collect();
    format!("{}; {}", counts.join(", "), size_text(manifest.bytes))
}

/// Converts an error of a backup.
pub(super) fn backup_error(error: &BackupError) -> CliError {
    match error.kind() {
        FaultKind::DataLoss | FaultKind::InvalidArgument => CliError::Data(error.to_string()),
        FaultKind::NotFound
        | FaultKind::FailedPrecondition
        | FaultKind::Aborted
        | FaultKind::ResourceExhausted
        | FaultKind::Unavailable
        | FaultKind::Cancelled
        | FaultKind::DeadlineExceeded
        | FaultKind::Internal => CliError::Failed(error.to_string()),
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
                Ok(Some(BackupStoreResponse { content })) => self.part = Cursor::new(content),
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
