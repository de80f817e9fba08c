//! The definition as text.

use prost_types::Timestamp;
use sweetspot_core::{IcpCategory, PondMapSectionKind, Severity, SpicedPart, Stance};
use sweetspot_proto::v1;

use super::approval_text;
use super::enum_words::word;
use crate::cli::hypothesis_text::condition_text;
use crate::cli::names::short_name;
use crate::cli::output::{plural, table, wrap};
use crate::cli::version_text::time_text;

/// Formats hypotheses as a table. `attributes` are those of the version whose kinds apply; empty without a version.
pub(crate) fn hypotheses_text(entries: &[v1::HypothesisEntry], attributes: &[v1::AttributeSummary]) -> String {
    let row = |entry: &v1::HypothesisEntry| {
        let hypothesis = entry.hypothesis.clone().unwrap_or_default();
        let when = hypothesis.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        vec![
            hypothesis.id.clone(),
            with_details(&when, &hypothesis.statement),
            format!("{}", hypothesis.odds_ratio),
            format!("{}", hypothesis.confidence_customers),
            author_text(&hypothesis.author, &entry.reason),
            day_range(entry.create_time.as_ref(), hypothesis.expire_time.as_ref()),
        ]
    };
    list_text(&["id", "hypothesis", "odds", "worth", "by", "since"], &[2, 3], entries.iter().map(row).collect())
}

/// Formats exclusion rules as a table; `attributes` as in [`hypotheses_text`].
pub(crate) fn rules_text(exclusion_rules: &[v1::ExclusionRule], attributes: &[v1::AttributeSummary]) -> String {
    let row = |exclusion_rule: &v1::ExclusionRule| {
        let when = exclusion_rule.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        vec![
            exclusion_rule.id.clone(),
            with_details(&when, &exclusion_rule.statement),
            word(exclusion_rule.severity(), Severity::as_str).to_owned(),
            word(exclusion_rule.section(), PondMapSectionKind::key).to_owned(),
            author_text(&exclusion_rule.author, &exclusion_rule.reason),
            day_range(exclusion_rule.create_time.as_ref(), exclusion_rule.expire_time.as_ref()),
        ]
    };
    list_text(&["id", "rule", "counts", "section", "by", "since"], &[], exclusion_rules.iter().map(row).collect())
}

/// Formats findings as a table.
pub(crate) fn findings_text(findings: &[v1::Finding]) -> String {
    let row = |finding: &v1::Finding| {
        let words = [
            word(finding.spiced(), SpicedPart::key),
            word(finding.section(), PondMapSectionKind::key),
            word(finding.category(), IcpCategory::key),
        ];
        let place: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let stance = word(finding.stance(), Stance::key);
        let about = [finding.account_id.as_str(), finding.segment_id.as_str()];
        let about: Vec<_> = about.into_iter().filter(|text| !text.is_empty()).collect();
        vec![
            finding.id.clone(),
            with_details(&finding.text, &finding.question),
            format!("{} {stance}", place.join(", ")).trim().to_owned(),
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
        let (about, author) = (comment.about.clone(), comment.author.clone());
        let resolution = comment.resolution.as_ref().map(resolution_text).unwrap_or_default();
        let text = with_details(&comment.text, &resolution);
        vec![comment.id.clone(), day_range(comment.create_time.as_ref(), None), author, about, text]
    };
    list_text(&["id", "day", "by", "about", "comment"], &[], comments.iter().map(row).collect())
}

/// Formats `resolved on 2026-11-24 by Ann: done`.
fn resolution_text(resolution: &v1::CommentResolution) -> String {
    let author = author_text(&resolution.author, &resolution.reason);
    format!("resolved on {} by {author}", day_range(resolution.resolve_time.as_ref(), None))
}

/// Formats a definition without its lists.
pub(crate) fn definition_text(definition: &v1::Definition) -> String {
    let review = match definition.review_date.as_str() {
        "" => "No review date is set.".to_owned(),
        day => format!("The next review is due on {day}."),
    };
    let v1::Definition { hypotheses, exclusion_rules, findings, comments, definition_versions, .. } = definition;
    let counts = format!(
        "It has {}, {}, {} and {}; {} approved so far.",
        plural(*hypotheses, "hypothesis", "hypotheses"),
        plural(*exclusion_rules, "exclusion rule", "exclusion rules"),
        plural(*findings, "finding", "findings"),
        plural(*comments, "comment", "comments") + &format!(" ({} open)", definition.open_comments),
        plural(*definition_versions, "state was", "states were"),
    );
    let damaged = match definition.unreadable_entries.as_slice() {
        [] => None,
        entries => Some(format!(
            "Damaged, replace or delete them (for its state or committee, set the review date and the approvers): {}.",
            entries.join(", ")
        )),
    };
    let self_approval = definition.allow_self_approval.then(|| "The person who submits it may approve it.".to_owned());
    let lines = approval_text::state(definition).into_iter().chain([review]);
    let lines = lines.chain(approval_text::committee(definition)).chain(self_approval).chain([counts]).chain(damaged);
    let text = lines.map(|line| wrap(&line, 0, 0)).collect::<Vec<_>>().join("\n");
    if definition.attributes.is_empty() {
        return text;
    }
    let row = |place: &v1::AttributePlace| {
        let (category, section) =
            (word(place.category(), IcpCategory::key), word(place.section(), PondMapSectionKind::key));
        vec![place.attribute.clone(), category.to_owned(), section.to_owned()]
    };
    let rows = definition.attributes.iter().map(row).collect();
    format!("{text}\n\n{}", table(&["attribute", "category", "section"], &[], rows))
}

/// Formats approved versions as a table.
pub(crate) fn versions_text(versions: &[v1::DefinitionVersion]) -> String {
    let row = |version: &v1::DefinitionVersion| {
        let (number, model) = (version.number.to_string(), short_name(&version.model_version).to_owned());
        vec![number, model, approval_text::approvers(version), day_range(version.approve_time.as_ref(), None)]
    };
    list_text(&["version", "model version", "approved by", "day"], &[0, 1], versions.iter().map(row).collect())
}

/// Formats the differences, one sentence per line.
pub(crate) fn diff_text(diff: &v1::DiffDefinitionsResponse) -> String {
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
pub(super) fn day_range(from: Option<&Timestamp>, end: Option<&Timestamp>) -> String {
    let day = |time: &Timestamp| time_text(time).chars().take(10).collect::<String>();
    let from = from.map(day).unwrap_or_default();
    end.map_or_else(|| from.clone(), |end| format!("{from} until {}", day(end)))
}
