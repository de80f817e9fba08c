//! The segments: kinds of ideal customers, each with its traits, its answers, and a rule to recognize it.
//!
//! A segment is defined by its rule. Its customers are the labeled ones that the version's scorer assigns to it, without
//! those that an exclusion rule puts out of the pond: they are not to be pursued.

mod answers;
mod blocks;
mod median_numbers;
mod rule_text;
mod traits;

pub use answers::{Quote, SpicedPartAnswers};
pub(crate) use answers::{missing_segment_text, most_frequent_text};
pub use blocks::blocks;
pub use median_numbers::MedianNumber;
pub(crate) use rule_text::{condition as condition_phrase, segment_name};
use sweetspot_core::{MatchedExclusionRules, Severity};
use sweetspot_model::SegmentSummary;
pub use traits::DistinctTrait;

use super::{Proportion, ReportInput};

/// The maximum number of examples.
const MAX_EXAMPLES: usize = 3;

/// The segments of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentProfiles {
    /// The version's name.
    pub version: String,
    /// The segments, in the order of their rules; empty if the data have no distinct kinds of ideal customers.
    pub segments: Vec<SegmentProfile>,
    /// Why there are fewer than three, in one sentence; empty if there are three.
    pub note: String,
    /// The ideal customers of all labeled customers outside every segment that no exclusion rule puts out.
    pub outside: Proportion,
    /// The ideal customers of all labeled customers that an exclusion rule puts out: they count in no segment.
    pub put_out: Proportion,
    /// The findings on segments that the version does not have, at most ten.
    pub findings_without_segment: Vec<String>,
    /// The currency of all amounts, if it is known.
    pub currency: Option<String>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentProfile {
    /// The segment's id.
    pub id: String,
    /// The segment's name.
    pub name: String,
    /// The conditions of its rule, all of which its accounts meet; those of an earlier segment come first.
    pub conditions: Vec<String>,
    /// The rule as a sentence.
    pub rule_sentence: String,
    /// The ideal customers of all labeled customers in it.
    pub ideal: Proportion,
    /// The agreement of clusterings of resamples, at most 1.
    pub stability: f64,
    /// The net value of its labeled customers, if it is known for any.
    pub value: Option<f64>,
    /// The share of that value in the value of all labeled customers, if that is positive.
    pub value_share: Option<f64>,
    /// The value of an ideal customer of the segment, pooled with all ideal customers.
    pub value_if_ideal: Option<f64>,
    /// The median sizes of its ideal customers.
    pub sizes: Vec<MedianNumber>,
    /// Traits that its ideal customers have more often than others, apart from the rule.
    pub traits: Vec<DistinctTrait>,
    /// The use cases, most frequent first.
    pub use_cases: Vec<Quote>,
    /// The SPICED answers of its customers and the findings about it, by part.
    pub spiced: Vec<SpicedPartAnswers>,
    /// The pain that is more frequent than among the ideal customers of other segments.
    pub distinct_pain: Option<Quote>,
    /// Examples of its ideal customers: those with the highest value, or else the best fit.
    pub examples: Vec<ExampleCustomer>,
}

/// An example customer.
#[derive(Clone, Debug, PartialEq)]
pub struct ExampleCustomer {
    /// The account's id.
    pub account_id: String,
    /// The account's name.
    pub name: String,
    /// The net value, if it is known.
    pub value: Option<f64>,
}

/// The labeled customers of one segment, as row numbers.
struct SegmentRows {
    /// All of them.
    all: Vec<usize>,
    /// The ideal ones.
    ideal: Vec<usize>,
    /// Ideal customers outside the segment.
    others: Vec<usize>,
}

impl SegmentProfiles {
    /// Describes the segments of a version.
    #[must_use]
    pub fn new(input: &ReportInput) -> Self {
        let labeled = || (0..input.rows()).filter_map(|row| Some((row, input.ideal(row)?)));
        let total = total(input, labeled().map(|(row, _)| row));
        let out_rules = out_rules(input);
        let is_put_out = |row: usize| input.fits.get(row).is_some_and(|fit| fit.matched_rules.intersects(out_rules));
        let place = |row: usize| {
            let segment = input.fits.get(row).and_then(|fit| fit.segment).map(usize::from);
            segment.filter(|_| !is_put_out(row))
        };
        let segment = |(number, summary): (usize, SegmentSummary)| {
            let all = labeled().filter(|(row, _)| place(*row) == Some(number)).map(|(row, _)| row).collect();
            let ideal = |inside: bool| {
                let rows = labeled().filter(|(row, ideal)| *ideal && (place(*row) == Some(number)) == inside);
                rows.map(|(row, _)| row).collect()
            };
            let rows = SegmentRows { all, ideal: ideal(true), others: ideal(false) };
            segment(input, summary, number == 0, &rows, total)
        };
        let count = |holds: &dyn Fn(usize) -> bool| {
            Proportion::from_bools(labeled().filter(|(row, _)| holds(*row)).map(|(_, ideal)| ideal))
        };
        Self {
            version: input.version.clone(),
            segments: input.model.segments().into_iter().enumerate().map(segment).collect(),
            note: input.model.segment_note().to_owned(),
            outside: count(&|row| place(row).is_none() && !is_put_out(row)),
            put_out: count(&is_put_out),
            findings_without_segment: answers::findings_without_segment(input),
            currency: input.currency().map(str::to_owned),
        }
    }
}

/// The version's exclusion rules that put accounts out of the pond.
fn out_rules(input: &ReportInput) -> MatchedExclusionRules {
    let mut rules = MatchedExclusionRules::default();
    let summaries = input.model.exclusion_rules().into_iter().enumerate();
    summaries.filter(|(_, summary)| summary.rule.severity == Severity::Out).for_each(|(index, _)| rules.insert(index));
    rules
}

/// Whether the version has a segment with this id.
fn has_segment(input: &ReportInput, id: &str) -> bool {
    input.model.segments().iter().any(|segment| segment.id == id)
}

fn segment(
    input: &ReportInput,
    summary: SegmentSummary,
    is_first: bool,
    rows: &SegmentRows,
    total: Option<f64>,
) -> SegmentProfile {
    let name = segment_name(input, &summary);
    let SegmentSummary {
        id,
        name: _,
        conditions,
        customers: _,
        ideal: _,
        stability,
        value_if_ideal,
        valued_customers: _,
    } = summary;
    let rule: Vec<String> = conditions.iter().map(|condition| rule_text::condition(input, condition)).collect();
    let value = self::total(input, rows.all.iter().copied());
    let used: Vec<&str> = conditions.iter().map(|condition| condition.attribute.as_str()).collect();
    SegmentProfile {
        rule_sentence: rule_text::sentence(&rule, is_first),
        conditions: rule,
        ideal: Proportion { part: rows.ideal.len() as u64, total: rows.all.len() as u64 },
        stability,
        value,
        value_share: value.zip(total).filter(|(_, total)| *total > 0.0).map(|(value, total)| value / total),
        value_if_ideal,
        sizes: median_numbers::sizes(input, &rows.ideal),
        traits: traits::traits(input, rows, &used),
        use_cases: answers::use_cases(input, &rows.ideal),
        spiced: answers::spiced(input, &id, &rows.ideal),
        distinct_pain: answers::distinct_pain(input, rows),
        examples: examples(input, &rows.ideal),
        id,
        name,
    }
}

/// The sum of the known net values; `None` if there are none.
fn total(input: &ReportInput, rows: impl Iterator<Item = usize>) -> Option<f64> {
    rows.filter_map(|row| input.outcome(row).net_value()).reduce(|sum, value| sum + value)
}

fn examples(input: &ReportInput, ideal: &[usize]) -> Vec<ExampleCustomer> {
    let value = |row: usize| input.outcome(row).net_value();
    let fit = |row: usize| input.fits.get(row).map_or(0.0, |fit| fit.probability);
    let mut best = ideal.to_vec();
    best.sort_by(|a, b| {
        let value_or_lowest = |row: usize| value(row).unwrap_or(f64::NEG_INFINITY);
        value_or_lowest(*b).total_cmp(&value_or_lowest(*a)).then(fit(*b).total_cmp(&fit(*a))).then(a.cmp(b))
    });
    let example = |row: usize| ExampleCustomer {
        account_id: input.accounts().ids().get(row).unwrap_or_default().to_owned(),
        name: input.name(row).to_owned(),
        value: value(row),
    };
    best.into_iter().take(MAX_EXAMPLES).map(example).collect()
}

#[cfg(test)]
mod tests;
