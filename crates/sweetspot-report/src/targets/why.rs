//! How one score comes about, as a chart.

use sweetspot_model::probability;

use super::words::Words;
use super::{Part, Target, Waterfall};
use crate::words::{moves, signed};
use crate::{Axis, Cell, Chart, ChartKind, Head, Step, Table, percent};

/// Steps that the finding names.
const NAMED: usize = 3;

/// The chart of an account all of whose reasons are told; nothing for others.
pub(super) fn chart(target: &Target, words: &Words) -> Option<Chart> {
    if target.contributions.is_empty() {
        return None;
    }
    let fall = Waterfall::new(&target.fit, &target.contributions, |reason| words.reason(reason));
    let (id, fit, base) = (&target.id, percent(target.fit.probability), percent(probability(fall.base)));
    // What is rounded to nothing is in the table.
    let named = told(fall.parts.iter().filter(|part| moves(part.log_odds)).take(NAMED));
    let named = if named.is_empty() { "like the average customer".to_owned() } else { named };
    Some(Chart {
        finding: format!("{id}, {fit}: {named}."),
        description: format!(
            "From the average customer at {base} to {id} at {fit}, in log-odds: {}.",
            told(fall.parts.iter())
        ),
        kind: ChartKind::Waterfall {
            axis: axis(&fall),
            start: fall.base,
            from: format!("average customer: {base}"),
            steps: fall.parts.iter().map(step).collect(),
            to: format!("{id}: {fit}"),
        },
        table: table(&fall, id),
    })
}

/// `+1.10 tools: SAP, −0.40 employees: 10 to 49`.
fn told<'p>(parts: impl Iterator<Item = &'p Part>) -> String {
    parts.map(|part| format!("{} {}", signed(part.log_odds), part.name)).collect::<Vec<_>>().join(", ")
}

fn step(part: &Part) -> Step {
    Step { name: part.name.clone(), by: part.log_odds, told: signed(part.log_odds) }
}

/// From the lowest place that is reached to the highest, in halves.
fn axis(fall: &Waterfall) -> Axis {
    let reached = || fall.parts.iter().map(|part| part.reached).chain([fall.base]);
    let (low, high) = (reached().fold(f64::INFINITY, f64::min), reached().fold(f64::NEG_INFINITY, f64::max));
    let (from, to) = ((low * 2.0).floor() / 2.0, (high * 2.0).ceil() / 2.0);
    let to = if from < to { to } else { from + 0.5 };
    Axis { name: "log-odds, below them the fit".to_owned(), from, to, percent: false }
}

fn table(fall: &Waterfall, id: &str) -> Table {
    let level = |name: &str, reached: f64| [name.into(), Cell::default(), signed(reached).into(), fit(reached)];
    let step = |part: &Part| {
        [part.name.as_str().into(), signed(part.log_odds).into(), signed(part.reached).into(), fit(part.reached)]
    };
    let steps = fall.parts.iter().map(step);
    let rows = [level("average customer", fall.base)].into_iter().chain(steps).chain([level(id, fall.total)]);
    Table {
        caption: format!("How the score of {id} is composed"),
        columns: vec![Head::text("Step"), Head::figure("Log-odds"), Head::figure("Reached"), Head::figure("Fit then")],
        rows: rows.map(Vec::from).collect(),
    }
}

fn fit(reached: f64) -> Cell {
    percent(probability(reached)).into()
}
