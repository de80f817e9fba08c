//! `report`: the documents of a version.

use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use sweetspot_proto::json::{ReportTable, ReportTables};
use sweetspot_proto::v1::{
    DocumentSettings, RankTargetsRequest, RenderReportRequest, RenderReportResponse, ReportDocument, ReportFormat,
    ValueWeights,
};

use crate::cli::client::{Client, MissingStore, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::plural;
use crate::cli::output_file;
use crate::cli::response_parts::{self, ResponsePart};
use crate::cli::table_writer::{TableColumn, TableWriter};
use crate::cli::targets::{RankedListArgs, TopAccounts};
use crate::cli::version_lookup::{self, ScoringVersion};

/// The report to write.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Format
    #[arg(long, value_enum, default_value_t = ReportFormatArg::Html)]
    format: ReportFormatArg,
    /// Document to write; may be given several times [default: all]
    #[arg(long = "document", value_enum, value_name = "DOCUMENT")]
    documents: Vec<ReportDocumentArg>,
    /// Only the first sheet; short for --document overview
    #[arg(long, conflicts_with = "documents")]
    summary: bool,
    /// Title of the report
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    title: String,
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Add a comparison with this version: number, live, previous or a full name
    #[arg(long, value_name = "V")]
    champion: Option<String>,
    /// Where to write; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Day of the documents, such as 2026-11-24 [default: that of the import, or else today]
    #[arg(long, value_name = "DAY", help_heading = INPUTS)]
    as_of: Option<String>,
    /// Cost of an hour of support or customer success [default: that of the import]
    #[arg(long, value_name = "AMOUNT", help_heading = INPUTS)]
    hourly_cost: Option<f64>,
    /// Cost of waiting for payment, as a share of the amount per year [default: that of the import]
    #[arg(long, value_name = "SHARE", help_heading = INPUTS)]
    annual_rate: Option<f64>,
    /// Share of customers that count as the best [default: that of the import, or else 0.2]
    #[arg(long, value_name = "SHARE", help_heading = INPUTS)]
    top_share: Option<f64>,
    /// Least amount of the upper of two cohorts [default: that of the import, or else the one that separates best]
    #[arg(long, value_name = "AMOUNT", help_heading = INPUTS)]
    cohort_threshold: Option<f64>,
    /// Prospects for the document of target accounts: CSV, JSON Lines, Parquet or a workbook; - is stdin
    #[arg(long, value_name = "FILE", help_heading = TARGETS)]
    targets: Option<PathBuf>,
    /// The best K, at most 100
    #[arg(long, value_name = "K", default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100), help_heading = TARGETS)]
    top: u32,
    #[command(flatten, next_help_heading = TARGETS)]
    listing: RankedListArgs,
}

/// The maximum length of the words in the name of a table's file, in bytes.
const MAX_FILE_NAME_BYTES: usize = 60;

/// The heading of the inputs of documents in the help.
const INPUTS: &str = "Inputs of the documents";
/// The heading of the list options in the help.
const TARGETS: &str = "Target accounts";

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormatArg {
    /// One page for a browser or a printer
    Html,
    /// Markdown, for wikis
    Md,
    /// JSON, for programs
    Json,
    /// A folder with a CSV file for each table
    Csv,
}

/// A document of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportDocumentArg {
    /// One sheet: whom to call, whom to skip, how sure that is, what to do next
    Overview,
    /// The ICP summary
    Summary,
    /// The segments' profiles
    Segments,
    /// The Pond Map
    PondMap,
    /// The target accounts out of --targets
    Targets,
    /// Where the value comes from
    Value,
    /// The account review
    Review,
    /// The definition of ideal customers
    Definition,
    /// How good the model is, and what to bear in mind
    Proof,
}

impl ReportFormatArg {
    const fn to_wire(self) -> ReportFormat {
        match self {
            Self::Html => ReportFormat::Html,
            Self::Md => ReportFormat::Markdown,
            Self::Json => ReportFormat::Json,
            Self::Csv => ReportFormat::Tables,
        }
    }
}

impl ReportDocumentArg {
    const fn to_wire(self) -> ReportDocument {
        match self {
            Self::Overview => ReportDocument::Overview,
            Self::Summary => ReportDocument::Summary,
            Self::Segments => ReportDocument::Segments,
            Self::PondMap => ReportDocument::PondMap,
            Self::Targets => ReportDocument::Targets,
            Self::Value => ReportDocument::Value,
            Self::Review => ReportDocument::Review,
            Self::Definition => ReportDocument::Definition,
            Self::Proof => ReportDocument::Proof,
        }
    }
}

/// Writes the report.
pub(crate) async fn run(args: ReportArgs, context: &Context) -> Result<(), CliError> {
    let format = if context.out.json { ReportFormatArg::Json } else { args.format };
    if format == ReportFormatArg::Html && args.output == Path::new("-") && io::stdout().is_terminal() {
        return Err(CliError::Usage(
            "refusing to write a page to a terminal: name a file with -o report.html".to_owned(),
        ));
    }
    if format == ReportFormatArg::Csv && args.output == Path::new("-") {
        return Err(CliError::Usage("--format csv writes a folder: name it with -o tables/".to_owned()));
    }
    check_targets(&args)?;
    let champion = args.champion.as_deref().map(|version| context.names.version(version)).transpose()?;
    let list = args.targets.as_deref().map(|file| args.listing.open(context, file)).transpose()?;
    let work = async |client: &mut Client| {
        let version = ScoringVersion::from(version_lookup::choose(client, context, args.version.as_deref()).await?);
        let top_accounts = match list {
            Some(mut list) => {
                list.keep_names()?;
                Some(list.collect_top(client, context, &version).await?)
            }
            None => None,
        };
        let message = RenderReportRequest {
            format: format.to_wire().into(),
            documents: documents(&args).into_iter().map(|document| document.to_wire().into()).collect(),
            title: args.title.clone(),
            targets: top_accounts
                .as_ref()
                .map(|top_accounts| RankTargetsRequest { top_k: args.top, ..top_accounts.request() }),
            target_names: top_accounts.as_ref().map(TopAccounts::names).unwrap_or_default(),
            version: version.name,
            settings: Some(document_settings(&args)),
            champion: champion.as_ref().map(ToString::to_string).unwrap_or_default(),
            ..RenderReportRequest::default()
        };
        if format == ReportFormatArg::Csv {
            write_tables(client, context, message, &args.output).await?;
        } else {
            write(client, context, message, &args.output).await?;
        }
        if let Some(note) = top_accounts.and_then(|top_accounts| top_accounts.truncation_note()) {
            context.out.note(&note);
        }
        Ok(())
    };
    context.with_client(MissingStore::Refuse, work).await
}

/// Returns the inputs that the command states.
fn document_settings(args: &ReportArgs) -> DocumentSettings {
    let ReportArgs { as_of, hourly_cost, annual_rate, top_share, cohort_threshold, .. } = args;
    let weights = ValueWeights { hourly_cost: *hourly_cost, annual_rate: *annual_rate, ..ValueWeights::default() };
    DocumentSettings {
        weights: Some(weights),
        top_share: *top_share,
        cohort_threshold: *cohort_threshold,
        as_of: as_of.clone().unwrap_or_default(),
        ..DocumentSettings::default()
    }
}

/// Checks that list options come with a list of prospects, and the document of target accounts as well.
fn check_targets(args: &ReportArgs) -> Result<(), CliError> {
    let wrong = |text: &str| Err(CliError::Usage(text.to_owned()));
    match args.targets {
        None if args.documents.contains(&ReportDocumentArg::Targets) => {
            wrong("the document of target accounts requires prospects: name their file with --targets FILE")
        }
        None if args.listing != RankedListArgs::default() => {
            wrong("options of the list require prospects: name their file with --targets FILE")
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the requested documents; with prospects, the target accounts are included.
fn documents(args: &ReportArgs) -> Vec<ReportDocumentArg> {
    let mut documents = args.documents.clone();
    if args.summary {
        documents.push(ReportDocumentArg::Overview);
    }
    if args.targets.is_some() && !documents.is_empty() && !args.summary {
        documents.push(ReportDocumentArg::Targets);
    }
    documents
}

/// Requests a report and writes it.
///
/// # Errors
/// Returns an error if the report cannot be rendered or written.
pub(super) async fn write(
    client: &mut Client,
    context: &Context,
    message: RenderReportRequest,
    output: &Path,
) -> Result<(), CliError> {
    output_file::write(output, &render(client, message).await?)?;
    if output != Path::new("-") {
        context.out.note(&format!("wrote {}", output.display()));
    }
    Ok(())
}

/// Returns the content of a report.
async fn render(client: &mut Client, message: RenderReportRequest) -> Result<Vec<u8>, CliError> {
    let read = async |client: &mut Client, offset| {
        let message = RenderReportRequest { offset, part_bytes: response_parts::PART_BYTES, ..message.clone() };
        let answer = client.reports.render_report(request(message)).await;
        let RenderReportResponse { content, total_bytes, content_sha256, .. } = client.response(answer)?;
        Ok(ResponsePart { content, total_bytes, content_sha256 })
    };
    response_parts::read_all(client, read).await
}

/// Writes each table of a report to a CSV file in a folder, which is created if it does not exist.
async fn write_tables(
    client: &mut Client,
    context: &Context,
    message: RenderReportRequest,
    folder: &Path,
) -> Result<(), CliError> {
    let rendered = render(client, message).await?;
    let ReportTables { tables } = serde_json::from_slice(&rendered)
        .map_err(|error| CliError::Failed(format!("the server's tables cannot be read: {error}")))?;
    fs::create_dir_all(folder).map_err(|error| CliError::file("create", folder, error))?;
    for (index, table) in tables.iter().enumerate() {
        let path = folder.join(table_file_name(index + 1, table));
        let mut file = TableWriter::create(&path, table.columns.iter().map(TableColumn::text), false)?;
        for row in &table.rows {
            file.push(&row.cells, None)?;
        }
        file.finish()?;
    }
    context.out.note(&format!("wrote {} to {}", plural(tables.len() as u64, "table", "tables"), folder.display()));
    Ok(())
}

/// `07-pond-map-keeping-to-the-pond.csv`: the number of the table, its document and its section.
fn table_file_name(number: usize, table: &ReportTable) -> String {
    let ReportTable { document, section, .. } = table;
    let title = if document == section { document.clone() } else { format!("{document} {section}") };
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words.map(str::to_lowercase) {
        if slug.len() + word.len() > MAX_FILE_NAME_BYTES {
            break;
        }
        slug.push('-');
        slug.push_str(&word);
    }
    format!("{number:02}{slug}.csv")
}
