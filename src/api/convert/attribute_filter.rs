//! Evaluates a filter's conditions on attributes, one value at a time.

use std::collections::BTreeMap;

use sweetspot_core::{Condition, ConditionIssue, Matcher, Test, ValueRef, Vocabulary as _, condition_issues};
use sweetspot_model::Scorer;

use super::account_filter::AccountFilter;

/// Maximum number of warnings in a response. A filter can contain more texts than a response has room for.
const MAX_WARNINGS: usize = 50;

/// The conditions of one filter, evaluated for one account after another.
#[derive(Debug)]
pub(in crate::api) struct AttributeFilter<'f> {
    conditions: Vec<FilterCondition>,
    /// The indexes of the conditions on each attribute.
    by_name: BTreeMap<&'f str, Vec<usize>>,
}

#[derive(Debug)]
struct FilterCondition {
    /// Parses values in the same way as the model.
    matcher: Matcher,
    /// Whether the condition must hold; otherwise it must not.
    must_hold: bool,
    holds: bool,
    /// Names in the condition that the model does not have, or that are ambiguous.
    unmatched: Vec<UnmatchedName>,
}

/// A name that the model does not have, until an account has it.
#[derive(Debug)]
struct UnmatchedName {
    unknown: ConditionIssue,
    /// Matches accounts that have the name. `None` if no account can, or if the issue is reported in any case.
    matcher: Option<Matcher>,
    /// Whether the current account has the name; `was_matched`: whether an earlier account had it. Invalid rows do not
    /// count.
    is_in_account: bool,
    was_matched: bool,
    /// The path of the condition in the request.
    field: String,
}

impl<'f> AttributeFilter<'f> {
    /// Prepares a filter for accounts that this model scores.
    pub(in crate::api) fn new(filter: &'f AccountFilter, scorer: &Scorer) -> Self {
        let must = filter
            .must
            .iter()
            .enumerate()
            .map(|(index, wire_condition)| (format!("must[{index}]"), wire_condition, true));
        let must_not = filter
            .must_not
            .iter()
            .enumerate()
            .map(|(index, wire_condition)| (format!("must_not[{index}]"), wire_condition, false));
        let (mut conditions, mut by_name) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for (field, condition, must_hold) in must.chain(must_not) {
            by_name.entry(condition.attribute.as_str()).or_default().push(conditions.len());
            conditions.push(FilterCondition::new(&field, condition, must_hold, scorer));
        }
        Self { conditions, by_name }
    }

    /// Starts a new account, without any known values.
    pub(in crate::api) fn begin_account(&mut self) {
        for compiled in &mut self.conditions {
            compiled.holds = compiled.matcher.holds(None);
            compiled.unmatched.iter_mut().for_each(|name| name.is_in_account = false);
        }
    }

    /// Whether the filter has conditions on attributes.
    pub(in crate::api) const fn has_conditions(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether a condition uses an attribute.
    pub(in crate::api) fn uses_attribute(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The indexes of the conditions on an attribute.
    pub(in crate::api) fn condition_indices(&self, name: &str) -> Vec<usize> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// Records the value of an attribute.
    pub(in crate::api) fn observe(&mut self, name: &str, value: &ValueRef<'_>) {
        let Self { conditions, by_name } = self;
        if !conditions.is_empty() {
            evaluate_conditions(conditions, by_name.get(name).map(Vec::as_slice).unwrap_or_default(), value);
        }
    }

    /// Records a value for the conditions with these indexes.
    pub(in crate::api) fn observe_conditions(&mut self, indices: &[usize], value: &ValueRef<'_>) {
        evaluate_conditions(&mut self.conditions, indices, value);
    }

    /// Whether the account passes. From then on, the names that it has count as known.
    pub(in crate::api) fn admits(&mut self) -> bool {
        for name in self.conditions.iter_mut().flat_map(|compiled| &mut compiled.unmatched) {
            name.was_matched |= name.is_in_account;
        }
        self.conditions.iter().all(|compiled| compiled.holds == compiled.must_hold)
    }

    /// One sentence for each name in a condition that is ambiguous, or that neither the model nor any account so far
    /// has.
    pub(in crate::api) fn warnings(&self) -> Vec<String> {
        let unseen =
            || self.conditions.iter().flat_map(|compiled| &compiled.unmatched).filter(|name| !name.was_matched);
        let mut warnings: Vec<String> = unseen().take(MAX_WARNINGS).map(UnmatchedName::warning).collect();
        if let Some(more) = unseen().count().checked_sub(MAX_WARNINGS).filter(|more| *more > 0) {
            warnings.push(format!("warnings about the filter that are not shown: {more}"));
        }
        warnings
    }
}

impl FilterCondition {
    fn new(field: &str, condition: &Condition, must_hold: bool, scorer: &Scorer) -> Self {
        let kind = scorer.kind(&condition.attribute);
        let name = |unknown: ConditionIssue| {
            let test = match &unknown {
                ConditionIssue::Attribute { .. } => Some(Test::Present(true)),
                ConditionIssue::Level { text, .. } => Some(Test::AnyOf(vec![text.clone()])),
                ConditionIssue::Impossible { .. } | ConditionIssue::Ambiguous { .. } => None,
            };
            let attribute = condition.attribute.clone();
            let matcher = test.map(|test| Matcher::new(Condition { attribute, test }, kind));
            UnmatchedName {
                unknown,
                matcher,
                is_in_account: false,
                was_matched: false,
                field: format!("config.filter.{field}"),
            }
        };
        let unknown = condition_issues(condition, scorer).into_iter().map(name).collect();
        Self { matcher: Matcher::new(condition.clone(), kind), must_hold, holds: false, unmatched: unknown }
    }
}

impl UnmatchedName {
    fn warning(&self) -> String {
        self.unknown.sentence(&self.field, "which neither the version nor any account has")
    }
}

fn evaluate_conditions(conditions: &mut [FilterCondition], indices: &[usize], value: &ValueRef<'_>) {
    for number in indices {
        if let Some(compiled) = conditions.get_mut(*number) {
            compiled.holds = compiled.matcher.holds(Some(value));
            for name in compiled.unmatched.iter_mut().filter(|name| !name.was_matched) {
                name.is_in_account = name.matcher.as_ref().is_some_and(|matcher| matcher.holds(Some(value)));
            }
        }
    }
}
