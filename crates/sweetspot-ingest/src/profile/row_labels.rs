//! The labels of a file's rows, as in training.

use std::borrow::Cow;

use sweetspot_core::{AccountTable, Customers, LeakDetector, Outcome, OutcomeStatus, TextFormat};

use super::InspectedColumn;
use crate::column::CellParser;
use crate::mapping::Mapping;

/// Returns whether each row is ideal, if known; `None` if the mapping gives no labels.
pub(super) fn labels(
    columns: &[InspectedColumn<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<OutcomeStatus>]>,
) -> Option<Vec<Option<bool>>> {
    let outcomes = outcomes(columns, mapping, classes);
    let ids = (0..outcomes.len()).map(|row| row.to_string()).collect();
    let customers = Customers::new(AccountTable::new(ids, Vec::new()).ok()?, outcomes.into(), None).ok()?;
    Some(mapping.label.label(&customers).ok()?.ideal)
}

/// Returns a leak detector for the labeled rows, in the order of their ids, as in training.
pub(super) fn leak_detector(
    columns: &[InspectedColumn<'_>],
    mapping: &Mapping,
    labels: &[Option<bool>],
    classes: Option<&[Option<OutcomeStatus>]>,
) -> LeakDetector {
    let ids = columns.iter().find(|column| mapping.id.as_deref() == Some(column.name));
    let ids: Option<Vec<&str>> = ids.map(|column| column.texts.row_texts().map(Option::unwrap_or_default).collect());
    let id = |row: usize| match &ids {
        Some(ids) => Cow::Borrowed(ids.get(row).copied().unwrap_or_default()),
        None => Cow::Owned(format!("row-{}", row + 1)),
    };
    let labeled = labels.iter().enumerate().filter_map(|(row, label)| Some((row, f64::from(u8::from((*label)?)))));
    let mut labeled: Vec<(usize, f64)> = labeled.collect();
    labeled.sort_by_cached_key(|(row, _)| id(*row).into_owned());
    let (rows, labels): (Vec<usize>, Vec<f64>) = labeled.into_iter().unzip();
    let status = |row: &usize| classes.and_then(|classes| classes.get(*row)).copied().flatten();
    let statuses = rows.iter().map(status).collect();
    LeakDetector::new(&rows, &labels).with_statuses(statuses)
}

/// Returns the part of each outcome that labels need. An unreadable cell counts as missing here.
fn outcomes(
    columns: &[InspectedColumn<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<OutcomeStatus>]>,
) -> Vec<Outcome> {
    let rows = columns.iter().map(|column| column.texts.row_texts().len()).max().unwrap_or(0);
    let mut outcomes = vec![Outcome::default(); rows];
    for (outcome, class) in outcomes.iter_mut().zip(classes.unwrap_or_default()) {
        outcome.status = *class;
    }
    let mut fill = |name: &Option<String>, set: fn(&mut Outcome, CellParser, &str)| {
        let column = columns.iter().find(|column| Some(column.name) == name.as_deref());
        let reader = column.map_or(CellParser(TextFormat::default()), InspectedColumn::reader);
        let texts = column.into_iter().flat_map(|column| column.texts.row_texts());
        for (outcome, text) in outcomes.iter_mut().zip(texts) {
            if let Some(text) = text {
                set(outcome, reader, text);
            }
        }
    };
    let mapped = &mapping.outcome;
    fill(&mapped.value, |outcome, reader, text| outcome.value = reader.number(text));
    fill(&mapped.cost_to_serve, |outcome, reader, text| outcome.cost_to_serve = reader.number(text));
    fill(&mapped.cost_to_acquire, |outcome, reader, text| outcome.cost_to_acquire = reader.number(text));
    fill(&mapped.since, |outcome, reader, text| outcome.since = reader.date(text));
    outcomes
}
