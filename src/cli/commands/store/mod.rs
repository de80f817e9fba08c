//! `store`: the maintenance of the store, one file for each operation.

mod backup;
mod check;
mod copy;
mod gc;
mod repair;
mod restore;
mod stats;

use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::context::Context;
use crate::cli::exit::CliError;

/// The operations on the store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Show what the store contains, and the space that it takes
    Stats,
    /// Remove files that no record names, such as those of interrupted imports
    Gc(gc::GcArgs),
    /// Verify everything in a store that no process has open
    Check,
    /// Rebuild damaged rows from the journal, or the journal from the rows
    Repair(repair::RepairArgs),
    /// Copy the store at one moment, while it is in use
    Backup(backup::BackupArgs),
    /// Copy everything in a store to an empty one, such as a database
    Copy(copy::CopyArgs),
    /// Write a store from a backup
    Restore(restore::RestoreArgs),
}

/// Runs the command.
pub(crate) async fn run(command: StoreCommand, context: &Context) -> Result<(), CliError> {
    match command {
        StoreCommand::Stats => stats::run(context).await,
        StoreCommand::Gc(args) => gc::run(&args, context).await,
        StoreCommand::Check => check::run(context).await,
        StoreCommand::Repair(args) => repair::run(&args, context).await,
        StoreCommand::Backup(args) => backup::run(args, context).await,
        StoreCommand::Copy(args) => copy::run(args, context).await,
        StoreCommand::Restore(args) => restore::run(args, context).await,
    }
}

/// The folder of the store, for an operation on its files.
fn folder_of_store(context: &Context) -> Result<PathBuf, CliError> {
    let folder = context.settings.store.folder().map(ToOwned::to_owned);
    folder.ok_or_else(|| {
        CliError::Usage(
            "this command needs a store in a directory: name it with --store. A database is maintained by its own tools, \
             such as pg_dump, and copied with sweetspot store copy"
                .to_owned(),
        )
    })
}
