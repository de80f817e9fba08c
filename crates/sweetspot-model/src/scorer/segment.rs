//! Compiled segments, and the value of their ideal customers.

use super::{EncodedAccount, Term};
use crate::condition_slots::passing_slots;
use crate::stored;
use crate::stored_condition::matcher_from_stored;

/// A compiled segment: a rule on slots.
#[derive(Debug)]
pub(super) struct CompiledSegment {
    pub(super) id: String,
    /// The index of each term in the rule, and which of its slots pass.
    passing_slots: Vec<(usize, Vec<bool>)>,
    /// The mean net value of its ideal customers.
    pub(super) value_if_ideal: Option<f64>,
}

impl CompiledSegment {
    /// Compiles a stored segment; the error describes an inconsistency.
    pub(super) fn compile(stored: &stored::Segment, terms: &[Term]) -> Result<Self, String> {
        let stored::Segment { id, conditions, value_if_ideal, .. } = stored;
        let test = |condition: &stored::Condition| {
            let condition = matcher_from_stored(Some(condition))?.condition;
            let term = terms.iter().position(|term| term.feature.attribute == condition.attribute)?;
            Some((term, passing_slots(&terms.get(term)?.feature, &condition.test)?))
        };
        let tests = conditions.iter().map(test).collect::<Option<Vec<_>>>().filter(|tests| !tests.is_empty());
        let tests = tests.ok_or_else(|| {
            format!("segment {id:?} has a condition that cannot be evaluated with the model's attributes")
        })?;
        if value_if_ideal.is_some_and(|value| !value.is_finite()) {
            return Err(format!("segment {id:?} has a value out of range"));
        }
        Ok(Self { id: id.clone(), passing_slots: tests, value_if_ideal: *value_if_ideal })
    }

    /// Whether an encoded account is in the segment.
    #[inline]
    pub(super) fn is_member(&self, encoded_account: &EncodedAccount<'_>) -> bool {
        self.passing_slots.iter().all(|(term, pass)| {
            let slots = encoded_account
                .values
                .get(*term)
                .map(|encoded_value| encoded_account.slots(encoded_value))
                .unwrap_or_default();
            slots.iter().any(|slot| pass.get(*slot as usize) == Some(&true))
        })
    }
}

/// The mean net value of ideal and of other customers, compiled.
#[derive(Debug)]
pub(super) struct CompiledCustomerValues {
    pub(super) currency: String,
    pub(super) value_if_ideal: f64,
    pub(super) value_if_not: f64,
}

impl CompiledCustomerValues {
    /// Compiles stored values; the error describes a number that is out of range.
    pub(super) fn compile(stored: &stored::Values) -> Result<Self, String> {
        let stored::Values { currency, value_if_ideal, value_if_not, .. } = stored.clone();
        if value_if_ideal.is_finite() && value_if_not.is_finite() {
            Ok(Self { currency, value_if_ideal, value_if_not })
        } else {
            Err("a value is out of range".to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
