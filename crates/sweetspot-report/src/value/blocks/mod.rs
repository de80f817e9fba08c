//! The value report and the list of bad fits as blocks: findings first, then their basis.

mod bad_fit;
mod basis;
mod common_traits;
mod ideal_axes;
mod threshold_groups;
mod value_curve;

use super::{BadFitCustomers, ValueReport};
use crate::unanswered_sections::list_unknown_sections;
use crate::{Block, CalloutKind, Proportion, format_count, format_percent};

/// The value report as blocks.
#[must_use]
pub fn blocks(report: &ValueReport, found: &BadFitCustomers) -> Vec<Block> {
    let mut page = vec![Block::Heading(1, "What customers are worth".to_owned())];
    page.extend(value_curve::findings(report));
    page.extend(
        bad_fit::finding(&report.liability, report.currency.as_deref())
            .map(|text| Block::Callout(CalloutKind::Finding, text)),
    );
    page.extend(value_curve::section(report));
    page.extend(threshold_groups::section(report));
    page.extend(common_traits::section(report));
    page.extend(ideal_axes::section(report));
    page.extend(bad_fit::section(&report.liability, report.currency.as_deref()));
    page.extend(bad_fit::list(found, report.currency.as_deref()));
    page.extend(basis::section(report));
    list_unknown_sections(&page, "Not known yet")
}

/// `text` as a paragraph on unknown data.
fn missing(text: &str) -> Block {
    Block::Callout(CalloutKind::Missing, text.to_owned())
}

/// `56% (95% 41% to 71%)`, or the share alone without an interval.
fn interval_text(value: f64, interval: Option<(f64, f64)>) -> String {
    interval.map_or_else(
        || format_percent(value),
        |(low, high)| format!("{} (95% {} to {})", format_percent(value), format_percent(low), format_percent(high)),
    )
}

/// `18 of 20, 90% (95% 70% to 97%)`.
fn proportion_text(share: Proportion) -> String {
    let parts = format!("{} of {}", format_count(share.part), format_count(share.total));
    share.rate().map_or(parts.clone(), |rate| format!("{parts}, {}", interval_text(rate, Some(share.interval()))))
}

#[cfg(test)]
mod tests;
