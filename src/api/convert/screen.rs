//! Which accounts a filter admits, told from their attributes as these come by.

use std::collections::BTreeMap;

use sweetspot_core::{Condition, Matcher, Test, Unknown, ValueRef, Vocabulary as _, unknown_names};
use sweetspot_model::Scorer;

use super::filter::Filter;

/// Most warnings of one answer: a filter can ask for more texts than an answer has room for.
const MAX_WARNINGS: usize = 50;

/// The conditions of one filter, asked of one account after the other.
#[derive(Debug)]
pub(in crate::api) struct Screen<'f> {
    conditions: Vec<Asked>,
    /// The conditions that ask for each attribute.
    by_name: BTreeMap<&'f str, Vec<usize>>,
}

#[derive(Debug)]
struct Asked {
    /// Reads values as the model does.
    matcher: Matcher,
    /// Whether it must hold, or must not.
    must_hold: bool,
    holds: bool,
    /// What it asks for that the model does not have, or that could mean two things.
    unknown: Vec<Watched>,
}

/// Something that the model does not have, until an account has it.
#[derive(Debug)]
struct Watched {
    unknown: Unknown,
    /// Holds for accounts that have it; nothing where none can, or where it is told whatever accounts have.
    has: Option<Matcher>,
    /// Whether the account under way has it, and whether one before it did. A row at fault does not count.
    is_here: bool,
    was_seen: bool,
    /// Where the condition stands in the request.
    field: String,
}

impl<'f> Screen<'f> {
    /// Of a filter for accounts that this model scores.
    pub(in crate::api) fn new(filter: &'f Filter, scorer: &Scorer) -> Self {
        let must = filter.must.iter().enumerate().map(|(index, one)| (format!("must[{index}]"), one, true));
        let must_not =
            filter.must_not.iter().enumerate().map(|(index, one)| (format!("must_not[{index}]"), one, false));
        let (mut conditions, mut by_name) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for (field, condition, must_hold) in must.chain(must_not) {
            by_name.entry(condition.attribute.as_str()).or_default().push(conditions.len());
            conditions.push(Asked::new(&field, condition, must_hold, scorer));
        }
        Self { conditions, by_name }
    }

    /// Begins with an account of which nothing is known.
    pub(in crate::api) fn clear(&mut self) {
        for asked in &mut self.conditions {
            asked.holds = asked.matcher.holds(None);
            asked.unknown.iter_mut().for_each(|watched| watched.is_here = false);
        }
    }

    /// Whether there is any condition.
    pub(in crate::api) const fn asks(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// Whether a condition reads an attribute.
    pub(in crate::api) fn reads(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The conditions that ask for an attribute.
    pub(in crate::api) fn asking(&self, name: &str) -> Vec<usize> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// Notes the value of an attribute.
    pub(in crate::api) fn see(&mut self, name: &str, value: &ValueRef<'_>) {
        let Self { conditions, by_name } = self;
        if !conditions.is_empty() {
            ask(conditions, by_name.get(name).map(Vec::as_slice).unwrap_or_default(), value);
        }
    }

    /// Notes a value for conditions that were found to ask for it.
    pub(in crate::api) fn answer(&mut self, asking: &[usize], value: &ValueRef<'_>) {
        ask(&mut self.conditions, asking, value);
    }

    /// Whether the account passes. What it has is known from then on.
    pub(in crate::api) fn admits(&mut self) -> bool {
        for watched in self.conditions.iter_mut().flat_map(|asked| &mut asked.unknown) {
            watched.was_seen |= watched.is_here;
        }
        self.conditions.iter().all(|asked| asked.holds == asked.must_hold)
    }

    /// What conditions ask for that neither the model nor any account so far has, or that could mean two things, one sentence each.
    pub(in crate::api) fn warnings(&self) -> Vec<String> {
        let unseen = || self.conditions.iter().flat_map(|asked| &asked.unknown).filter(|watched| !watched.was_seen);
        let mut warnings: Vec<String> = unseen().take(MAX_WARNINGS).map(Watched::warning).collect();
        if let Some(more) = unseen().count().checked_sub(MAX_WARNINGS).filter(|more| *more > 0) {
            warnings.push(format!("warnings about the filter that are not shown: {more}"));
        }
        warnings
    }
}

impl Asked {
    fn new(field: &str, condition: &Condition, must_hold: bool, scorer: &Scorer) -> Self {
        let kind = scorer.kind(&condition.attribute);
        let watched = |unknown: Unknown| {
            let test = match &unknown {
                Unknown::Attribute { .. } => Some(Test::Present(true)),
                Unknown::Level { text, .. } => Some(Test::AnyOf(vec![text.clone()])),
                Unknown::Impossible { .. } | Unknown::Ambiguous { .. } => None,
            };
            let attribute = condition.attribute.clone();
            let has = test.map(|test| Matcher::new(Condition { attribute, test }, kind));
            Watched { unknown, has, is_here: false, was_seen: false, field: format!("config.filter.{field}") }
        };
        let unknown = unknown_names(condition, scorer).into_iter().map(watched).collect();
        Self { matcher: Matcher::new(condition.clone(), kind), must_hold, holds: false, unknown }
    }
}

impl Watched {
    fn warning(&self) -> String {
        self.unknown.sentence(&self.field, "which neither the version nor any account has")
    }
}

fn ask(conditions: &mut [Asked], asking: &[usize], value: &ValueRef<'_>) {
    for number in asking {
        if let Some(asked) = conditions.get_mut(*number) {
            asked.holds = asked.matcher.holds(Some(value));
            for watched in asked.unknown.iter_mut().filter(|watched| !watched.was_seen) {
                watched.is_here = watched.has.as_ref().is_some_and(|has| has.holds(Some(value)));
            }
        }
    }
}
