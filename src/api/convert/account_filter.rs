//! Reads the account filters of requests.

use std::collections::{BTreeSet, HashSet};

use sweetspot_core::{Condition, Fit, PondSide, Tier};
use sweetspot_model::Scorer;
use sweetspot_proto::v1;

use super::condition::parse_condition;
use crate::api::limits::{MAX_CONDITIONS, MAX_EXCLUDED_IDS, MAX_FILTER_SEGMENTS};
use crate::api::violations::{Violations, truncate_for_message};
use crate::messages::enums::WireEnum as _;

/// The conditions that an account must meet to be returned.
#[derive(Debug, Default)]
pub(in crate::api) struct AccountFilter {
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

impl AccountFilter {
    /// Whether the filter excludes the account by its id.
    pub(in crate::api) fn excludes(&self, account_id: &str) -> bool {
        self.excluded.contains(account_id)
    }

    /// Evaluates the conditions that depend on the score.
    pub(in crate::api) fn passes(&self, fit: &Fit, scorer: &Scorer) -> bool {
        self.min_probability.is_none_or(|min| fit.probability >= min)
            && self.min_coverage.is_none_or(|min| fit.coverage >= min)
            && self.pond.is_none_or(|side| fit.pond_side == side)
            && self.min_expected_value.is_none_or(|min| fit.expected_value.is_some_and(|value| value >= min))
            && (self.segments.is_empty() || self.is_in_segment(fit, scorer))
            && (self.tiers.is_empty() || self.tiers.contains(&fit.tier))
    }
}

impl AccountFilter {
    fn is_in_segment(&self, fit: &Fit, scorer: &Scorer) -> bool {
        let id = fit.segment.and_then(|segment| scorer.segment_id(segment));
        id.is_some_and(|id| self.segments.iter().any(|segment_id| segment_id == id))
    }

    /// Whether the filter has a minimum expected value.
    pub(in crate::api) const fn needs_expected_value(&self) -> bool {
        self.min_expected_value.is_some()
    }

    /// Adds the problems of conditions that the resolved version does not support.
    pub(in crate::api) fn check_version(&self, scorer: &Scorer, problems: &mut Violations) {
        const REASON: &str = "INVALID_FILTER";
        for (index, segment) in self.segments.iter().enumerate() {
            if !scorer.segment_ids().any(|known| known == segment) {
                let known: Vec<_> = scorer.segment_ids().collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let text = format!(
                    "{:?} is not a segment of this version: its segments are {known}",
                    truncate_for_message(segment)
                );
                problems.add(REASON, format!("config.filter.segments[{index}]"), text);
            }
        }
        if self.min_expected_value.is_some() && scorer.currency().is_none() {
            let text = "this version has no customer values: omit the filter, or train on customers with values";
            problems.add(REASON, "config.filter.min_expected_value", text);
        }
    }
}

/// Reads a filter. If it is absent, all accounts pass.
pub(in crate::api) fn parse_filter(wire: Option<v1::TargetFilter>, problems: &mut Violations) -> AccountFilter {
    let Some(wire) = wire else { return AccountFilter::default() };
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
    if segments.len() > MAX_FILTER_SEGMENTS {
        let text = format!("{} segments exceed the limit of {MAX_FILTER_SEGMENTS}", segments.len());
        problems.add("INVALID_FILTER", "config.filter.segments", text);
    }
    for (field, share) in [("min_probability", min_probability), ("min_coverage", min_coverage)] {
        if share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            problems.add("INVALID_FILTER", format!("config.filter.{field}"), "a share must be between 0 and 1");
        }
    }
    if exclude_account_ids.len() > MAX_EXCLUDED_IDS {
        let text = format!("{} ids exceed the limit of {MAX_EXCLUDED_IDS}", exclude_account_ids.len());
        problems.add("TOO_MANY_IDS", "config.filter.exclude_account_ids", text);
    }
    let tiers = tiers.into_iter().enumerate().filter_map(|(index, number)| {
        let field = format!("config.filter.tiers[{index}]");
        let wire = problems.parse_enum::<v1::FitTier>(&field, number)?;
        Tier::from_wire(wire).or_else(|| {
            problems.add("INVALID_FILTER", field, "FIT_TIER_UNSPECIFIED is not a tier: use A, B, C or D");
            None
        })
    });
    AccountFilter {
        min_probability,
        min_coverage,
        min_expected_value,
        segments,
        tiers: tiers.collect::<BTreeSet<_>>().into_iter().collect(),
        pond: problems.parse_enum("config.filter.pond_side", pond_side).and_then(PondSide::from_wire),
        must: parse_conditions(must, "must", problems),
        must_not: parse_conditions(must_not, "must_not", problems),
        excluded: exclude_account_ids.into_iter().collect(),
    }
}

fn parse_conditions(wire: Vec<v1::Condition>, field: &str, problems: &mut Violations) -> Vec<Condition> {
    let path = format!("config.filter.{field}");
    if wire.len() > MAX_CONDITIONS {
        problems.add(
            "TOO_MANY_CONDITIONS",
            path,
            format!("{} conditions exceed the limit of {MAX_CONDITIONS}", wire.len()),
        );
        return Vec::new();
    }
    let mut read = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        read.extend(parse_condition(wire, &format!("{path}[{index}]"), problems));
    }
    read
}
