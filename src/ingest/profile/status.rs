//! Which column tells won, lost and churned, and by which texts.

use super::words::{has_any, is_outcome_name, status, words};
use super::{Look, Verdict};
use crate::domain::{Status, parse_flag};
use crate::ingest::mapping::StatusColumn;

/// A status has few levels.
const MOST_LEVELS: u64 = 30;

/// From this share of understood cells on, a column is believed to be a status.
const UNDERSTOOD: f64 = 0.5;

const LEFT: [&str; 8] = ["churn", "churned", "cancelled", "canceled", "attrition", "exited", "left", "lapsed"];
const STAYED: [&str; 4] = ["retained", "kept", "renewed", "active"];

/// The likeliest status column of a file.
pub(super) fn find(looks: &[Look<'_>]) -> Option<StatusColumn> {
    let candidates = looks.iter().filter_map(|look| {
        let (score, column) = candidate(look)?;
        Some((score, column))
    });
    // The first of the best: later columns tend to be derived from earlier ones.
    candidates.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, column)| column)
}

fn candidate(look: &Look<'_>) -> Option<(u32, StatusColumn)> {
    // In a list of customers that all stayed, the status is one text.
    let constant = look.verdict == Verdict::Constant && words(look.name).last().is_some_and(|word| word == "status");
    if !(look.verdict == Verdict::Attribute || constant) || look.facts.distinct() > MOST_LEVELS {
        return None;
    }
    let named = is_status_name(look.name);
    let by_word = read(look, status, if constant { 1 } else { 2 });
    // Plain words need no telling name, yes and no do.
    let (score, column) = match by_word {
        Some(column) => (if named { 4 } else { 2 }, column),
        None if named => (if digits(look) { 1 } else { 3 }, read(look, |text| by_flag(look.name, text), 2)?),
        None => return None,
    };
    Some((score, column))
}

fn is_status_name(name: &str) -> bool {
    is_outcome_name(name) && !has_any(name, &["reason"])
        || has_any(name, &["label", "exited", "bought", "success", "left", "kept", "active"])
        || words(name) == ["y"]
}

/// What yes or no means in a column of this name.
fn by_flag(name: &str, text: &str) -> Option<Status> {
    let flag = parse_flag(text)?;
    Some(match (has_any(name, &LEFT), has_any(name, &STAYED)) {
        (true, _) => {
            if flag {
                Status::Churned
            } else {
                Status::Won
            }
        }
        (false, true) => {
            if flag {
                Status::Won
            } else {
                Status::Churned
            }
        }
        (false, false) => {
            if flag {
                Status::Won
            } else {
                Status::Lost
            }
        }
    })
}

fn digits(look: &Look<'_>) -> bool {
    look.facts.texts().all(|(text, _)| text.bytes().all(|b| b.is_ascii_digit()))
}

/// The meanings of its texts, if they are understood and stand for so many classes at least.
fn read(look: &Look<'_>, meaning: impl Fn(&str) -> Option<Status>, least: usize) -> Option<StatusColumn> {
    if look.facts.share(|text| meaning(text).is_some()) < UNDERSTOOD {
        return None;
    }
    let mut column = StatusColumn { column: look.name.to_owned(), ..StatusColumn::default() };
    for (text, _) in look.facts.texts() {
        match meaning(text) {
            Some(Status::Won) => column.won.push(text.to_owned()),
            Some(Status::Lost) => column.lost.push(text.to_owned()),
            Some(Status::Churned) => column.churned.push(text.to_owned()),
            None => {}
        }
    }
    let classes = [&column.won, &column.lost, &column.churned].into_iter().filter(|texts| !texts.is_empty()).count();
    (classes >= least).then_some(column)
}
