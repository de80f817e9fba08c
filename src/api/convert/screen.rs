//! Which accounts a filter admits, told from their attributes as these come by.

use std::collections::BTreeMap;

use super::filter::Filter;
use crate::domain::{Condition, ValueRef};

/// The conditions of one filter, asked of one account after the other.
#[derive(Debug)]
pub(in crate::api) struct Screen<'f> {
    conditions: Vec<Asked<'f>>,
    /// The conditions that ask for each attribute.
    by_name: BTreeMap<&'f str, Vec<usize>>,
}

#[derive(Debug)]
struct Asked<'f> {
    condition: &'f Condition,
    /// Whether it must hold, or must not.
    wanted: bool,
    holds: bool,
}

impl<'f> Screen<'f> {
    /// Of a filter.
    pub(in crate::api) fn new(filter: &'f Filter) -> Self {
        let asked = |wanted| move |condition| Asked { condition, wanted, holds: false };
        let conditions: Vec<_> =
            filter.must.iter().map(asked(true)).chain(filter.must_not.iter().map(asked(false))).collect();
        let mut by_name = BTreeMap::<_, Vec<_>>::new();
        for (number, asked) in conditions.iter().enumerate() {
            by_name.entry(asked.condition.attribute.as_str()).or_default().push(number);
        }
        Self { conditions, by_name }
    }

    /// Begins with an account of which nothing is known.
    pub(in crate::api) fn clear(&mut self) {
        for asked in &mut self.conditions {
            asked.holds = asked.condition.holds(None);
        }
    }

    /// Whether there is any condition.
    pub(in crate::api) const fn asks(&self) -> bool {
        !self.conditions.is_empty()
    }

    /// The conditions that ask for an attribute.
    pub(in crate::api) fn asking(&self, name: &str) -> Vec<usize> {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// Notes the value of an attribute. The last value of several counts.
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

    /// Whether the account passes.
    pub(in crate::api) fn admits(&self) -> bool {
        self.conditions.iter().all(|asked| asked.holds == asked.wanted)
    }
}

fn ask(conditions: &mut [Asked<'_>], asking: &[usize], value: &ValueRef<'_>) {
    for number in asking {
        if let Some(asked) = conditions.get_mut(*number) {
            asked.holds = asked.condition.holds(Some(value));
        }
    }
}
