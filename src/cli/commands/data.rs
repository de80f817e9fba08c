//! `data`: the columns of a file before an import, and the versions of datasets.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use sweetspot_core::percent;
use sweetspot_ingest::{ColumnProfile, ColumnRole, FileOptions, FileProfile};

use super::aggregate::{self, AggregateArgs};
use super::dataset_versions::{self, DatasetArgs, DatasetVersionArgs, DeleteVersionsArgs, ShowArgs};
use super::datasets;
use super::erase_accounts::{self, EraseArgs};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, table, wrap};
use crate::cli::rejected_rows::RejectList;
use crate::cli::{input, output_file};

/// The operations on a file or a dataset.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Describe each column, and propose a mapping
    Check(CheckArgs),
    /// Write the SQL that turns a history of any length into weighted rows, for training
    Aggregate(AggregateArgs),
    /// List the datasets of the workspace
    List,
    /// List the versions of a dataset, one for each import, newest first
    Versions(DatasetArgs),
    /// Show one version of a dataset, and the versions of models that depend on it
    Show(ShowArgs),
    /// Make a version the current one of its dataset
    Restore(DatasetVersionArgs),
    /// Delete a version that no version of a model depends on, and its customers
    Delete(DeleteVersionsArgs),
    /// Erase accounts from every version of the datasets, and what definitions contain about them
    Erase(EraseArgs),
}

/// The file to check.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Accounts: CSV, JSON Lines, Parquet or a workbook; - is stdin
    file: PathBuf,
    /// Check against this mapping instead of proposing one
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    /// Where to write the mapping; - is stdout
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    #[command(flatten)]
    file_args: FileArgs,
}

/// How the file is written, where this cannot be detected. The proposed mapping contains it.
#[derive(Debug, clap::Args)]
struct FileArgs {
    /// Encoding of the text, such as windows-1252 [default: detected]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Delimiter between cells [default: detected]
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<char>,
    /// Row with the names of the columns, from 1 [default: detected]
    #[arg(long, value_name = "ROW")]
    header_row: Option<u32>,
    /// Sheet of a workbook [default: the one with a table]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Leave out no row as a total, a footer or a repeated header
    #[arg(long)]
    all_rows: bool,
}

impl FileArgs {
    fn options(&self) -> Result<FileOptions, CliError> {
        let Self { encoding, delimiter, header_row, sheet, all_rows } = self;
        let (encoding, delimiter) = (encoding.clone(), *delimiter);
        let (header_row, sheet, all_rows) = (*header_row, sheet.clone(), *all_rows);
        let options = FileOptions { encoding, delimiter, header_row, sheet, all_rows };
        let problems = options.problems(|key| format!("--{}", key.replace('_', "-")));
        if problems.is_empty() { Ok(options) } else { Err(CliError::Usage(problems.join("; "))) }
    }
}

/// Runs the command.
pub(crate) async fn run(command: DataCommand, context: &Context) -> Result<(), CliError> {
    match command {
        DataCommand::Check(args) => check(&args, context),
        DataCommand::Aggregate(args) => aggregate::run(&args, context),
        DataCommand::List => datasets::list(context).await,
        DataCommand::Versions(args) => dataset_versions::list(&args, context).await,
        DataCommand::Show(args) => dataset_versions::show(&args, context).await,
        DataCommand::Restore(args) => dataset_versions::restore(&args, context).await,
        DataCommand::Delete(args) => dataset_versions::delete(&args, context).await,
        DataCommand::Erase(args) => erase_accounts::run(&args, context).await,
    }
}

/// Describes the columns of a file and proposes a mapping, or checks one.
fn check(args: &CheckArgs, context: &Context) -> Result<(), CliError> {
    let mapping = args.mapping.as_deref().map(input::mapping).transpose()?;
    let source = input::open_source(&args.file)?.with_options(&args.file_args.options()?);
    let profile = sweetspot_ingest::profile(source, mapping.as_ref()).map_err(|error| input::data_error(&error))?;
    if let Some(reading) = &profile.reading {
        context.out.note(&format!("note: {reading}"));
    }
    let mut rejects = RejectList::create(None)?;
    for reject in &profile.rejects {
        rejects.add(reject.into())?;
    }
    rejects.finish(context.out, profile.rejected.saturating_sub(profile.rejects.len() as u64))?;
    if context.out.json {
        context.out.print_json(&profile_json(&profile))?;
    } else {
        context.out.print_text(&profile_text(&profile))?;
    }
    if let Some(output) = &args.output {
        output_file::write(output, profile.mapping_toml.as_bytes())?;
        context.out.note(&format!("wrote the mapping to {}: read it before you train", output.display()));
    } else if args.mapping.is_none() && !context.out.json {
        context.out.print_text(&format!("\nProposed mapping (-o FILE keeps it):\n\n{}", profile.mapping_toml))?;
    }
    Ok(())
}

fn profile_text(profile: &FileProfile) -> String {
    let row = |column: &ColumnProfile| {
        let ColumnProfile { name, kind, present, distinct, examples, role: verdict, .. } = column;
        let verdict = if column.leak.is_some() { "leak?" } else { verdict.label() };
        let present = percent(*present);
        vec![name.clone(), verdict.into(), kind.as_str().into(), present, distinct.to_string(), examples.join(", ")]
    };
    let rows = profile.columns.iter().map(row).collect();
    let mut text = format!(
        "{}, {}\n\n",
        plural(profile.rows, "row", "rows"),
        plural(profile.columns.len() as u64, "column", "columns")
    );
    text.push_str(&table(&["column", "looks like", "kind", "present", "distinct", "most frequent"], &[3, 4], rows));
    let readings: Vec<String> =
        profile.columns.iter().map(|column| format!("{}: {}", column.name, column.reading)).collect();
    push_section(&mut text, "How the columns are read:", &readings);
    let about = |why: fn(&ColumnProfile) -> Option<&String>| {
        let columns = || profile.columns.iter().filter_map(|column| Some((column.name.as_str(), why(column)?)));
        let mut reasons: Vec<&String> = columns().map(|(_, why)| why).collect();
        let mut seen = HashSet::new();
        reasons.retain(|why| seen.insert(*why));
        let point = |why: &String| {
            let names: Vec<&str> = columns().filter(|(_, other)| *other == why).map(|(name, _)| name).collect();
            format!("{}: {why}", names.join(", "))
        };
        reasons.into_iter().map(point).collect::<Vec<_>>()
    };
    let leaks = about(|column| column.leak.as_ref());
    push_section(
        &mut text,
        "May reveal the outcome, so not among the attributes unless known before\nthe sale:",
        &leaks,
    );
    let cautions = about(|column| column.caution.as_ref());
    push_section(&mut text, "Kept, but strong enough to reveal the outcome; training will warn, too:", &cautions);
    push_section(&mut text, "Left out for what they are:", &about(unfit_reason));
    push_section(&mut text, "Before you train:", &profile.notes);
    text
}

/// Returns why a column whose values would make an attribute should not be one.
fn unfit_reason(column: &ColumnProfile) -> Option<&String> {
    match column.role {
        ColumnRole::PlaceKey | ColumnRole::DealDate | ColumnRole::Currency | ColumnRole::Derived => {
            Some(&column.reason)
        }
        ColumnRole::Attribute
        | ColumnRole::Id
        | ColumnRole::Outcome
        | ColumnRole::Review
        | ColumnRole::Constant
        | ColumnRole::Empty
        | ColumnRole::Identifier
        | ColumnRole::FreeText
        | ColumnRole::Group => None,
    }
}

/// Appends a heading and its points, or nothing if there are none.
fn push_section(text: &mut String, heading: &str, points: &[String]) {
    if points.is_empty() {
        return;
    }
    text.push_str("\n\n");
    text.push_str(heading);
    for point in points {
        text.push('\n');
        text.push_str(&wrap(&format!("- {point}"), 0, 2));
    }
}

fn profile_json(profile: &FileProfile) -> serde_json::Value {
    let column = |column: &ColumnProfile| {
        json!({
            "name": column.name,
            "kind": column.kind.as_str(),
            "reading": column.reading,
            "present": column.present,
            "distinct": column.distinct,
            "examples": column.examples,
            "looksLike": column.role.label(),
            "reason": column.reason,
            "leak": column.leak,
            "caution": column.caution,
        })
    };
    json!({
        "rows": profile.rows,
        "rejected": profile.rejected,
        "columns": profile.columns.iter().map(column).collect::<Vec<_>>(),
        "notes": profile.notes,
        "reading": profile.reading,
        "mapping": profile.mapping_toml,
    })
}
