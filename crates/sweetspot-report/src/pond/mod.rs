//! The Pond Map: one picture of who is in the pond, who is not, and why. Negatives stand above the waterline, positives below.

mod adherence;
mod blocks;

pub use adherence::{Adherence, Period};
pub use blocks::blocks;
pub(super) use blocks::section_name;
use sweetspot_core::{Date, Definition, HeldHypothesis, Lean, PondSection, PondSide, Severity, Verdict};
use sweetspot_model::HypothesisSummary;

use super::factor::{Factor, factors, odds, place};
use super::summary::{is_current, stated};
use super::words::{belief, rule};
use super::{Evidence, Share, percent, plural};

/// Most learned factors of one section on one side of the waterline.
const MOST: usize = 8;

/// The Pond Map.
#[derive(Clone, Debug, PartialEq)]
pub struct PondMap {
    /// The version it was made of.
    pub version: String,
    /// Its day.
    pub as_of: Date,
    /// Its five sections, in their order.
    pub sections: Vec<Section>,
    /// Customers in the pond, and how many of them are ideal. The model has seen them.
    pub inside: Share,
    /// Customers out of the pond, and how many of them are ideal.
    pub outside: Share,
    /// How the company kept to its pond over time.
    pub adherence: Adherence,
}

/// One section.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Which one.
    pub section: PondSection,
    /// What speaks against an account.
    pub negatives: Vec<PondFactor>,
    /// What speaks for one.
    pub positives: Vec<PondFactor>,
}

/// A factor on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PondFactor {
    /// What it is.
    pub text: String,
    /// How it is known.
    pub source: Source,
    /// How much it counts, of negatives.
    pub severity: Option<Severity>,
}

/// How a factor is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// From customers.
    Learned {
        /// What it multiplies the odds of being ideal by, all else equal.
        odds_ratio: f64,
        /// Lower end of the 95% interval.
        low: f64,
        /// Upper end of it.
        high: f64,
        /// Customers with it, and how many of them are ideal.
        customers: Share,
    },
    /// From a person.
    Stated {
        /// Who, when and until when, as a person reads it; with the verdict where it is a belief that was tested.
        by: String,
        /// Why; may be empty.
        reason: String,
    },
}

impl Source {
    /// As a person reads it.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Learned { odds_ratio, low, high, customers } => {
                let rate = customers.rate().map(|rate| format!(", {} ideal", percent(rate))).unwrap_or_default();
                let all = plural(customers.of, "customer", "customers");
                format!("learned: {}, {all}{rate}", odds(*odds_ratio, *low, *high))
            }
            Self::Stated { by, reason } if reason.trim().is_empty() => by.clone(),
            Self::Stated { by, reason } => format!("{by}: {}", reason.trim()),
        }
    }
}

impl PondMap {
    /// The map of a version.
    #[must_use]
    pub fn new(evidence: &Evidence) -> Self {
        let factors = factors(evidence);
        let verdicts = evidence.model.hypotheses();
        let side = |wanted: PondSide| {
            let fits = evidence.fits.iter().enumerate().filter(move |(_, fit)| fit.pond == wanted);
            Share::of(fits.filter_map(|(row, _)| evidence.ideal(row)))
        };
        Self {
            version: evidence.version.clone(),
            as_of: evidence.as_of,
            sections: PondSection::ALL.map(|section| Section::new(section, evidence, &factors, &verdicts)).into(),
            inside: side(PondSide::In),
            outside: side(PondSide::Out),
            adherence: Adherence::new(evidence),
        }
    }
}

impl Section {
    fn new(section: PondSection, evidence: &Evidence, factors: &[Factor], verdicts: &[HypothesisSummary]) -> Self {
        let definition = &evidence.definition;
        let learned = |lean| {
            let of = factors.iter().filter(move |factor| factor.section == section && factor.lean == lean);
            of.take(MOST).map(PondFactor::learned)
        };
        let said = |lean| {
            let findings = definition.findings.iter();
            findings
                .filter(move |one| one.section == Some(section) && one.lean == lean && is_current(evidence, &one.by))
        };
        let believed = |lean| {
            let held = definition.hypotheses.iter();
            held.filter(move |one| of_belief(one, definition, evidence.as_of) == Some((section, lean)))
        };
        let belief = |held: &HeldHypothesis| PondFactor::believed(held, evidence, verdicts);
        let gates = definition.gates.iter().filter(|gate| gate.section == section && is_current(evidence, &gate.by));
        let mut negatives: Vec<PondFactor> = gates
            .map(|gate| {
                PondFactor::stated(rule(gate, evidence.kind(&gate.when.attribute)), &gate.by, Some(gate.severity))
            })
            .chain(
                said(Lean::Negative).map(|one| PondFactor::stated(one.text.clone(), &one.by, Some(Severity::Caution))),
            )
            .chain(believed(Lean::Negative).map(belief))
            .chain(learned(Lean::Negative))
            .collect();
        // What puts an account out comes first.
        negatives.sort_by_key(|factor| factor.severity);
        let positives = said(Lean::Positive)
            .map(|one| PondFactor::stated(one.text.clone(), &one.by, None))
            .chain(believed(Lean::Positive).map(belief))
            .chain(learned(Lean::Positive));
        Self { section, negatives, positives: positives.collect() }
    }
}

impl PondFactor {
    fn learned(factor: &Factor) -> Self {
        let Factor { odds_ratio, low, high, customers, lean, .. } = *factor;
        let severity = (lean == Lean::Negative).then_some(Severity::Caution);
        Self { text: factor.name(), source: Source::Learned { odds_ratio, low, high, customers }, severity }
    }

    fn stated(text: String, by: &sweetspot_core::Statement, severity: Option<Severity>) -> Self {
        Self { text, source: Source::Stated { by: stated(by), reason: by.reason.clone() }, severity }
    }

    fn believed(held: &HeldHypothesis, evidence: &Evidence, verdicts: &[HypothesisSummary]) -> Self {
        let HeldHypothesis { hypothesis, stated: time, reason } = held;
        let by = sweetspot_core::Statement {
            author: hypothesis.author.clone(),
            stated: *time,
            reason: String::new(),
            expires: hypothesis.expires,
        };
        let tested = verdicts.iter().find(|verdict| verdict.id == hypothesis.id).map(|summary| summary.verdict);
        let verdict = match tested {
            Some(Verdict::Supported) => "supported by customers",
            Some(Verdict::Refuted) => "refuted by customers",
            Some(Verdict::NotEnoughData) => "not enough data to judge",
            None => "not tested in this version",
        };
        Self {
            text: belief(held, evidence.kind(&hypothesis.when.attribute)),
            source: Source::Stated { by: format!("{}; {verdict}", stated(&by)), reason: reason.clone() },
            severity: (hypothesis.odds_ratio < 1.0).then_some(Severity::Caution),
        }
    }
}

/// Where a belief that still holds stands; nothing where it is that something makes no difference.
fn of_belief(held: &HeldHypothesis, definition: &Definition, as_of: Date) -> Option<(PondSection, Lean)> {
    let hypothesis = &held.hypothesis;
    if hypothesis.expires.is_some_and(|expires| Date::of(expires) <= as_of) || hypothesis.odds_ratio == 1.0 {
        return None;
    }
    let (_, section) = place(&hypothesis.when.attribute, definition);
    Some((section, if hypothesis.odds_ratio > 1.0 { Lean::Positive } else { Lean::Negative }))
}
