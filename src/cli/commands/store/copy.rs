//! `store copy`: copies everything in a store to an empty one.

use std::sync::Arc;

use serde_json::json;
use sweetspot_store::copy::{CopiedStore, CopyError, copy_store};
use sweetspot_store::store::{ObjectUrl, Store, StoreLocation};
use tokio::task::spawn_blocking;

use crate::app::open_store;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::plural;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct CopyArgs {
    /// Store to copy: a directory, or the URL of a database
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Store to create: a new directory, or the URL of a database
    #[arg(long, value_name = "STORE")]
    to: String,
    /// Address of the object store with the files of --from
    #[arg(long, value_name = "URL")]
    from_objects: Option<ObjectUrl>,
    /// Address of the object store for the files of --to
    #[arg(long, value_name = "URL")]
    to_objects: Option<ObjectUrl>,
}

/// Runs the command, and prints what was copied.
pub(crate) async fn run(args: CopyArgs, context: &Context) -> Result<(), CliError> {
    if context.server.is_some() {
        let text = "a store is copied by a process that opens it: stop the server of a directory, and omit --server";
        return Err(CliError::Usage(text.to_owned()));
    }
    let (from, to) = (StoreLocation::new(&args.from), StoreLocation::new(&args.to));
    if let StoreLocation::Folder(folder) = &from
        && !folder.is_dir()
    {
        return Err(CliError::Failed(format!("there is no store at {}: correct --from", folder.display())));
    }
    let (source, target) = (from.clone(), to.clone());
    let copying = move || -> Result<CopiedStore, CopyError> {
        let from: Arc<dyn Store> = open_store(&source, args.from_objects.as_ref())?;
        let to = open_store(&target, args.to_objects.as_ref())?;
        copy_store(from, &*to, |_| ())
    };
    let copied = spawn_blocking(copying).await.map_err(|error| CliError::Failed(error.to_string()))?;
    let CopiedStore { rows, blobs, blob_bytes } = copied.map_err(|error| CliError::Failed(error.to_string()))?;
    context.out.note(&format!("copied and verified {from} to {to}"));
    if context.out.json {
        return context.out.print_json(&json!({ "records": rows, "files": blobs, "file_bytes": blob_bytes }));
    }
    let (records, files) = (plural(rows, "record", "records"), plural(blobs, "file", "files"));
    context.out.print_text(&format!("{records} and {files} of {:.1} MiB", blob_bytes as f64 / f64::from(1 << 20)))
}
