//! The distribution of scores by outcome, and that of prospects for comparison.

use sweetspot_core::{Fit, OutcomeStatus, Tier};

use crate::chart_data::DistributionStrip;
use crate::document::{Axis, Chart, ChartKind, ColumnHead, ReferenceLine, Table, TableCell};
use crate::format::{format_count, format_percent};
use crate::proportion::Proportion;
use crate::report_input::ReportInput;

/// The number of bins over the range of probabilities.
pub const BINS: usize = 20;

/// The distribution of the scores of some accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreCounts {
    /// Accounts in each of twenty bins of equal width, from 0 to 1.
    pub counts: Vec<u64>,
    /// Accounts in tiers A, B, C and D of the model.
    pub tiers: [u64; 4],
}

impl ScoreCounts {
    /// Counts accounts by their fits.
    pub(crate) fn new<'a>(fits: impl Iterator<Item = &'a Fit>) -> Self {
        let mut scores = Self { counts: vec![0; BINS], tiers: [0; 4] };
        for fit in fits {
            let bin = ((fit.probability * BINS as f64) as usize).min(BINS - 1);
            scores.counts.iter_mut().skip(bin).take(1).for_each(|count| *count += 1);
            let tier = Tier::ALL.iter().position(|tier| *tier == fit.tier).unwrap_or_default();
            scores.tiers.iter_mut().skip(tier).take(1).for_each(|count| *count += 1);
        }
        scores
    }

    /// The accounts in this tier or a better one.
    fn tier_proportion(&self, worst: Tier) -> Proportion {
        let tiers = || Tier::ALL.into_iter().zip(self.tiers);
        let part = tiers().filter(|(tier, _)| *tier <= worst).map(|(_, accounts)| accounts).sum();
        Proportion { part, total: self.tiers.iter().sum() }
    }
}

/// The distribution of the scores of the customers with one outcome. The model was trained on them.
#[derive(Clone, Debug, PartialEq)]
pub struct OutcomeScoreCounts {
    /// The outcome; `None` if it is unknown.
    pub status: Option<OutcomeStatus>,
    /// The distribution of their scores.
    pub scores: ScoreCounts,
}

/// One strip per outcome that occurs.
pub(super) fn strips(input: &ReportInput) -> Vec<OutcomeScoreCounts> {
    let outcomes = [Some(OutcomeStatus::Won), Some(OutcomeStatus::Churned), Some(OutcomeStatus::Lost), None];
    let strip = |status| {
        let rows = input.fits.iter().enumerate().filter(|(row, _)| input.outcome(*row).status == status);
        OutcomeScoreCounts { status, scores: ScoreCounts::new(rows.map(|(_, fit)| fit)) }
    };
    outcomes.into_iter().map(strip).filter(|strip| strip.scores.tier_proportion(Tier::D).part > 0).collect()
}

/// The name of an outcome, and the phrase for its customers in a sentence.
const fn status_names(status: Option<OutcomeStatus>) -> (&'static str, &'static str) {
    match status {
        Some(OutcomeStatus::Won) => ("Won and kept", "those won and kept"),
        Some(OutcomeStatus::Churned) => ("Churned", "those churned"),
        Some(OutcomeStatus::Lost) => ("Lost", "those lost"),
        None => ("Outcome not known", "those whose outcome is not known"),
    }
}

/// The chart of customers, with the cuts of tiers A, B and C.
pub(super) fn chart(strips: &[OutcomeScoreCounts], cuts: Option<[f64; 3]>) -> Chart {
    strip_chart(&customer_groups(strips), cuts, "The model was trained on these accounts.")
}

/// The chart of prospects below the customers of each outcome.
#[must_use]
pub fn prospect_chart(prospects: &ScoreCounts, input: &ReportInput) -> Chart {
    let strips = strips(input);
    let mut groups = customer_groups(&strips);
    groups.push(ScoreGroup { name: "This list", phrase: "this list", scores: prospects });
    strip_chart(&groups, input.model.tier_cuts(), "The model was trained on the customers, not on the list.")
}

/// Accounts that share a strip.
struct ScoreGroup<'a> {
    name: &'static str,
    /// The group's name in a sentence.
    phrase: &'static str,
    scores: &'a ScoreCounts,
}

fn customer_groups(strips: &[OutcomeScoreCounts]) -> Vec<ScoreGroup<'_>> {
    fn group(OutcomeScoreCounts { status, scores }: &OutcomeScoreCounts) -> ScoreGroup<'_> {
        let (name, status_label) = status_names(*status);
        ScoreGroup { name, phrase: status_label, scores }
    }
    strips.iter().map(group).collect()
}

fn strip_chart(groups: &[ScoreGroup<'_>], cuts: Option<[f64; 3]>, seen: &str) -> Chart {
    let sentences = |group: &ScoreGroup<'_>| {
        Some(format!("{} of {}", format_percent(group.scores.tier_proportion(Tier::B).rate()?), group.phrase))
    };
    let sentences: Vec<String> = groups.iter().filter_map(sentences).collect();
    let cuts = lines(cuts);
    let begin: Vec<&str> = cuts.iter().map(|cut| cut.name.as_str()).collect();
    let begin =
        if begin.is_empty() { String::new() } else { format!(" Tiers begin at the lines: {}.", begin.join(", ")) };
    let strip =
        |group: &ScoreGroup<'_>| DistributionStrip { name: group.name.to_owned(), counts: group.scores.counts.clone() };
    Chart {
        finding: format!(
            "In tiers A and B are {}.",
            if sentences.is_empty() { "none".to_owned() } else { sentences.join(", ") }
        ),
        description: format!(
            "One strip per group, over the same scale of probabilities; the higher a bar, the more of the group's accounts are scored \
             there. {seen}{begin}"
        ),
        kind: ChartKind::Strips {
            axis: Axis {
                name: "Fit: the probability of being ideal".to_owned(),
                min: 0.0,
                max: 1.0,
                is_percent: true,
                labels: Vec::new(),
            },
            strips: groups.iter().map(strip).collect(),
            lines: cuts,
        },
        table: table(groups, seen),
    }
}

/// A line at each cut of a tier that has accounts.
fn lines(cuts: Option<[f64; 3]>) -> Vec<ReferenceLine> {
    let cuts = cuts.into_iter().flatten().zip(Tier::ALL).filter(|(cut, _)| *cut > 0.0 && *cut < 1.0);
    cuts.map(|(threshold, tier)| ReferenceLine {
        value: threshold,
        is_vertical: true,
        name: format!("{} from {}", tier.letter(), format_percent(threshold)),
    })
    .collect()
}

fn table(groups: &[ScoreGroup<'_>], seen: &str) -> Table {
    let row = |ScoreGroup { name, phrase: _, scores }: &ScoreGroup<'_>| -> Vec<TableCell> {
        let accounts = scores.tier_proportion(Tier::D);
        let counts = scores.tiers.map(|tier| format_count(tier).into());
        let above = [Tier::A, Tier::B, Tier::C].map(|tier| TableCell {
            text: scores.tier_proportion(tier).rate().map_or_else(String::new, format_percent),
            is_faint: accounts.is_faint(),
        });
        [TableCell::from(*name), format_count(accounts.total).into()].into_iter().chain(counts).chain(above).collect()
    };
    let figures = ["Accounts", "A", "B", "C", "D", "In A", "In A or B", "In A to C"].map(ColumnHead::figure);
    Table {
        caption: format!("Tiers by group, and the shares above each cut. {seen}"),
        columns: [ColumnHead::text("Group")].into_iter().chain(figures).collect(),
        rows: groups.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stand_where_tiers_begin_and_shares_add_up() {
        let strip = OutcomeScoreCounts {
            status: Some(OutcomeStatus::Won),
            scores: ScoreCounts { counts: vec![10, 10], tiers: [2, 3, 5, 10] },
        };
        let chart = chart(&[strip], Some([1.0, 0.62, 0.034]));
        let ChartKind::Strips { lines, .. } = &chart.kind else { panic!("no strips") };
        let told: Vec<_> = lines.iter().map(|line| (line.value, line.name.as_str())).collect();
        // Tier A has no accounts.
        assert_eq!(told, [(0.62, "B from 62%"), (0.034, "C from 3.4%")]);
        assert!(chart.description.ends_with("Tiers begin at the lines: B from 62%, C from 3.4%."));
        let row: Vec<_> = chart.table.rows[0].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(row, ["Won and kept", "20", "2", "3", "5", "10", "10%", "25%", "50%"]);
    }
}
