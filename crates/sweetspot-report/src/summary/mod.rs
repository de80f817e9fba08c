//! The ICP summary: who, what problem, will they succeed, what rules them out, how sure we are.

mod blocks;
mod cautions;
mod growth;
mod opening;
mod spiced;
mod views;

use std::collections::BTreeMap;

pub use blocks::blocks;
pub(super) use blocks::spiced_name;
pub use growth::{Growth, Means};
pub use opening::{Opening, Trait};
pub use spiced::Shared;
use sweetspot_core::{Category, Date, Lean, Severity};

use super::factor::{Factor, factors, place};
use super::words::rule;
use super::{Evidence, Share};

/// Most factors that are told of one category.
const MOST: usize = 12;

/// The ICP summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The version it was made of.
    pub version: String,
    /// Its day.
    pub as_of: Date,
    /// Whether the version tells customers apart better than chance, out of fold.
    pub has_signal: bool,
    /// How good the version is, in one sentence.
    pub verdict: String,
    /// Which customers are ideal, in one sentence.
    pub rule: String,
    /// Customers whose outcome says something, and how many of them are ideal.
    pub customers: Share,
    /// The share of all net value that ideal customers hold; nothing where no value is known, or where there is none to share.
    pub value_share: Option<f64>,
    /// What ideal customers have in common, in one sentence's figures; nothing where nothing sets them apart.
    pub opening: Option<Opening>,
    /// What is known by category, what weighs most first.
    pub parts: Vec<Part>,
    /// What speaks against an account.
    pub rules_out: Vec<Factor>,
    /// Rules that people set, each with how hard it is and who set it.
    pub gates: Vec<(Severity, String)>,
    /// Where two attributes together say more than each alone, one sentence each.
    pub second_looks: Vec<String>,
    /// What ideal customers say of situation, pain, impact, critical event and decision.
    pub spiced: Vec<Shared>,
    /// How ideal and other customers' spending grows; nothing where no quarters are known.
    pub growth: Option<Growth>,
    /// What a reader must bear in mind.
    pub cautions: Vec<String>,
}

/// What is known of one category.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The category.
    pub category: Category,
    /// Its factors, those that speak for an account first, then the undecided ones.
    pub factors: Vec<Factor>,
    /// How many more there are.
    pub more: usize,
    /// What people found out, with who said it.
    pub findings: Vec<String>,
    /// Attributes of this category that the model has, by name.
    pub attributes: Vec<String>,
}

impl Summary {
    /// The summary of a version.
    #[must_use]
    pub fn new(evidence: &Evidence) -> Self {
        let (factors, evaluation) = (factors(evidence), evidence.model.evaluation());
        let card = evidence.model.label_card();
        let labelled = evidence.labels.ideal.iter().flatten().copied();
        let customers = Share::of(labelled);
        let has_signal = evaluation.has_signal();
        let opening = has_signal.then(|| Opening::new(evidence)).flatten();
        let gates = evidence.definition.gates.iter().filter(|gate| is_current(evidence, &gate.by));
        Self {
            version: evidence.version.clone(),
            as_of: evidence.as_of,
            has_signal,
            verdict: evaluation.verdict(),
            rule: card.rule,
            customers,
            value_share: value_share(evidence, |row| evidence.ideal(row) == Some(true)),
            parts: parts(evidence, &factors),
            rules_out: factors.iter().filter(|factor| factor.lean == Lean::Negative).take(MOST).cloned().collect(),
            gates: gates.map(|gate| (gate.severity, told_gate(gate, evidence))).collect(),
            second_looks: looks(evidence),
            spiced: spiced::shared(evidence),
            growth: Growth::new(evidence),
            cautions: cautions::cautions(evidence, customers, opening.is_some()),
            opening,
        }
    }
}

fn looks(evidence: &Evidence) -> Vec<String> {
    evidence.model.pairs().into_iter().map(|pair| pair.second_look).filter(|look| !look.is_empty()).collect()
}

/// Whether what was said still holds at the start of the day of the documents.
pub(super) fn is_current(evidence: &Evidence, by: &sweetspot_core::Statement) -> bool {
    by.expires.is_none_or(|expires| Date::of(expires) > evidence.as_of)
}

fn told_gate(gate: &sweetspot_core::Gate, evidence: &Evidence) -> String {
    format!("{} ({})", rule(gate, evidence.kind(&gate.when.attribute)), stated(&gate.by))
}

/// `stated by Ann, 2026-11-24`.
pub(super) fn stated(by: &sweetspot_core::Statement) -> String {
    let author = if by.author.trim().is_empty() { "an unknown author" } else { by.author.trim() };
    let until = by.expires.map(|expires| format!(", until {}", Date::of(expires))).unwrap_or_default();
    format!("stated by {author}, {}{until}", Date::of(by.stated))
}

/// The share of all net value that some customers hold; nothing where no value is known or all of it is not above zero.
pub(super) fn value_share(evidence: &Evidence, holds: impl Fn(usize) -> bool) -> Option<f64> {
    let net = (0..evidence.rows()).filter_map(|row| Some((row, evidence.outcome(row).net_value()?)));
    let (mut all, mut some) = (0.0, 0.0);
    for (row, value) in net {
        all += value;
        some += if holds(row) { value } else { 0.0 };
    }
    (all > 0.0).then(|| some / all)
}

fn parts(evidence: &Evidence, factors: &[Factor]) -> Vec<Part> {
    let mut attributes: BTreeMap<Category, Vec<String>> = BTreeMap::new();
    for summary in evidence.model.attributes() {
        let (category, _) = place(&summary.attribute, &evidence.definition);
        attributes.entry(category).or_default().push(summary.attribute);
    }
    let part = |category| {
        let of = |lean: Lean| factors.iter().filter(move |f| f.category == category && f.lean == lean);
        let all: Vec<&Factor> = of(Lean::Positive).chain(of(Lean::Neutral)).collect();
        let findings = evidence.definition.findings.iter();
        let findings = findings.filter(|one| one.category == Some(category) && is_current(evidence, &one.by));
        Part {
            category,
            more: all.len().saturating_sub(MOST),
            factors: all.into_iter().take(MOST).cloned().collect(),
            findings: findings.take(MOST).map(|one| format!("{} ({})", one.text, stated(&one.by))).collect(),
            attributes: attributes.get(&category).cloned().unwrap_or_default(),
        }
    };
    Category::ALL.map(part).into()
}
