//! One pattern of accounts, with what is known of its customers.

use std::collections::BTreeSet;

use sweetspot_core::{Date, ExclusionRule, HypothesisEntry, Matcher, ReviewField, Severity};
use sweetspot_model::HypothesisSummary;

use super::candidate::Candidate;
use super::row_set::RowSet;
use super::selection::LabeledCustomers;
use crate::format::{capitalize, exclusion_rule_text, hypothesis_text, statement_or_condition};
use crate::interviews::best_customers;
use crate::matching_customers::matching_rows;
use crate::segments::most_frequent_text;
use crate::summary::{is_current, value_share};
use crate::{AttributeName, Proportion, ReportInput};

/// The maximum number of stated patterns of one kind.
const MAX_STATED: usize = 3;

/// The source of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternSource {
    /// Learned from the customers.
    Customers,
    /// An exclusion rule of this author.
    ExclusionRule(String),
    /// An untested hypothesis of this author.
    Hypothesis(String),
}

/// Accounts that a rule describes.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountPattern {
    /// The rule, as a person applies it: `Industry: Fintech, and at least 200 employees`.
    pub description: String,
    /// The attributes that the rule tests; empty for stated rules.
    pub attributes: Vec<AttributeName>,
    /// The source of the rule.
    pub source: PatternSource,
    /// The ideal customers of the labeled customers that the rule holds for.
    pub customers: Proportion,
    /// The share of all net value that they hold; `None` if no value is known or the total is not positive.
    pub value_share: Option<f64>,
    /// The most frequent pain of the ideal customers among them; `None` for accounts to skip.
    pub pain: Option<String>,
    /// The ideal customer among them with the highest value, or else the best fit, that is the example of no earlier
    /// pattern; `None` for accounts to skip.
    pub example: Option<String>,
}

/// A learned pattern.
pub(super) fn learned(input: &ReportInput, labeled: &LabeledCustomers, candidate: &Candidate) -> AccountPattern {
    let rows = labeled.rows.iter().enumerate().filter(|(position, _)| candidate.rows.contains(*position));
    let rows: Vec<usize> = rows.map(|(_, row)| *row).collect();
    let attributes = candidate.attributes.iter().map(|name| input.attribute(name)).collect();
    let description = candidate.description();
    AccountPattern { description, attributes, ..describe(input, &rows, PatternSource::Customers) }
}

/// Adds the pain and an example of its ideal customers to each pattern; no customer is the example of two.
pub(super) fn add_examples(
    input: &ReportInput,
    labeled: &LabeledCustomers,
    patterns: &mut [AccountPattern],
    candidates: &[Candidate],
) {
    let mut used = BTreeSet::new();
    for (pattern, candidate) in patterns.iter_mut().zip(candidates) {
        let ideal: Vec<usize> = labeled.ideal_rows(&candidate.rows);
        pattern.pain = most_frequent_text(input, ReviewField::Pain, &ideal);
        let example = best_customers(input, ideal).into_iter().find(|row| used.insert(*row));
        pattern.example = example.map(|row| account_name(input.name(row)));
    }
}

/// What is known of the customers of these rows.
fn describe(input: &ReportInput, rows: &[usize], source: PatternSource) -> AccountPattern {
    AccountPattern {
        description: String::new(),
        attributes: Vec::new(),
        source,
        customers: Proportion::from_bools(rows.iter().map(|row| input.ideal(*row) == Some(true))),
        value_share: value_share(input, |row| rows.binary_search(&row).is_ok()),
        pain: None,
        example: None,
    }
}

/// The current exclusion rules that put accounts out of the pond.
fn current_rules(input: &ReportInput) -> impl Iterator<Item = &ExclusionRule> {
    let rules = input.definition.exclusion_rules.iter();
    rules.filter(|rule| rule.severity == Severity::Out && is_current(input, &rule.attribution))
}

/// The labeled customers that an exclusion rule puts out of the pond.
pub(super) fn ruled_out(input: &ReportInput, labeled: &LabeledCustomers) -> RowSet {
    let mut out = RowSet::empty(labeled.rows.len());
    for rule in current_rules(input) {
        let kind = input.kind(&rule.when.attribute);
        let rows = matching_rows(&Matcher::new(rule.when.clone(), kind), input.accounts());
        let positions = rows.iter().filter_map(|row| labeled.rows.binary_search(row).ok());
        positions.for_each(|position| out.insert(position));
    }
    out
}

/// The current exclusion rules that put accounts out of the pond, as patterns.
pub(super) fn exclusion_rules(input: &ReportInput) -> Vec<AccountPattern> {
    let rules = current_rules(input);
    let pattern = |rule: &ExclusionRule| {
        let name = input.attribute(&rule.when.attribute);
        let rows = matching_rows(&Matcher::new(rule.when.clone(), name.kind), input.accounts());
        let rows: Vec<usize> = rows.into_iter().filter(|row| input.ideal(*row).is_some()).collect();
        let source = PatternSource::ExclusionRule(author_name(&rule.attribution.author));
        AccountPattern { description: exclusion_rule_text(rule, &name), ..describe(input, &rows, source) }
    };
    rules.take(MAX_STATED).map(pattern).collect()
}

/// The current hypotheses, those for ideal accounts and those against, the strongest first.
pub(super) fn hypotheses(input: &ReportInput) -> (Vec<AccountPattern>, Vec<AccountPattern>) {
    let stated: Vec<(String, String, f64)> = if input.definition.hypotheses.is_empty() {
        let learned = input.model.hypotheses().into_iter();
        learned
            .map(|HypothesisSummary { statement, when, author, odds_ratio, .. }| {
                (statement_or_condition(&statement, &when, &input.attribute(&when.attribute)), author, odds_ratio)
            })
            .collect()
    } else {
        let is_current = |entry: &&HypothesisEntry| {
            entry.hypothesis.expires.is_none_or(|end| Date::from_timestamp(end) > input.as_of)
        };
        let entries = input.definition.hypotheses.iter().filter(is_current);
        entries
            .map(|entry| {
                let text = hypothesis_text(entry, &input.attribute(&entry.hypothesis.when.attribute));
                (text, entry.hypothesis.author.clone(), entry.hypothesis.odds_ratio)
            })
            .collect()
    };
    let side = |sign: f64| {
        let mut side: Vec<_> = stated.iter().filter(|(_, _, odds_ratio)| odds_ratio.ln() * sign > 0.0).collect();
        side.sort_by(|a, b| (b.2.ln() * sign).total_cmp(&(a.2.ln() * sign)));
        let pattern = |(text, author, _): &&(String, String, f64)| AccountPattern {
            description: capitalize(text),
            ..describe(input, &[], PatternSource::Hypothesis(author_name(author)))
        };
        side.iter().take(MAX_STATED).map(pattern).collect()
    };
    (side(1.0), side(-1.0))
}

/// The name of an account, or `Account 17` if it has only a number.
fn account_name(name: &str) -> String {
    if is_number(name) { format!("Account {name}") } else { name.to_owned() }
}

/// Whether the name of an account is only a number.
pub(super) fn is_number(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_digit())
}

fn author_name(author: &str) -> String {
    let author = author.trim();
    if author.is_empty() { "an unknown author".to_owned() } else { author.to_owned() }
}
