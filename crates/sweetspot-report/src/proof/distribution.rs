//! Where the customers of each outcome are scored, and prospects beside them.

use sweetspot_core::{Fit, Status, Tier};

use crate::document::{Axis, Cell, Chart, ChartKind, Head, Line, Table};
use crate::drawn::Strip;
use crate::evidence::Evidence;
use crate::figure::Share;
use crate::words::{count, percent};

/// Bins over the scale of probabilities.
pub const BINS: usize = 20;

/// Where some accounts are scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Accounts in each of twenty bins of equal width, from 0 to 1.
    pub counts: Vec<u64>,
    /// Accounts in tiers A, B, C and D of the model.
    pub tiers: [u64; 4],
}

impl Scores {
    /// Of accounts with these fits.
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
    fn within(&self, worst: Tier) -> Share {
        let tiers = || Tier::ALL.into_iter().zip(self.tiers);
        let part = tiers().filter(|(tier, _)| *tier <= worst).map(|(_, accounts)| accounts).sum();
        Share { part, of: self.tiers.iter().sum() }
    }
}

/// The scores of the customers of one outcome. The model has seen them.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreStrip {
    /// The outcome; nothing where it is not known.
    pub status: Option<Status>,
    /// Where they are scored.
    pub scores: Scores,
}

/// One strip an outcome that occurs.
pub(super) fn strips(evidence: &Evidence) -> Vec<ScoreStrip> {
    let outcomes = [Some(Status::Won), Some(Status::Churned), Some(Status::Lost), None];
    let strip = |status| {
        let rows = evidence.fits.iter().enumerate().filter(|(row, _)| evidence.outcome(*row).status == status);
        ScoreStrip { status, scores: Scores::new(rows.map(|(_, fit)| fit)) }
    };
    outcomes.into_iter().map(strip).filter(|strip| strip.scores.within(Tier::D).part > 0).collect()
}

/// The name of an outcome, and how a sentence calls its customers.
const fn named(status: Option<Status>) -> (&'static str, &'static str) {
    match status {
        Some(Status::Won) => ("Won and kept", "those won and kept"),
        Some(Status::Churned) => ("Churned", "those churned"),
        Some(Status::Lost) => ("Lost", "those lost"),
        None => ("Outcome not known", "those whose outcome is not known"),
    }
}

/// The chart of customers, with the probabilities at which tiers A, B and C begin.
pub(super) fn chart(strips: &[ScoreStrip], cuts: Option<[f64; 3]>) -> Chart {
    drawn(&of_customers(strips), cuts, "The model was trained on these accounts.")
}

/// The chart of prospects below the customers of each outcome.
#[must_use]
pub fn beside_customers(prospects: &Scores, evidence: &Evidence) -> Chart {
    let strips = strips(evidence);
    let mut groups = of_customers(&strips);
    groups.push(Group { name: "This list", of: "this list", scores: prospects });
    drawn(&groups, evidence.model.tier_cuts(), "The model was trained on the customers, not on the list.")
}

/// Accounts with a strip of their own.
struct Group<'a> {
    name: &'static str,
    /// Its name in a sentence.
    of: &'static str,
    scores: &'a Scores,
}

fn of_customers(strips: &[ScoreStrip]) -> Vec<Group<'_>> {
    fn group(ScoreStrip { status, scores }: &ScoreStrip) -> Group<'_> {
        let (name, of) = named(*status);
        Group { name, of, scores }
    }
    strips.iter().map(group).collect()
}

fn drawn(groups: &[Group<'_>], cuts: Option<[f64; 3]>, seen: &str) -> Chart {
    let told = |group: &Group<'_>| Some(format!("{} of {}", percent(group.scores.within(Tier::B).rate()?), group.of));
    let told: Vec<String> = groups.iter().filter_map(told).collect();
    let cuts = lines(cuts);
    let begin: Vec<&str> = cuts.iter().map(|cut| cut.name.as_str()).collect();
    let begin =
        if begin.is_empty() { String::new() } else { format!(" Tiers begin at the lines: {}.", begin.join(", ")) };
    let strip = |group: &Group<'_>| Strip { name: group.name.to_owned(), counts: group.scores.counts.clone() };
    Chart {
        finding: format!("In tiers A and B are {}.", if told.is_empty() { "none".to_owned() } else { told.join(", ") }),
        description: format!(
            "One strip per group, over the same scale of probabilities; the higher a bar, the more of the group's accounts are scored \
             there. {seen}{begin}"
        ),
        kind: ChartKind::Strips {
            axis: Axis { name: "Fit: the probability of being ideal".to_owned(), from: 0.0, to: 1.0, percent: true },
            strips: groups.iter().map(strip).collect(),
            lines: cuts,
        },
        table: table(groups, seen),
    }
}

/// A line at each cut that somebody reaches.
fn lines(cuts: Option<[f64; 3]>) -> Vec<Line> {
    let cuts = cuts.into_iter().flatten().zip(Tier::ALL).filter(|(cut, _)| *cut > 0.0 && *cut < 1.0);
    cuts.map(|(at, tier)| Line { at, across: true, name: format!("{} from {}", tier.letter(), percent(at)) }).collect()
}

fn table(groups: &[Group<'_>], seen: &str) -> Table {
    let row = |Group { name, of: _, scores }: &Group<'_>| -> Vec<Cell> {
        let accounts = scores.within(Tier::D);
        let counts = scores.tiers.map(|tier| count(tier).into());
        let above = [Tier::A, Tier::B, Tier::C].map(|tier| Cell {
            text: scores.within(tier).rate().map_or_else(String::new, percent),
            faint: accounts.is_faint(),
        });
        [Cell::from(*name), count(accounts.of).into()].into_iter().chain(counts).chain(above).collect()
    };
    let figures = ["Accounts", "A", "B", "C", "D", "In A", "In A or B", "In A to C"].map(Head::figure);
    Table {
        caption: format!("Tiers by group, and the shares above each cut. {seen}"),
        columns: [Head::text("Group")].into_iter().chain(figures).collect(),
        rows: groups.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stand_where_tiers_begin_and_shares_add_up() {
        let strip =
            ScoreStrip { status: Some(Status::Won), scores: Scores { counts: vec![10, 10], tiers: [2, 3, 5, 10] } };
        let chart = chart(&[strip], Some([1.0, 0.62, 0.034]));
        let ChartKind::Strips { lines, .. } = &chart.kind else { panic!("no strips") };
        let told: Vec<_> = lines.iter().map(|line| (line.at, line.name.as_str())).collect();
        // Nobody reaches A.
        assert_eq!(told, [(0.62, "B from 62%"), (0.034, "C from 3.4%")]);
        assert!(chart.description.ends_with("Tiers begin at the lines: B from 62%, C from 3.4%."));
        let row: Vec<_> = chart.table.rows[0].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(row, ["Won and kept", "20", "2", "3", "5", "10", "10%", "25%", "50%"]);
    }
}
