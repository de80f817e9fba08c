//! The segments: kinds of ideal customers, each with who they are, what they say, and how to spot one.
//!
//! A segment is its rule. Its customers are the labelled ones that the version's own scorer puts into it.

mod blocks;
mod said;
mod sizes;
mod traits;
mod words;

pub use blocks::blocks;
pub use said::{Quote, SpicedLine};
pub use sizes::Size;
use sweetspot_model::SegmentSummary;
pub use traits::Trait;

use super::{Evidence, Share};

/// Accounts that are told as examples.
const EXAMPLES: usize = 3;

/// Every segment of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// The version's name.
    pub version: String,
    /// The segments, in the order in which their rules are asked; none where the data tell no kinds apart.
    pub segments: Vec<Segment>,
    /// Labelled customers in none of them, and how many of those are ideal.
    pub outside: Share,
    /// The currency of every amount, where it was told.
    pub currency: Option<String>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Tells it from the others.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its rule: each of these holds for its accounts.
    pub rule: Vec<String>,
    /// The rule as a sentence.
    pub spot: String,
    /// Ideal customers of all labelled customers in it.
    pub ideal: Share,
    /// How well clusterings of resamples agreed, at most 1.
    pub stability: f64,
    /// Net value of its labelled customers, where any is known.
    pub value: Option<f64>,
    /// That value as a part of all labelled customers', where theirs is above zero.
    pub value_share: Option<f64>,
    /// What an ideal customer of it is worth, pooled with all ideal ones.
    pub value_if_ideal: Option<f64>,
    /// How large its ideal customers are.
    pub sizes: Vec<Size>,
    /// What they have more often than other ideal customers, beside the rule.
    pub traits: Vec<Trait>,
    /// What they use the product for, the most common first.
    pub use_cases: Vec<Quote>,
    /// What they and those who spoke with them say, part by part.
    pub spiced: Vec<SpicedLine>,
    /// The pain that they have more often than the ideal customers of other segments.
    pub distinct_pain: Option<Quote>,
    /// Some of its ideal customers: those of the highest value, or else of the best fit.
    pub examples: Vec<Example>,
}

/// A customer that stands for others.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Its id.
    pub account_id: String,
    /// What it is called.
    pub name: String,
    /// Its net value, where that is known.
    pub value: Option<f64>,
}

/// The labelled customers of one segment, as rows.
struct Rows {
    /// All of them.
    all: Vec<usize>,
    /// The ideal ones.
    ideal: Vec<usize>,
    /// Ideal customers that are not in it.
    others: Vec<usize>,
}

impl Segments {
    /// The segments of a version.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let labelled = || (0..evidence.rows()).filter_map(|row| Some((row, evidence.ideal(row)?)));
        let total = total(evidence, labelled().map(|(row, _)| row));
        let place = |row: usize| evidence.fits.get(row).and_then(|fit| fit.segment).map(usize::from);
        let segment = |(number, summary): (usize, SegmentSummary)| {
            let all = labelled().filter(|(row, _)| place(*row) == Some(number)).map(|(row, _)| row).collect();
            let ideal = |inside: bool| {
                let rows = labelled().filter(move |(row, ideal)| *ideal && (place(*row) == Some(number)) == inside);
                rows.map(|(row, _)| row).collect()
            };
            segment(evidence, summary, &Rows { all, ideal: ideal(true), others: ideal(false) }, total)
        };
        Self {
            version: evidence.version.clone(),
            segments: evidence.model.segments().into_iter().enumerate().map(segment).collect(),
            outside: Share::of(labelled().filter(|(row, _)| place(*row).is_none()).map(|(_, ideal)| ideal)),
            currency: evidence.currency().map(str::to_owned),
        }
    }
}

fn segment(evidence: &Evidence, summary: SegmentSummary, rows: &Rows, total: Option<f64>) -> Segment {
    let SegmentSummary { id, name, conditions, customers: _, ideal: _, stability, value_if_ideal, valued: _ } = summary;
    let rule: Vec<String> = conditions.iter().map(|condition| words::condition(evidence, condition)).collect();
    let value = self::total(evidence, rows.all.iter().copied());
    let used: Vec<&str> = conditions.iter().map(|condition| condition.attribute.as_str()).collect();
    Segment {
        spot: words::sentence(&rule),
        rule,
        ideal: Share { part: rows.ideal.len() as u64, of: rows.all.len() as u64 },
        stability,
        value,
        value_share: value.zip(total).filter(|(_, total)| *total > 0.0).map(|(value, total)| value / total),
        value_if_ideal,
        sizes: sizes::sizes(evidence, &rows.ideal),
        traits: traits::traits(evidence, rows, &used),
        use_cases: said::use_cases(evidence, &rows.ideal),
        spiced: said::spiced(evidence, &id, &rows.ideal),
        distinct_pain: said::distinct_pain(evidence, rows),
        examples: examples(evidence, &rows.ideal),
        id,
        name,
    }
}

/// The sum of the known net values; nothing where none is known.
fn total(evidence: &Evidence, rows: impl Iterator<Item = usize>) -> Option<f64> {
    rows.filter_map(|row| evidence.outcome(row).net_value()).reduce(|sum, value| sum + value)
}

fn examples(evidence: &Evidence, ideal: &[usize]) -> Vec<Example> {
    let value = |row: usize| evidence.outcome(row).net_value();
    let fit = |row: usize| evidence.fits.get(row).map_or(0.0, |fit| fit.probability);
    let mut best = ideal.to_vec();
    best.sort_by(|a, b| {
        let worth = |row: usize| value(row).unwrap_or(f64::NEG_INFINITY);
        worth(*b).total_cmp(&worth(*a)).then(fit(*b).total_cmp(&fit(*a))).then(a.cmp(b))
    });
    let example = |row: usize| Example {
        account_id: evidence.accounts().ids().get(row).unwrap_or_default().to_owned(),
        name: evidence.name(row).to_owned(),
        value: value(row),
    };
    best.into_iter().take(EXAMPLES).map(example).collect()
}

#[cfg(test)]
mod tests;
