//! `model compare`: a comparison of two versions.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use sweetspot_proto::json::JsonMessage as _;
use sweetspot_proto::v1::attribute_difference::Kind;
use sweetspot_proto::v1::compared_figures::Basis;
use sweetspot_proto::v1::promotion_check_result::Status;
use sweetspot_proto::v1::{
    AccountMove, AccountRows, AttributeDifference, AttributeIssue, CompareModelVersionsRequest, ComparedFigures,
    ContributionChange, FigureDifference, FitTier, VersionComparison,
};

use crate::cli::client::{Client, request};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::import_messages::wire_account;
use crate::cli::output::{json_text, table, wrap};
use crate::cli::output_file;
use crate::cli::prospect_list::ProspectList;
use crate::cli::version_lookup::{self, ScoringVersion};
use crate::messages::words::tier_letter;

/// The maximum number of contribution changes shown per account, in text.
const MAX_CHANGES: usize = 3;

/// The versions to compare.
#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// Version to compare with: number, live, candidate, previous or a full name
    #[arg(default_value = "live")]
    champion: String,
    /// Version that may replace it
    #[arg(default_value = "candidate")]
    challenger: String,
    /// Accounts whose tiers are compared: CSV, JSON Lines, Parquet or a workbook, at most 10,000; - is stdin [default: the
    /// customers that the challenger was trained on]
    #[arg(long, value_name = "FILE", conflicts_with = "dataset")]
    accounts: Option<PathBuf>,
    /// Mapping of --accounts
    #[arg(long, value_name = "M", requires = "accounts")]
    mapping: Option<PathBuf>,
    /// Dataset whose accounts' tiers are compared
    #[arg(long, value_name = "D")]
    dataset: Option<String>,
    /// Compare with the challenger's tiers at the champion's probabilities
    #[arg(long)]
    keep_tiers: bool,
    /// Number of the accounts that move most to list
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
    movers: u32,
    /// Format
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Text)]
    format: ComparisonFormat,
    /// Where to write; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
}

/// The format of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ComparisonFormat {
    /// Text for a terminal
    Text,
    /// Markdown, for wikis
    Md,
    /// JSON, for programs
    Json,
}

/// Compares the versions and writes the result.
///
/// # Errors
/// Returns an error if a version or dataset does not exist, or if a file is invalid.
pub(super) async fn run(client: &mut Client, context: &Context, args: CompareArgs) -> Result<(), CliError> {
    let context = match &args.dataset {
        Some(dataset) => context.clone().with_dataset(dataset)?,
        None => context.clone(),
    };
    let rows = match args.accounts.as_deref() {
        Some(file) => {
            // Columns are matched with the attributes of both versions, and read by the kinds of the challenger first.
            let challenger = version_lookup::resolve(client, &context, Some(&args.challenger)).await?;
            let champion = version_lookup::resolve(client, &context, Some(&args.champion)).await?;
            Some(read_accounts(&context, file, args.mapping.as_deref(), &challenger.merge(champion))?)
        }
        None => None,
    };
    let message = CompareModelVersionsRequest {
        champion: context.names.version(&args.champion)?.to_string(),
        challenger: context.names.version(&args.challenger)?.to_string(),
        dataset: args.dataset.as_ref().map(|_| context.names.dataset.to_string()).unwrap_or_default(),
        rows,
        keep_tiers: args.keep_tiers,
        mover_count: args.movers,
    };
    let answer = client.models.compare_model_versions(request(message)).await;
    let answer = client.response(answer)?;
    if let Some(first) = answer.issues.first() {
        let (count, AttributeIssue { field, reason, .. }) = (answer.issue_count, first);
        let text = format!("warning: values that cannot be used and are left out: {count}, such as {field} ({reason})");
        context.out.warn(&text);
    }
    let none = || {
        CliError::Failed(
            "the server's response has no comparison: check that the server has the same release".to_owned(),
        )
    };
    let comparison = answer.comparison.ok_or_else(none)?;
    let format = if context.out.json { ComparisonFormat::Json } else { args.format };
    let text = match format {
        ComparisonFormat::Text => comparison_text(&comparison),
        ComparisonFormat::Md => answer.markdown,
        ComparisonFormat::Json => json_text(&comparison.to_json())?,
    };
    output_file::write(&args.output, text.as_bytes())
}

/// Reads the accounts of a file; invalid rows are reported and skipped.
fn read_accounts(
    context: &Context,
    file: &Path,
    mapping: Option<&Path>,
    versions: &ScoringVersion,
) -> Result<AccountRows, CliError> {
    let mut list = ProspectList::open(context, file, mapping)?;
    list.match_attributes(versions)?;
    let (mut rows, mut rejected) = (Vec::new(), 0_u64);
    while let Some(row) = list.next()? {
        match row {
            Ok(prospect) => rows.push(wire_account(prospect.account, prospect.id)),
            Err(_) => rejected += 1,
        }
    }
    if let Some(reading) = list.reading() {
        context.out.note(&format!("note: {reading}"));
    }
    if rejected > 0 {
        context.out.warn(&format!("warning: rows of {} that cannot be used and are left out: {rejected}", list.name()));
    }
    Ok(AccountRows { rows })
}

fn comparison_text(comparison: &VersionComparison) -> String {
    let VersionComparison { champion, challenger, figures, accounts, accounts_of, tiers_kept, .. } = comparison;
    let mut text = format!("challenger: {challenger}\nchampion:   {champion}\n");
    // Writing to a `String` cannot fail.
    let _infallible = match figures {
        Some(figures) => write!(text, "\nFigures {}\n{}", basis_text(figures), metrics_table(figures)),
        None => write!(text, "\nOne of the versions was not judged, so there are no figures to compare\n"),
    };
    if !comparison.checks.is_empty() {
        let rows = comparison
            .checks
            .iter()
            .map(|one| vec![one.check.clone(), status_word(one.status()).to_owned(), one.detail.clone()]);
        let _infallible = write!(
            text,
            "\nPromotion checks of the challenger\n{}",
            table(&["check", "result", "figures"], &[], rows.collect())
        );
    }
    let stays: u64 =
        comparison.tier_moves.iter().filter(|one| one.champion == one.challenger).map(|one| one.accounts).sum();
    let moved = format!("another tier for {} of {accounts} accounts: {accounts_of}", accounts - stays);
    let tiers = if *tiers_kept { "; tiers begin where the champion's do" } else { "" };
    let _infallible = write!(text, "\n{}\n{}", wrap(&format!("{moved}{tiers}"), 0, 2), tier_table(comparison));
    if !comparison.movers.is_empty() {
        let header = ["account", "champion", "challenger", "what moves it, in log-odds"];
        let rows = comparison.movers.iter().map(mover_row).collect();
        let _infallible = write!(text, "\nAccounts that move most\n{}", table(&header, &[1, 2], rows));
    }
    if comparison.attributes.is_empty() {
        text.push_str("\nBoth versions know the same attributes.\n");
    } else {
        let header = ["attribute", "what", "champion", "challenger"];
        let rows = comparison.attributes.iter().map(attribute_row).collect();
        let _infallible = write!(text, "\nAttributes\n{}", table(&header, &[], rows));
    }
    text
}

fn basis_text(figures: &ComparedFigures) -> String {
    let ComparedFigures { rows, positives, unseen, .. } = figures;
    match (figures.basis(), unseen) {
        (Basis::SeparateRows, _) => {
            "of two separate evaluations (fewer than 20 customers of either label in both)".to_owned()
        }
        (Basis::Unspecified | Basis::SameRows, 0) => {
            format!("on the same {rows} customers ({positives} ideal), out of fold")
        }
        (Basis::Unspecified | Basis::SameRows, unseen) => {
            format!("on the same {rows} customers ({positives} ideal), {unseen} of them new to the champion")
        }
    }
}

fn metrics_table(figures: &ComparedFigures) -> String {
    let row = |name: &str, one: &FigureDifference| {
        let interval = format!("{:+.3} to {:+.3}", one.low, one.high);
        vec![
            name.to_owned(),
            format!("{:.3}", one.champion),
            format!("{:.3}", one.challenger),
            format!("{:+.3}", one.change),
            interval,
        ]
    };
    let named = [("AUC", &figures.auc), ("log-loss", &figures.log_loss)];
    let rows = named.into_iter().filter_map(|(name, one)| one.as_ref().map(|one| row(name, one))).collect();
    table(&["figure", "champion", "challenger", "change", "95% interval"], &[1, 2, 3], rows)
}

fn tier_table(comparison: &VersionComparison) -> String {
    let all = [FitTier::A, FitTier::B, FitTier::C, FitTier::D];
    let count = |from: FitTier, to: FitTier| {
        let found = comparison.tier_moves.iter().find(|one| one.champion() == from && one.challenger() == to);
        found.map_or(0, |one| one.accounts).to_string()
    };
    let row = |from: FitTier| {
        std::iter::once(format!("from {}", tier_letter(from))).chain(all.map(|to| count(from, to))).collect::<Vec<_>>()
    };
    table(&["champion", "to A", "to B", "to C", "to D"], &[1, 2, 3, 4], all.map(row).to_vec())
}

fn mover_row(mover: &AccountMove) -> Vec<String> {
    let standing = |probability: f64, wire: FitTier| format!("{probability:.3} {}", tier_letter(wire));
    let change = |one: &ContributionChange| {
        let name =
            if one.attribute.is_empty() { "base".to_owned() } else { format!("{}={}", one.attribute, one.value_label) };
        format!("{name}: {:+.2} to {:+.2}", one.champion, one.challenger)
    };
    vec![
        mover.account_id.clone(),
        standing(mover.champion_probability, mover.champion_tier()),
        standing(mover.challenger_probability, mover.challenger_tier()),
        mover.changes.iter().take(MAX_CHANGES).map(change).collect::<Vec<_>>().join("\n"),
    ]
}

fn attribute_row(one: &AttributeDifference) -> Vec<String> {
    let describe = |summary: &Option<sweetspot_proto::v1::AttributeSummary>| {
        summary.as_ref().map_or_else(String::new, |one| {
            format!("{}, spread {:.2}, {:.0}% missing", one.kind, one.whole_spread, one.missing_share * 100.0)
        })
    };
    vec![one.attribute.clone(), kind_word(one.kind()).to_owned(), describe(&one.champion), describe(&one.challenger)]
}

const fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Unspecified => "unknown",
        Kind::Gained => "gained",
        Kind::Lost => "lost",
        Kind::Changed => "changed",
    }
}

const fn status_word(status: Status) -> &'static str {
    match status {
        Status::Unspecified => "unknown",
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::NotApplicable => "not applicable",
    }
}
