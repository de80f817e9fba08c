//! Warnings about deal dates among the attributes with the largest effect.

use sweetspot_core::deal_date_word;

use crate::artifact::AttributeSummary;

/// The number of attributes that count as strongest.
const MAX_STRONGEST: usize = 3;
/// The minimum spread of an attribute that moves scores, in log-odds.
const MIN_SPREAD: f64 = 0.1;

/// A warning for each deal date that a version depends on: for a new account, such a date only says that the account is
/// new.
pub(super) fn warnings(attributes: &[AttributeSummary]) -> Vec<String> {
    let mut strongest: Vec<&AttributeSummary> = attributes.iter().collect();
    strongest.sort_by(|summary, other| other.total_spread.total_cmp(&summary.total_spread));
    let dates = strongest
        .into_iter()
        .take(MAX_STRONGEST)
        .filter(|summary| summary.kind == "date" && summary.total_spread >= MIN_SPREAD);
    let warning = |summary: &AttributeSummary| {
        let (name, word) = (&summary.attribute, deal_date_word(&summary.attribute)?);
        Some(format!(
            "attribute {name:?} is among those that matter most, and its name refers to the deal ({word:?}): it \
             describes when a deal was made, not the customer; leave it out, or name it as since if it is the day \
             from which an account is a customer"
        ))
    };
    dates.filter_map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str, kind: &'static str, whole_spread: f64) -> AttributeSummary {
        AttributeSummary {
            attribute: name.to_owned(),
            kind,
            slots: 4,
            missing_share: 0.0,
            spread: whole_spread,
            total_spread: whole_spread,
            effective_parameters: 1.0,
            direction: None,
            format: sweetspot_core::TextFormat::default(),
        }
    }

    #[test]
    fn a_strong_deal_date_raises_a_warning() {
        let other = |place: u8| attribute(&format!("a{place}"), "number", 0.5 + f64::from(place));
        let warned = |date: AttributeSummary, others: u8| {
            let attributes: Vec<_> = (0..others).map(other).chain([date]).collect();
            !warnings(&attributes).is_empty()
        };
        assert!(warned(attribute("engage_date", "date", 0.4), 2));
        assert!(!warned(attribute("engage_date", "date", 0.4), 3), "other attributes are stronger");
        assert!(!warned(attribute("engage_date", "date", 0.05), 2), "its spread is too small");
        assert!(!warned(attribute("engaged accounts", "number", 0.4), 2), "it is not a date");
        assert!(!warned(attribute("founded", "date", 0.4), 2), "it describes the customer, not the deal");
    }
}
