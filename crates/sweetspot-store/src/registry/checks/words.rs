//! Figures as the checks tell them.

use sweetspot_core::grouped;
use sweetspot_model::{Basis, Comparison, Difference, MIN_ROWS_OF_A_LABEL};

/// Most attributes named in one sentence.
const MAX_NAMES: usize = 5;
/// Most characters of a name.
const MAX_NAME_CHARS: usize = 40;

/// `0.731`.
pub(super) fn figure(value: f64) -> String {
    format!("{value:.3}")
}

/// `+0.012` or `-0.128`.
pub(super) fn signed(value: f64) -> String {
    format!("{value:+.3}")
}

/// `12.5%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// `6,663`.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A threshold as it was set: `0.05`.
pub(super) fn threshold(value: f64) -> String {
    format!("{value}")
}

/// Quoted names, the first few.
pub(super) fn names(all: &[String]) -> String {
    let quoted = |name: &String| {
        let short: String = name.chars().take(MAX_NAME_CHARS).collect();
        if short.len() < name.len() { format!("\"{short}…\"") } else { format!("{name:?}") }
    };
    let told = all.iter().take(MAX_NAMES).map(quoted).collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(MAX_NAMES) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// Both figures, on which rows, and the interval of their difference.
pub(super) fn describe_difference(what: &str, difference: &Difference, comparison: &Comparison, live: u64) -> String {
    let Comparison { basis, rows, unseen, .. } = comparison;
    let Difference { champion, challenger, low, high } = difference;
    let rows = match (basis, unseen) {
        (Basis::SameRows, 0) => format!("on the same {} customers, out of fold", count(*rows)),
        (Basis::SameRows, unseen) => {
            format!(
                "on the same {} customers, out of fold or ({}) never seen by the live version",
                count(*rows),
                count(*unseen)
            )
        }
        (Basis::SeparateRows, _) => format!(
            "each in its own evaluation, because fewer than {MIN_ROWS_OF_A_LABEL} customers of either label can be compared"
        ),
    };
    format!(
        "{what} {} against {} of live version {live}, {rows}: {} (95% interval {} to {})",
        figure(*challenger),
        figure(*champion),
        signed(difference.change()),
        signed(*low),
        signed(*high),
    )
}
