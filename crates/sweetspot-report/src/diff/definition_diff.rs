//! Differences between two definitions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sweetspot_core::{
    ApprovalCommittee, Attribution, Condition, Date, Definition, Entry, ExclusionRule, Finding, HypothesisEntry,
    IcpCategory, PondMapSectionKind, SpicedPart,
};

use super::{ProfileDifference, addition_or_removal, new_change, replacement_text};
use crate::AttributeName;
use crate::format::{self, capitalize};

/// All differences. `name` describes an attribute.
pub(super) fn differences(
    from: &Definition,
    to: &Definition,
    name: &dyn Fn(&str) -> AttributeName,
) -> Vec<ProfileDifference> {
    let when = |when: &Condition| format::condition_text(when, &name(&when.attribute));
    let hypothesis = |entry: &HypothesisEntry| hypothesis(entry, &when(&entry.hypothesis.when));
    let hypothesis_changes = |from: &HypothesisEntry, to: &HypothesisEntry| {
        hypothesis_changes((from, &when(&from.hypothesis.when)), (to, &when(&to.hypothesis.when)))
    };
    let exclusion_rule = |exclusion_rule: &ExclusionRule| {
        format!("{} counts as {}", when(&exclusion_rule.when), exclusion_rule.severity.as_str())
    };
    let rule_changes =
        |from: &ExclusionRule, to: &ExclusionRule| rule_changes((from, &when(&from.when)), (to, &when(&to.when)));
    let mut found = entries("hypothesis", from, to, hypothesis, hypothesis_changes);
    found.extend(entries("exclusion rule", from, to, exclusion_rule, rule_changes));
    found.extend(entries("finding", from, to, |finding: &Finding| finding.text.clone(), finding_changes));
    let key = |name: &str| name.to_owned();
    let categories = |definition: &Definition| -> BTreeMap<String, String> {
        definition.categories.iter().map(|(name, category)| (name.clone(), key(category.key()))).collect()
    };
    found.extend(place_changes("category", &categories(from), &categories(to)));
    let sections = |definition: &Definition| -> BTreeMap<String, String> {
        definition.sections.iter().map(|(name, category)| (name.clone(), key(category.key()))).collect()
    };
    found.extend(place_changes("section", &sections(from), &sections(to)));
    let due = |day: Option<Date>| day.map(format::format_date).unwrap_or_default();
    let due = replacement_text("the review is due on", &due(from.review_date), &due(to.review_date));
    found.extend(due.map(|text| new_change("review date", "", capitalize(&text) + ".")));
    found.extend(committee_changes(&from.committee, &to.committee));
    found
}

/// What changed in who may approve, and how many people have to.
fn committee_changes(from: &ApprovalCommittee, to: &ApprovalCommittee) -> Option<ProfileDifference> {
    let names = |committee: &ApprovalCommittee| match committee.approvers.as_slice() {
        [] => "any person".to_owned(),
        names => format::join_with_and(names),
    };
    let required = |committee: &ApprovalCommittee| format::format_count(committee.required_approvals);
    let changes = [
        replacement_text("the definition is approved by", &names(from), &names(to)),
        replacement_text("the number of required approvals is", &required(from), &required(to)),
    ];
    let changes: Vec<String> = changes.into_iter().flatten().collect();
    (!changes.is_empty()).then(|| new_change("approvers", "", capitalize(&changes.join("; ")) + "."))
}

/// Differences between entries of one type. `label` describes an entry, `changes` lists what changed in it.
fn entries<E: Entry>(
    subject: &'static str,
    from: &Definition,
    to: &Definition,
    label: impl Fn(&E) -> String,
    changes: impl Fn(&E, &E) -> Vec<String>,
) -> Vec<ProfileDifference> {
    let title = |id: &str| format!("{} {id:?}", capitalize(subject));
    let mut found = Vec::new();
    for old in from.entries::<E>() {
        match to.entry::<E>(old.id()) {
            None => {
                let sentence = format!("{} was removed: {}", title(old.id()), label(old));
                found.push(addition_or_removal(false, subject, old.id(), sentence));
            }
            Some(new) => {
                let changes = changes(old, new);
                if !changes.is_empty() {
                    let sentence = format!("{} was changed: {}.", title(old.id()), changes.join("; "));
                    found.push(new_change(subject, old.id(), sentence));
                }
            }
        }
    }
    let new = to.entries::<E>().iter().filter(|new| from.entry::<E>(new.id()).is_none());
    found.extend(new.map(|new| {
        addition_or_removal(true, subject, new.id(), format!("{} was added: {}", title(new.id()), label(new)))
    }));
    found
}

/// A hypothesis as text; `when` is its condition.
fn hypothesis(entry: &HypothesisEntry, when: &str) -> String {
    let hypothesis = &entry.hypothesis;
    let odds = format::format_number(hypothesis.odds_ratio);
    let statement = hypothesis.statement.trim();
    let condition = if statement.is_empty() { when.to_owned() } else { format!("{statement} ({when})") };
    format!("{condition}, believed to multiply the odds by {odds}")
}

/// The changes of a hypothesis; each side is paired with its condition as text.
fn hypothesis_changes(
    (from, old_when): (&HypothesisEntry, &str),
    (to, new_when): (&HypothesisEntry, &str),
) -> Vec<String> {
    let (old, new) = (&from.hypothesis, &to.hypothesis);
    [
        replacement_text("the statement is", &old.statement, &new.statement),
        replacement_text("it is about", old_when, new_when),
        replacement_text(
            "the odds ratio is",
            &format::format_number(old.odds_ratio),
            &format::format_number(new.odds_ratio),
        ),
        replacement_text(
            "customers that outweigh it:",
            &format::format_number(old.confidence_customers),
            &format::format_number(new.confidence_customers),
        ),
        replacement_text("the author is", &old.author, &new.author),
        replacement_text("the reason is", &from.reason, &to.reason),
        replacement_text("it ends on", &day(old.expires), &day(new.expires)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The changes of an exclusion rule; each side is paired with its condition as text.
fn rule_changes((from, old_when): (&ExclusionRule, &str), (to, new_when): (&ExclusionRule, &str)) -> Vec<String> {
    let changes = [
        replacement_text("the statement is", &from.statement, &to.statement),
        replacement_text("it is about", old_when, new_when),
        replacement_text("it counts as", from.severity.as_str(), to.severity.as_str()),
        replacement_text("it stands under", from.section.key(), to.section.key()),
    ];
    changes.into_iter().flatten().chain(statement_changes(&from.attribution, &to.attribution)).collect()
}

fn finding_changes(from: &Finding, to: &Finding) -> Vec<String> {
    let section = |finding: &Finding| finding.section.map(PondMapSectionKind::key).unwrap_or_default();
    let spiced = |finding: &Finding| finding.spiced.map(SpicedPart::key).unwrap_or_default();
    let category = |finding: &Finding| finding.category.map(IcpCategory::key).unwrap_or_default();
    let changes = [
        replacement_text("the text is", &from.text, &to.text),
        replacement_text("the question is", &from.question, &to.question),
        replacement_text("the account is", &from.account_id, &to.account_id),
        replacement_text("the segment is", &from.segment_id, &to.segment_id),
        replacement_text("it stands under", section(from), section(to)),
        replacement_text("the part of the diagnosis is", spiced(from), spiced(to)),
        replacement_text("the category is", category(from), category(to)),
        replacement_text("the stance is", from.stance.key(), to.stance.key()),
    ];
    changes.into_iter().flatten().chain(statement_changes(&from.attribution, &to.attribution)).collect()
}

fn statement_changes(from: &Attribution, to: &Attribution) -> impl Iterator<Item = String> {
    [
        replacement_text("the author is", &from.author, &to.author),
        replacement_text("the reason is", &from.reason, &to.reason),
        replacement_text("it ends on", &day(from.expires), &day(to.expires)),
    ]
    .into_iter()
    .flatten()
}

/// Differences in the places of attributes; the place of one without an entry is derived from its name.
fn place_changes(
    subject: &'static str,
    from: &BTreeMap<String, String>,
    to: &BTreeMap<String, String>,
) -> Vec<ProfileDifference> {
    let mut names: Vec<&String> = from.keys().chain(to.keys()).collect();
    names.sort();
    names.dedup();
    let place = |places: &BTreeMap<String, String>, name: &String| {
        places.get(name).cloned().unwrap_or_else(|| "what its name suggests".to_owned())
    };
    let difference = |name: &String| {
        let text = replacement_text("is", &place(from, name), &place(to, name))?;
        Some(new_change(subject, name, format!("The {subject} of {name:?} {text}.")))
    };
    names.into_iter().filter_map(difference).collect()
}

fn day(time: Option<Timestamp>) -> String {
    time.map(|time| format::format_date(Date::from_timestamp(time))).unwrap_or_default()
}
