//! What moves scores most.

use crate::model::AttributeSummary;
use crate::report::document::{Axis, Bar, Cell, Chart, ChartKind, Head, Table};
use crate::report::words::{number, percent};

/// Attributes that are told.
const MOST: usize = 20;
/// What moves the odds by less than this factor is taken for nothing.
const LEAST: f64 = 0.01;

/// The attributes that move scores most, and how many others there are.
pub(super) fn attributes(mut all: Vec<AttributeSummary>) -> (Vec<AttributeSummary>, usize) {
    all.sort_by(|a, b| b.spread.total_cmp(&a.spread).then_with(|| a.attribute.cmp(&b.attribute)));
    let beyond = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, beyond)
}

/// The chart of them.
pub(super) fn chart(attributes: &[AttributeSummary]) -> Chart {
    let telling: Vec<&str> =
        attributes.iter().filter(|one| one.spread > LEAST).take(3).map(|one| one.attribute.as_str()).collect();
    let finding = match telling.as_slice() {
        [] => "No attribute moves the score.".to_owned(),
        [one] => format!("Only {one} moves the score."),
        [first, others @ ..] => format!("What moves scores most is {first}, then {}.", others.join(" and ")),
    };
    let odds = |one: &AttributeSummary| one.spread.exp();
    let most = attributes.iter().map(odds).fold(1.1, f64::max);
    let bar = |one: &AttributeSummary| Bar {
        name: one.attribute.clone(),
        value: odds(one),
        interval: None,
        told: format!("{}×", number(odds(one))),
        faint: false,
    };
    let row = |one: &AttributeSummary| -> Vec<Cell> {
        vec![
            one.attribute.clone().into(),
            one.kind.into(),
            format!("{}×", number(odds(one))).into(),
            percent(one.missing_share).into(),
        ]
    };
    Chart {
        finding,
        description: "One bar an attribute: by how much the odds of being ideal typically differ between accounts because of it. At 1× it \
                      changes nothing."
            .to_owned(),
        kind: ChartKind::Bars {
            axis: Axis { name: "Typical change of the odds".to_owned(), from: 1.0, to: most, percent: false },
            bars: attributes.iter().map(bar).collect(),
            origin: 1.0,
            reference: "no change".to_owned(),
        },
        table: Table {
            caption: "How much each attribute moves scores".to_owned(),
            columns: vec![Head::text("Attribute"), Head::text("Kind"), Head::figure("Typical change of the odds"), Head::figure("Missing")],
            rows: attributes.iter().map(row).collect(),
        },
    }
}
