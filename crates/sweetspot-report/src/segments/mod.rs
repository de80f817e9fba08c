//! The segments: kinds of ideal customers, each with its traits, its answers, and a rule to recognize it.
//!
//! A segment is defined by its rule. Its customers are the labeled ones that the version's scorer assigns to it.

mod answers;
mod blocks;
mod median_numbers;
mod rule_text;
mod traits;

pub(crate) use answers::most_frequent_text;
pub use answers::{Quote, SpicedPartAnswers};
pub use blocks::blocks;
pub use median_numbers::MedianNumber;
pub(crate) use rule_text::condition as condition_phrase;
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
    /// The ideal customers of all labeled customers outside every segment.
    pub outside: Proportion,
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
    /// The conditions of its rule, all of which its accounts meet.
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
        let place = |row: usize| input.fits.get(row).and_then(|fit| fit.segment).map(usize::from);
        let segment = |(number, summary): (usize, SegmentSummary)| {
            let all = labeled().filter(|(row, _)| place(*row) == Some(number)).map(|(row, _)| row).collect();
            let ideal = |inside: bool| {
                let rows = labeled().filter(move |(row, ideal)| *ideal && (place(*row) == Some(number)) == inside);
                rows.map(|(row, _)| row).collect()
            };
            segment(input, summary, &SegmentRows { all, ideal: ideal(true), others: ideal(false) }, total)
        };
        Self {
            version: input.version.clone(),
            segments: input.model.segments().into_iter().enumerate().map(segment).collect(),
            outside: Proportion::from_bools(labeled().filter(|(row, _)| place(*row).is_none()).map(|(_, ideal)| ideal)),
            currency: input.currency().map(str::to_owned),
        }
    }
}

fn segment(input: &ReportInput, summary: SegmentSummary, rows: &SegmentRows, total: Option<f64>) -> SegmentProfile {
    let SegmentSummary { id, name, conditions, customers: _, ideal: _, stability, value_if_ideal, valued_customers: _ } =
        summary;
    let rule: Vec<String> = conditions.iter().map(|condition| rule_text::condition(input, condition)).collect();
    let value = self::total(input, rows.all.iter().copied());
    let used: Vec<&str> = conditions.iter().map(|condition| condition.attribute.as_str()).collect();
    SegmentProfile {
        rule_sentence: rule_text::sentence(&rule),
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
