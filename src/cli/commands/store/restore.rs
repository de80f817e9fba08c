//! `store restore`: writes a store from a backup.

use std::io::{BufReader, stdin};
use std::path::{Path, PathBuf};

use sweetspot_proto::json::JsonMessage as _;
use sweetspot_store::backup::{BackupSource, restore};
use tokio::task::spawn_blocking;

use super::backup::{backup_error, warn_of_skipped};
use super::{folder_of_store, stats};
use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::exit::CliError;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// Backup: a directory or a tar file; - is stdin
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
}

/// Runs the command: restores, opens the store, and prints what it contains.
pub(crate) async fn run(args: RestoreArgs, context: &Context) -> Result<(), CliError> {
    if context.server.is_some() {
        let text = "a store is restored to a directory, not to a running server: name the directory with --store";
        return Err(CliError::Usage(text.to_owned()));
    }
    let (source, store) = (args.source, folder_of_store(context)?);
    let restoring = move || restore(open_source(&source)?, &store);
    let restored = spawn_blocking(restoring).await.map_err(|error| CliError::Failed(error.to_string()))?;
    let manifest = restored.map_err(|error| backup_error(&error))?;
    let folder = &context.settings.store;
    context.out.note(&format!("restored the backup of {} to {folder}", manifest.created));
    warn_of_skipped(&manifest.skipped, context);
    let read = async |client: &mut Client| stats::get(client).await;
    let found = context.with_client(MissingStore::Refuse, read).await?;
    if context.out.json {
        return context.out.print_json(&found.to_json());
    }
    context.out.print_text(&stats::stats_text(&found))
}

fn open_source(path: &Path) -> Result<BackupSource, sweetspot_store::backup::BackupError> {
    if path == Path::new("-") {
        return Ok(BackupSource::Tar(Box::new(BufReader::new(stdin()))));
    }
    BackupSource::open(path)
}
