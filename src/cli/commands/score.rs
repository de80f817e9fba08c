//! `score`: scores a list of prospects, each with the reasons for its score.

use std::path::PathBuf;

use clap::ValueEnum;
use sweetspot_ingest::SourceProgress;
use sweetspot_proto::v1::{
    FitTier, PondSide, ScoreConfig, ScoreView, StreamScoresResponse, TargetFilter, UnknownAttributes,
};

use crate::cli::attribute_issues::AttributeIssueSummary;
use crate::cli::client::{Client, MissingStore};
use crate::cli::context::Context;
use crate::cli::copied_columns;
use crate::cli::excluded_ids::ExcludeArgs;
use crate::cli::exit::CliError;
use crate::cli::prospect_list::ProspectList;
use crate::cli::rejected_rows::{RejectList, RejectedRow};
use crate::cli::scores_file::{ScoresFile, ScoresLayout};
use crate::cli::scoring::{AccountBatch, BatchIo, BatchLimits, BatchReader, ScoreStream, ScoredRow};
use crate::cli::version_lookup::{self, ScoringVersion};

/// The list to score, and the part of it to write.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ScoreArgs {
    /// Prospects: CSV, JSON Lines, Parquet or a workbook; - is stdin
    file: PathBuf,
    /// Where to write; - is stdout
    #[arg(short, long, value_name = "OUT", default_value = "-", hide_default_value = true)]
    output: PathBuf,
    /// Mapping of the columns [default: every column is an attribute, and one with a name such as id is the id]
    #[arg(long, value_name = "M")]
    mapping: Option<PathBuf>,
    /// Number, live, candidate, previous or a full name [default: live]
    #[arg(long, value_name = "V")]
    version: Option<String>,
    /// Only accounts at least this likely to be ideal, 0 to 1
    #[arg(long, value_name = "P")]
    min_probability: Option<f64>,
    /// Only accounts with at least this share of the model's attributes, 0 to 1
    #[arg(long, value_name = "C")]
    min_coverage: Option<f64>,
    /// Only these tiers, such as A,B
    #[arg(long, value_name = "T", value_delimiter = ',', ignore_case = true)]
    tier: Vec<TierArg>,
    /// Only accounts on this side of the waterline
    #[arg(long, value_name = "SIDE", ignore_case = true)]
    pond: Option<PondSideArg>,
    /// Only these segments, such as segment-1,segment-2
    #[arg(long, value_name = "S", value_delimiter = ',')]
    segment: Vec<String>,
    /// Only accounts of at least this expected value, in the version's currency
    #[arg(long, value_name = "V", allow_negative_numbers = true)]
    min_value: Option<f64>,
    #[command(flatten)]
    exclude: ExcludeArgs,
    /// Columns of the list to copy to the output, such as Name,City
    #[arg(long, value_name = "COLUMN,...")]
    keep: Vec<String>,
    /// Reject accounts with an attribute that the model does not know
    #[arg(long)]
    strict: bool,
    /// Only the best K of the whole list, best first
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// Reasons for each score, largest first
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=100))]
    reasons: u32,
    /// File for the list of rows that cannot be scored, as CSV
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// A tier by its letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum TierArg {
    /// The best accounts
    A,
    /// Good accounts
    B,
    /// Average accounts
    C,
    /// The rest
    D,
}

impl From<TierArg> for i32 {
    fn from(name: TierArg) -> Self {
        let tier = match name {
            TierArg::A => FitTier::A,
            TierArg::B => FitTier::B,
            TierArg::C => FitTier::C,
            TierArg::D => FitTier::D,
        };
        tier.into()
    }
}

/// A side of the waterline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PondSideArg {
    /// Below it: worth fishing for
    In,
    /// Above it: an exclusion rule, or the fit, speaks against the account
    Out,
}

impl From<PondSideArg> for i32 {
    fn from(name: PondSideArg) -> Self {
        let side = match name {
            PondSideArg::In => PondSide::In,
            PondSideArg::Out => PondSide::Out,
        };
        side.into()
    }
}

impl ScoreArgs {
    fn config(&self, version: String) -> ScoreConfig {
        let view = if self.reasons > 0 { ScoreView::TopReasons } else { ScoreView::Score };
        let filter = TargetFilter {
            min_probability: self.min_probability,
            min_coverage: self.min_coverage,
            tiers: self.tier.iter().map(|tier| (*tier).into()).collect(),
            segments: self.segment.clone(),
            min_expected_value: self.min_value,
            pond_side: self.pond.map(i32::from).unwrap_or_default(),
            ..TargetFilter::default()
        };
        let filter = (filter != TargetFilter::default()).then_some(filter);
        let unknown = if self.strict { UnknownAttributes::Reject } else { UnknownAttributes::Unspecified };
        ScoreConfig {
            version,
            view: view.into(),
            reason_count: self.reasons,
            filter,
            top_k: 0,
            unknown_attributes: unknown.into(),
            omit_missing_issues: false,
        }
    }

    fn check(&self) -> Result<(), CliError> {
        for (flag, share) in [("--min-probability", self.min_probability), ("--min-coverage", self.min_coverage)] {
            if let Some(found) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return Err(CliError::Usage(format!("{flag} is {found}: it must lie between 0 and 1")));
            }
        }
        Ok(())
    }
}

/// Scores the list and writes the rows that pass the filters.
pub(crate) async fn run(args: ScoreArgs, context: &Context) -> Result<(), CliError> {
    args.check()?;
    let keep = copied_columns::parse_names(&args.keep)?;
    let mut list = ProspectList::open(context, &args.file, args.mapping.as_deref())?;
    let copied_columns = list.keep_columns(&keep)?;
    list.exclude(&args.exclude)?;
    let work = async move |client: &mut Client| {
        let version = version_lookup::resolve(client, context, args.version.as_deref()).await?;
        list.match_attributes(&version)?;
        let mut call = ScoreRun::new(context, &args, (&version, &copied_columns), list)?;
        // The alias is resolved once, so that a promotion in the meantime does not mix versions.
        let read = ScoreStream::new(args.config(version.name)).run(client, &mut call).await;
        call.finish(context, read)
    };
    context.with_client(MissingStore::Refuse, work).await
}

/// A list that is being scored.
struct ScoreRun {
    batches: BatchReader,
    list_name: String,
    rejects: RejectList,
    scores: ScoresFile,
    attribute_issues: AttributeIssueSummary,
    filtered: u64,
    /// The progress in bytes, if it is known; otherwise accounts are counted.
    source_progress: Option<SourceProgress>,
    bar: indicatif::ProgressBar,
}

impl ScoreRun {
    fn new(
        context: &Context,
        args: &ScoreArgs,
        (version, kept): (&ScoringVersion, &[String]),
        list: ProspectList,
    ) -> Result<Self, CliError> {
        let limits = BatchLimits { parts_per_account: version.attributes + 2 * args.reasons as usize };
        let top = args.top.map(|top| top as usize);
        let layout = ScoresLayout { id_header: list.id_header(), version: &version.name, kept_columns: kept, top };
        let scores = ScoresFile::create(&args.output, layout, context.out)?;
        let read = list.progress();
        Ok(Self {
            list_name: list.name().to_owned(),
            batches: BatchReader::start(list, limits)?,
            rejects: RejectList::create(args.rejects.as_deref())?,
            scores,
            attribute_issues: AttributeIssueSummary::default(),
            filtered: 0,
            bar: context.out.reading_progress(read.as_ref().map(SourceProgress::total), "scoring"),
            source_progress: read,
        })
    }

    /// Completes the files, the list of rejects first: it is needed most if no row could be scored.
    fn finish(self, context: &Context, read: Result<(), CliError>) -> Result<(), CliError> {
        self.bar.finish_and_clear();
        let (rejected, list) = (self.rejects.count(), self.batches.into_list());
        list.iter().for_each(ProspectList::report);
        self.rejects.finish(context.out, 0)?;
        read?;
        let excluded = list.as_ref().map_or(0, ProspectList::excluded_count);
        if self.scores.count() + self.filtered + excluded == 0 {
            let why = if rejected == 0 { "there is nothing below the header" } else { "every row is rejected" };
            return Err(CliError::Data(format!("{} has no row that can be scored: {why}", self.list_name)));
        }
        self.attribute_issues.print(context.out);
        let summary = self.scores.finish(self.filtered)?;
        context.out.note(&summary);
        Ok(())
    }
}

impl BatchIo for ScoreRun {
    async fn next_batch(&mut self) -> Result<Option<AccountBatch>, CliError> {
        self.batches.next(&mut self.rejects).await
    }

    fn handle_scores(&mut self, batch: &AccountBatch, answer: StreamScoresResponse) -> Result<(), CliError> {
        let (scored, failed) = (answer.scores.len(), answer.errors.len());
        for error in &answer.errors {
            let Some(place) = batch.source_row_at(error.row_index) else { continue };
            let description = format!("{}: {}", error.field, error.description);
            let description = description.trim_start_matches(": ");
            self.rejects.add(RejectedRow { row: place.row, id: &place.id, reason: &error.reason, description })?;
        }
        for score in answer.scores {
            let Some(place) = batch.source_row(&score.account_id) else { continue };
            self.attribute_issues.add(&score, || batch.account(&score.account_id));
            self.scores.push(ScoredRow {
                row: place.row,
                id: place.id.clone(),
                score,
                kept_cells: place.kept_cells.clone(),
            })?;
        }
        self.filtered += batch.len().saturating_sub(scored + failed) as u64;
        match &self.source_progress {
            Some(read) => self.bar.set_position(read.read()),
            None => self.bar.inc(batch.len() as u64),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct ScoreCommandLine {
        #[command(flatten)]
        args: ScoreArgs,
    }

    fn args(line: &str) -> ScoreArgs {
        ScoreCommandLine::try_parse_from(std::iter::once("score").chain(line.split_whitespace())).unwrap().args
    }

    #[test]
    fn a_filter_is_sent_only_if_set() {
        let config = args("list.csv").config("v".into());
        assert_eq!((config.view(), config.reason_count, config.filter), (ScoreView::TopReasons, 3, None));
        let config = args("list.csv --tier a,B --pond in --min-coverage 0.5 --reasons 0").config("v".into());
        assert_eq!(config.view(), ScoreView::Score);
        let filter = config.filter.unwrap();
        assert_eq!(filter.pond_side(), PondSide::In);
        assert_eq!((filter.tiers, filter.min_coverage), (vec![FitTier::A.into(), FitTier::B.into()], Some(0.5)));
    }

    #[test]
    fn a_share_above_one_is_a_usage_error() {
        assert!(args("list.csv --min-probability 1").check().is_ok());
        for line in ["list.csv --min-probability 1.5", "list.csv --min-coverage NaN"] {
            assert!(matches!(args(line).check(), Err(CliError::Usage(_))), "{line}");
        }
    }
}
