//! What people agreed on, before and after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sweetspot_core::{
    Category, Condition, Date, Definition, Entry, Finding, Gate, HeldHypothesis, Kind, PondSection, Spiced, Statement,
};

use super::{Difference, changed, instead, moved};
use crate::words::{self, capital};

/// Everything that differs. `kind` gives the kind of an attribute, where it is known.
pub(super) fn differences(from: &Definition, to: &Definition, kind: &dyn Fn(&str) -> Option<Kind>) -> Vec<Difference> {
    let when = |when: &Condition| words::condition(when, kind(&when.attribute));
    let hypothesis = |held: &HeldHypothesis| hypothesis(held, &when(&held.hypothesis.when));
    let hypothesis_changes = |from: &HeldHypothesis, to: &HeldHypothesis| {
        hypothesis_changes((from, &when(&from.hypothesis.when)), (to, &when(&to.hypothesis.when)))
    };
    let gate = |gate: &Gate| format!("{} counts as {}", when(&gate.when), gate.severity.word());
    let gate_changes = |from: &Gate, to: &Gate| gate_changes((from, &when(&from.when)), (to, &when(&to.when)));
    let mut found = entries("hypothesis", from, to, hypothesis, hypothesis_changes);
    found.extend(entries("gate", from, to, gate, gate_changes));
    found.extend(entries("finding", from, to, |finding: &Finding| finding.text.clone(), finding_changes));
    let key = |name: &str| name.to_owned();
    let categories = |definition: &Definition| -> BTreeMap<String, String> {
        definition.categories.iter().map(|(name, one)| (name.clone(), key(one.key()))).collect()
    };
    found.extend(places("category", &categories(from), &categories(to)));
    let sections = |definition: &Definition| -> BTreeMap<String, String> {
        definition.sections.iter().map(|(name, one)| (name.clone(), key(one.key()))).collect()
    };
    found.extend(places("section", &sections(from), &sections(to)));
    let due = |day: Option<Date>| day.map(words::day).unwrap_or_default();
    let due = instead("the review is due on", &due(from.review_on), &due(to.review_on));
    found.extend(due.map(|text| changed("review date", "", capital(&text) + ".")));
    found
}

/// Entries of one kind. `label` tells one, `changes` what became of it.
fn entries<E: Entry>(
    subject: &'static str,
    from: &Definition,
    to: &Definition,
    label: impl Fn(&E) -> String,
    changes: impl Fn(&E, &E) -> Vec<String>,
) -> Vec<Difference> {
    let title = |id: &str| format!("{} {id:?}", capital(subject));
    let mut found = Vec::new();
    for old in from.entries::<E>() {
        match to.entry::<E>(old.id()) {
            None => {
                let sentence = format!("{} was removed: {}", title(old.id()), label(old));
                found.push(moved(false, subject, old.id(), sentence));
            }
            Some(new) => {
                let changes = changes(old, new);
                if !changes.is_empty() {
                    let sentence = format!("{} was changed: {}.", title(old.id()), changes.join("; "));
                    found.push(changed(subject, old.id(), sentence));
                }
            }
        }
    }
    let new = to.entries::<E>().iter().filter(|new| from.entry::<E>(new.id()).is_none());
    found.extend(
        new.map(|new| moved(true, subject, new.id(), format!("{} was added: {}", title(new.id()), label(new)))),
    );
    found
}

/// A belief; `when` is its condition in words.
fn hypothesis(held: &HeldHypothesis, when: &str) -> String {
    let hypothesis = &held.hypothesis;
    let odds = words::number(hypothesis.odds_ratio);
    let statement = hypothesis.statement.trim();
    let of = if statement.is_empty() { when.to_owned() } else { format!("{statement} ({when})") };
    format!("{of}, believed to multiply the odds by {odds}")
}

/// What became of a belief, before and after, each with its condition in words.
fn hypothesis_changes(
    (from, old_when): (&HeldHypothesis, &str),
    (to, new_when): (&HeldHypothesis, &str),
) -> Vec<String> {
    let (old, new) = (&from.hypothesis, &to.hypothesis);
    [
        instead("the statement is", &old.statement, &new.statement),
        instead("it is about", old_when, new_when),
        instead("the odds ratio is", &words::number(old.odds_ratio), &words::number(new.odds_ratio)),
        instead(
            "customers that outweigh it:",
            &words::number(old.confidence_customers),
            &words::number(new.confidence_customers),
        ),
        instead("the author is", &old.author, &new.author),
        instead("the reason is", &from.reason, &to.reason),
        instead("it ends on", &day(old.expires), &day(new.expires)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What became of a rule, before and after, each with its condition in words.
fn gate_changes((from, old_when): (&Gate, &str), (to, new_when): (&Gate, &str)) -> Vec<String> {
    let own = [
        instead("the statement is", &from.statement, &to.statement),
        instead("it is about", old_when, new_when),
        instead("it counts as", from.severity.word(), to.severity.word()),
        instead("it stands under", from.section.key(), to.section.key()),
    ];
    own.into_iter().flatten().chain(said(&from.by, &to.by)).collect()
}

fn finding_changes(from: &Finding, to: &Finding) -> Vec<String> {
    let section = |finding: &Finding| finding.section.map(PondSection::key).unwrap_or_default();
    let spiced = |finding: &Finding| finding.spiced.map(Spiced::key).unwrap_or_default();
    let category = |finding: &Finding| finding.category.map(Category::key).unwrap_or_default();
    let own = [
        instead("the text is", &from.text, &to.text),
        instead("the question is", &from.question, &to.question),
        instead("the account is", &from.account_id, &to.account_id),
        instead("the segment is", &from.segment_id, &to.segment_id),
        instead("it stands under", section(from), section(to)),
        instead("the part of the diagnosis is", spiced(from), spiced(to)),
        instead("the category is", category(from), category(to)),
        instead("the lean is", from.lean.key(), to.lean.key()),
    ];
    own.into_iter().flatten().chain(said(&from.by, &to.by)).collect()
}

fn said(from: &Statement, to: &Statement) -> impl Iterator<Item = String> {
    [
        instead("the author is", &from.author, &to.author),
        instead("the reason is", &from.reason, &to.reason),
        instead("it ends on", &day(from.expires), &day(to.expires)),
    ]
    .into_iter()
    .flatten()
}

/// Where attributes belong; one that is not there is guessed.
fn places(subject: &'static str, from: &BTreeMap<String, String>, to: &BTreeMap<String, String>) -> Vec<Difference> {
    let mut names: Vec<&String> = from.keys().chain(to.keys()).collect();
    names.sort();
    names.dedup();
    let told = |places: &BTreeMap<String, String>, name: &String| {
        places.get(name).cloned().unwrap_or_else(|| "what its name suggests".to_owned())
    };
    let difference = |name: &String| {
        let text = instead("is", &told(from, name), &told(to, name))?;
        Some(changed(subject, name, format!("The {subject} of {name:?} {text}.")))
    };
    names.into_iter().filter_map(difference).collect()
}

fn day(time: Option<Timestamp>) -> String {
    time.map(|time| words::day(Date::of(time))).unwrap_or_default()
}
