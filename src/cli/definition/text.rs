//! The definition as text.

use prost_types::Timestamp;
use sweetspot_proto::v1;

use super::json::state_word;
use super::words::{category_word, lean_word, section_word, severity_word, spiced_word};
use crate::cli::hypothesis_text::condition_text;
use crate::cli::names::short_name;
use crate::cli::output::{plural, table, wrap};
use crate::cli::version_json::time_text;

/// Formats hypotheses as a table. `attributes` are those of the version whose kinds apply; empty without a version.
pub(crate) fn hypotheses_text(held: &[v1::HeldHypothesis], attributes: &[v1::AttributeSummary]) -> String {
    let row = |held: &v1::HeldHypothesis| {
        let hypothesis = held.hypothesis.clone().unwrap_or_default();
        let when = hypothesis.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        vec![
            hypothesis.id.clone(),
            with_details(&when, &hypothesis.statement),
            format!("{}", hypothesis.odds_ratio),
            format!("{}", hypothesis.confidence_customers),
            author_text(&hypothesis.author, &held.reason),
            day_range(held.create_time.as_ref(), hypothesis.expire_time.as_ref()),
        ]
    };
    list_text(&["id", "belief", "odds", "worth", "by", "since"], &[2, 3], held.iter().map(row).collect())
}

/// Formats exclusion rules as a table; `attributes` as in [`hypotheses_text`].
pub(crate) fn gates_text(gates: &[v1::Gate], attributes: &[v1::AttributeSummary]) -> String {
    let row = |gate: &v1::Gate| {
        let when = gate.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        vec![
            gate.id.clone(),
            with_details(&when, &gate.statement),
            severity_word(gate.severity()).to_owned(),
            section_word(gate.section()).to_owned(),
            author_text(&gate.author, &gate.reason),
            day_range(gate.create_time.as_ref(), gate.expire_time.as_ref()),
        ]
    };
    list_text(&["id", "rule", "counts", "section", "by", "since"], &[], gates.iter().map(row).collect())
}

/// Formats findings as a table.
pub(crate) fn findings_text(findings: &[v1::Finding]) -> String {
    let row = |finding: &v1::Finding| {
        let words = [spiced_word(finding.spiced()), section_word(finding.section()), category_word(finding.category())];
        let place: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let lean = lean_word(finding.lean());
        let about = [finding.account_id.as_str(), finding.segment_id.as_str()];
        let about: Vec<_> = about.into_iter().filter(|text| !text.is_empty()).collect();
        vec![
            finding.id.clone(),
            with_details(&finding.text, &finding.question),
            format!("{} {lean}", place.join(", ")).trim().to_owned(),
            about.join(", "),
            author_text(&finding.author, &finding.reason),
            day_range(finding.create_time.as_ref(), finding.expire_time.as_ref()),
        ]
    };
    list_text(&["id", "learned", "belongs to", "about", "by", "since"], &[], findings.iter().map(row).collect())
}

/// Formats comments as a table.
pub(crate) fn comments_text(comments: &[v1::Comment]) -> String {
    let row = |comment: &v1::Comment| {
        let (about, text, author) = (comment.about.clone(), comment.text.clone(), comment.author.clone());
        vec![comment.id.clone(), day_range(comment.create_time.as_ref(), None), author, about, text]
    };
    list_text(&["id", "day", "by", "about", "comment"], &[], comments.iter().map(row).collect())
}

/// Formats a definition without its lists.
pub(crate) fn definition_text(definition: &v1::Definition) -> String {
    let since = match definition.state_author.as_str() {
        "" => String::new(),
        author => format!(" since {}, by {author}", day_range(definition.state_time.as_ref(), None)),
    };
    let number = match definition.profile_version {
        0 => String::new(),
        number => format!(", as profile version {number}"),
    };
    let (model, word) = (short_name(&definition.model), state_word(definition.state()));
    let state = format!("The definition of {model} is {word}{since}{number}.");
    let due = match definition.review_date.as_str() {
        "" => "No review date is set.".to_owned(),
        day => format!("The next review is due on {day}."),
    };
    let v1::Definition { hypotheses, gates, findings, comments, profile_versions, .. } = definition;
    let counts = format!(
        "It has {}, {}, {} and {}; {} approved so far.",
        plural(*hypotheses, "hypothesis", "hypotheses"),
        plural(*gates, "gate", "gates"),
        plural(*findings, "finding", "findings"),
        plural(*comments, "comment", "comments"),
        plural(*profile_versions, "state was", "states were"),
    );
    let text = [state, due, counts].map(|line| wrap(&line, 0, 0)).join("\n");
    if definition.attributes.is_empty() {
        return text;
    }
    let row = |place: &v1::AttributePlace| {
        let (category, section) = (category_word(place.category()), section_word(place.section()));
        vec![place.attribute.clone(), category.to_owned(), section.to_owned()]
    };
    let rows = definition.attributes.iter().map(row).collect();
    format!("{text}\n\n{}", table(&["attribute", "category", "section"], &[], rows))
}

/// Formats approved versions as a table.
pub(crate) fn profiles_text(profiles: &[v1::ProfileVersion]) -> String {
    let row = |profile: &v1::ProfileVersion| {
        let (number, model) = (profile.number.to_string(), short_name(&profile.model_version).to_owned());
        vec![number, model, profile.approver.clone(), day_range(profile.approve_time.as_ref(), None)]
    };
    list_text(&["profile", "model version", "approved by", "day"], &[0, 1], profiles.iter().map(row).collect())
}

/// Formats the differences, one sentence per line.
pub(crate) fn diff_text(diff: &v1::DiffProfilesResponse) -> String {
    if diff.changes.is_empty() {
        return "There are no differences.".to_owned();
    }
    let lines: Vec<_> = diff.changes.iter().map(|change| wrap(&format!("- {}", change.sentence), 0, 2)).collect();
    lines.join("\n")
}

fn list_text(header: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() { "There are none yet.".to_owned() } else { table(header, right, rows) }
}

/// Joins two texts, of which the second may be empty.
fn with_details(first: &str, second: &str) -> String {
    if second.is_empty() { first.to_owned() } else { format!("{first} ({second})") }
}

fn author_text(author: &str, reason: &str) -> String {
    match (author, reason) {
        (author, "") => author.to_owned(),
        ("", reason) => reason.to_owned(),
        (author, reason) => format!("{author}: {reason}"),
    }
}

/// Formats `2026-11-24`, or `2026-11-24 until 2027-06-30`.
fn day_range(from: Option<&Timestamp>, until: Option<&Timestamp>) -> String {
    let day = |time: &Timestamp| time_text(time).chars().take(10).collect::<String>();
    let from = from.map(day).unwrap_or_default();
    until.map_or_else(|| from.clone(), |until| format!("{from} until {}", day(until)))
}
