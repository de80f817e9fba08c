//! The Pond Map: which accounts are in the pond, which are not, and why. Negatives are above the waterline, positives
//! below.

mod adherence;
mod adherence_blocks;
mod blocks;
mod refuted;

pub use adherence::{AdherencePeriod, AdherenceTimeline, MissingAdherence, PeriodCounts, PondAdherence};
pub use blocks::blocks;
pub(super) use blocks::section_name;
pub use refuted::RefutedHypothesis;
use sweetspot_core::{
    Date, Definition, ExclusionRule, HypothesisEntry, Matcher, PondMapSectionKind, PondSide, Severity, Stance, Verdict,
};
use sweetspot_model::HypothesisSummary;

use super::format::{exclusion_rule_text, hypothesis_text};
use super::odds_factor::{Factor, attribute_place, factors, odds};
use super::summary::{attribution, is_current};
use super::{MatchingCustomers, Proportion, ReportInput, format_percent, plural};

/// The maximum number of learned factors per section and side of the waterline.
const MAX_FACTORS: usize = 5;

/// The Pond Map.
#[derive(Clone, Debug, PartialEq)]
pub struct PondMap {
    /// The version's name.
    pub version: String,
    /// The day of the document.
    pub as_of: Date,
    /// The five sections, in order.
    pub sections: Vec<MapSection>,
    /// The current hypotheses that the customers refute, which are not in the sections.
    pub refuted: Vec<RefutedHypothesis>,
    /// Ideal customers of those in the pond. The model was trained on them.
    pub inside: Proportion,
    /// Ideal customers of those out of the pond.
    pub outside: Proportion,
    /// The adherence over time.
    pub adherence: PondAdherence,
}

/// One section.
#[derive(Clone, Debug, PartialEq)]
pub struct MapSection {
    /// The section.
    pub section: PondMapSectionKind,
    /// Factors that count against an account.
    pub negatives: Vec<PondFactor>,
    /// Factors that count for an account.
    pub positives: Vec<PondFactor>,
}

/// A factor on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PondFactor {
    /// The factor, as text.
    pub text: String,
    /// The source of the factor.
    pub source: FactorSource,
    /// The severity of a negative factor; `None` for positive ones.
    pub severity: Option<Severity>,
    /// The customers that an exclusion rule holds for; `None` for other factors.
    pub matching: Option<MatchingCustomers>,
}

/// The source of a factor.
#[derive(Clone, Debug, PartialEq)]
pub enum FactorSource {
    /// Learned from the customers.
    Learned {
        /// The factor by which it multiplies the odds of being ideal, all else equal.
        odds_ratio: f64,
        /// Lower end of the 95% interval.
        low: f64,
        /// Upper end of the 95% interval.
        high: f64,
        /// The ideal customers of all customers with the value.
        customers: Proportion,
    },
    /// Stated by a person.
    Stated {
        /// The author, the date and the expiry date as text, with the verdict if it is a tested hypothesis.
        author: String,
        /// The reason; may be empty.
        reason: String,
    },
}

impl FactorSource {
    /// The source as text.
    #[must_use]
    pub fn description(&self) -> String {
        match self {
            Self::Learned { odds_ratio, low, high, customers } => {
                let rate = customers.rate().map(|rate| format!(", {} ideal", format_percent(rate))).unwrap_or_default();
                let all = plural(customers.total, "customer", "customers");
                format!("learned: {}, {all}{rate}", odds(*odds_ratio, *low, *high))
            }
            Self::Stated { author: by, reason } if reason.trim().is_empty() => by.clone(),
            Self::Stated { author: by, reason } => format!("{by}: {}", reason.trim()),
        }
    }
}

impl PondMap {
    /// Creates the map of a version.
    #[must_use]
    pub fn new(input: &ReportInput) -> Self {
        let factors = factors(input);
        let verdicts = input.model.hypotheses();
        let side = |pond_side: PondSide| {
            let fits = input.fits.iter().enumerate().filter(move |(_, fit)| fit.pond_side == pond_side);
            Proportion::from_bools(fits.filter_map(|(row, _)| input.ideal(row)))
        };
        Self {
            version: input.version.clone(),
            as_of: input.as_of,
            sections: PondMapSectionKind::ALL
                .map(|section| MapSection::new(section, input, &factors, &verdicts))
                .into(),
            refuted: refuted::refuted_hypotheses(input, &verdicts),
            inside: side(PondSide::In),
            outside: side(PondSide::Out),
            adherence: PondAdherence::new(input),
        }
    }
}

impl MapSection {
    fn new(
        section: PondMapSectionKind,
        input: &ReportInput,
        factors: &[Factor],
        verdicts: &[HypothesisSummary],
    ) -> Self {
        let definition = &input.definition;
        let learned = |stance| {
            let matching_factors =
                factors.iter().filter(move |factor| factor.section == section && factor.stance == stance);
            matching_factors.take(MAX_FACTORS).map(PondFactor::from_factor)
        };
        let findings_for = |stance| {
            let findings = definition.findings.iter();
            findings.filter(move |entry| {
                entry.section == Some(section) && entry.stance == stance && is_current(input, &entry.attribution)
            })
        };
        let hypotheses_for = |stance| {
            let entries = definition.hypotheses.iter();
            entries.filter(move |entry| {
                hypothesis_side(entry, definition, input.as_of) == Some((section, stance))
                    && tested(entry, verdicts).is_none_or(|summary| summary.verdict != Verdict::Refuted)
            })
        };
        let to_factor = |entry: &HypothesisEntry| PondFactor::from_hypothesis(entry, input, verdicts);
        let exclusion_rules = definition.exclusion_rules.iter().filter(|exclusion_rule| {
            exclusion_rule.section == section && is_current(input, &exclusion_rule.attribution)
        });
        let mut negatives: Vec<PondFactor> = exclusion_rules
            .map(|exclusion_rule| PondFactor::from_exclusion_rule(exclusion_rule, input))
            .chain(findings_for(Stance::Negative).map(|entry| {
                PondFactor::from_statement(entry.text.clone(), &entry.attribution, Some(Severity::Caution))
            }))
            .chain(hypotheses_for(Stance::Negative).map(to_factor))
            .chain(learned(Stance::Negative))
            .collect();
        // Factors that put an account out come first.
        negatives.sort_by_key(|factor| factor.severity);
        let positives = findings_for(Stance::Positive)
            .map(|entry| PondFactor::from_statement(entry.text.clone(), &entry.attribution, None))
            .chain(hypotheses_for(Stance::Positive).map(to_factor))
            .chain(learned(Stance::Positive));
        Self { section, negatives, positives: positives.collect() }
    }
}

impl PondFactor {
    fn from_factor(factor: &Factor) -> Self {
        let Factor { odds_ratio, low, high, customers, stance, .. } = *factor;
        let severity = (stance == Stance::Negative).then_some(Severity::Caution);
        let source = FactorSource::Learned { odds_ratio, low, high, customers };
        Self { text: factor.name(), source, severity, matching: None }
    }

    fn from_exclusion_rule(exclusion_rule: &ExclusionRule, input: &ReportInput) -> Self {
        let ExclusionRule { when, severity, attribution, .. } = exclusion_rule;
        let name = input.attribute(&when.attribute);
        let matcher = Matcher::new(when.clone(), name.kind);
        let matching =
            MatchingCustomers::new(&matcher, input.accounts(), input.customers.weights(), &input.labels.ideal);
        let text = exclusion_rule_text(exclusion_rule, &name);
        Self { matching: Some(matching), ..Self::from_statement(text, attribution, Some(*severity)) }
    }

    /// What an exclusion rule does to the customers, as text; empty for other factors.
    #[must_use]
    pub fn matching_summary(&self) -> String {
        let summary = self.matching.zip(self.severity).map(|(matching, severity)| matching.summary(severity));
        summary.unwrap_or_default()
    }

    fn from_statement(text: String, stated: &sweetspot_core::Attribution, severity: Option<Severity>) -> Self {
        Self {
            text,
            source: FactorSource::Stated { author: attribution(stated), reason: stated.reason.clone() },
            severity,
            matching: None,
        }
    }

    fn from_hypothesis(entry: &HypothesisEntry, input: &ReportInput, verdicts: &[HypothesisSummary]) -> Self {
        let verdict = match tested(entry, verdicts).map(|summary| summary.verdict) {
            Some(Verdict::Supported) => "supported by customers",
            Some(Verdict::Refuted) => "refuted by customers",
            Some(Verdict::NotEnoughData) => "not enough data to judge",
            None => "not tested in this version",
        };
        let hypothesis = &entry.hypothesis;
        Self {
            text: hypothesis_text(entry, &input.attribute(&hypothesis.when.attribute)),
            source: FactorSource::Stated {
                author: format!("{}; {verdict}", hypothesis_attribution(entry)),
                reason: entry.reason.clone(),
            },
            severity: (hypothesis.odds_ratio < 1.0).then_some(Severity::Caution),
            matching: None,
        }
    }
}

/// The author of a hypothesis, with the dates.
fn hypothesis_attribution(entry: &HypothesisEntry) -> String {
    attribution(&sweetspot_core::Attribution {
        author: entry.hypothesis.author.clone(),
        stated_at: entry.stated_at,
        reason: String::new(),
        expires: entry.hypothesis.expires,
    })
}

/// The test of a hypothesis in the version; `None` if the version was trained without it, or before it was changed.
fn tested<'v>(entry: &HypothesisEntry, verdicts: &'v [HypothesisSummary]) -> Option<&'v HypothesisSummary> {
    let stated = &entry.hypothesis;
    let is_same = |summary: &&HypothesisSummary| {
        summary.id == stated.id && summary.when == stated.when && summary.odds_ratio == stated.odds_ratio
    };
    verdicts.iter().find(is_same)
}

/// Whether a hypothesis is unexpired at the start of the day of the document.
fn is_current_hypothesis(entry: &HypothesisEntry, as_of: Date) -> bool {
    entry.hypothesis.expires.is_none_or(|expires| Date::from_timestamp(expires) > as_of)
}

/// The section and side of a current hypothesis; `None` if it states no effect.
fn hypothesis_side(
    entry: &HypothesisEntry,
    definition: &Definition,
    as_of: Date,
) -> Option<(PondMapSectionKind, Stance)> {
    let hypothesis = &entry.hypothesis;
    if !is_current_hypothesis(entry, as_of) || hypothesis.odds_ratio == 1.0 {
        return None;
    }
    let (_, section) = attribute_place(&hypothesis.when.attribute, definition);
    Some((section, if hypothesis.odds_ratio > 1.0 { Stance::Positive } else { Stance::Negative }))
}
