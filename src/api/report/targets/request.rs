//! Reads target list requests.

use std::collections::BTreeSet;

use sweetspot_proto::v1;
use sweetspot_report::targets::{RankCriterion, TargetListOptions, Tiering};

use super::account_reader::{self, RankableAccounts};
use super::{TargetRanker, list_totals};
use crate::api::limits::{DEFAULT_REASONS, MAX_ATTRIBUTES, MAX_EXCLUDED_IDS, MAX_REASONS, MAX_SCORED_ACCOUNTS};
use crate::api::violations::Violations;
use crate::api::wire::received::{RankTargetsRequest, rank_targets_request as wire};

/// Default number of targets.
const DEFAULT_TOP: usize = 1_000;

/// The parameters of a target list.
#[derive(Debug)]
pub(super) struct RankRequest {
    pub(super) options: TargetListOptions,
    /// The encoded accounts: how to read them depends on the version.
    accounts: wire::Accounts,
    /// The excluded account ids.
    excluded: BTreeSet<String>,
}

impl RankRequest {
    /// Reads the accounts with the attributes of a version.
    pub(super) fn read_accounts(
        self,
        ranking: &TargetRanker,
        problems: &mut Violations,
    ) -> Option<(TargetListOptions, RankableAccounts)> {
        let Self { options: wanted, accounts, excluded } = self;
        let listed = account_reader::read_accounts(accounts, &excluded, ranking.scorer(), problems);
        list_totals::check_length(wanted.list_totals.as_ref(), listed.as_ref(), problems);
        Some((wanted, listed?))
    }
}

/// Splits a request into the version and the parameters.
pub(super) fn parse(request: RankTargetsRequest, problems: &mut Violations) -> (String, Option<RankRequest>) {
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
    if top_k as usize > MAX_SCORED_ACCOUNTS {
        let text =
            format!("at most {MAX_SCORED_ACCOUNTS} targets are returned: send a list of at most that many accounts");
        problems.add("TOO_MANY_ACCOUNTS", "top_k", text);
    }
    if reason_count > MAX_REASONS {
        problems.add("TOO_MANY_REASONS", "reason_count", format!("at most {MAX_REASONS} reasons can be requested"));
    }
    if exclude_account_ids.len() > MAX_EXCLUDED_IDS {
        let text = format!("{} ids exceed the limit of {MAX_EXCLUDED_IDS}", exclude_account_ids.len());
        problems.add("TOO_MANY_IDS", "exclude_account_ids", text);
    }
    if changeable.len() > MAX_ATTRIBUTES {
        let text = format!("{} attributes exceed the limit of {MAX_ATTRIBUTES} for a model", changeable.len());
        problems.add("TOO_MANY_ATTRIBUTES", "changeable_attributes", text);
    }
    let order = match problems.parse_enum::<v1::TargetOrder>("order", order) {
        Some(v1::TargetOrder::Unspecified | v1::TargetOrder::Probability) | None => RankCriterion::Probability,
        Some(v1::TargetOrder::ExpectedValue) => RankCriterion::ExpectedValue,
    };
    let list_options = TargetListOptions {
        tiering: self::parse_tiering(tiering, problems),
        order,
        skip: skip as usize,
        top: if top_k == 0 { DEFAULT_TOP } else { top_k as usize },
        reasons: (if reason_count == 0 { DEFAULT_REASONS } else { reason_count }) as usize,
        changeable,
        explained_count: 0,
        list_totals: list_totals::parse_whole_list(whole_list, problems),
    };
    let excluded = exclude_account_ids.into_iter().collect();
    (
        version,
        account_reader::check_accounts(accounts, problems).map(|accounts| RankRequest {
            options: list_options,
            accounts,
            excluded,
        }),
    )
}

fn parse_tiering(wire: Option<wire::Tiering>, problems: &mut Violations) -> Tiering {
    match wire {
        None => Tiering::Model,
        Some(wire::Tiering::Probabilities(v1::TierProbabilities { a, b, c })) => {
            let cuts = [a, b, c];
            let usable = are_shares(cuts) && cuts.is_sorted_by(|above, below| above >= below);
            check_tiering(
                usable,
                "probabilities",
                "a, b and c must be between 0 and 1, and none may exceed the one before it",
                problems,
            );
            Tiering::Probabilities(cuts)
        }
        Some(wire::Tiering::Shares(v1::TierShares { a, b, c })) => {
            // Rounding: 0.3 and 0.7 may add up to slightly more than 1.
            let usable = are_shares([a, b, c]) && a + b + c <= 1.0 + 1e-9;
            check_tiering(
                usable,
                "shares",
                "a, b and c must be between 0 and 1, and their sum must be at most 1",
                problems,
            );
            Tiering::Shares([a, b, c])
        }
        Some(wire::Tiering::Capacity(v1::TierCapacity { a, b, c })) => Tiering::Capacity([a, b, c]),
    }
}

fn are_shares(shares: [f64; 3]) -> bool {
    shares.iter().all(|share| (0.0..=1.0).contains(share))
}

fn check_tiering(usable: bool, field: &str, text: &str, problems: &mut Violations) {
    if !usable {
        problems.add("INVALID_TIERING", field, text);
    }
}
