//! A segment, ready to be asked, and what its ideal customers are worth.

use super::{Placed, Term};
use crate::condition::from_stored;
use crate::rule::passing;
use crate::stored;

/// A rule over slots.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) id: String,
    /// Each attribute, by its place in the model, and which of its slots pass.
    tests: Vec<(usize, Vec<bool>)>,
    /// What an ideal customer of it is worth.
    pub(super) value_if_ideal: Option<f64>,
}

impl Segment {
    /// From what is kept; an explanation where the parts do not fit together.
    pub(super) fn compile(stored: &stored::Segment, terms: &[Term]) -> Result<Self, String> {
        let stored::Segment { id, conditions, value_if_ideal, .. } = stored;
        let test = |condition: &stored::Condition| {
            let condition = from_stored(Some(condition))?.condition;
            let term = terms.iter().position(|term| term.feature.attribute == condition.attribute)?;
            Some((term, passing(&terms.get(term)?.feature, &condition.test)?))
        };
        let tests = conditions.iter().map(test).collect::<Option<Vec<_>>>().filter(|tests| !tests.is_empty());
        let tests = tests.ok_or_else(|| {
            format!("segment {id:?} has a condition that cannot be evaluated with the model's attributes")
        })?;
        if value_if_ideal.is_some_and(|value| !value.is_finite()) {
            return Err(format!("segment {id:?} has a value out of range"));
        }
        Ok(Self { id: id.clone(), tests, value_if_ideal: *value_if_ideal })
    }

    /// Whether a placed account is in it.
    #[inline]
    pub(super) fn holds(&self, placed: &Placed<'_>) -> bool {
        self.tests.iter().all(|(term, pass)| {
            let slots = placed.spots.get(*term).map(|spot| placed.slots(spot)).unwrap_or_default();
            slots.iter().any(|slot| pass.get(*slot as usize) == Some(&true))
        })
    }
}

/// What customers are worth.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) currency: String,
    pub(super) if_ideal: f64,
    pub(super) if_not: f64,
}

impl Values {
    /// From what is kept; an explanation where a number is out of range.
    pub(super) fn compile(stored: &stored::Values) -> Result<Self, String> {
        let stored::Values { currency, value_if_ideal, value_if_not, .. } = stored.clone();
        if value_if_ideal.is_finite() && value_if_not.is_finite() {
            Ok(Self { currency, if_ideal: value_if_ideal, if_not: value_if_not })
        } else {
            Err("a value is out of range".to_owned())
        }
    }
}

#[cfg(test)]
mod tests;
