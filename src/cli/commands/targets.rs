//! `targets`: the ranked list of target accounts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use sweetspot_proto::v1::{Target, TierSize};

use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::copied_columns::{self, output_names};
use crate::cli::exit::CliError;
use crate::cli::output::{plural, table, wrap};
use crate::cli::table_writer::{TableColumn, TableWriter};
use crate::cli::targets::{self, HEADER, ListRow, MAX_RANKED, RankedListArgs, RankedTargets, TopAccounts};
use crate::cli::version_lookup;
use crate::messages::words::tier_letter;

/// The maximum number of targets shown on a terminal.
const MAX_SHOWN: usize = 10;

/// The list to rank.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetsArgs {
    /// Prospects: CSV, JSON Lines, Parquet or a workbook; - is stdin
    file: PathBuf,
    /// Output file: CSV, or JSON Lines or Parquet by its extension; - is stdout [default: show the ten best]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// The best K, at most 10000
    #[arg(long, value_name = "K", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=MAX_RANKED as i64))]
    top: u32,
    /// Columns of the list to copy to the output, such as Name,City
    #[arg(long, value_name = "COLUMN,...")]
    keep: Vec<String>,
    #[command(flatten)]
    listing: RankedListArgs,
    /// Reasons for each target, largest first
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    reasons: u32,
}

/// Ranks the list and writes the best accounts.
pub(crate) async fn run(args: TargetsArgs, context: &Context) -> Result<(), CliError> {
    let keep = copied_columns::parse_names(&args.keep)?;
    let mut list = args.listing.open(context, &args.file)?;
    let copied_columns = list.keep_columns(&keep)?;
    let work = async |client: &mut Client| {
        let version = version_lookup::resolve(client, context, args.version.as_deref()).await?;
        let top_accounts = list.collect_top(client, context, &version).await?;
        let ranked = targets::rank(client, &version.name, top_accounts.request(), args.top, args.reasons).await?;
        write_targets(&args, context, &top_accounts.with_accounts(&ranked.targets), (&version.name, &copied_columns))?;
        context.out.note(&summary_text(&ranked, &top_accounts, &version.name));
        Ok(())
    };
    context.with_client(MissingStore::Refuse, work).await
}

fn write_targets(
    args: &TargetsArgs,
    context: &Context,
    targets: &[(&Target, ListRow)],
    (version, copied_columns): (&str, &[String]),
) -> Result<(), CliError> {
    let Some(path) = args.output.as_deref().or_else(|| context.out.json.then_some(Path::new("-"))) else {
        let rows =
            targets.iter().take(MAX_SHOWN).map(|(target, listed)| targets::table_row(target, &listed.id)).collect();
        let header = ["#", "account", "score", "tier", "most like", "next step", "worth learning"];
        return context.out.print_text(&table(&header, &[0, 2], rows));
    };
    let copied_columns =
        if context.out.json { copied_columns.to_vec() } else { output_names(copied_columns, &HEADER, context.out) };
    let columns = HEADER.into_iter().map(TableColumn::result).chain(copied_columns.iter().map(TableColumn::text));
    let mut file = TableWriter::create(path, columns, context.out.json)?;
    for (target, listed) in targets {
        let ListRow { id, kept_cells: cells } = listed;
        let record: Vec<String> = targets::csv_cells(target, id).into_iter().chain(cells.iter().cloned()).collect();
        file.push(&record, Some(&|| targets::target_json(target, id, version, &copied_columns, cells)))?;
    }
    file.finish()
}

fn summary_text(ranked: &RankedTargets, top_accounts: &TopAccounts, version: &str) -> String {
    let TopAccounts { scored_count: scored, excluded_count: left_out, .. } = *top_accounts;
    let mut text = format!("ranked {} with {version}", plural(scored, "account", "accounts"));
    if left_out > 0 {
        // Writing to a `String` cannot fail.
        let _infallible = write!(text, ", {left_out} left out by their id");
    }
    if let Some(note) = top_accounts.truncation_note() {
        let _infallible = write!(text, "; {note}");
    }
    let tiers: Vec<String> = ranked.summary.tiers.iter().map(tier_size_text).collect();
    let _infallible = write!(text, "\n{}", wrap(&tiers.join(", "), 0, 2));
    text
}

/// `A 120 (from 0.612)`.
fn tier_size_text(size: &TierSize) -> String {
    let min_probability =
        size.least_probability.map(|min_probability| format!(" (from {min_probability:.3})")).unwrap_or_default();
    format!("{} {}{min_probability}", tier_letter(size.tier()), size.accounts)
}
