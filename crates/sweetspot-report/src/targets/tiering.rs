//! The ways to cut a ranked list into tiers.

use sweetspot_core::Tier;

/// How a list is cut into tiers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tiering {
    /// By the model's own cuts.
    #[default]
    Model,
    /// By these minimum probabilities of A, B and C, in descending order.
    Probabilities([f64; 3]),
    /// By rank: these shares of the list are A, B and C, together at most 1.
    Shares([f64; 3]),
    /// By rank: these numbers of accounts are A, B and C, according to the capacity of a team.
    Capacity([u64; 3]),
}

impl Tiering {
    /// The cuts by probability, if that is how the list is cut.
    #[must_use]
    pub const fn cuts(&self, model: [f64; 3]) -> Option<[f64; 3]> {
        match *self {
            Self::Model => Some(model),
            Self::Probabilities(cuts) => Some(cuts),
            Self::Shares(_) | Self::Capacity(_) => None,
        }
    }

    /// The number of accounts in tier A, in A or B, and in A, B or C, if the list is cut by rank.
    fn ends(&self, accounts: usize) -> Option<[usize; 3]> {
        match *self {
            Self::Model | Self::Probabilities(_) => None,
            Self::Shares(shares) => {
                Some(cumulative_ends(shares, |sum| (sum * accounts as f64).round() as usize, accounts))
            }
            Self::Capacity(counts) => {
                let counts = counts.map(|count| count.min(accounts as u64) as f64);
                Some(cumulative_ends(counts, |sum| sum as usize, accounts))
            }
        }
    }

    /// The tier of the account at a position of a list with `accounts` accounts, from 0.
    #[must_use]
    pub fn tier(&self, model: [f64; 3], probability: f64, place: usize, accounts: usize) -> Tier {
        let reached: [bool; 3] = match (self.cuts(model), self.ends(accounts)) {
            (Some(cuts), _) => cuts.map(|cut| probability >= cut),
            (None, Some(ends)) => ends.map(|end| place < end),
            (None, None) => [false; 3],
        };
        let found = reached.iter().zip(Tier::ALL).find(|(reached, _)| **reached);
        found.map_or(Tier::D, |(_, tier)| tier)
    }
}

fn cumulative_ends(parts: [f64; 3], end: impl Fn(f64) -> usize, max_end: usize) -> [usize; 3] {
    let mut sum = 0.0;
    parts.map(|part| {
        sum += part;
        end(sum).min(max_end)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes(tiering: Tiering, accounts: usize) -> [usize; 4] {
        let tiers: Vec<Tier> = (0..accounts).map(|place| tiering.tier([0.9, 0.5, 0.2], 0.3, place, accounts)).collect();
        assert!(tiers.is_sorted());
        Tier::ALL.map(|tier| tiers.iter().filter(|found| **found == tier).count())
    }

    #[test]
    fn shares_and_capacities_are_kept_exactly() {
        assert_eq!(sizes(Tiering::Shares([0.1, 0.2, 0.3]), 10), [1, 2, 3, 4]);
        assert_eq!(sizes(Tiering::Shares([0.5, 0.5, 0.0]), 3), [2, 1, 0, 0]);
        assert_eq!(sizes(Tiering::Capacity([2, 5, 100]), 10), [2, 5, 3, 0]);
        assert_eq!(sizes(Tiering::Capacity([u64::MAX, 0, 0]), 4), [4, 0, 0, 0]);
        assert_eq!(sizes(Tiering::Model, 4), [0, 0, 4, 0]);
        assert_eq!(sizes(Tiering::Probabilities([0.3, 0.1, 0.0]), 4), [4, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn a_capacity_is_filled_from_the_best_on(a in 0..30_u64, b in 0..30_u64, c in 0..30_u64, accounts in 0..60_usize) {
            let found = sizes(Tiering::Capacity([a, b, c]), accounts);
            let mut left = accounts as u64;
            for (found, asked) in found.into_iter().zip([a, b, c, u64::MAX]) {
                prop_assert_eq!(found as u64, asked.min(left));
                left -= found as u64;
            }
        }
    }
}
