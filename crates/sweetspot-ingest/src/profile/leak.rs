//! Columns that may give the outcome away, by their names and by what their cells say of the outcome.

use std::collections::HashMap;

use rayon::prelude::*;
use sweetspot_core::{Column, Leak, LeakGuard, LeakSeverity, Status, late_word};

use super::words::is_outcome_name;
use super::{Look, Verdict, labelled};
use crate::column::build;
use crate::mapping::{Mapping, StatusColumn};

/// What is known of the rows' outcomes.
#[derive(Debug)]
pub(super) struct Known {
    /// The status of each row, where the mapping names a column of them.
    pub(super) classes: Option<Vec<Option<Status>>>,
    /// Whether each row is ideal, where labels can be made.
    pub(super) labels: Option<Vec<Option<bool>>>,
}

impl Known {
    /// Reads the outcome columns of a mapping.
    pub(super) fn new(looks: &[Look<'_>], mapping: &Mapping) -> Self {
        let mut classes = mapping.outcome.status.as_ref().map(|status| classes(looks, status));
        if let (Some(classes), Some(undecided)) = (&mut classes, &mapping.outcome.undecided) {
            let column = looks.iter().find(|look| look.name == undecided.column);
            let rows = column.into_iter().flat_map(|look| look.texts.rows());
            let is_open = |text: Option<&str>| text.is_some_and(|text| undecided.texts.iter().any(|open| open == text));
            classes.iter_mut().zip(rows).filter(|(_, text)| is_open(*text)).for_each(|(class, _)| *class = None);
        }
        let labels = labelled::labels(looks, mapping, classes.as_deref());
        Self { classes, labels }
    }
}

/// Marks the suspects among the columns that would otherwise be attributes.
pub(super) fn find(looks: &mut [Look<'_>], mapping: &Mapping, known: &Known) {
    let classes = known.classes.as_deref();
    let guard = known.labels.as_deref().map(|labels| labelled::guard(looks, mapping, labels, classes));
    looks.par_iter_mut().filter(|look| look.verdict == Verdict::Attribute).for_each(|look| {
        if is_outcome_name(look.name) {
            look.verdict = Verdict::Outcome;
            look.leak = Some("its name refers to the outcome".to_owned());
        } else if let Some(leak) = guard.as_ref().and_then(|guard| evidence(look, guard)) {
            // What is strong and nothing else may be honest: training keeps it with a warning, too.
            let kept = leak.severity == LeakSeverity::Flagged && late_word(look.name).is_none();
            *(if kept { &mut look.caution } else { &mut look.leak }) = Some(leak.reason);
        }
    });
}

/// What training would say of it.
fn evidence(look: &Look<'_>, guard: &LeakGuard) -> Option<Leak> {
    let decision = look.decision.clone().unwrap_or_default();
    let (data, _) = build(look.name, look.texts, look.kind, &decision);
    guard.find(&Column { name: look.name.to_owned(), data })
}

/// The status of each row.
fn classes(looks: &[Look<'_>], status: &StatusColumn) -> Vec<Option<Status>> {
    let lists = [(&status.won, Status::Won), (&status.lost, Status::Lost), (&status.churned, Status::Churned)];
    let meanings: HashMap<&str, Status> =
        lists.into_iter().flat_map(|(texts, class)| texts.iter().map(move |text| (text.as_str(), class))).collect();
    let column = looks.iter().find(|look| look.name == status.column);
    let rows = column.into_iter().flat_map(|look| look.texts.rows());
    rows.map(|text| text.and_then(|text| meanings.get(text)).copied()).collect()
}
