//! The chart of one score's steps.

use sweetspot_model::probability;

use super::value_formatter::AttributeValueFormatter;
use super::{ScoreStep, Target, Waterfall};
use crate::format::{format_signed, is_visible_change};
use crate::{Axis, Chart, ChartKind, ColumnHead, Table, TableCell, WaterfallStep, format_percent};

/// The maximum number of steps in the finding.
const MAX_NAMED_STEPS: usize = 3;

/// The chart of an account with all contributions; `None` for others.
pub(super) fn chart(target: &Target, words: &AttributeValueFormatter) -> Option<Chart> {
    if target.contributions.is_empty() {
        return None;
    }
    let fall = Waterfall::new(&target.fit, &target.contributions, |reason| words.reason(reason));
    let (id, fit, base) = (&target.id, format_percent(target.fit.probability), format_percent(probability(fall.base)));
    // Steps that round to zero are in the table only.
    let named = steps_text(fall.steps.iter().filter(|part| is_visible_change(part.log_odds)).take(MAX_NAMED_STEPS));
    let named = if named.is_empty() { "like the average customer".to_owned() } else { named };
    Some(Chart {
        finding: format!("{id}, {fit}: {named}."),
        description: format!(
            "From the average customer at {base} to {id} at {fit}, in log-odds: {}.",
            steps_text(fall.steps.iter())
        ),
        kind: ChartKind::Waterfall {
            axis: axis(&fall),
            start: fall.base,
            start_label: format!("average customer: {base}"),
            steps: fall.steps.iter().map(step).collect(),
            end_label: format!("{id}: {fit}"),
        },
        table: table(&fall, id),
    })
}

/// `+1.10 tools: SAP, −0.40 employees: 10 to 49`.
fn steps_text<'p>(parts: impl Iterator<Item = &'p ScoreStep>) -> String {
    parts.map(|part| format!("{} {}", format_signed(part.log_odds), part.name)).collect::<Vec<_>>().join(", ")
}

fn step(part: &ScoreStep) -> WaterfallStep {
    WaterfallStep { name: part.name.clone(), change: part.log_odds, value_label: format_signed(part.log_odds) }
}

/// From the minimum to the maximum level, in multiples of one half.
fn axis(fall: &Waterfall) -> Axis {
    let reached = || fall.steps.iter().map(|part| part.log_odds_after).chain([fall.base]);
    let (low, high) = (reached().fold(f64::INFINITY, f64::min), reached().fold(f64::NEG_INFINITY, f64::max));
    let (from, to) = ((low * 2.0).floor() / 2.0, (high * 2.0).ceil() / 2.0);
    let to = if from < to { to } else { from + 0.5 };
    Axis { name: "log-odds, below them the fit".to_owned(), min: from, max: to, is_percent: false, labels: Vec::new() }
}

fn table(fall: &Waterfall, id: &str) -> Table {
    let level = |name: &str, reached: f64| {
        [name.into(), TableCell::default(), format_signed(reached).into(), probability_cell(reached)]
    };
    let step = |part: &ScoreStep| {
        [
            part.name.as_str().into(),
            format_signed(part.log_odds).into(),
            format_signed(part.log_odds_after).into(),
            probability_cell(part.log_odds_after),
        ]
    };
    let steps = fall.steps.iter().map(step);
    let rows = [level("average customer", fall.base)].into_iter().chain(steps).chain([level(id, fall.total)]);
    Table {
        caption: format!("How the score of {id} is composed"),
        columns: vec![
            ColumnHead::text("Step"),
            ColumnHead::figure("Log-odds"),
            ColumnHead::figure("Reached"),
            ColumnHead::figure("Fit then"),
        ],
        rows: rows.map(Vec::from).collect(),
    }
}

fn probability_cell(reached: f64) -> TableCell {
    format_percent(probability(reached)).into()
}
