//! `targets`: the prioritised list of target accounts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::client::{Client, Opening};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::files::{Sink, csv_cause};
use crate::cli::list::List;
use crate::cli::output::{table, wrap};
use crate::cli::rejects::Rejects;
use crate::cli::scoring::{Flow, tier};
use crate::cli::targets::{self, Best, HEADER, MOST, Ranked, Tiers};
use crate::cli::versions;
use crate::generated::v1::{Account, ScoreConfig, Target, TierSize};

/// Targets that are shown on a terminal.
const SHOWN: usize = 10;

/// Whom to rank, and how.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TargetsArgs {
    /// Prospects: CSV, also .gz; - is stdin
    file: PathBuf,
    /// Where to write the list, as CSV; - is stdout [default: the ten best are shown]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What the columns mean [default: as in score]
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// The best K, at most 10000
    #[arg(long, value_name = "K", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=MOST as i64))]
    top: u32,
    #[command(flatten)]
    tiers: Tiers,
    /// Ids to leave out, one a line: current customers, open opportunities
    #[arg(long, value_name = "FILE")]
    exclude: Option<PathBuf>,
    /// Reasons for each target, largest first
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    reasons: u32,
    /// Where to list rows that cannot be ranked, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Ranks the list and writes the best of it.
pub(crate) async fn run(args: TargetsArgs, context: &Context) -> Result<(), CliError> {
    args.tiers.check()?;
    let excluded = args.exclude.as_deref().map(ids).transpose()?.unwrap_or_default();
    let mut list = List::open(context, &args.file, args.mapping.as_deref())?;
    let work = async |client: &mut Client| {
        let version = versions::answering(client, context, args.version.as_deref()).await?;
        let rejects = Rejects::create(args.rejects.as_deref())?;
        let mut best = Best::new(&mut list, excluded, version.attributes, rejects);
        // The alias is resolved once: a promotion meanwhile does not mix versions.
        let config = ScoreConfig { version: version.name.clone(), ..ScoreConfig::default() };
        let read = Flow::new(config).run(client, &mut best).await;
        let (scored, left_out) = (best.scored, best.left_out);
        let (accounts, rejects) = best.finish();
        rejects.finish(context.out, 0)?;
        read?;
        if accounts.is_empty() {
            let text = format!("{} has no account that can be ranked", args.file.display());
            return Err(CliError::Data(text));
        }
        let (accounts, own): (Vec<Account>, Vec<String>) = accounts.into_iter().unzip();
        let tiering = args.tiers.of(scored);
        let ranked = targets::ask(client, &version.name, &accounts, tiering, args.top, args.reasons).await?;
        let named = Named { accounts: &accounts, own: &own };
        write(&args, context, &ranked, named, &version.name)?;
        context.out.note(&told(&ranked, scored, left_out, &version.name));
        Ok(())
    };
    context.with_client(Opening::Existing, work).await
}

/// The ids of a file, one a line.
fn ids(path: &Path) -> Result<BTreeSet<String>, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::file("read", path, error))?;
    let ids = text.lines().map(|line| line.trim().trim_matches('"')).filter(|id| !id.is_empty());
    Ok(ids.map(str::to_owned).collect())
}

/// The ids in the file of the accounts that were sent.
#[derive(Clone, Copy)]
struct Named<'a> {
    accounts: &'a [Account],
    own: &'a [String],
}

impl Named<'_> {
    /// Each target with its id in the file.
    fn of<'t>(&self, targets: &'t [Target]) -> Vec<(&'t Target, String)> {
        let wire = self.accounts.iter().map(|account| account.account_id.as_str());
        let own: std::collections::BTreeMap<&str, &String> = wire.zip(self.own).collect();
        let id = |target: &Target| target.score.as_ref().map(|score| score.account_id.clone()).unwrap_or_default();
        let named = |target| {
            let id = id(target);
            (target, own.get(id.as_str()).map_or(id.clone(), |own| (*own).clone()))
        };
        targets.iter().map(named).collect()
    }
}

fn write(
    args: &TargetsArgs,
    context: &Context,
    ranked: &Ranked,
    named: Named<'_>,
    version: &str,
) -> Result<(), CliError> {
    let targets = named.of(&ranked.targets);
    let Some(path) = args.output.as_deref().or_else(|| context.out.json.then_some(Path::new("-"))) else {
        let rows = targets.iter().take(SHOWN).map(|(target, id)| targets::head(target, id)).collect();
        let header = ["#", "account", "score", "tier", "most like", "next step", "worth learning"];
        return context.out.text(&table(&header, &[0, 2], rows));
    };
    let failed = |error| CliError::file("write", path, error);
    let mut sink = Sink::create(path)?;
    if context.out.json {
        for (target, id) in &targets {
            writeln!(sink, "{}", targets::line(target, id, version)).map_err(failed)?;
        }
        return sink.commit();
    }
    let mut writer = csv::Writer::from_writer(sink);
    writer.write_record(HEADER).map_err(|error| failed(csv_cause(error)))?;
    for (target, id) in &targets {
        writer.write_record(targets::record(target, id)).map_err(|error| failed(csv_cause(error)))?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error()))?.commit()
}

fn told(ranked: &Ranked, scored: u64, left_out: u64, version: &str) -> String {
    let mut text = format!("ranked {scored} accounts with {version}");
    if left_out > 0 {
        // Writing to a text cannot fail.
        let _infallible = write!(text, ", {left_out} left out by their id");
    }
    let beyond = scored.saturating_sub(ranked.summary.ranked);
    if beyond > 0 {
        let _infallible = write!(text, "; tiers are those of the best {MOST}, {beyond} more are in D or below them");
    }
    let tiers: Vec<String> = ranked.summary.tiers.iter().map(size).collect();
    let _infallible = write!(text, "\n{}", wrap(&tiers.join(", "), 0, 2));
    text
}

/// `A 120 (from 0.612)`.
fn size(size: &TierSize) -> String {
    let least = size.least_probability.map(|least| format!(" (from {least:.3})")).unwrap_or_default();
    format!("{} {}{least}", tier(size.tier()), size.accounts)
}
