//! `data aggregate`: the SQL that turns a history of any length into weighted rows, for training.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sweetspot_core::{AttributeKind, parse_date};
use sweetspot_export::{
    AggregateColumn, AggregateOptions, AggregateValues, MAX_AGGREGATED_BINS, SqlDialect, write_edges_sql,
    write_rows_sql,
};
use sweetspot_ingest::Aggregation;

use super::model_export::DialectWord;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::{input, output_file};

/// The maximum size of a file of edges in bytes.
const MAX_EDGES_BYTES: u64 = 16 << 20;

/// Which SQL to write.
#[derive(Debug, Args)]
pub(crate) struct AggregateArgs {
    /// What the SQL returns: the edges of numbers and dates, or the weighted rows
    #[arg(value_enum)]
    result: ResultWord,
    /// Mapping of the history, which lists the attributes with their kinds
    #[arg(long, value_name = "M")]
    mapping: PathBuf,
    /// Relation with the history, such as crm.customers
    #[arg(long, value_name = "NAME", default_value = "customers")]
    table: String,
    /// Dialect of the SQL
    #[arg(long, value_enum, default_value = "ansi")]
    dialect: DialectWord,
    /// Bins of each number and date, for edges
    #[arg(long, value_name = "N", default_value_t = 32,
        value_parser = clap::value_parser!(u32).range(2..=i64::from(MAX_AGGREGATED_BINS)))]
    bins: u32,
    /// Result of the SQL for edges, as CSV, for rows
    #[arg(long, value_name = "FILE")]
    edges: Option<PathBuf>,
    /// Where to write the mapping of the weighted rows, for rows
    #[arg(long, value_name = "OUT")]
    weighted_mapping: Option<PathBuf>,
    /// Where to write the SQL; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

/// The result of the SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ResultWord {
    Edges,
    Rows,
}

/// Runs the command.
///
/// # Errors
/// Returns an error if a file cannot be read or written, or the mapping does not say enough.
pub(crate) fn run(args: &AggregateArgs, context: &Context) -> Result<(), CliError> {
    let origin = args.mapping.display().to_string();
    let aggregation = input::mapping(&args.mapping)?.aggregation(&origin).map_err(|error| input::data_error(&error))?;
    let dialect = args.dialect.of_export();
    let sql = match args.result {
        ResultWord::Edges => {
            let options = options(&aggregation, args, dialect, BTreeMap::new())?;
            write_edges_sql(&options, args.bins)
        }
        ResultWord::Rows => {
            let edges = args.edges.as_deref().map_or_else(|| Ok(BTreeMap::new()), read_edges)?;
            write_rows_sql(&options(&aggregation, args, dialect, edges)?, &aggregation.weight)
        }
    };
    let sql = sql.map_err(|error| input::data_error(&error))?;
    if let (ResultWord::Rows, Some(path)) = (args.result, &args.weighted_mapping) {
        output_file::write(path, aggregation.mapping.to_toml().as_bytes())?;
        context.out.note(&format!("wrote the mapping of the weighted rows to {}", path.display()));
    }
    output_file::write(&args.output, sql.as_bytes())
}

/// The columns to aggregate by, with their edges.
fn options(
    aggregation: &Aggregation,
    args: &AggregateArgs,
    dialect: SqlDialect,
    mut edges: BTreeMap<String, Vec<String>>,
) -> Result<AggregateOptions, CliError> {
    let mut columns = Vec::new();
    for (name, kind) in &aggregation.columns {
        let values = match kind {
            Some(kind @ (AttributeKind::Number | AttributeKind::Date)) => {
                let texts = edges.remove(name);
                if texts.is_none() && args.result == ResultWord::Rows {
                    return Err(CliError::Usage(format!(
                        "attribute {name:?} has no edges: run `sweetspot data aggregate edges`, save the result of its SQL \
                         as CSV, and name that file with --edges"
                    )));
                }
                binned(name, *kind, &texts.unwrap_or_default())?
            }
            Some(AttributeKind::Category | AttributeKind::List | AttributeKind::Flag) | None => {
                AggregateValues::Unchanged
            }
        };
        columns.push(AggregateColumn { name: name.clone(), values });
    }
    if let Some(unknown) = edges.keys().next() {
        return Err(CliError::Usage(format!(
            "the edges name {unknown:?}, which is not a number or date of the mapping"
        )));
    }
    Ok(AggregateOptions { dialect, table: args.table.clone(), columns })
}

/// The edges of an attribute, ascending and distinct.
fn binned(name: &str, kind: AttributeKind, texts: &[String]) -> Result<AggregateValues, CliError> {
    let is_date = kind == AttributeKind::Date;
    let read = |text: &String| {
        let edge = if is_date {
            // A database may write a time after the day.
            parse_date(text.get(..10).unwrap_or(text)).map(|date| f64::from(date.days))
        } else {
            text.parse::<f64>().ok().filter(|edge| edge.is_finite())
        };
        edge.ok_or_else(|| {
            let expected = if is_date { "a date such as 2026-11-22" } else { "a number such as 1.5" };
            CliError::Usage(format!("the edge {text:?} of attribute {name:?} is not {expected}"))
        })
    };
    let mut edges = texts.iter().map(read).collect::<Result<Vec<f64>, CliError>>()?;
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    // With the largest value, there is one edge more than bins.
    let max_edges = MAX_AGGREGATED_BINS as usize + 1;
    if edges.len() > max_edges {
        let found = edges.len();
        return Err(CliError::Usage(format!("attribute {name:?} has {found} edges, and {max_edges} is the maximum")));
    }
    Ok(if is_date { AggregateValues::Dates(edges) } else { AggregateValues::Numbers(edges) })
}

/// Reads the edges of each attribute from the result of the SQL: columns `attribute` and `edge`.
fn read_edges(path: &Path) -> Result<BTreeMap<String, Vec<String>>, CliError> {
    let unusable = |why: String| CliError::Data(format!("{} cannot be read as edges: {why}", path.display()));
    let mut text = String::new();
    let file = File::open(path).map_err(|error| unusable(error.to_string()))?;
    let size = file.take(MAX_EDGES_BYTES + 1).read_to_string(&mut text).map_err(|error| unusable(error.to_string()))?;
    if size as u64 > MAX_EDGES_BYTES {
        return Err(unusable(format!("it has more than {MAX_EDGES_BYTES} bytes")));
    }
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| unusable(error.to_string()))?.clone();
    let place = |name: &str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
    let (Some(attribute), Some(edge)) = (place("attribute"), place("edge")) else {
        return Err(unusable("its first line must be attribute,edge".to_owned()));
    };
    let mut edges = BTreeMap::<String, Vec<String>>::new();
    for record in reader.records() {
        let record = record.map_err(|error| unusable(error.to_string()))?;
        let cell = |place: usize| record.get(place).unwrap_or_default().trim().to_owned();
        edges.entry(cell(attribute)).or_default().push(cell(edge));
    }
    Ok(edges)
}
