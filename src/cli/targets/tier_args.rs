//! The tier options of the command line.

use sweetspot_proto::v1::rank_targets_request::Tiering;
use sweetspot_proto::v1::{TierCapacity, TierProbabilities};

use crate::cli::exit::CliError;

/// The three ways to define tiers; at most one is set.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
#[group(multiple = false)]
pub(crate) struct TierArgs {
    /// Shares of the list that are A, B and C, such as 0.1,0.2,0.3
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    tier_shares: Vec<f64>,
    /// Accounts that are A, B and C: as many as people can work on, such as 50,100,200
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    capacity: Vec<u64>,
    /// Least probabilities of A, B and C, such as 0.6,0.4,0.2
    #[arg(long, value_name = "A,B,C", value_delimiter = ',')]
    cuts: Vec<f64>,
}

#[cfg(test)]
impl TierArgs {
    /// Defines tiers by these probabilities.
    pub(super) fn from_thresholds(cuts: &[f64]) -> Self {
        Self { cuts: cuts.to_vec(), ..Self::default() }
    }

    /// Defines tiers by these shares.
    pub(super) fn from_shares(tier_shares: &[f64]) -> Self {
        Self { tier_shares: tier_shares.to_vec(), ..Self::default() }
    }
}

impl TierArgs {
    /// Checks the options before anything is read.
    ///
    /// # Errors
    /// Returns an error if there are not exactly three figures, or if they are out of range.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let wrong = |flag: &str, text: &str| Err(CliError::Usage(format!("{flag} {text}")));
        let lists = [
            ("--tier-shares", self.tier_shares.len()),
            ("--capacity", self.capacity.len()),
            ("--cuts", self.cuts.len()),
        ];
        if let Some((flag, _)) = lists.iter().find(|(_, figures)| !matches!(figures, 0 | 3)) {
            return wrong(flag, "requires three numbers, for tiers A, B and C");
        }
        let shares = |figures: &[f64]| figures.iter().all(|figure| (0.0..=1.0).contains(figure));
        if !shares(&self.tier_shares) || self.tier_shares.iter().sum::<f64>() > 1.0 + 1e-9 {
            return wrong("--tier-shares", "must be shares of the list, each between 0 and 1, with a sum of at most 1");
        }
        if !shares(&self.cuts) || !self.cuts.is_sorted_by(|above, below| above >= below) {
            return wrong("--cuts", "must be probabilities between 0 and 1, none above the one before it");
        }
        Ok(())
    }

    /// Returns the tier rule for a list of `accounts` accounts, of which only the best are sent: shares are converted
    /// to counts.
    pub(crate) fn tiering(&self, accounts: u64) -> Option<Tiering> {
        if let &[a, b, c] = self.cuts.as_slice() {
            return Some(Tiering::Probabilities(TierProbabilities { a, b, c }));
        }
        if let &[a, b, c] = self.capacity.as_slice() {
            return Some(Tiering::Capacity(TierCapacity { a, b, c }));
        }
        let &[a, b, c] = self.tier_shares.as_slice() else { return None };
        let end = |share: f64| (share * accounts as f64).round() as u64;
        let (first, second, third) = (end(a), end(a + b), end(a + b + c));
        Some(Tiering::Capacity(TierCapacity { a: first, b: second - first, c: third - second }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tier_shares_become_account_counts() {
        let tiers = TierArgs { tier_shares: vec![0.1, 0.2, 0.3], ..TierArgs::default() };
        assert!(tiers.check().is_ok());
        assert_eq!(tiers.tiering(1_203), Some(Tiering::Capacity(TierCapacity { a: 120, b: 241, c: 361 })));
        assert_eq!(TierArgs::default().tiering(9), None);
    }

    #[test]
    fn invalid_tier_options_are_usage_errors() {
        let shares = |tier_shares| TierArgs { tier_shares, ..TierArgs::default() };
        let cuts = |cuts| TierArgs { cuts, ..TierArgs::default() };
        for tiers in [
            shares(vec![0.1]),
            shares(vec![0.5, 0.5, 0.5]),
            shares(vec![0.1, f64::NAN, 0.1]),
            cuts(vec![0.1, 0.2, 0.3]),
            TierArgs { capacity: vec![1; 4], ..TierArgs::default() },
        ] {
            assert!(matches!(tiers.check(), Err(CliError::Usage(_))), "{tiers:?}");
        }
    }
}
