//! Which accounts a caller wants to see.

use std::collections::{BTreeSet, HashSet};

use sweetspot_core::{Condition, Fit, PondSide, Tier};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use super::condition::condition;
use super::fit::{side, tier};
use crate::api::limits::{CONDITIONS, EXCLUDED_IDS, SEGMENTS};
use crate::api::problems::{Problems, echo};

/// What an account must be like to be in the answer.
#[derive(Debug, Default)]
pub(in crate::api) struct Filter {
    min_probability: Option<f64>,
    min_coverage: Option<f64>,
    min_expected_value: Option<f64>,
    tiers: Vec<Tier>,
    pond: Option<PondSide>,
    segments: Vec<String>,
    pub(super) must: Vec<Condition>,
    pub(super) must_not: Vec<Condition>,
    excluded: HashSet<String>,
}

impl Filter {
    /// Whether the account is left out by its id.
    pub(in crate::api) fn excludes(&self, account_id: &str) -> bool {
        self.excluded.contains(account_id)
    }

    /// What needs the score.
    pub(in crate::api) fn passes(&self, fit: &Fit, scorer: &Scorer) -> bool {
        self.min_probability.is_none_or(|least| fit.probability >= least)
            && self.min_coverage.is_none_or(|least| fit.coverage >= least)
            && self.pond.is_none_or(|side| fit.pond == side)
            && self.min_expected_value.is_none_or(|least| fit.expected_value.is_some_and(|value| value >= least))
            && (self.segments.is_empty() || self.is_in_segment(fit, scorer))
            && (self.tiers.is_empty() || self.tiers.contains(&fit.tier))
    }
}

impl Filter {
    fn is_in_segment(&self, fit: &Fit, scorer: &Scorer) -> bool {
        let id = fit.segment.and_then(|segment| scorer.segment_id(segment));
        id.is_some_and(|id| self.segments.iter().any(|wanted| wanted == id))
    }

    /// Whether it asks for a least expected value.
    pub(in crate::api) const fn asks_for_value(&self) -> bool {
        self.min_expected_value.is_some()
    }

    /// Notes what a version cannot answer, once it is known which one is asked.
    pub(in crate::api) fn check(&self, scorer: &Scorer, problems: &mut Problems) {
        const REASON: &str = "INVALID_FILTER";
        for (index, segment) in self.segments.iter().enumerate() {
            if !scorer.segment_ids().any(|known| known == segment) {
                let known: Vec<_> = scorer.segment_ids().collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let text = format!("{:?} is not a segment of this version: its segments are {known}", echo(segment));
                problems.add(REASON, format!("config.filter.segments[{index}]"), text);
            }
        }
        if self.min_expected_value.is_some() && scorer.currency().is_none() {
            let text = "this version has no customer values: omit the filter, or train on customers with values";
            problems.add(REASON, "config.filter.min_expected_value", text);
        }
    }
}

/// Reads a filter; none lets everything pass.
pub(in crate::api) fn filter(wire: Option<v1::TargetFilter>, problems: &mut Problems) -> Filter {
    let Some(wire) = wire else { return Filter::default() };
    let v1::TargetFilter {
        min_probability,
        min_expected_value,
        min_coverage,
        tiers,
        pond_side,
        segments,
        must,
        must_not,
        exclude_account_ids,
    } = wire;
    if min_expected_value.is_some_and(|value| !value.is_finite()) {
        problems.add("INVALID_FILTER", "config.filter.min_expected_value", "a value must be finite");
    }
    if segments.len() > SEGMENTS {
        let text = format!("{} segments exceed the limit of {SEGMENTS}", segments.len());
        problems.add("INVALID_FILTER", "config.filter.segments", text);
    }
    for (field, share) in [("min_probability", min_probability), ("min_coverage", min_coverage)] {
        if share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            problems.add("INVALID_FILTER", format!("config.filter.{field}"), "a share must be between 0 and 1");
        }
    }
    if exclude_account_ids.len() > EXCLUDED_IDS {
        let text = format!("{} ids exceed the limit of {EXCLUDED_IDS}", exclude_account_ids.len());
        problems.add("TOO_MANY_IDS", "config.filter.exclude_account_ids", text);
    }
    let tiers = tiers.into_iter().enumerate().filter_map(|(index, number)| {
        let field = format!("config.filter.tiers[{index}]");
        let wire = problems.known::<v1::FitTier>(&field, number)?;
        tier(wire).or_else(|| {
            problems.add("INVALID_FILTER", field, "FIT_TIER_UNSPECIFIED is not a tier: use A, B, C or D");
            None
        })
    });
    Filter {
        min_probability,
        min_coverage,
        min_expected_value,
        segments,
        tiers: tiers.collect::<BTreeSet<_>>().into_iter().collect(),
        pond: problems.known("config.filter.pond_side", pond_side).and_then(side),
        must: conditions(must, "must", problems),
        must_not: conditions(must_not, "must_not", problems),
        excluded: exclude_account_ids.into_iter().collect(),
    }
}

fn conditions(wire: Vec<v1::Condition>, field: &str, problems: &mut Problems) -> Vec<Condition> {
    let path = format!("config.filter.{field}");
    if wire.len() > CONDITIONS {
        problems.add(
            "TOO_MANY_CONDITIONS",
            path,
            format!("{} conditions exceed the limit of {CONDITIONS}", wire.len()),
        );
        return Vec::new();
    }
    let mut read = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        read.extend(condition(wire, &format!("{path}[{index}]"), problems));
    }
    read
}
