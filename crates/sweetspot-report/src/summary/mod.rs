//! The ICP summary: who, what problem, will they succeed, what excludes them, and how certain the results are.

mod audiences;
mod blocks;
mod cautions;
mod growth;
mod headline;
mod spiced;

use std::collections::BTreeMap;

pub use blocks::blocks;
pub(super) use blocks::spiced_name;
pub use growth::{SpendingGrowth, SpendingMeans};
pub use headline::{Headline, HeadlineTrait};
pub use spiced::SpicedSummary;
use sweetspot_core::{Date, IcpCategory, Severity, Stance};

use super::factor::{Factor, attribute_place, factors};
use super::format::exclusion_rule_text;
use super::{Proportion, ReportInput};

/// The maximum number of factors per category.
const MAX_FACTORS: usize = 12;

/// The ICP summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The version's name.
    pub version: String,
    /// The day of the document.
    pub as_of: Date,
    /// Whether the version predicts better than chance, out of fold.
    pub has_signal: bool,
    /// The version's quality, in one sentence.
    pub verdict: String,
    /// The label policy, in one sentence.
    pub rule: String,
    /// The ideal customers of all labeled customers.
    pub customers: Proportion,
    /// The share of all net value that ideal customers hold; `None` if no value is known, or the total is not positive.
    pub value_share: Option<f64>,
    /// The common traits of ideal customers, as the figures of one sentence; `None` if there are no distinctive traits.
    pub headline: Option<Headline>,
    /// The results by category, the largest weight first.
    pub parts: Vec<CategorySummary>,
    /// Factors that count against an account.
    pub negative_factors: Vec<Factor>,
    /// The exclusion rules, each with its severity and its text with the author.
    pub exclusion_rules: Vec<(Severity, String)>,
    /// Interactions of two attributes, one sentence each.
    pub second_looks: Vec<String>,
    /// The answers of ideal customers on situation, pain, impact, critical event and decision.
    pub spiced: Vec<SpicedSummary>,
    /// The growth of spending of ideal and other customers; `None` if no quarters are known.
    pub growth: Option<SpendingGrowth>,
    /// Limitations that a reader must consider.
    pub cautions: Vec<String>,
}

/// The results of one category.
#[derive(Clone, Debug, PartialEq)]
pub struct CategorySummary {
    /// The category.
    pub category: IcpCategory,
    /// The factors: positive ones first, then neutral ones.
    pub factors: Vec<Factor>,
    /// The number of other factors.
    pub omitted_factors: usize,
    /// The findings, with their authors.
    pub findings: Vec<String>,
    /// The model's attributes in this category, by name.
    pub attributes: Vec<String>,
}

impl Summary {
    /// Creates the summary of a version.
    #[must_use]
    pub fn new(evidence: &ReportInput) -> Self {
        let (factors, evaluation) = (factors(evidence), evidence.model.evaluation());
        let card = evidence.model.label_card();
        let labelled = evidence.labels.ideal.iter().flatten().copied();
        let customers = Proportion::from_bools(labelled);
        let has_signal = evaluation.has_signal();
        let opening = has_signal.then(|| Headline::new(evidence)).flatten();
        let gates = evidence.definition.exclusion_rules.iter().filter(|gate| is_current(evidence, &gate.attribution));
        Self {
            version: evidence.version.clone(),
            as_of: evidence.as_of,
            has_signal,
            verdict: evaluation.verdict(),
            rule: card.rule,
            customers,
            value_share: value_share(evidence, |row| evidence.ideal(row) == Some(true)),
            parts: category_summaries(evidence, &factors),
            negative_factors: factors
                .iter()
                .filter(|factor| factor.lean == Stance::Negative)
                .take(MAX_FACTORS)
                .cloned()
                .collect(),
            exclusion_rules: gates.map(|gate| (gate.severity, authored_rule_text(gate, evidence))).collect(),
            second_looks: second_looks(evidence),
            spiced: spiced::shared(evidence),
            growth: SpendingGrowth::new(evidence),
            cautions: cautions::cautions(evidence, customers, opening.is_some()),
            headline: opening,
        }
    }
}

fn second_looks(evidence: &ReportInput) -> Vec<String> {
    evidence.model.interactions().into_iter().map(|pair| pair.second_look).filter(|look| !look.is_empty()).collect()
}

/// Whether a statement is unexpired at the start of the day of the document.
pub(super) fn is_current(evidence: &ReportInput, by: &sweetspot_core::Attribution) -> bool {
    by.expires.is_none_or(|expires| Date::from_timestamp(expires) > evidence.as_of)
}

fn authored_rule_text(gate: &sweetspot_core::ExclusionRule, evidence: &ReportInput) -> String {
    format!("{} ({})", exclusion_rule_text(gate, evidence.kind(&gate.when.attribute)), attribution(&gate.attribution))
}

/// `stated by Ann, 2026-11-24`.
pub(super) fn attribution(by: &sweetspot_core::Attribution) -> String {
    let author = if by.author.trim().is_empty() { "an unknown author" } else { by.author.trim() };
    let until = by.expires.map(|expires| format!(", until {}", Date::from_timestamp(expires))).unwrap_or_default();
    format!("stated by {author}, {}{until}", Date::from_timestamp(by.stated_at))
}

/// The share of all net value that some customers hold; `None` if no value is known or the total is not positive.
pub(super) fn value_share(evidence: &ReportInput, holds: impl Fn(usize) -> bool) -> Option<f64> {
    let net = (0..evidence.rows()).filter_map(|row| Some((row, evidence.outcome(row).net_value()?)));
    let (mut all, mut some) = (0.0, 0.0);
    for (row, value) in net {
        all += value;
        some += if holds(row) { value } else { 0.0 };
    }
    (all > 0.0).then(|| some / all)
}

fn category_summaries(evidence: &ReportInput, factors: &[Factor]) -> Vec<CategorySummary> {
    let mut attributes: BTreeMap<IcpCategory, Vec<String>> = BTreeMap::new();
    for summary in evidence.model.attributes() {
        let (category, _) = attribute_place(&summary.attribute, &evidence.definition);
        attributes.entry(category).or_default().push(summary.attribute);
    }
    let part = |category| {
        let of = |lean: Stance| factors.iter().filter(move |f| f.category == category && f.lean == lean);
        let all: Vec<&Factor> = of(Stance::Positive).chain(of(Stance::Neutral)).collect();
        let findings = evidence.definition.findings.iter();
        let findings = findings.filter(|one| one.category == Some(category) && is_current(evidence, &one.attribution));
        CategorySummary {
            category,
            omitted_factors: all.len().saturating_sub(MAX_FACTORS),
            factors: all.into_iter().take(MAX_FACTORS).cloned().collect(),
            findings: findings
                .take(MAX_FACTORS)
                .map(|one| format!("{} ({})", one.text, attribution(&one.attribution)))
                .collect(),
            attributes: attributes.get(&category).cloned().unwrap_or_default(),
        }
    };
    IcpCategory::ALL.map(part).into()
}
