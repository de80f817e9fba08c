//! Which column tells won, lost and churned, and by which texts.

use sweetspot_core::{Kind, Status, parse_flag};

use super::words::{has_any, is_outcome_name, status, words};
use super::{Look, Verdict};
use crate::mapping::{StatusColumn, UndecidedColumn};

/// A status has few levels.
const MOST_LEVELS: u64 = 30;

/// From this share of understood cells on, a column is believed to be a status.
const UNDERSTOOD: f64 = 0.5;

/// The same where its name says so and its texts say won as well as lost or left: the others are still open.
const UNDERSTOOD_NAMED: f64 = 0.02;

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
    let by_word = read(
        look,
        status,
        if constant { 1 } else { 2 },
        if named && !constant { UNDERSTOOD_NAMED } else { UNDERSTOOD },
    );
    // Plain words need no telling name, yes and no do.
    let (score, column) = match by_word {
        Some(column) => (if named { 4 } else { 2 }, column),
        None if named => {
            (if digits(look) { 1 } else { 3 }, read(look, |text| by_flag(look.name, text), 2, UNDERSTOOD)?)
        }
        None => return None,
    };
    Some((score, column))
}

/// The flag that says which rows are closed, beside a flag that says which are won: the others are still open.
pub(super) fn undecided(looks: &[Look<'_>], status: &StatusColumn) -> Option<UndecidedColumn> {
    let of_flag = status.won.iter().chain(&status.lost).all(|text| parse_flag(text).is_some());
    if !of_flag || !has_any(&status.column, &["won", "iswon"]) {
        return None;
    }
    let closed = looks.iter().find(|look| look.kind == Kind::Flag && is_closed_name(look.name))?;
    let open = closed.facts.texts().map(|(text, _)| text).filter(|text| parse_flag(text) == Some(false));
    let texts: Vec<String> = open.map(str::to_owned).collect();
    (!texts.is_empty()).then(|| UndecidedColumn { column: closed.name.to_owned(), texts })
}

fn is_closed_name(name: &str) -> bool {
    has_any(name, &["closed", "isclosed"]) && !has_any(name, &["won", "lost", "iswon"])
}

fn is_status_name(name: &str) -> bool {
    is_outcome_name(name) && !has_any(name, &["reason"])
        || has_any(name, &["label", "exited", "bought", "success", "left", "kept", "active"])
        || words(name) == ["y"]
}

/// What yes or no means in a column of this name.
fn by_flag(name: &str, text: &str) -> Option<Status> {
    // What is closed is decided, not won.
    if is_closed_name(name) {
        return None;
    }
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
fn read(
    look: &Look<'_>,
    meaning: impl Fn(&str) -> Option<Status>,
    least: usize,
    understood: f64,
) -> Option<StatusColumn> {
    if look.facts.share(|text| meaning(text).is_some()) < understood {
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
