//! The pond side of an account, and the exclusion rules that match it.

/// Whether an account is worth pursuing: in the pond, below the waterline of the Pond Map, or out of it, above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PondSide {
    /// Below the waterline: worth pursuing.
    #[default]
    In,
    /// Above the waterline: an exclusion rule or the fit counts against the account.
    Out,
}

impl PondSide {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::In, Self::Out];

    /// The value in files and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
        }
    }
}

/// The matching exclusion rules of a model, by index, up to 128. The set does not allocate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MatchedExclusionRules(u128);

impl MatchedExclusionRules {
    /// Adds a rule; an index of 128 or more is ignored.
    #[inline]
    pub fn insert(&mut self, exclusion_rule: usize) {
        // An index below 128 fits into 32 bits.
        self.0 |= 1_u128.checked_shl(u32::try_from(exclusion_rule).unwrap_or(u32::MAX)).unwrap_or(0);
    }

    /// Whether no rule matches.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the two sets have a rule in common.
    #[must_use]
    pub const fn intersects(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The indices, in ascending order.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let place = rest.trailing_zeros();
            rest &= rest.checked_sub(1)?;
            Some(place as usize)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn inserted_rules_are_returned_in_order(indices in prop::collection::btree_set(0..140_usize, 0..20)) {
            let mut fired = MatchedExclusionRules::default();
            for index in &indices {
                fired.insert(*index);
            }
            let expected: BTreeSet<usize> = indices.into_iter().filter(|index| *index < 128).collect();
            prop_assert_eq!(fired.is_empty(), expected.is_empty());
            prop_assert!(fired.intersects(fired) != expected.is_empty());
            prop_assert_eq!(fired.indices().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
