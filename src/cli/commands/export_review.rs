//! `export-review`: the table of the account review, for people to complete in a spreadsheet and import again.

use std::path::{Path, PathBuf};

use csv::Writer;

use crate::cli::client::{Client, Opening, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::files::{Sink, csv_cause};
use crate::cli::output::plural;
use crate::cli::spreadsheet::harmless;
use crate::cli::versions;
use crate::generated::v1::{ListReviewRowsRequest, ListReviewRowsResponse, ReviewRow};

/// Rows of one answer.
const PAGE: i32 = 500;

/// Which review, and where it goes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ExportReviewArgs {
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Where to write, as CSV; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

/// Writes the table.
pub(crate) async fn run(args: ExportReviewArgs, context: &Context) -> Result<(), CliError> {
    let work = async |client: &mut Client| {
        let version = versions::answering(client, context, args.version.as_deref()).await?.name;
        let mut file = Writer::from_writer(Sink::create(&args.output)?);
        let mut message = ListReviewRowsRequest { version, page_size: PAGE, page_token: String::new() };
        let mut rows = 0;
        loop {
            let first = message.page_token.is_empty();
            let answer = client.profiles.list_review_rows(request(message.clone())).await;
            let answer = client.answer(answer)?;
            rows += answer.rows.len() as u64;
            write(&mut file, &answer, first).map_err(|error| failed(&args.output, error))?;
            if answer.next_page_token.is_empty() {
                break;
            }
            message.page_token = answer.next_page_token;
        }
        let sink = file.into_inner().map_err(|error| failed(&args.output, error.into_error().into()))?;
        sink.commit()?;
        context.out.note(&format!("wrote the review of {}", plural(rows, "account", "accounts")));
        Ok(())
    };
    context.with_client(Opening::Existing, work).await
}

fn failed(path: &Path, error: csv::Error) -> CliError {
    CliError::file("write", path, csv_cause(error))
}

/// Writes one page, the first with the headings.
fn write(file: &mut Writer<Sink>, answer: &ListReviewRowsResponse, first: bool) -> Result<(), csv::Error> {
    if first {
        file.write_record([ID].into_iter().chain(answer.headings.iter().map(String::as_str)))?;
    }
    for ReviewRow { account_id, cells } in &answer.rows {
        file.write_record([account_id].into_iter().chain(cells).map(|cell| harmless(cell).into_owned()))?;
    }
    Ok(())
}

/// The heading of the column with the accounts' ids.
const ID: &str = "Account ID";
