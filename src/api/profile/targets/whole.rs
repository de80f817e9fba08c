//! The figures of a list whose best accounts a request ranks.

use sweetspot_core::Tier;
use sweetspot_proto::v1;
use sweetspot_report::targets::{TierSize, WholeList};
use sweetspot_report::{SCORE_BINS, Scores};

use super::accounts::Listed;
use crate::api::convert::fit::tier;
use crate::api::problems::Problems;

/// The reason of every problem.
const REASON: &str = "INVALID_TARGETS";

/// Reads the figures; each set of counts must make the whole list.
pub(super) fn whole_list(wire: Option<v1::WholeList>, problems: &mut Problems) -> Option<WholeList> {
    let v1::WholeList { accounts, tiers, scores } = wire?;
    let sizes: Vec<TierSize> =
        tiers.iter().zip(Tier::ALL).filter_map(|(size, at)| tier_size(size, at, accounts)).collect();
    if tiers.len() != Tier::ALL.len()
        || sizes.len() != tiers.len()
        || total(sizes.iter().map(|size| size.accounts)) != Some(accounts)
    {
        let text = "set tiers A, B, C and D: together they must have as many accounts as the list, each must expect \
                    between none and all of its accounts to be ideal and begin at a probability";
        problems.add(REASON, "whole_list.tiers", text);
    }
    let v1::OutcomeScores { outcome: _, bins, tiers } = scores.unwrap_or_default();
    let by_tier = <[u64; 4]>::try_from(tiers).ok().filter(|tiers| total(tiers.iter().copied()) == Some(accounts));
    let is_whole = bins.len() == SCORE_BINS && total(bins.iter().copied()) == Some(accounts);
    let Some(tiers) = by_tier.filter(|_| is_whole) else {
        let text = format!(
            "set {SCORE_BINS} bins and 4 tiers: the bins must sum to the accounts of the list, and so must the tiers"
        );
        problems.add(REASON, "whole_list.scores", text);
        return None;
    };
    Some(WholeList { accounts, tiers: sizes, scores: Scores { counts: bins, tiers } })
}

/// Notes a list that is shorter than its best accounts.
pub(super) fn check(whole: Option<&WholeList>, listed: Option<&Listed>, problems: &mut Problems) {
    let ranked = listed.map_or(0, |listed| listed.accounts.len() as u64);
    if whole.is_some_and(|whole| whole.accounts < ranked) {
        problems.add(
            REASON,
            "whole_list.accounts",
            format!("the whole list must have at least the {ranked} accounts to rank"),
        );
    }
}

fn tier_size(size: &v1::TierSize, at: Tier, all: u64) -> Option<TierSize> {
    let v1::TierSize { tier: _, accounts, least_probability, expected_ideal } = *size;
    let usable = tier(size.tier()) == Some(at)
        && accounts <= all
        && (0.0..=accounts as f64 * (1.0 + 1e-9)).contains(&expected_ideal)
        && least_probability.is_none_or(|least| (0.0..=1.0).contains(&least));
    usable.then_some(TierSize { tier: at, accounts, least_probability, expected_ideal })
}

/// The sum; nothing where it is beyond all numbers.
fn total(mut counts: impl Iterator<Item = u64>) -> Option<u64> {
    counts.try_fold(0_u64, u64::checked_add)
}
