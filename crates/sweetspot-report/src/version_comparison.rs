//! Champion against challenger: the section of the report that compares two versions.

use sweetspot_core::Tier;
use sweetspot_model::{
    AttributeDifference, AttributeSummary, Comparison, ComparisonBasis, ContributionChange, MetricDifference,
    RescoredAccount, TierMoves, probability,
};

use super::AttributeName;
use super::document::{Block, CalloutKind, ColumnHead, Table, TableCell};
use super::format::{format_count, format_percent, format_signed, part_of_whole};

/// The maximum number of contribution changes to show per account.
const MAX_CHANGES: usize = 3;

/// The result of one promotion check.
#[derive(Clone, Debug, PartialEq)]
pub struct PromotionCheckRow {
    /// The check's name.
    pub check: String,
    /// The status of the check.
    pub status: PromotionCheckStatus,
    /// The figures, as text.
    pub detail: String,
    /// The threshold that applied; `None` if the check has none.
    pub threshold: Option<f64>,
}

/// The status of a promotion check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromotionCheckStatus {
    /// The challenger passes.
    Passed,
    /// The challenger fails.
    Failed,
    /// The check does not apply.
    NotApplicable,
}

impl PromotionCheckStatus {
    /// The status as text.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// The comparison of two versions.
#[derive(Clone, Debug, Default)]
pub struct VersionComparison {
    /// The champion's full name, with its number.
    pub champion: String,
    /// The challenger's full name, with its number.
    pub challenger: String,
    /// Metrics on rows that neither version was trained on; `None` if one of them has no evaluation.
    pub figures: Option<Comparison>,
    /// The number of accounts by tier in both versions, and the accounts whose scores change most.
    pub tier_moves: TierMoves,
    /// A description of the accounts: `the customers that version 2 was trained on`.
    pub account_source: String,
    /// Whether both versions have the same tier cuts.
    pub has_same_tiers: bool,
    /// Attributes that were added, removed or changed.
    pub attributes: Vec<AttributeDifference>,
    /// The results of the promotion checks for the challenger.
    pub checks: Vec<PromotionCheckRow>,
}

impl VersionComparison {
    /// The number of accounts that both versions scored.
    #[must_use]
    pub fn account_count(&self) -> u64 {
        self.tier_moves.matrix.iter().flatten().sum()
    }

    /// The number of accounts that change their tier.
    #[must_use]
    pub fn tier_change_count(&self) -> u64 {
        let stays: u64 = self.tier_moves.matrix.iter().enumerate().filter_map(|(tier, row)| row.get(tier)).sum();
        self.account_count() - stays
    }
}

/// The section as blocks, without its heading.
#[must_use]
pub fn blocks(view: &VersionComparison) -> Vec<Block> {
    let number = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let (before, since) = (number(&view.champion), number(&view.challenger));
    let mut blocks =
        vec![Block::Text(format!("Version {since}, the challenger, against version {before}, the champion."))];
    match &view.figures {
        Some(figures) => {
            blocks.extend([Block::Text(evaluation_sentence(figures)), Block::Table(figure_table(figures))]);
        }
        None => blocks.push(Block::Callout(
            CalloutKind::Missing,
            "One of the versions was not judged: there are no figures to compare.".to_owned(),
        )),
    }
    let line = |row: &PromotionCheckRow| format!("{}, {}: {}", row.check, row.status.label(), row.detail);
    let checks: Vec<String> = view.checks.iter().map(line).collect();
    if !checks.is_empty() {
        blocks.extend([Block::Heading(2, "Promotion checks".to_owned()), Block::List(checks)]);
    }
    blocks.extend([
        Block::Heading(2, "Who moves".to_owned()),
        Block::Text(tier_sentence(view)),
        Block::Table(tier_table(view)),
    ]);
    if !view.tier_moves.movers.is_empty() {
        blocks.push(Block::Table(mover_table(&view.tier_moves.movers)));
    }
    blocks.push(Block::Heading(2, "Attributes".to_owned()));
    blocks.push(match view.attributes.as_slice() {
        [] => Block::Text(
            "Both versions use the same attributes, each with a similar spread and share of missing values.".to_owned(),
        ),
        differences => Block::Table(attribute_table(differences)),
    });
    blocks
}

fn evaluation_sentence(figures: &Comparison) -> String {
    let (rows, ideal) = (format_count(figures.rows), format_count(figures.positives));
    match (figures.basis, figures.unseen_rows) {
        (ComparisonBasis::SameRows, 0) => {
            format!("On the same {rows} customers, {ideal} of them ideal, each predicted out of fold by both versions.")
        }
        (ComparisonBasis::SameRows, unseen) => format!(
            "On the same {rows} customers, {ideal} of them ideal, each predicted out of fold; for {} that the champion has never \
             seen, its prediction is today's score.",
            format_count(unseen)
        ),
        (ComparisonBasis::SeparateRows, _) => {
            "Each version in its own evaluation: fewer than 20 customers of either label can be compared one by \
                                     one, so the intervals are those of independent figures."
                .to_owned()
        }
    }
}

fn figure_table(figures: &Comparison) -> Table {
    let row = |name: &str, difference: &MetricDifference| -> Vec<TableCell> {
        let MetricDifference { champion, challenger, low, high } = difference;
        let minus = |number: f64| format!("{number:+.3}").replacen('-', "−", 1);
        vec![
            name.into(),
            format!("{champion:.3}").into(),
            format!("{challenger:.3}").into(),
            minus(difference.change()).into(),
            format!("{} to {}", minus(*low), minus(*high)).into(),
        ]
    };
    let mut rows = vec![row("AUC (more is better)", &figures.auc)];
    rows.extend(figures.log_loss.as_ref().map(|log_loss| row("log-loss (less is better)", log_loss)));
    Table {
        caption: "Metrics of both versions".to_owned(),
        columns: ["champion", "challenger", "change", "95% interval of the change"]
            .iter()
            .fold(vec![ColumnHead::text("metric")], |columns, name| {
                columns.into_iter().chain([ColumnHead::figure(name)]).collect()
            }),
        rows,
    }
}

fn tier_sentence(view: &VersionComparison) -> String {
    let all = view.account_count();
    if all == 0 {
        return format!("No account of {} could be scored.", view.account_source);
    }
    let tiers = if view.has_same_tiers {
        "The challenger's tiers begin where the champion's do."
    } else {
        "Each version's tiers begin where its own training put them, or where its promotion kept them."
    };
    let part = part_of_whole(view.tier_change_count(), all, "account", "accounts");
    let share = format_percent(view.tier_change_count() as f64 / all as f64);
    format!("Another tier for {part} ({share}): {}. {tiers}", view.account_source)
}

fn tier_table(view: &VersionComparison) -> Table {
    let columns = Tier::ALL.iter().map(|tier| ColumnHead::figure(&format!("to {}", tier.letter())));
    let row = |(tier, counts): (Tier, &[u64; 4])| -> Vec<TableCell> {
        let cells = counts.iter().map(|accounts| format_count(*accounts).into());
        std::iter::once(format!("from {}", tier.letter()).into()).chain(cells).collect()
    };
    Table {
        caption: "Accounts by tier: champion down, challenger across".to_owned(),
        columns: std::iter::once(ColumnHead::text("tier")).chain(columns).collect(),
        rows: Tier::ALL.into_iter().zip(&view.tier_moves.matrix).map(row).collect(),
    }
}

fn mover_table(movers: &[RescoredAccount]) -> Table {
    let row = |mover: &RescoredAccount| -> Vec<TableCell> {
        let RescoredAccount { account_id, champion, challenger, changes } = mover;
        let standing =
            |log_odds: f64, tier: Tier| format!("{} ({})", format_percent(probability(log_odds)), tier.letter());
        let texts: Vec<String> = changes.iter().take(MAX_CHANGES).map(describe_change).collect();
        vec![
            account_id.as_str().into(),
            standing(champion.log_odds, champion.tier).into(),
            standing(challenger.log_odds, challenger.tier).into(),
            texts.join("; ").into(),
        ]
    };
    Table {
        caption: "The accounts that move most, and what moves them, in log-odds".to_owned(),
        columns: vec![
            ColumnHead::text("account"),
            ColumnHead::figure("champion"),
            ColumnHead::figure("challenger"),
            ColumnHead::text("what moves it"),
        ],
        rows: movers.iter().map(row).collect(),
    }
}

fn describe_change(change: &ContributionChange) -> String {
    let ContributionChange { attribute, value_label, champion, challenger } = change;
    let name = if attribute.is_empty() {
        "the base".to_owned()
    } else {
        AttributeName::new(attribute, None, None).with_value(value_label)
    };
    format!("{name}: {} to {}", format_signed(*champion), format_signed(*challenger))
}

fn attribute_table(differences: &[AttributeDifference]) -> Table {
    let summary_text = |summary: &Option<AttributeSummary>| {
        summary.as_ref().map_or_else(String::new, |summary| {
            format!(
                "{}, spread {:.2}, {} missing",
                summary.kind,
                summary.total_spread,
                format_percent(summary.missing_share)
            )
        })
    };
    let row = |summary: &AttributeDifference| -> Vec<TableCell> {
        let what = match (&summary.champion, &summary.challenger) {
            (None, _) => "gained",
            (_, None) => "lost",
            (Some(_), Some(_)) => "changed",
        };
        vec![
            AttributeName::new(&summary.attribute, None, None).to_string().into(),
            what.into(),
            summary_text(&summary.champion).into(),
            summary_text(&summary.challenger).into(),
        ]
    };
    Table {
        caption: "Attributes gained, lost or changed".to_owned(),
        columns: ["attribute", "what", "champion", "challenger"].map(ColumnHead::text).to_vec(),
        rows: differences.iter().map(row).collect(),
    }
}
