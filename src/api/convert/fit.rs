//! Fits and reasons as they are answered.

use crate::domain::{Contribution, ContributionKind, Evidence, Fit, Note, NoteKind, Tier};
use crate::generated::v1;

/// A fit without reasons.
pub(in crate::api) fn fit_score(account_id: &str, fit: Fit) -> v1::FitScore {
    let score = fit.score();
    let Fit { probability, log_odds, low, high, evidence, base_log_odds, tier, coverage, notes } = fit;
    v1::FitScore {
        account_id: account_id.to_owned(),
        probability,
        log_odds,
        tier: wire_tier(tier).into(),
        reasons: Vec::new(),
        base_log_odds,
        coverage,
        issues: notes.into_iter().map(issue).collect(),
        score,
        low,
        high,
        evidence: wire_evidence(evidence).into(),
    }
}

const fn wire_evidence(evidence: Evidence) -> v1::Evidence {
    match evidence {
        Evidence::Sufficient => v1::Evidence::Sufficient,
        Evidence::Thin => v1::Evidence::Thin,
        Evidence::None => v1::Evidence::None,
    }
}

/// One reason.
pub(in crate::api) fn reason(contribution: Contribution) -> v1::Reason {
    let Contribution { attribute, value_label, log_odds, standard_error, kind, customers, ideal_rate } = contribution;
    let kind = match kind {
        ContributionKind::Attribute => v1::ReasonKind::Attribute,
        ContributionKind::Pair => v1::ReasonKind::Pair,
        ContributionKind::Hypothesis => v1::ReasonKind::Hypothesis,
    };
    v1::Reason { attribute, value_label, log_odds, standard_error, customers, ideal_rate, kind: kind.into() }
}

fn issue(note: Note) -> v1::AttributeIssue {
    let Note { attribute, kind } = note;
    let status = match kind {
        NoteKind::Missing => v1::AttributeStatus::Missing,
        NoteKind::UnseenCategory => v1::AttributeStatus::UnseenCategory,
        NoteKind::OutOfRange => v1::AttributeStatus::OutOfRange,
        NoteKind::UnknownAttribute => v1::AttributeStatus::UnknownAttribute,
        NoteKind::TypeMismatch => v1::AttributeStatus::TypeMismatch,
    };
    v1::AttributeIssue { attribute, status: status.into() }
}

/// The tier on the wire.
pub(super) const fn wire_tier(tier: Tier) -> v1::FitTier {
    match tier {
        Tier::A => v1::FitTier::A,
        Tier::B => v1::FitTier::B,
        Tier::C => v1::FitTier::C,
        Tier::D => v1::FitTier::D,
    }
}

/// The tier that is named, if one is.
pub(in crate::api) const fn tier(wire: v1::FitTier) -> Option<Tier> {
    match wire {
        v1::FitTier::Unspecified => None,
        v1::FitTier::A => Some(Tier::A),
        v1::FitTier::B => Some(Tier::B),
        v1::FitTier::C => Some(Tier::C),
        v1::FitTier::D => Some(Tier::D),
    }
}
