//! The value report and the list of bad fits as pages: findings first, then what they stand on.

mod axes;
mod bad_fit;
mod basis;
mod cohorts;
mod common;
mod curve;

use super::{BadFits, ValueReport};
use crate::{Block, Share, Tone, count, percent};

/// The value report as a page.
#[must_use]
pub fn blocks(report: &ValueReport, found: &BadFits) -> Vec<Block> {
    let mut page = vec![Block::Heading(1, "What customers are worth".to_owned())];
    page.extend(curve::findings(report));
    page.extend(
        bad_fit::finding(&report.liability, report.currency.as_deref()).map(|text| Block::Told(Tone::Finding, text)),
    );
    page.extend(curve::section(report));
    page.extend(cohorts::section(report));
    page.extend(common::section(report));
    page.extend(axes::section(report));
    page.extend(bad_fit::section(&report.liability, report.currency.as_deref()));
    page.extend(bad_fit::list(found, report.currency.as_deref()));
    page.extend(basis::section(report));
    page
}

/// `missing` as a paragraph that says what is not known.
fn missing(text: &str) -> Block {
    Block::Told(Tone::Missing, text.to_owned())
}

/// `56% (95% 41% to 71%)`, or the share alone without an interval.
fn ranged(value: f64, interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(
        || percent(value),
        |(low, high)| format!("{} (95% {} to {})", percent(value), percent(low), percent(high)),
    )
}

/// `18 of 20, 90% (95% 70% to 97%)`.
fn part(share: Share) -> String {
    let parts = format!("{} of {}", count(share.part), count(share.of));
    share.rate().map_or(parts.clone(), |rate| format!("{parts}, {}", ranged(rate, Some(share.interval()))))
}

#[cfg(test)]
mod tests;
