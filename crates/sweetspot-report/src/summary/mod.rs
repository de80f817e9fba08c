//! The ICP summary: who, what problem, will they succeed, what excludes them, and how certain the results are.

mod answer_blocks;
mod audiences;
mod blocks;
mod cautions;
mod growth;
mod headline;
mod hypothesis_blocks;
mod interview_blocks;
mod profile_hypotheses;
mod spiced;

use std::collections::BTreeMap;

pub(super) use answer_blocks::spiced_name;
pub use blocks::blocks;
pub(super) use cautions::MIN_LABEL_COUNT;
pub use growth::{SpendingGrowth, SpendingMeans};
pub use headline::{Headline, HeadlineTrait};
pub use profile_hypotheses::ProfileHypothesis;
pub use spiced::SpicedPartSummary;
pub(super) use spiced::compared_answers;
use sweetspot_core::{Date, IcpCategory, Severity, Stance};

use super::format::exclusion_rule_text;
use super::many_values::{ManyValues, split_factors};
use super::odds_factor::{Factor, attribute_place};
use super::{FieldComparison, Interviews, Proportion, ReportInput};

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
    /// The hypotheses of a version that has not learned from customers, the strongest first.
    pub hypotheses: Vec<ProfileHypothesis>,
    /// Factors that count against an account.
    pub negative_factors: Vec<Factor>,
    /// The number of other factors that count against an account.
    pub omitted_negative_factors: usize,
    /// The attributes with very many values, which are in no list of factors.
    pub many_values: Vec<ManyValues>,
    /// The exclusion rules, each with its severity and its text with the author.
    pub exclusion_rules: Vec<(Severity, String)>,
    /// Interactions of two attributes, one sentence each.
    pub second_looks: Vec<String>,
    /// The answers on situation, pain, impact, critical event and decision.
    pub spiced: Vec<SpicedPartSummary>,
    /// The answers on win reasons, usage, decision makers and influencers.
    pub buying_answers: Vec<FieldComparison>,
    /// The interviews until now, and what to ask.
    pub interviews: Interviews,
    /// The growth of spending of ideal and other customers; `None` if no quarters are known.
    pub growth: Option<SpendingGrowth>,
    /// Why the version has fewer than three segments, in one sentence; empty if it has three.
    pub segment_note: String,
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
    pub fn new(input: &ReportInput) -> Self {
        let evaluation = input.model.evaluation();
        let (factors, many_values) = split_factors(input);
        let negative = factors.iter().filter(|factor| factor.stance == Stance::Negative);
        let omitted_negative_factors = negative.count().saturating_sub(MAX_FACTORS);
        let card = input.model.label_card();
        let labeled = input.labels.ideal.iter().flatten().copied();
        let customers = Proportion::from_bools(labeled);
        let has_signal = evaluation.has_signal();
        let (spiced, buying_answers) = compared_answers(input);
        let opening = has_signal.then(|| Headline::new(input)).flatten();
        let exclusion_rules = input
            .definition
            .exclusion_rules
            .iter()
            .filter(|exclusion_rule| is_current(input, &exclusion_rule.attribution));
        Self {
            version: input.version.clone(),
            as_of: input.as_of,
            has_signal,
            verdict: evaluation.verdict(),
            rule: card.rule,
            customers,
            value_share: value_share(input, |row| input.ideal(row) == Some(true)),
            parts: category_summaries(input, &factors),
            hypotheses: profile_hypotheses::profile_hypotheses(input),
            negative_factors: factors
                .iter()
                .filter(|factor| factor.stance == Stance::Negative)
                .take(MAX_FACTORS)
                .cloned()
                .collect(),
            omitted_negative_factors,
            many_values,
            exclusion_rules: exclusion_rules
                .map(|exclusion_rule| (exclusion_rule.severity, authored_rule_text(exclusion_rule, input)))
                .collect(),
            second_looks: second_looks(input),
            spiced,
            buying_answers,
            interviews: Interviews::new(input),
            growth: SpendingGrowth::new(input),
            segment_note: input.model.segment_note().to_owned(),
            cautions: cautions::cautions(input, customers, opening.is_some()),
            headline: opening,
        }
    }
}

fn second_looks(input: &ReportInput) -> Vec<String> {
    input.model.interactions().into_iter().map(|pair| pair.second_look).filter(|look| !look.is_empty()).collect()
}

/// Whether a statement is unexpired at the start of the day of the document.
pub(super) fn is_current(input: &ReportInput, attribution: &sweetspot_core::Attribution) -> bool {
    attribution.expires.is_none_or(|expires| Date::from_timestamp(expires) > input.as_of)
}

fn authored_rule_text(exclusion_rule: &sweetspot_core::ExclusionRule, input: &ReportInput) -> String {
    format!(
        "{} ({})",
        exclusion_rule_text(exclusion_rule, &input.attribute(&exclusion_rule.when.attribute)),
        attribution(&exclusion_rule.attribution)
    )
}

/// `stated by Ann, 2026-11-24`.
pub(super) fn attribution(statement: &sweetspot_core::Attribution) -> String {
    let author = if statement.author.trim().is_empty() { "an unknown author" } else { statement.author.trim() };
    let until =
        statement.expires.map(|expires| format!(", until {}", Date::from_timestamp(expires))).unwrap_or_default();
    format!("stated by {author}, {}{until}", Date::from_timestamp(statement.stated_at))
}

/// The share of all net value that some customers hold; `None` if no value is known or the total is not positive.
pub(super) fn value_share(input: &ReportInput, holds: impl Fn(usize) -> bool) -> Option<f64> {
    let net = (0..input.rows()).filter_map(|row| Some((row, input.outcome(row).net_value()?)));
    let (mut all, mut part) = (0.0, 0.0);
    for (row, value) in net {
        all += value;
        part += if holds(row) { value } else { 0.0 };
    }
    (all > 0.0).then(|| part / all)
}

fn category_summaries(input: &ReportInput, factors: &[Factor]) -> Vec<CategorySummary> {
    let mut attributes: BTreeMap<IcpCategory, Vec<String>> = BTreeMap::new();
    for summary in input.model.attributes() {
        let (category, _) = attribute_place(&summary.attribute, &input.definition);
        attributes.entry(category).or_default().push(summary.attribute);
    }
    let part = |category| {
        let factors_of = |stance: Stance| factors.iter().filter(move |f| f.category == category && f.stance == stance);
        let all: Vec<&Factor> = factors_of(Stance::Positive).chain(factors_of(Stance::Neutral)).collect();
        let findings = input.definition.findings.iter();
        let findings =
            findings.filter(|finding| finding.category == Some(category) && is_current(input, &finding.attribution));
        CategorySummary {
            category,
            omitted_factors: all.len().saturating_sub(MAX_FACTORS),
            factors: all.into_iter().take(MAX_FACTORS).cloned().collect(),
            findings: findings
                .take(MAX_FACTORS)
                .map(|finding| format!("{} ({})", finding.text, attribution(&finding.attribution)))
                .collect(),
            attributes: attributes.get(&category).cloned().unwrap_or_default(),
        }
    };
    IcpCategory::ALL.map(part).into()
}
