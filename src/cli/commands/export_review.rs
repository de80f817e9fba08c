//! `export-review`: the table of the account review, to be completed in a spreadsheet and imported again.

use std::path::{Path, PathBuf};

use sweetspot_proto::v1::{ListReviewRowsRequest, ListReviewRowsResponse, ReviewRow};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::plural;
use crate::cli::table_writer::{TableColumn, TableWriter};
use crate::cli::version_lookup;

/// The number of rows per response.
const PAGE_SIZE: i32 = 500;

/// The review to export, and the output file.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ExportReviewArgs {
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Output file: CSV, or JSON Lines or Parquet by its extension; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

/// Writes the table.
pub(crate) async fn run(args: ExportReviewArgs, context: &Context) -> Result<(), CliError> {
    let work = async |client: &mut Client| {
        let version = version_lookup::resolve(client, context, args.version.as_deref()).await?.name;
        let mut file = None;
        let mut message = ListReviewRowsRequest { version, page_size: PAGE_SIZE, page_token: String::new() };
        let mut rows = 0;
        loop {
            let answer = client.reports.list_review_rows(request(message.clone())).await;
            let answer = client.response(answer)?;
            rows += answer.rows.len() as u64;
            write_rows(&args.output, &mut file, &answer)?;
            if answer.next_page_token.is_empty() {
                break;
            }
            message.page_token = answer.next_page_token;
        }
        file.map_or(Ok(()), TableWriter::finish)?;
        context.out.note(&format!("wrote the review of {}", plural(rows, "account", "accounts")));
        Ok(())
    };
    context.with_client(MissingStore::Refuse, work).await
}

/// Writes one page; the first one creates the file.
fn write_rows(path: &Path, file: &mut Option<TableWriter>, answer: &ListReviewRowsResponse) -> Result<(), CliError> {
    let file = if let Some(file) = file {
        file
    } else {
        let header = [ID_HEADING].into_iter().chain(answer.headings.iter().map(String::as_str));
        file.insert(TableWriter::create(path, header.map(TableColumn::text), false)?)
    };
    for ReviewRow { account_id, cells } in &answer.rows {
        file.push(&[account_id].into_iter().chain(cells).collect::<Vec<_>>(), None)?;
    }
    Ok(())
}

/// The heading of the column with account ids.
const ID_HEADING: &str = "Account ID";
