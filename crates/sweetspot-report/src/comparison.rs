//! Champion against challenger: a section of the report that compares two versions.

use sweetspot_core::Tier;
use sweetspot_model::{
    AttributeDifference, AttributeSummary, Basis, Comparison, ContributionChange, Difference, Mover, TierMoves,
    probability,
};

use super::document::{Block, Cell, Head, Table, Tone};
use super::words::{count, part_of, percent, signed};

/// How many contributions are told of an account.
const CHANGES: usize = 3;

/// What one promotion check says.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckLine {
    /// The check's name.
    pub check: String,
    /// How it went.
    pub status: CheckStatus,
    /// The figures, in words.
    pub detail: String,
    /// The threshold that counted; nothing where the check has none.
    pub threshold: Option<f64>,
}

/// How a promotion check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckStatus {
    /// The challenger passes.
    Passed,
    /// The challenger is refused.
    Failed,
    /// There is nothing to ask.
    NotApplicable,
}

impl CheckStatus {
    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// Two versions beside each other.
#[derive(Clone, Debug, Default)]
pub struct VersionComparison {
    /// The champion's full, numbered name.
    pub champion: String,
    /// The challenger's full, numbered name.
    pub challenger: String,
    /// Figures on rows that neither learned from; nothing where one of them was not judged.
    pub figures: Option<Comparison>,
    /// Who moves.
    pub moves: TierMoves,
    /// Whose accounts move: `the customers that version 2 learned from`.
    pub accounts_of: String,
    /// Whether the challenger's tiers begin where the champion's do.
    pub tiers_kept: bool,
    /// Attributes gained, lost or changed.
    pub attributes: Vec<AttributeDifference>,
    /// What the promotion checks say of the challenger.
    pub checks: Vec<CheckLine>,
}

impl VersionComparison {
    /// How many accounts both versions scored.
    #[must_use]
    pub fn accounts(&self) -> u64 {
        self.moves.matrix.iter().flatten().sum()
    }

    /// How many of them change their tier.
    #[must_use]
    pub fn tier_changes(&self) -> u64 {
        let stays: u64 = self.moves.matrix.iter().enumerate().filter_map(|(tier, row)| row.get(tier)).sum();
        self.accounts() - stays
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
        Some(figures) => blocks.extend([Block::Text(on_rows(figures)), Block::Table(figure_table(figures))]),
        None => blocks.push(Block::Told(
            Tone::Missing,
            "One of the versions was not judged: there are no figures to compare.".to_owned(),
        )),
    }
    let line = |one: &CheckLine| format!("{}, {}: {}", one.check, one.status.word(), one.detail);
    let checks: Vec<String> = view.checks.iter().map(line).collect();
    if !checks.is_empty() {
        blocks.extend([Block::Heading(2, "Promotion checks".to_owned()), Block::List(checks)]);
    }
    blocks.extend([
        Block::Heading(2, "Who moves".to_owned()),
        Block::Text(tier_sentence(view)),
        Block::Table(tier_table(view)),
    ]);
    if !view.moves.movers.is_empty() {
        blocks.push(Block::Table(mover_table(&view.moves.movers)));
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

fn on_rows(figures: &Comparison) -> String {
    let (rows, ideal) = (count(figures.rows), count(figures.positives));
    match (figures.basis, figures.unseen) {
        (Basis::SameRows, 0) => {
            format!("On the same {rows} customers, {ideal} of them ideal, each predicted out of fold by both versions.")
        }
        (Basis::SameRows, unseen) => format!(
            "On the same {rows} customers, {ideal} of them ideal, each predicted out of fold; for {} that the champion has never \
             seen, its prediction is today's score.",
            count(unseen)
        ),
        (Basis::SeparateRows, _) => {
            "Each version in its own evaluation: fewer than 20 customers of either label can be compared one by \
                                     one, so the intervals are those of independent figures."
                .to_owned()
        }
    }
}

fn figure_table(figures: &Comparison) -> Table {
    let row = |name: &str, difference: &Difference| -> Vec<Cell> {
        let Difference { champion, challenger, low, high } = difference;
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
            .fold(vec![Head::text("metric")], |columns, name| {
                columns.into_iter().chain([Head::figure(name)]).collect()
            }),
        rows,
    }
}

fn tier_sentence(view: &VersionComparison) -> String {
    let all = view.accounts();
    if all == 0 {
        return format!("No account of {} could be scored.", view.accounts_of);
    }
    let tiers = if view.tiers_kept {
        "The challenger's tiers begin where the champion's do."
    } else {
        "Each version's tiers begin where its own training put them, or where its promotion kept them."
    };
    let part = part_of(view.tier_changes(), all, "account", "accounts");
    let share = percent(view.tier_changes() as f64 / all as f64);
    format!("Another tier for {part} ({share}): {}. {tiers}", view.accounts_of)
}

fn tier_table(view: &VersionComparison) -> Table {
    let columns = Tier::ALL.iter().map(|tier| Head::figure(&format!("to {}", tier.letter())));
    let row = |(tier, counts): (Tier, &[u64; 4])| -> Vec<Cell> {
        let cells = counts.iter().map(|accounts| count(*accounts).into());
        std::iter::once(format!("from {}", tier.letter()).into()).chain(cells).collect()
    };
    Table {
        caption: "Accounts by tier: champion down, challenger across".to_owned(),
        columns: std::iter::once(Head::text("tier")).chain(columns).collect(),
        rows: Tier::ALL.into_iter().zip(&view.moves.matrix).map(row).collect(),
    }
}

fn mover_table(movers: &[Mover]) -> Table {
    let row = |mover: &Mover| -> Vec<Cell> {
        let Mover { account_id, champion, challenger, changes } = mover;
        let standing = |log_odds: f64, tier: Tier| format!("{} ({})", percent(probability(log_odds)), tier.letter());
        let told: Vec<String> = changes.iter().take(CHANGES).map(describe_change).collect();
        vec![
            account_id.as_str().into(),
            standing(champion.log_odds, champion.tier).into(),
            standing(challenger.log_odds, challenger.tier).into(),
            told.join("; ").into(),
        ]
    };
    Table {
        caption: "The accounts that move most, and what moves them, in log-odds".to_owned(),
        columns: vec![
            Head::text("account"),
            Head::figure("champion"),
            Head::figure("challenger"),
            Head::text("what moves it"),
        ],
        rows: movers.iter().map(row).collect(),
    }
}

fn describe_change(change: &ContributionChange) -> String {
    let ContributionChange { attribute, value_label, champion, challenger } = change;
    let name = if attribute.is_empty() { "the base".to_owned() } else { format!("{attribute} = {value_label}") };
    format!("{name}: {} to {}", signed(*champion), signed(*challenger))
}

fn attribute_table(differences: &[AttributeDifference]) -> Table {
    let told = |one: &Option<AttributeSummary>| {
        one.as_ref().map_or_else(String::new, |one| {
            format!("{}, spread {:.2}, {} missing", one.kind, one.whole_spread, percent(one.missing_share))
        })
    };
    let row = |one: &AttributeDifference| -> Vec<Cell> {
        let what = match (&one.champion, &one.challenger) {
            (None, _) => "gained",
            (_, None) => "lost",
            (Some(_), Some(_)) => "changed",
        };
        vec![one.attribute.as_str().into(), what.into(), told(&one.champion).into(), told(&one.challenger).into()]
    };
    Table {
        caption: "Attributes gained, lost or changed".to_owned(),
        columns: ["attribute", "what", "champion", "challenger"].map(Head::text).to_vec(),
        rows: differences.iter().map(row).collect(),
    }
}
