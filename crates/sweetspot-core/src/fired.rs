//! On which side of the waterline an account stands, and which gates put it there.

/// Whether an account belongs in the pond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PondSide {
    /// Below the waterline: worth fishing for.
    #[default]
    In,
    /// Above it: a rule or the fit speaks against the account.
    Out,
}

impl PondSide {
    /// Both sides.
    pub const ALL: [Self; 2] = [Self::In, Self::Out];

    /// The word for it in files and tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
        }
    }
}

/// The gates of a model that fired, by their places: at most 128. Takes no memory of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fired(u128);

impl Fired {
    /// Notes a gate; one beyond the 128th is passed over.
    #[inline]
    pub fn add(&mut self, gate: usize) {
        // A place below 128 fits into 32 bits.
        self.0 |= 1_u128.checked_shl(u32::try_from(gate).unwrap_or(u32::MAX)).unwrap_or(0);
    }

    /// Whether none did.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether any of these did, too.
    #[must_use]
    pub const fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Their places, in order.
    pub fn places(self) -> impl Iterator<Item = usize> {
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
        fn what_was_noted_is_told_in_order(gates in prop::collection::btree_set(0..140_usize, 0..20)) {
            let mut fired = Fired::default();
            for gate in &gates {
                fired.add(*gate);
            }
            let expected: BTreeSet<usize> = gates.into_iter().filter(|gate| *gate < 128).collect();
            prop_assert_eq!(fired.is_empty(), expected.is_empty());
            prop_assert!(fired.meets(fired) != expected.is_empty());
            prop_assert_eq!(fired.places().collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
        }
    }
}
