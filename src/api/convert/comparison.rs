//! Converts version comparisons to messages.

use sweetspot_core::Tier;
use sweetspot_model::{
    AttributeDifference, Comparison, ComparisonBasis, ContributionChange, MetricDifference, RescoredAccount, TierMoves,
    probability,
};
use sweetspot_proto::v1::{self, attribute_difference, compared_figures, promotion_check_result};
use sweetspot_report::version_comparison::{PromotionCheckRow, PromotionCheckStatus, VersionComparison};

use super::version::attribute;
use crate::messages::enums::WireEnum as _;

/// Maximum number of contributions reported for one account.
const MAX_CHANGES: usize = 10;

/// Converts a comparison.
pub(in crate::api) fn comparison(view: VersionComparison) -> v1::VersionComparison {
    let accounts = view.account_count();
    let VersionComparison {
        champion,
        challenger,
        figures,
        tier_moves: moves,
        account_source: accounts_of,
        has_same_tiers: tiers_kept,
        attributes,
        checks,
    } = view;
    let TierMoves { matrix, movers } = moves;
    v1::VersionComparison {
        champion,
        challenger,
        figures: figures.as_ref().map(compared_figures),
        tier_moves: tier_moves(matrix),
        accounts,
        accounts_of,
        tiers_kept,
        movers: movers.into_iter().map(mover).collect(),
        attributes: attributes.into_iter().map(attribute_difference).collect(),
        checks: checks.into_iter().map(check_result).collect(),
    }
}

fn compared_figures(figures: &Comparison) -> v1::ComparedFigures {
    let Comparison { basis, rows, positives, unseen_rows: unseen, auc, log_loss } = figures;
    let basis = match basis {
        ComparisonBasis::SameRows => compared_figures::Basis::SameRows,
        ComparisonBasis::SeparateRows => compared_figures::Basis::SeparateRows,
    };
    v1::ComparedFigures {
        basis: basis.into(),
        rows: *rows,
        positives: *positives,
        unseen: *unseen,
        auc: Some(difference(auc)),
        log_loss: log_loss.as_ref().map(difference),
    }
}

fn difference(difference: &MetricDifference) -> v1::FigureDifference {
    let MetricDifference { champion, challenger, low, high } = *difference;
    v1::FigureDifference { champion, challenger, change: difference.change(), low, high }
}

fn tier_moves(matrix: [[u64; 4]; 4]) -> Vec<v1::TierMove> {
    let row = |(champion, row): (Tier, [u64; 4])| {
        let champion = champion.wire().into();
        Tier::ALL.into_iter().zip(row).map(move |(challenger, accounts)| v1::TierMove {
            champion,
            challenger: challenger.wire().into(),
            accounts,
        })
    };
    Tier::ALL.into_iter().zip(matrix).flat_map(row).collect()
}

fn mover(mover: RescoredAccount) -> v1::AccountMove {
    let RescoredAccount { account_id, champion, challenger, changes } = mover;
    let change = |ContributionChange { attribute, value_label, champion, challenger }| v1::ContributionChange {
        attribute,
        value_label,
        champion,
        challenger,
    };
    v1::AccountMove {
        account_id,
        champion_log_odds: champion.log_odds,
        challenger_log_odds: challenger.log_odds,
        champion_probability: probability(champion.log_odds),
        challenger_probability: probability(challenger.log_odds),
        champion_tier: champion.tier.wire().into(),
        challenger_tier: challenger.tier.wire().into(),
        changes: changes.into_iter().take(MAX_CHANGES).map(change).collect(),
    }
}

fn attribute_difference(difference: AttributeDifference) -> v1::AttributeDifference {
    let AttributeDifference { attribute: name, champion, challenger } = difference;
    let kind = match (&champion, &challenger) {
        (None, _) => attribute_difference::Kind::Gained,
        (_, None) => attribute_difference::Kind::Lost,
        (Some(_), Some(_)) => attribute_difference::Kind::Changed,
    };
    v1::AttributeDifference {
        attribute: name,
        kind: kind.into(),
        champion: champion.map(attribute),
        challenger: challenger.map(attribute),
    }
}

fn check_result(line: PromotionCheckRow) -> v1::PromotionCheckResult {
    let PromotionCheckRow { check, status, detail, threshold } = line;
    let status = match status {
        PromotionCheckStatus::Passed => promotion_check_result::Status::Passed,
        PromotionCheckStatus::Failed => promotion_check_result::Status::Failed,
        PromotionCheckStatus::NotApplicable => promotion_check_result::Status::NotApplicable,
    };
    v1::PromotionCheckResult { check, status: status.into(), detail, threshold }
}
