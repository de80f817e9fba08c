//! `score`: a list of prospects, each with its fit and the reasons for it.

use std::path::PathBuf;

use clap::ValueEnum;
use sweetspot_ingest::SourceProgress;
use sweetspot_proto::v1::{
    FitTier, PondSide, ScoreConfig, ScoreView, StreamScoresResponse, TargetFilter, UnknownAttributes,
};

use crate::cli::client::{Client, Opening};
use crate::cli::context::Context;
use crate::cli::exclusions::ExcludeArgs;
use crate::cli::exit::CliError;
use crate::cli::kept_columns;
use crate::cli::list::List;
use crate::cli::rejects::{Rejected, Rejects};
use crate::cli::remarks::Remarks;
use crate::cli::scores::{Scores, ScoresLayout};
use crate::cli::scoring::{Batch, Ends, Flow, Room, ScoredRow};
use crate::cli::versions::{self, Answering};

/// What to score, and what of it to write.
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
    tier: Vec<TierName>,
    /// Only accounts on this side of the waterline
    #[arg(long, value_name = "SIDE", ignore_case = true)]
    pond: Option<SideName>,
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
pub(crate) enum TierName {
    /// The best accounts
    A,
    /// Good accounts
    B,
    /// Average accounts
    C,
    /// The rest
    D,
}

impl From<TierName> for i32 {
    fn from(name: TierName) -> Self {
        let tier = match name {
            TierName::A => FitTier::A,
            TierName::B => FitTier::B,
            TierName::C => FitTier::C,
            TierName::D => FitTier::D,
        };
        tier.into()
    }
}

/// A side of the waterline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SideName {
    /// Below it: worth fishing for
    In,
    /// Above it: a gate, or the fit, speaks against the account
    Out,
}

impl From<SideName> for i32 {
    fn from(name: SideName) -> Self {
        let side = match name {
            SideName::In => PondSide::In,
            SideName::Out => PondSide::Out,
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

/// Scores the list and writes what passes.
pub(crate) async fn run(args: ScoreArgs, context: &Context) -> Result<(), CliError> {
    args.check()?;
    let keep = kept_columns::names(&args.keep)?;
    let mut list = List::open(context, &args.file, args.mapping.as_deref())?;
    let kept = list.keep(&keep)?;
    list.exclude(&args.exclude)?;
    let work = async |client: &mut Client| {
        let version = versions::answering(client, context, args.version.as_deref()).await?;
        list.match_attributes(&version)?;
        let mut call = Call::new(context, &args, (&version, &kept), &mut list)?;
        // The alias is resolved once: a promotion meanwhile does not mix versions.
        let read = Flow::new(args.config(version.name)).run(client, &mut call).await;
        call.finish(context, read)
    };
    context.with_client(Opening::Existing, work).await
}

/// One list under way.
struct Call<'l> {
    list: &'l mut List,
    room: Room,
    /// A prospect that had no room in the last batch begins the next one.
    begun: Batch,
    rejects: Rejects,
    scores: Scores,
    remarks: Remarks,
    filtered: u64,
    /// How far the list has been read, where that is known; otherwise accounts are counted.
    read: Option<SourceProgress>,
    bar: indicatif::ProgressBar,
}

impl<'l> Call<'l> {
    fn new(
        context: &Context,
        args: &ScoreArgs,
        (version, kept): (&Answering, &[String]),
        list: &'l mut List,
    ) -> Result<Self, CliError> {
        let room = Room { parts_each: version.attributes + 2 * args.reasons as usize };
        let top = args.top.map(|top| top as usize);
        let layout = ScoresLayout { id_header: list.id_header(), version: &version.name, kept, top };
        let scores = Scores::create(&args.output, layout, context.out)?;
        let read = list.progress();
        Ok(Self {
            list,
            room,
            begun: Batch::new(room),
            rejects: Rejects::create(args.rejects.as_deref())?,
            scores,
            remarks: Remarks::default(),
            filtered: 0,
            bar: context.out.reading_progress(read.as_ref().map(SourceProgress::total), "scoring"),
            read,
        })
    }

    /// Completes the files, the list of rejects first: it is wanted most where nothing could be scored.
    fn finish(self, context: &Context, read: Result<(), CliError>) -> Result<(), CliError> {
        self.bar.finish_and_clear();
        let rejected = self.rejects.count();
        self.list.report();
        self.rejects.finish(context.out, 0)?;
        read?;
        if self.scores.count() + self.filtered + self.list.excluded() == 0 {
            let why = if rejected == 0 { "there is nothing below the header" } else { "every row is rejected" };
            return Err(CliError::Data(format!("{} has no row that can be scored: {why}", self.list.name())));
        }
        self.remarks.tell(context.out);
        let told = self.scores.finish(self.filtered)?;
        context.out.note(&told);
        Ok(())
    }
}

impl Ends for Call<'_> {
    fn next(&mut self) -> Result<Option<Batch>, CliError> {
        while let Some(prospect) = self.list.next()? {
            match prospect {
                Ok(prospect) => {
                    if let Some(full) = self.begun.push(prospect) {
                        return Ok(Some(full));
                    }
                }
                Err(reject) => self.rejects.add((&reject).into())?,
            }
        }
        let last = std::mem::replace(&mut self.begun, Batch::new(self.room));
        Ok((!last.is_empty()).then_some(last))
    }

    fn take(&mut self, batch: &Batch, answer: StreamScoresResponse) -> Result<(), CliError> {
        let (scored, failed) = (answer.scores.len(), answer.errors.len());
        for error in &answer.errors {
            let Some(place) = batch.place_at(error.row_index) else { continue };
            let description = format!("{}: {}", error.field, error.description);
            let description = description.trim_start_matches(": ");
            self.rejects.add(Rejected { row: place.row, id: &place.id, reason: &error.reason, description })?;
        }
        for score in answer.scores {
            let Some(place) = batch.place(&score.account_id) else { continue };
            let sent = score.account_id.parse::<usize>().ok().and_then(|index| batch.accounts().get(index));
            self.remarks.add(&score, sent);
            self.scores.push(ScoredRow { row: place.row, id: place.id.clone(), score, kept: place.kept.clone() })?;
        }
        self.filtered += batch.len().saturating_sub(scored + failed) as u64;
        match &self.read {
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
    struct Line {
        #[command(flatten)]
        args: ScoreArgs,
    }

    fn args(line: &str) -> ScoreArgs {
        Line::try_parse_from(std::iter::once("score").chain(line.split_whitespace())).unwrap().args
    }

    #[test]
    fn filters_are_sent_only_where_given() {
        let config = args("list.csv").config("v".into());
        assert_eq!((config.view(), config.reason_count, config.filter), (ScoreView::TopReasons, 3, None));
        let config = args("list.csv --tier a,B --pond in --min-coverage 0.5 --reasons 0").config("v".into());
        assert_eq!(config.view(), ScoreView::Score);
        let filter = config.filter.unwrap();
        assert_eq!(filter.pond_side(), PondSide::In);
        assert_eq!((filter.tiers, filter.min_coverage), (vec![FitTier::A.into(), FitTier::B.into()], Some(0.5)));
    }

    #[test]
    fn a_share_beyond_one_is_usage() {
        assert!(args("list.csv --min-probability 1").check().is_ok());
        for line in ["list.csv --min-probability 1.5", "list.csv --min-coverage NaN"] {
            assert!(matches!(args(line).check(), Err(CliError::Usage(_))), "{line}");
        }
    }
}
