//! The figures of a complete list, of which a request ranks only the best accounts.

use sweetspot_core::Tier;
use sweetspot_proto::v1;
use sweetspot_report::targets::{ListTotals, TierSize};
use sweetspot_report::{SCORE_BINS, ScoreCounts};

use super::account_reader::RankableAccounts;
use crate::api::violations::Violations;
use crate::messages::enums::WireEnum as _;

/// The error reason of all problems.
const REASON: &str = "INVALID_TARGETS";

/// Reads the figures; each set of counts must add up to the complete list.
pub(super) fn parse_whole_list(wire: Option<v1::WholeList>, problems: &mut Violations) -> Option<ListTotals> {
    let v1::WholeList { accounts, tiers, scores } = wire?;
    let sizes: Vec<TierSize> =
        tiers.iter().zip(Tier::ALL).filter_map(|(size, tier)| parse_tier_size(size, tier, accounts)).collect();
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
    Some(ListTotals { accounts, tiers: sizes, scores: ScoreCounts { counts: bins, tiers } })
}

/// Reports a complete list that is shorter than its best accounts.
pub(super) fn check_length(totals: Option<&ListTotals>, listed: Option<&RankableAccounts>, problems: &mut Violations) {
    let ranked = listed.map_or(0, |listed| listed.accounts.len() as u64);
    if totals.is_some_and(|totals| totals.accounts < ranked) {
        problems.add(
            REASON,
            "whole_list.accounts",
            format!("the whole list must have at least the {ranked} accounts to rank"),
        );
    }
}

fn parse_tier_size(size: &v1::TierSize, named_tier: Tier, all: u64) -> Option<TierSize> {
    let v1::TierSize { tier: _, accounts, least_probability, expected_ideal } = *size;
    let usable = Tier::from_wire(size.tier()) == Some(named_tier)
        && accounts <= all
        && (0.0..=accounts as f64 * (1.0 + 1e-9)).contains(&expected_ideal)
        && least_probability.is_none_or(|probability| (0.0..=1.0).contains(&probability));
    usable.then_some(TierSize { tier: named_tier, accounts, min_probability: least_probability, expected_ideal })
}

/// The sum; `None` on overflow.
fn total(mut counts: impl Iterator<Item = u64>) -> Option<u64> {
    counts.try_fold(0_u64, u64::checked_add)
}
