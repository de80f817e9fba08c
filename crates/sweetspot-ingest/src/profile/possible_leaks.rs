//! Columns that may be leaks, by their names and by the association of their cells with the outcome.

use std::collections::HashMap;

use rayon::prelude::*;
use sweetspot_core::{Column, Leak, LeakDetector, LeakSeverity, OutcomeStatus, late_word};

use super::{ColumnRole, InspectedColumn, row_labels};
use crate::column::build;
use crate::mapping::{Mapping, StatusColumn};
use crate::word_lists::is_outcome_name;

/// The known outcomes of the rows.
#[derive(Debug)]
pub(super) struct KnownOutcomes {
    /// The status of each row, if the mapping has a status column.
    pub(super) classes: Option<Vec<Option<OutcomeStatus>>>,
    /// Whether each row is ideal, if labels can be computed.
    pub(super) labels: Option<Vec<Option<bool>>>,
}

impl KnownOutcomes {
    /// Reads the outcome columns of a mapping.
    pub(super) fn new(columns: &[InspectedColumn<'_>], mapping: &Mapping) -> Self {
        let mut classes = mapping.outcome.status.as_ref().map(|status| classes(columns, status));
        if let (Some(classes), Some(undecided)) = (&mut classes, &mapping.outcome.undecided) {
            let column = columns.iter().find(|column| column.name == undecided.column);
            let rows = column.into_iter().flat_map(|column| column.texts.row_texts());
            let is_open = |text: Option<&str>| text.is_some_and(|text| undecided.texts.iter().any(|open| open == text));
            classes.iter_mut().zip(rows).filter(|(_, text)| is_open(*text)).for_each(|(class, _)| *class = None);
        }
        let labels = row_labels::labels(columns, mapping, classes.as_deref());
        Self { classes, labels }
    }
}

/// Marks the columns that may be leaks among those that would otherwise be attributes.
pub(super) fn find(columns: &mut [InspectedColumn<'_>], mapping: &Mapping, known: &KnownOutcomes) {
    let classes = known.classes.as_deref();
    let detector = known.labels.as_deref().map(|labels| row_labels::leak_detector(columns, mapping, labels, classes));
    columns.par_iter_mut().filter(|column| column.role == ColumnRole::Attribute).for_each(|column| {
        if is_outcome_name(column.name) {
            column.role = ColumnRole::Outcome;
            column.leak = Some("its name refers to the outcome".to_owned());
        } else if let Some(leak) = detector.as_ref().and_then(|detector| evidence(column, detector)) {
            // A column that is only strong may be legitimate: training keeps it with a warning, too.
            let is_attribute = leak.severity == LeakSeverity::Flagged && late_word(column.name).is_none();
            *(if is_attribute { &mut column.caution } else { &mut column.leak }) = Some(leak.reason);
        }
    });
}

/// Returns what training would report about the column.
fn evidence(column: &InspectedColumn<'_>, detector: &LeakDetector) -> Option<Leak> {
    let decision = column.decision.clone().unwrap_or_default();
    let (data, _) = build(column.name, column.texts, column.kind, &decision);
    detector.find(&Column { name: column.name.to_owned(), data })
}

/// Returns the status of each row.
fn classes(columns: &[InspectedColumn<'_>], status: &StatusColumn) -> Vec<Option<OutcomeStatus>> {
    let lists = [
        (&status.won, OutcomeStatus::Won),
        (&status.lost, OutcomeStatus::Lost),
        (&status.churned, OutcomeStatus::Churned),
    ];
    let meanings: HashMap<&str, OutcomeStatus> =
        lists.into_iter().flat_map(|(texts, class)| texts.iter().map(move |text| (text.as_str(), class))).collect();
    let column = columns.iter().find(|column| column.name == status.column);
    let rows = column.into_iter().flat_map(|column| column.texts.row_texts());
    rows.map(|text| text.and_then(|text| meanings.get(text)).copied()).collect()
}
