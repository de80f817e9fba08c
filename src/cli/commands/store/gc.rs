//! `store gc`: removes files that no record names.

use jiff::SignedDuration;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::{CollectGarbageRequest, CollectGarbageResponse, FileTotal};

use super::stats::{size_text, total_text};
use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct GcArgs {
    /// Only print what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Leave younger files in place
    #[arg(long, value_name = "AGE", default_value = "1h", value_parser = parse_age)]
    min_age: SignedDuration,
}

fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    parsed.ok().filter(|age| !age.is_negative()).ok_or_else(|| "give an age such as 30m, 1h or 0s".to_owned())
}

/// Runs the command.
pub(crate) async fn run(args: &GcArgs, context: &Context) -> Result<(), CliError> {
    let min_age = prost_types::Duration { seconds: args.min_age.as_secs(), nanos: args.min_age.subsec_nanos() };
    let message = CollectGarbageRequest { validate_only: args.dry_run, min_age: Some(min_age) };
    let collect = async |client: &mut Client| {
        let answer = client.stores.collect_garbage(request(message)).await;
        client.response(answer)
    };
    let found = context.with_client(MissingStore::Refuse, collect).await?;
    if context.out.json {
        return context.out.print_json(&found.to_json());
    }
    context.out.print_text(&garbage_text(&found, args.dry_run))
}

fn garbage_text(found: &CollectGarbageResponse, dry_run: bool) -> String {
    let CollectGarbageResponse { removed, young, named } = found;
    let line = |what: &str, files: Option<&FileTotal>| {
        let bytes = files.map_or(0, |files| files.bytes);
        format!("{what} {}, {}", total_text(files), size_text(bytes))
    };
    let mut lines = vec![line(if dry_run { "would remove" } else { "removed" }, removed.as_ref())];
    if young.as_ref().is_some_and(|young| young.count > 0) {
        lines.push(line("too new to remove:", young.as_ref()));
    }
    lines.push(line("in use:", named.as_ref()));
    lines.join("\n")
}
