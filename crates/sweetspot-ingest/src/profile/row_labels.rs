//! The labels of a file's rows, as in training.

use std::borrow::Cow;

use sweetspot_core::{AccountTable, Customers, LeakDetector, Outcome, OutcomeStatus, TextFormat};

use super::InspectedColumn;
use crate::column::CellParser;
use crate::mapping::Mapping;

/// Returns whether each row is ideal, if known; `None` if the mapping gives no labels.
pub(super) fn labels(
    looks: &[InspectedColumn<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<OutcomeStatus>]>,
) -> Option<Vec<Option<bool>>> {
    let outcomes = outcomes(looks, mapping, classes);
    let ids = (0..outcomes.len()).map(|row| row.to_string()).collect();
    let customers = Customers::new(AccountTable::new(ids, Vec::new()).ok()?, outcomes.into(), None).ok()?;
    Some(mapping.label.label(&customers).ok()?.ideal)
}

/// Checks columns against the labels, with rows in the order of their ids, as in training.
pub(super) fn check_leaks(
    looks: &[InspectedColumn<'_>],
    mapping: &Mapping,
    labels: &[Option<bool>],
    classes: Option<&[Option<OutcomeStatus>]>,
) -> LeakDetector {
    let ids = looks.iter().find(|look| mapping.id.as_deref() == Some(look.name));
    let ids: Option<Vec<&str>> = ids.map(|look| look.texts.row_texts().map(Option::unwrap_or_default).collect());
    let id = |row: usize| match &ids {
        Some(ids) => Cow::Borrowed(ids.get(row).copied().unwrap_or_default()),
        None => Cow::Owned(format!("row-{}", row + 1)),
    };
    let labelled = labels.iter().enumerate().filter_map(|(row, label)| Some((row, f64::from(u8::from((*label)?)))));
    let mut labelled: Vec<(usize, f64)> = labelled.collect();
    labelled.sort_by_cached_key(|(row, _)| id(*row).into_owned());
    let (rows, labels): (Vec<usize>, Vec<f64>) = labelled.into_iter().unzip();
    let status = |row: &usize| classes.and_then(|classes| classes.get(*row)).copied().flatten();
    let statuses = rows.iter().map(status).collect();
    LeakDetector::new(&rows, &labels).with_statuses(statuses)
}

/// Returns the part of each outcome that labels need. An unreadable cell counts as missing here.
fn outcomes(
    looks: &[InspectedColumn<'_>],
    mapping: &Mapping,
    classes: Option<&[Option<OutcomeStatus>]>,
) -> Vec<Outcome> {
    let rows = looks.iter().map(|look| look.texts.row_texts().len()).max().unwrap_or(0);
    let mut outcomes = vec![Outcome::default(); rows];
    for (outcome, class) in outcomes.iter_mut().zip(classes.unwrap_or_default()) {
        outcome.status = *class;
    }
    let mut fill = |column: &Option<String>, set: fn(&mut Outcome, CellParser, &str)| {
        let look = looks.iter().find(|look| Some(look.name) == column.as_deref());
        let reader = look.map_or(CellParser(TextFormat::default()), InspectedColumn::reader);
        let texts = look.into_iter().flat_map(|look| look.texts.row_texts());
        for (outcome, text) in outcomes.iter_mut().zip(texts) {
            if let Some(text) = text {
                set(outcome, reader, text);
            }
        }
    };
    let columns = &mapping.outcome;
    fill(&columns.value, |outcome, reader, text| outcome.value = reader.number(text));
    fill(&columns.cost_to_serve, |outcome, reader, text| outcome.cost_to_serve = reader.number(text));
    fill(&columns.cost_to_acquire, |outcome, reader, text| outcome.cost_to_acquire = reader.number(text));
    fill(&columns.since, |outcome, reader, text| outcome.since = reader.date(text));
    outcomes
}
