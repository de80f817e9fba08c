//! Checks for settings that contradict each other.

use std::collections::{BTreeMap, HashSet};

use sweetspot_core::LabelPreset;

use super::{AttributeSelection, Mapping, StatusColumn, review};

/// Adds a sentence for every contradiction.
pub(super) fn check(mapping: &Mapping, problems: &mut Vec<String>) {
    if let AttributeSelection::Listed(columns) = &mapping.attributes {
        check_list(mapping, columns, problems);
    }
    check_roles(mapping, problems);
    check_weight(mapping, problems);
    if let Some(status) = &mapping.outcome.status {
        check_status_texts(status, &mapping.missing, problems);
    }
    if mapping.outcome.undecided.as_ref().is_some_and(|undecided| undecided.texts.is_empty()) {
        problems.push("outcome.undecided requires the texts of rows that are still open".to_owned());
    }
    if mapping.outcome.undecided.is_some() && mapping.outcome.status.is_none() {
        problems
            .push("outcome.undecided requires outcome.status: it marks the rows that have no status yet".to_owned());
    }
    review::check(&mapping.review, problems);
    check_label(mapping, problems);
    let is_code = |code: &&String| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
    if let Some(currency) = mapping.outcome.currency.as_ref().filter(|code| !is_code(code)) {
        problems.push(format!("outcome.currency is {currency:?}: give three capital letters, such as \"USD\""));
    }
}

fn check_list(mapping: &Mapping, columns: &[String], problems: &mut Vec<String>) {
    if columns.is_empty() {
        problems.push("attributes is empty: list at least one column, or use \"auto\"".to_owned());
    }
    let mut seen = HashSet::new();
    for column in columns {
        if column.is_empty() {
            problems.push("attributes has an empty name".to_owned());
        } else if !seen.insert(column.as_str()) {
            problems.push(format!("attribute {column:?} is listed twice"));
        }
        if mapping.id.as_ref() == Some(column) {
            problems
                .push(format!("{column:?} is both id and attribute: an id has no information about other accounts"));
        }
        // A group may be an attribute, such as the parent company.
        for (key, _) in mapping.outcome.columns().filter(|(key, name)| name == column && *key != "outcome.group") {
            problems
                .push(format!("{column:?} is both an attribute and {key}: an outcome is not known before the sale"));
        }
    }
    for column in mapping.kinds.keys().filter(|column| !seen.contains(column.as_str())) {
        problems.push(format!("column {column:?} is given a kind but is not among the attributes"));
    }
}

/// Checks that each column has one role.
fn check_roles(mapping: &Mapping, problems: &mut Vec<String>) {
    let mut roles: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, column) in mapping.outcome.columns() {
        if column.is_empty() {
            problems.push(format!("{key} names no column"));
        }
        if column.is_empty() || key == "outcome.group" {
            continue;
        }
        if let Some(other) = roles.insert(column, key) {
            problems.push(format!("column {column:?} is both {other} and {key}: give each a column of its own"));
        } else if mapping.id.as_deref() == Some(column) {
            problems.push(format!("column {column:?} is both id and {key}: give each a column of its own"));
        }
    }
    if mapping.id.as_deref() == Some("") {
        problems.push("id names no column: remove it if there is no column of ids".to_owned());
    }
    if let AttributeSelection::Auto { exclude } = &mapping.attributes {
        for column in mapping.kinds.keys() {
            if exclude.contains(column) || roles.contains_key(column.as_str()) || mapping.id.as_ref() == Some(column) {
                problems.push(format!("column {column:?} is given a kind but is not an attribute"));
            }
        }
    }
}

/// Checks that the weight has a column of its own, and that its customers are not grouped.
fn check_weight(mapping: &Mapping, problems: &mut Vec<String>) {
    let Some(weight) = mapping.weight.as_deref() else { return };
    if weight.is_empty() {
        problems.push("weight names no column: remove it if each row is one customer".to_owned());
        return;
    }
    let attributes = match &mapping.attributes {
        AttributeSelection::Auto { .. } => mapping.kinds.keys().cloned().collect(),
        AttributeSelection::Listed(columns) => columns.clone(),
    };
    let outcome = mapping.outcome.columns().chain(mapping.id.as_deref().map(|id| ("id", id)));
    let others = outcome.chain(attributes.iter().map(|column| ("an attribute", column.as_str())));
    for (role, _) in others.filter(|(_, column)| *column == weight) {
        problems.push(format!("column {weight:?} is both weight and {role}: give each a column of its own"));
    }
    if mapping.outcome.group.is_some() {
        problems.push(
            "weight and outcome.group are mutually exclusive: each customer that a weighted row stands for is an account \
             of its own"
                .to_owned(),
        );
    }
}

fn check_status_texts(status: &StatusColumn, missing: &[String], problems: &mut Vec<String>) {
    let StatusColumn { column: _, won, lost, churned } = status;
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (word, texts) in [("won", won), ("lost", lost), ("churned", churned)] {
        for text in texts {
            if seen.insert(text, word).is_some_and(|other| other != word) {
                problems.push(format!("status text {text:?} is listed under two meanings: choose one"));
            }
            if text.is_empty() || missing.contains(text) {
                problems.push(format!("status text {text:?} also means missing: take it out of one list"));
            }
        }
    }
    if seen.is_empty() {
        problems.push("outcome.status requires texts under won, lost or churned".to_owned());
    }
}

fn check_label(mapping: &Mapping, problems: &mut Vec<String>) {
    let (policy, outcome) = (&mapping.label, &mapping.outcome);
    if policy.top_share.is_some() && policy.value_at_least.is_some() {
        problems.push("label.share and label.value_at_least are mutually exclusive: keep one".to_owned());
    }
    if let Err(error) = policy.check() {
        problems.push(format!("label: {}", error.to_string().replace("top_share", "share")));
    }
    match policy.preset {
        LabelPreset::HighValue if outcome.value.is_none() => {
            problems.push("label.policy high_value requires outcome.value".to_owned());
        }
        LabelPreset::Won | LabelPreset::Retained if outcome.status.is_none() => {
            problems.push(format!("label.policy {} requires outcome.status", policy.preset.name()));
        }
        LabelPreset::Ideal
        | LabelPreset::Won
        | LabelPreset::Retained
        | LabelPreset::HighValue
        | LabelPreset::Custom(_) => {}
    }
    if policy.maturity_days.is_some() && outcome.since.is_none() {
        problems.push("label.maturity_days requires outcome.since".to_owned());
    }
    if policy.value_at_least.is_some() && outcome.value.is_none() {
        problems.push("label.value_at_least requires outcome.value".to_owned());
    }
}
