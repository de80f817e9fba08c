//! Formats figures for the explanations of checks.

use sweetspot_core::group_thousands;
use sweetspot_model::{Comparison, ComparisonBasis, MIN_ROWS_PER_LABEL, MetricDifference};

/// The maximum number of attribute names in a sentence.
const MAX_NAMES: usize = 5;
/// The maximum number of characters of a name.
const MAX_NAME_CHARS: usize = 40;

/// `0.731`.
pub(super) fn format_metric(value: f64) -> String {
    format!("{value:.3}")
}

/// `+0.012` or `-0.128`.
pub(super) fn format_signed(value: f64) -> String {
    format!("{value:+.3}")
}

/// `12.5%`.
pub(super) fn format_percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// `6,663`.
pub(super) fn format_count(number: u64) -> String {
    group_thousands(&number.to_string())
}

/// Formats a threshold as it was set: `0.05`.
pub(super) fn format_threshold(value: f64) -> String {
    format!("{value}")
}

/// The first names, quoted.
pub(super) fn format_names(all: &[String]) -> String {
    let quoted = |name: &String| {
        let short: String = name.chars().take(MAX_NAME_CHARS).collect();
        if short.len() < name.len() { format!("\"{short}…\"") } else { format!("{name:?}") }
    };
    let names = all.iter().take(MAX_NAMES).map(quoted).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MAX_NAMES) {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// Both figures, the rows they are from, and the interval of their difference.
pub(super) fn describe_difference(
    metric: &str,
    difference: &MetricDifference,
    comparison: &Comparison,
    live: u64,
) -> String {
    let Comparison { basis, rows, unseen_rows: unseen, .. } = comparison;
    let MetricDifference { champion, challenger, low, high } = difference;
    let rows = match (basis, unseen) {
        (ComparisonBasis::SameRows, 0) => format!("on the same {} customers, out of fold", format_count(*rows)),
        (ComparisonBasis::SameRows, unseen) => {
            format!(
                "on the same {} customers, out of fold or ({}) never seen by the live version",
                format_count(*rows),
                format_count(*unseen)
            )
        }
        (ComparisonBasis::SeparateRows, _) => format!(
            "each in its own evaluation, because fewer than {MIN_ROWS_PER_LABEL} customers of either label can be compared"
        ),
    };
    format!(
        "{metric} {} against {} of live version {live}, {rows}: {} (95% interval {} to {})",
        format_metric(*challenger),
        format_metric(*champion),
        format_signed(difference.change()),
        format_signed(*low),
        format_signed(*high),
    )
}
