//! Where the customers of each outcome are scored.

use crate::domain::{Status, Tier};
use crate::report::document::{Axis, Cell, Chart, ChartKind, Head, Line, Table};
use crate::report::drawn::Strip;
use crate::report::evidence::Evidence;
use crate::report::figure::Share;
use crate::report::words::{count, percent};

/// Bins over the scale of probabilities.
const BINS: usize = 20;

/// The scores of the customers of one outcome. The model has seen them.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreStrip {
    /// The outcome; nothing where it is not known.
    pub status: Option<Status>,
    /// Customers in each of twenty bins of equal width, from 0 to 1.
    pub counts: Vec<u64>,
    /// Customers in tiers A, B, C and D.
    pub tiers: [u64; 4],
}

/// One strip an outcome that occurs.
pub(super) fn strips(evidence: &Evidence) -> Vec<ScoreStrip> {
    let outcomes = [Some(Status::Won), Some(Status::Churned), Some(Status::Lost), None];
    let strip = |status| {
        let mut strip = ScoreStrip { status, counts: vec![0; BINS], tiers: [0; 4] };
        let rows = evidence.fits.iter().enumerate().filter(|(row, _)| evidence.outcome(*row).status == status);
        for (_, fit) in rows {
            let bin = ((fit.probability * BINS as f64) as usize).min(BINS - 1);
            strip.counts.iter_mut().skip(bin).take(1).for_each(|count| *count += 1);
            let tier = Tier::ALL.iter().position(|tier| *tier == fit.tier).unwrap_or_default();
            strip.tiers.iter_mut().skip(tier).take(1).for_each(|count| *count += 1);
        }
        strip
    };
    outcomes.into_iter().map(strip).filter(|strip| strip.counts.iter().any(|count| *count > 0)).collect()
}

const fn name(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Won) => "Won and kept",
        Some(Status::Churned) => "Churned",
        Some(Status::Lost) => "Lost",
        None => "Outcome not known",
    }
}

/// The chart of them, with the probabilities at which tiers A, B and C begin.
pub(super) fn chart(strips: &[ScoreStrip], cuts: Option<[f64; 3]>) -> Chart {
    let told: Vec<String> = strips
        .iter()
        .filter_map(|strip| {
            let share = within(strip, Tier::B);
            Some(format!("{} of those {}", percent(share.rate()?), name(strip.status).to_lowercase()))
        })
        .collect();
    let cuts = lines(cuts);
    let begin: Vec<&str> = cuts.iter().map(|cut| cut.name.as_str()).collect();
    let begin =
        if begin.is_empty() { String::new() } else { format!(" Tiers begin at the lines: {}.", begin.join(", ")) };
    Chart {
        finding: format!("In tiers A and B are {}.", if told.is_empty() { "none".to_owned() } else { told.join(", ") }),
        description: format!(
            "One strip an outcome, over the same scale of probabilities; the higher a bar, the more of the outcome's accounts are scored \
             there. The model has seen these accounts.{begin}"
        ),
        kind: ChartKind::Strips {
            axis: Axis { name: "Fit: the probability of being ideal".to_owned(), from: 0.0, to: 1.0, percent: true },
            strips: strips
                .iter()
                .map(|strip| Strip { name: name(strip.status).to_owned(), counts: strip.counts.clone() })
                .collect(),
            lines: cuts,
        },
        table: table(strips),
    }
}

/// A line at each cut that somebody reaches.
fn lines(cuts: Option<[f64; 3]>) -> Vec<Line> {
    let cuts = cuts.into_iter().flatten().zip(Tier::ALL).filter(|(cut, _)| *cut > 0.0 && *cut < 1.0);
    cuts.map(|(at, tier)| Line { at, across: true, name: format!("{} from {}", tier.letter(), percent(at)) }).collect()
}

/// The accounts of an outcome in this tier or a better one.
fn within(strip: &ScoreStrip, worst: Tier) -> Share {
    let tiers = || Tier::ALL.into_iter().zip(strip.tiers);
    let part = tiers().filter(|(tier, _)| *tier <= worst).map(|(_, accounts)| accounts).sum();
    Share { part, of: strip.tiers.iter().sum() }
}

fn table(strips: &[ScoreStrip]) -> Table {
    let row = |strip: &ScoreStrip| -> Vec<Cell> {
        let accounts = within(strip, Tier::D);
        let counts = strip.tiers.map(|tier| count(tier).into());
        let above = [Tier::A, Tier::B, Tier::C].map(|tier| Cell {
            text: within(strip, tier).rate().map_or_else(String::new, percent),
            faint: accounts.is_faint(),
        });
        [Cell::from(name(strip.status)), count(accounts.of).into()].into_iter().chain(counts).chain(above).collect()
    };
    let figures = ["Accounts", "A", "B", "C", "D", "In A", "In A or B", "In A to C"].map(Head::figure);
    Table {
        caption: "Tiers by outcome, and the shares above each cut; the model has seen these accounts".to_owned(),
        columns: [Head::text("Outcome")].into_iter().chain(figures).collect(),
        rows: strips.iter().map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_stand_where_tiers_begin_and_shares_add_up() {
        let strip = ScoreStrip { status: Some(Status::Won), counts: vec![10, 10], tiers: [2, 3, 5, 10] };
        let chart = chart(&[strip], Some([1.0, 0.62, 0.034]));
        let ChartKind::Strips { lines, .. } = &chart.kind else { panic!("no strips") };
        let told: Vec<_> = lines.iter().map(|line| (line.at, line.name.as_str())).collect();
        // Nobody reaches A.
        assert_eq!(told, [(0.62, "B from 62 %"), (0.034, "C from 3.4 %")]);
        assert!(chart.description.ends_with("Tiers begin at the lines: B from 62 %, C from 3.4 %."));
        let row: Vec<_> = chart.table.rows[0].iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(row, ["Won and kept", "20", "2", "3", "5", "10", "10 %", "25 %", "50 %"]);
    }
}
