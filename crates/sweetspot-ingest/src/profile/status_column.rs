//! Finds the column with won, lost and churned, and the texts for each.

use sweetspot_core::{AttributeKind, OutcomeStatus, parse_flag};

use super::{ColumnRole, InspectedColumn};
use crate::mapping::{OpenRowsColumn, StatusColumn};
use crate::word_lists::{has_any_word, is_outcome_name, name_words, status_from_text};

/// The maximum number of levels of a status.
const MAX_LEVELS: u64 = 30;

/// The minimum share of understood cells in a status column.
const MIN_UNDERSTOOD_SHARE: f64 = 0.5;

/// The same if the column has the name of a status, and its texts include won as well as lost or churned. The other
/// rows are still open.
const MIN_UNDERSTOOD_SHARE_NAMED: f64 = 0.02;

const CHURNED_WORDS: [&str; 8] = ["churn", "churned", "cancelled", "canceled", "attrition", "exited", "left", "lapsed"];
const RETAINED_WORDS: [&str; 4] = ["retained", "kept", "renewed", "active"];

/// Returns the most likely status column of a file.
pub(super) fn find(columns: &[InspectedColumn<'_>]) -> Option<StatusColumn> {
    let candidates = columns.iter().filter_map(|column| {
        let (score, status) = candidate(column)?;
        Some((score, status))
    });
    // The first of the best, because later columns tend to be derived from earlier ones.
    candidates.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, status)| status)
}

fn candidate(column: &InspectedColumn<'_>) -> Option<(u32, StatusColumn)> {
    // In a list of customers that all stayed, the status is constant.
    let constant =
        column.role == ColumnRole::Constant && name_words(column.name).last().is_some_and(|word| word == "status");
    if !(column.role == ColumnRole::Attribute || constant) || column.stats.distinct() > MAX_LEVELS {
        return None;
    }
    let named = is_status_name(column.name);
    let by_word = read_meanings(
        column,
        status_from_text,
        if constant { 1 } else { 2 },
        if named && !constant { MIN_UNDERSTOOD_SHARE_NAMED } else { MIN_UNDERSTOOD_SHARE },
    );
    // Explicit words need no matching column name, but yes and no do.
    let (score, status) = match by_word {
        Some(status) => (if named { 4 } else { 2 }, status),
        None if named => (
            if is_numeric(column) { 1 } else { 3 },
            read_meanings(column, |text| status_of_flag(column.name, text), 2, MIN_UNDERSTOOD_SHARE)?,
        ),
        None => return None,
    };
    Some((score, status))
}

/// Returns the flag for closed rows, next to a flag for won rows. The other rows are still open.
pub(super) fn undecided(columns: &[InspectedColumn<'_>], status: &StatusColumn) -> Option<OpenRowsColumn> {
    let of_flag = status.won.iter().chain(&status.lost).all(|text| parse_flag(text).is_some());
    if !of_flag || !has_any_word(&status.column, &["won", "iswon"]) {
        return None;
    }
    let closed = columns.iter().find(|column| column.kind == AttributeKind::Flag && is_closed_name(column.name))?;
    let open = closed.stats.texts().map(|(text, _)| text).filter(|text| parse_flag(text) == Some(false));
    let texts: Vec<String> = open.map(str::to_owned).collect();
    (!texts.is_empty()).then(|| OpenRowsColumn { column: closed.name.to_owned(), texts })
}

fn is_closed_name(name: &str) -> bool {
    has_any_word(name, &["closed", "isclosed"]) && !has_any_word(name, &["won", "lost", "iswon"])
}

fn is_status_name(name: &str) -> bool {
    is_outcome_name(name) && !has_any_word(name, &["reason"])
        || has_any_word(name, &["label", "exited", "bought", "success", "left", "kept", "active"])
        || name_words(name) == ["y"]
}

/// Returns the meaning of yes or no in a column of this name.
fn status_of_flag(name: &str, text: &str) -> Option<OutcomeStatus> {
    // Closed means decided, not won.
    if is_closed_name(name) {
        return None;
    }
    let flag = parse_flag(text)?;
    Some(match (has_any_word(name, &CHURNED_WORDS), has_any_word(name, &RETAINED_WORDS)) {
        (true, _) => {
            if flag {
                OutcomeStatus::Churned
            } else {
                OutcomeStatus::Won
            }
        }
        (false, true) => {
            if flag {
                OutcomeStatus::Won
            } else {
                OutcomeStatus::Churned
            }
        }
        (false, false) => {
            if flag {
                OutcomeStatus::Won
            } else {
                OutcomeStatus::Lost
            }
        }
    })
}

fn is_numeric(column: &InspectedColumn<'_>) -> bool {
    column.stats.texts().all(|(text, _)| text.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns the meanings of the texts, if they are understood and represent at least a minimum number of classes.
fn read_meanings(
    column: &InspectedColumn<'_>,
    meaning: impl Fn(&str) -> Option<OutcomeStatus>,
    min_classes: usize,
    understood: f64,
) -> Option<StatusColumn> {
    if column.stats.share_of_cells(|text| meaning(text).is_some()) < understood {
        return None;
    }
    let mut status = StatusColumn { column: column.name.to_owned(), ..StatusColumn::default() };
    for (text, _) in column.stats.texts() {
        match meaning(text) {
            Some(OutcomeStatus::Won) => status.won.push(text.to_owned()),
            Some(OutcomeStatus::Lost) => status.lost.push(text.to_owned()),
            Some(OutcomeStatus::Churned) => status.churned.push(text.to_owned()),
            None => {}
        }
    }
    let classes = [&status.won, &status.lost, &status.churned].into_iter().filter(|texts| !texts.is_empty()).count();
    (classes >= min_classes).then_some(status)
}
