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

/// The chart of them.
pub(super) fn chart(strips: &[ScoreStrip]) -> Chart {
    let share = |strip: &ScoreStrip| {
        let [a, b, c, d] = strip.tiers;
        Share { part: a + b, of: a + b + c + d }
    };
    let told: Vec<String> = strips
        .iter()
        .filter_map(|strip| {
            Some(format!("{} of those {}", percent(share(strip).rate()?), name(strip.status).to_lowercase()))
        })
        .collect();
    let row = |strip: &ScoreStrip| -> Vec<Cell> {
        let share = share(strip);
        let counts = strip.tiers.map(|tier| count(tier).into());
        let last = Cell { text: share.rate().map_or_else(String::new, percent), faint: share.is_faint() };
        [Cell::from(name(strip.status)), count(share.of).into()].into_iter().chain(counts).chain([last]).collect()
    };
    let figures = ["Accounts", "A", "B", "C", "D", "In A or B"].map(Head::figure);
    Chart {
        finding: format!("In tiers A and B are {}.", if told.is_empty() { "none".to_owned() } else { told.join(", ") }),
        description: "One strip an outcome, over the same scale of probabilities; the higher a bar, the more of the outcome's accounts \
                      are scored there. The model has seen these accounts."
            .to_owned(),
        kind: ChartKind::Strips {
            axis: Axis { name: "Fit: the probability of being ideal".to_owned(), from: 0.0, to: 1.0, percent: true },
            strips: strips
                .iter()
                .map(|strip| Strip { name: name(strip.status).to_owned(), counts: strip.counts.clone() })
                .collect(),
            lines: Vec::<Line>::new(),
        },
        table: Table {
            caption: "Tiers by outcome; the model has seen these accounts".to_owned(),
            columns: [Head::text("Outcome")].into_iter().chain(figures).collect(),
            rows: strips.iter().map(row).collect(),
        },
    }
}
