//! `data erase`: erases accounts from datasets and definitions.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fs::File, iter};

use sweetspot_proto::v1::{EraseAccountsRequest, EraseAccountsResponse};
use uuid::Uuid;

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, wrap};

/// The maximum size of a file of ids in bytes: 10,000 ids of 128 bytes, each with the end of its line.
const MAX_FILE_BYTES: u64 = 10_000 * 130;

/// The accounts to erase.
#[derive(Debug, clap::Args)]
pub(crate) struct EraseArgs {
    /// Ids of accounts
    #[arg(required_unless_present = "ids", value_name = "ID")]
    account_ids: Vec<String>,
    /// File with one id per line; - is stdin
    #[arg(long, value_name = "FILE")]
    ids: Option<PathBuf>,
    /// Dataset to erase from, repeatable; definitions then stay as they are [default: all of the workspace]
    #[arg(long, value_name = "D")]
    dataset: Vec<String>,
    /// Report what would be erased, and erase nothing
    #[arg(long)]
    validate_only: bool,
}

/// Runs the command.
pub(crate) async fn run(args: &EraseArgs, context: &Context) -> Result<(), CliError> {
    let mut account_ids = args.account_ids.clone();
    if let Some(file) = &args.ids {
        account_ids.extend(read_ids(file)?);
    }
    let names = args.dataset.iter().map(|name| Ok(context.clone().with_dataset(name)?.names.dataset.to_string()));
    let message = EraseAccountsRequest {
        parent: format!("workspaces/{}", context.names.model.workspace),
        account_ids,
        datasets: names.collect::<Result<_, CliError>>()?,
        validate_only: args.validate_only,
        request_id: if args.validate_only { String::new() } else { Uuid::new_v4().to_string() },
    };
    let erase = async |client: &mut Client| {
        let answer = client.datasets.erase_accounts(request(message)).await;
        client.response(answer)
    };
    let answer = context.with_client(MissingStore::Refuse, erase).await?;
    context.out.print_message(&erasure_text(&answer, args.validate_only), &answer)
}

/// Reads one id per line. Blank lines are ignored.
fn read_ids(file: &Path) -> Result<Vec<String>, CliError> {
    let failed = |source| CliError::File { action: "read", path: file.to_owned(), source };
    let mut text = String::new();
    let reader: Box<dyn Read> =
        if file == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(file).map_err(failed)?) };
    reader.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(CliError::Data(format!(
            "{} is larger than {MAX_FILE_BYTES} bytes: erase at most 10,000 accounts at a time",
            file.display()
        )));
    }
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn erasure_text(answer: &EraseAccountsResponse, validate_only: bool) -> String {
    let accounts = plural(answer.accounts, "account", "accounts");
    let versions = plural(answer.dataset_versions, "dataset version", "dataset versions");
    let entries = plural(answer.definition_entries, "entry of definitions", "entries of definitions");
    let first = if validate_only {
        format!("{accounts} in {versions}, and {entries}, would be erased; nothing was changed")
    } else {
        format!("erased {accounts} from {versions}, and {entries}")
    };
    let affected = answer.affected_model_versions.iter().map(|version| version.name.clone());
    let lines = iter::once(first)
        .chain(listed(
            "Trained on erased accounts, so train again, promote, and delete these",
            answer.affected_model_version_count,
            affected.collect(),
        ))
        .chain(listed(
            "Remaining entries that mention the accounts or cannot be read, so check them",
            answer.remaining_entry_count,
            answer.remaining_entries.clone(),
        ))
        .chain(listed(
            "Damaged dataset versions that may contain the accounts, so delete them",
            answer.unreadable_dataset_versions.len() as u64,
            answer.unreadable_dataset_versions.clone(),
        ));
    lines.map(|line| wrap(&line, 0, 2)).collect::<Vec<_>>().join("\n")
}

/// A heading and the names that it is about, or nothing if there are none.
fn listed(heading: &str, count: u64, names: Vec<String>) -> Vec<String> {
    if count == 0 {
        return Vec::new();
    }
    let more = count.saturating_sub(names.len() as u64);
    let more = (more > 0).then(|| format!("and {more} more"));
    iter::once(format!("{heading}:")).chain(names.into_iter().chain(more).map(|name| format!("- {name}"))).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::AffectedModelVersion;

    use super::*;

    #[test]
    fn the_text_names_what_remains() {
        let affected = AffectedModelVersion { name: "workspaces/w/models/m/versions/3".into(), ..Default::default() };
        let answer = EraseAccountsResponse {
            accounts: 1,
            dataset_versions: 2,
            affected_model_version_count: 102,
            affected_model_versions: vec![affected],
            remaining_entry_count: 1,
            remaining_entries: vec!["workspaces/w/models/m/definition/findings/f".into()],
            ..Default::default()
        };
        let text = erasure_text(&answer, false);
        for part in ["erased 1 account from 2 dataset versions", "versions/3", "and 101 more", "definition/findings/f"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(erasure_text(&EraseAccountsResponse::default(), true).ends_with("nothing was changed"));
    }

    #[test]
    fn ids_are_lines_and_a_large_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ids.txt");
        std::fs::write(&file, "a-1\r\n\n b 2 \nc").unwrap();
        assert_eq!(read_ids(&file).unwrap(), ["a-1", "b 2", "c"]);
        std::fs::write(&file, "x".repeat(1_300_001)).unwrap();
        assert!(matches!(read_ids(&file), Err(CliError::Data(_))));
    }
}
