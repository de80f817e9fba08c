//! How a list is wanted, read from its request.

use std::collections::BTreeSet;

use sweetspot_proto::v1;
use sweetspot_report::targets::{Order, Tiering, Wanted};

use super::accounts::{self, Listed};
use super::{Ranking, whole};
use crate::api::limits::{ATTRIBUTES, DEFAULT_REASONS, EXCLUDED_IDS, REASONS, SCORED_ACCOUNTS};
use crate::api::problems::Problems;
use crate::api::wire::received::{RankTargetsRequest, rank_targets_request as wire};

/// Targets that are told where the request does not say.
const DEFAULT_TOP: usize = 1_000;

/// Everything that is asked of a list.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    /// The accounts as they came: how they are read depends on the version.
    accounts: wire::Accounts,
    /// Ids that are left out.
    excluded: BTreeSet<String>,
}

impl Asked {
    /// Reads the accounts as a version reads them.
    pub(super) fn listed(self, ranking: &Ranking, problems: &mut Problems) -> Option<(Wanted, Listed)> {
        let Self { wanted, accounts, excluded } = self;
        let listed = accounts::read(accounts, &excluded, ranking.scorer(), problems);
        whole::check(wanted.whole.as_ref(), listed.as_ref(), problems);
        Some((wanted, listed?))
    }
}

/// Takes a request apart: the version, and what is asked of it.
pub(super) fn read(request: RankTargetsRequest, problems: &mut Problems) -> (String, Option<Asked>) {
    let RankTargetsRequest {
        version,
        tiering,
        top_k,
        skip,
        reason_count,
        exclude_account_ids,
        changeable_attributes: changeable,
        order,
        accounts,
        whole_list,
    } = request;
    if top_k as usize > SCORED_ACCOUNTS {
        let text = format!("at most {SCORED_ACCOUNTS} targets are returned: send a list of at most that many accounts");
        problems.add("TOO_MANY_ACCOUNTS", "top_k", text);
    }
    if reason_count > REASONS {
        problems.add("TOO_MANY_REASONS", "reason_count", format!("at most {REASONS} reasons can be requested"));
    }
    if exclude_account_ids.len() > EXCLUDED_IDS {
        let text = format!("{} ids exceed the limit of {EXCLUDED_IDS}", exclude_account_ids.len());
        problems.add("TOO_MANY_IDS", "exclude_account_ids", text);
    }
    if changeable.len() > ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {ATTRIBUTES} for a model", changeable.len());
        problems.add("TOO_MANY_ATTRIBUTES", "changeable_attributes", text);
    }
    let order = match problems.known::<v1::TargetOrder>("order", order) {
        Some(v1::TargetOrder::Unspecified | v1::TargetOrder::Probability) | None => Order::Probability,
        Some(v1::TargetOrder::ExpectedValue) => Order::ExpectedValue,
    };
    let wanted = Wanted {
        tiering: self::tiering(tiering, problems),
        order,
        skip: skip as usize,
        top: if top_k == 0 { DEFAULT_TOP } else { top_k as usize },
        reasons: (if reason_count == 0 { DEFAULT_REASONS } else { reason_count }) as usize,
        changeable,
        explained: 0,
        whole: whole::whole_list(whole_list, problems),
    };
    let excluded = exclude_account_ids.into_iter().collect();
    (version, accounts::counted(accounts, problems).map(|accounts| Asked { wanted, accounts, excluded }))
}

fn tiering(wire: Option<wire::Tiering>, problems: &mut Problems) -> Tiering {
    match wire {
        None => Tiering::Model,
        Some(wire::Tiering::Probabilities(v1::TierProbabilities { a, b, c })) => {
            let cuts = [a, b, c];
            let usable = are_shares(cuts) && cuts.is_sorted_by(|above, below| above >= below);
            told(
                usable,
                "probabilities",
                "a, b and c must be between 0 and 1, and none may exceed the one before it",
                problems,
            );
            Tiering::Probabilities(cuts)
        }
        Some(wire::Tiering::Shares(v1::TierShares { a, b, c })) => {
            // Three tenths and seven tenths may add up to a little more than one.
            let usable = are_shares([a, b, c]) && a + b + c <= 1.0 + 1e-9;
            told(usable, "shares", "a, b and c must be between 0 and 1, and their sum must be at most 1", problems);
            Tiering::Shares([a, b, c])
        }
        Some(wire::Tiering::Capacity(v1::TierCapacity { a, b, c })) => Tiering::Capacity([a, b, c]),
    }
}

fn are_shares(shares: [f64; 3]) -> bool {
    shares.iter().all(|share| (0.0..=1.0).contains(share))
}

fn told(usable: bool, field: &str, text: &str, problems: &mut Problems) {
    if !usable {
        problems.add("INVALID_TIERING", field, text);
    }
}
