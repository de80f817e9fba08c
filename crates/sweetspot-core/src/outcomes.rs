//! Outcomes in columns: unknown fields take no memory.

use std::ops::Range;

use super::{Date, NullableVec, Outcome, OutcomeRef, OutcomeStatus, Texts};

/// One outcome per row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcomes {
    status: Vec<Option<OutcomeStatus>>,
    value: NullableVec<f64>,
    cost_to_serve: NullableVec<f64>,
    cost_to_acquire: NullableVec<f64>,
    since: NullableVec<Date>,
    group: NullableTexts,
    reason: NullableTexts,
}

/// One optional text per row.
#[derive(Clone, Debug, Default, PartialEq)]
struct NullableTexts {
    /// The index of each row's text.
    indices: NullableVec<usize>,
    texts: Texts,
}

impl Outcomes {
    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.status.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.status.is_empty()
    }

    /// The outcome of a row; unknown if the row does not exist.
    #[must_use]
    pub fn get(&self, row: usize) -> OutcomeRef<'_> {
        OutcomeRef {
            status: self.status.get(row).copied().flatten(),
            value: self.value.get(row),
            cost_to_serve: self.cost_to_serve.get(row),
            cost_to_acquire: self.cost_to_acquire.get(row),
            since: self.since.get(row),
            group: self.group.get(row),
            reason: self.reason.get(row),
        }
    }

    /// Appends a row.
    pub fn push(&mut self, outcome: OutcomeRef<'_>) {
        let OutcomeRef { status, value, cost_to_serve, cost_to_acquire, since, group, reason } = outcome;
        self.status.push(status);
        self.value.push(value);
        self.cost_to_serve.push(cost_to_serve);
        self.cost_to_acquire.push(cost_to_acquire);
        self.since.push(since);
        self.group.push(group);
        self.reason.push(reason);
    }

    /// Replaces the groups of all rows, in row order.
    pub fn set_groups<'a>(&mut self, groups: impl Iterator<Item = Option<&'a str>>) {
        self.group = NullableTexts::default();
        for group in groups.take(self.len()) {
            self.group.push(group);
        }
        self.group.indices.pad(self.len());
    }

    /// The outcomes in row order.
    pub fn iter(&self) -> impl Iterator<Item = OutcomeRef<'_>> {
        self.range(0..self.len())
    }

    /// The outcomes of these rows.
    pub fn range(&self, rows: Range<usize>) -> impl Iterator<Item = OutcomeRef<'_>> {
        rows.map(|row| self.get(row))
    }
}

impl NullableTexts {
    fn get(&self, row: usize) -> Option<&str> {
        self.texts.get(self.indices.get(row)?)
    }

    fn push(&mut self, text: Option<&str>) {
        self.indices.push(text.map(|text| {
            self.texts.push(text);
            self.texts.len() - 1
        }));
    }
}

impl<'a> FromIterator<OutcomeRef<'a>> for Outcomes {
    fn from_iter<I: IntoIterator<Item = OutcomeRef<'a>>>(outcomes: I) -> Self {
        let mut all = Self::default();
        for outcome in outcomes {
            all.push(outcome);
        }
        all
    }
}

impl FromIterator<Outcome> for Outcomes {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Self {
        let mut all = Self::default();
        for outcome in outcomes {
            all.push(outcome.as_ref());
        }
        all
    }
}

impl From<Vec<Outcome>> for Outcomes {
    fn from(outcomes: Vec<Outcome>) -> Self {
        outcomes.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn outcome() -> impl Strategy<Value = Outcome> {
        let amount = || prop::option::of(0..3_u8).prop_map(|amount| amount.map(f64::from));
        let text = || prop::option::of("a{0,2}");
        let status = prop::option::of(prop::sample::select(vec![
            OutcomeStatus::Won,
            OutcomeStatus::Lost,
            OutcomeStatus::Churned,
        ]));
        let since = prop::option::of(0..3_i32).prop_map(|days| days.map(|days| Date { days }));
        (status, amount(), amount(), amount(), since, text(), text()).prop_map(
            |(status, value, cost_to_serve, cost_to_acquire, since, group, reason)| Outcome {
                status,
                value,
                cost_to_serve,
                cost_to_acquire,
                since,
                group,
                reason,
            },
        )
    }

    #[test]
    fn groups_are_replaced_as_a_whole() {
        let grouped = |group: &str| Outcome { group: Some(group.to_owned()), ..Outcome::default() };
        let mut outcomes = Outcomes::from(vec![grouped("a"), grouped("b"), grouped("c")]);
        outcomes.set_groups([None, Some("d"), None, Some("e")].into_iter());
        assert_eq!(outcomes, vec![Outcome::default(), grouped("d"), Outcome::default()].into());
    }

    proptest! {
        #[test]
        fn outcomes_return_the_rows_they_were_built_from(rows in prop::collection::vec(outcome(), 0..9)) {
            let outcomes = Outcomes::from(rows.clone());
            prop_assert_eq!((outcomes.len(), outcomes.is_empty()), (rows.len(), rows.is_empty()));
            prop_assert_eq!(outcomes.iter().map(Outcome::from).collect::<Vec<_>>(), rows.clone());
            prop_assert_eq!(outcomes.get(rows.len()), OutcomeRef::default());
            prop_assert_eq!(outcomes.iter().collect::<Outcomes>(), outcomes);
        }

        #[test]
        fn outcomes_are_equal_where_their_rows_are(one in prop::collection::vec(outcome(), 0..2), other in prop::collection::vec(outcome(), 0..2)) {
            prop_assert_eq!(Outcomes::from(one.clone()) == Outcomes::from(other.clone()), one == other);
        }
    }
}
