//! `export-review`: the table of the account review, to be completed in a spreadsheet and imported again, and the
//! mapping that reads it.

use std::path::{Path, PathBuf};

use sweetspot_proto::v1::{ListReviewRowsRequest, ListReviewRowsResponse, ReviewRow};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::plural;
use crate::cli::output_file;
use crate::cli::review_mapping::ReviewMapping;
use crate::cli::table_writer::{TableColumn, TableWriter};
use crate::cli::version_lookup;

/// The number of rows per response.
const PAGE_SIZE: i32 = 500;

/// The review to export, and the output files.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ExportReviewArgs {
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Output file: CSV, or JSON Lines or Parquet by its extension; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Output file of the mapping that imports the table [default: OUT with the extension .mapping.toml]
    #[arg(long, value_name = "FILE")]
    mapping_output: Option<PathBuf>,
}

impl ExportReviewArgs {
    /// Returns where the mapping is written; `None` if only the table is written, to stdout.
    fn mapping_path(&self) -> Option<PathBuf> {
        let default_path = || (self.output != Path::new("-")).then(|| self.output.with_extension("mapping.toml"));
        self.mapping_output.clone().or_else(default_path)
    }
}

/// The files while they are written.
#[derive(Debug)]
struct ReviewFiles {
    table: TableWriter,
    mapping: ReviewMapping,
}

/// Writes the table and the mapping.
pub(crate) async fn run(args: ExportReviewArgs, context: &Context) -> Result<(), CliError> {
    let work = async |client: &mut Client| {
        let version = version_lookup::resolve(client, context, args.version.as_deref()).await?.name;
        let mut files = None;
        let page_token = String::new();
        let mut message = ListReviewRowsRequest { version, page_size: PAGE_SIZE, page_token, all_columns: true };
        let mut rows = 0;
        loop {
            let answer = client.reports.list_review_rows(request(message.clone())).await;
            let answer = client.response(answer)?;
            rows += answer.rows.len() as u64;
            write_rows(&args.output, &mut files, &answer)?;
            if answer.next_page_token.is_empty() {
                break;
            }
            message.page_token = answer.next_page_token;
        }
        let mut mapping_note = String::new();
        if let Some(ReviewFiles { table, mapping }) = files {
            table.finish()?;
            if let Some(path) = args.mapping_path() {
                output_file::write(&path, mapping.finish().as_bytes())?;
                mapping_note = format!(", and the mapping that imports it to {}", path.display());
            }
        }
        context.out.note(&format!("wrote the review of {}{mapping_note}", plural(rows, "account", "accounts")));
        Ok(())
    };
    context.with_client(MissingStore::Refuse, work).await
}

/// Writes one page; the first one creates the file.
fn write_rows(path: &Path, files: &mut Option<ReviewFiles>, answer: &ListReviewRowsResponse) -> Result<(), CliError> {
    let ReviewFiles { table, mapping } = if let Some(files) = files {
        files
    } else {
        let mapping = ReviewMapping::new(answer);
        let header = [mapping.id_heading()].into_iter().chain(answer.headings.iter().map(String::as_str));
        let table = TableWriter::create(path, header.map(TableColumn::text), false)?;
        files.insert(ReviewFiles { table, mapping })
    };
    for ReviewRow { account_id, cells } in &answer.rows {
        mapping.observe(cells);
        table.push(&[account_id].into_iter().chain(cells).collect::<Vec<_>>(), None)?;
    }
    Ok(())
}
