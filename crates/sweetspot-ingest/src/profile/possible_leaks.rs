//! Columns that may be leaks, by their names and by the association of their cells with the outcome.

use std::collections::HashMap;

use rayon::prelude::*;
use sweetspot_core::{Column, Leak, LeakDetector, LeakSeverity, OutcomeStatus, late_word};

use super::{ColumnRole, InspectedColumn, row_labels};
use crate::column::build;
use crate::mapping::{Mapping, StatusColumn};
use crate::vocabulary::is_outcome_name;

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
    pub(super) fn new(looks: &[InspectedColumn<'_>], mapping: &Mapping) -> Self {
        let mut classes = mapping.outcome.status.as_ref().map(|status| classes(looks, status));
        if let (Some(classes), Some(undecided)) = (&mut classes, &mapping.outcome.undecided) {
            let column = looks.iter().find(|look| look.name == undecided.column);
            let rows = column.into_iter().flat_map(|look| look.texts.row_texts());
            let is_open = |text: Option<&str>| text.is_some_and(|text| undecided.texts.iter().any(|open| open == text));
            classes.iter_mut().zip(rows).filter(|(_, text)| is_open(*text)).for_each(|(class, _)| *class = None);
        }
        let labels = row_labels::labels(looks, mapping, classes.as_deref());
        Self { classes, labels }
    }
}

/// Marks the suspects among the columns that would otherwise be attributes.
pub(super) fn find(looks: &mut [InspectedColumn<'_>], mapping: &Mapping, known: &KnownOutcomes) {
    let classes = known.classes.as_deref();
    let guard = known.labels.as_deref().map(|labels| row_labels::check_leaks(looks, mapping, labels, classes));
    looks.par_iter_mut().filter(|look| look.role == ColumnRole::Attribute).for_each(|look| {
        if is_outcome_name(look.name) {
            look.role = ColumnRole::Outcome;
            look.leak = Some("its name refers to the outcome".to_owned());
        } else if let Some(leak) = guard.as_ref().and_then(|guard| evidence(look, guard)) {
            // A column that is only strong may be legitimate: training keeps it with a warning, too.
            let is_attribute = leak.severity == LeakSeverity::Flagged && late_word(look.name).is_none();
            *(if is_attribute { &mut look.caution } else { &mut look.leak }) = Some(leak.reason);
        }
    });
}

/// Returns what training would report about the column.
fn evidence(look: &InspectedColumn<'_>, guard: &LeakDetector) -> Option<Leak> {
    let decision = look.decision.clone().unwrap_or_default();
    let (data, _) = build(look.name, look.texts, look.kind, &decision);
    guard.find(&Column { name: look.name.to_owned(), data })
}

/// Returns the status of each row.
fn classes(looks: &[InspectedColumn<'_>], status: &StatusColumn) -> Vec<Option<OutcomeStatus>> {
    let lists = [
        (&status.won, OutcomeStatus::Won),
        (&status.lost, OutcomeStatus::Lost),
        (&status.churned, OutcomeStatus::Churned),
    ];
    let meanings: HashMap<&str, OutcomeStatus> =
        lists.into_iter().flat_map(|(texts, class)| texts.iter().map(move |text| (text.as_str(), class))).collect();
    let column = looks.iter().find(|look| look.name == status.column);
    let rows = column.into_iter().flat_map(|look| look.texts.row_texts());
    rows.map(|text| text.and_then(|text| meanings.get(text)).copied()).collect()
}
