//! The stored form of the settings of documents.

use sweetspot_core::{Date, DocumentSettings, MoneyAssumptions, SplitBasis, ValueOptions};

use crate::stored;

/// Encodes settings. Returns `None` if nothing is stated.
pub(super) fn encode(settings: DocumentSettings) -> Option<stored::DocumentSettings> {
    let DocumentSettings { value: ValueOptions { assumptions, top_share, basis, threshold }, as_of } = settings;
    let MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value } =
        assumptions;
    (settings != DocumentSettings::default()).then(|| stored::DocumentSettings {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value,
        top_share,
        cohort_basis: basis.map(SplitBasis::key).unwrap_or_default().to_owned(),
        cohort_threshold: threshold,
        as_of: as_of.map(|day| day.days),
    })
}

/// Decodes settings. Returns `None` if an option is invalid.
pub(super) fn decode(settings: &stored::DocumentSettings) -> Option<DocumentSettings> {
    let stored::DocumentSettings {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value,
        top_share,
        cohort_threshold: threshold,
        as_of,
        cohort_basis: _,
    } = *settings;
    let assumptions =
        MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value };
    let basis =
        if settings.cohort_basis.is_empty() { None } else { Some(SplitBasis::from_key(&settings.cohort_basis)?) };
    let value = ValueOptions { assumptions, top_share, basis, threshold };
    value.problems().is_empty().then_some(DocumentSettings { value, as_of: as_of.map(|days| Date { days }) })
}
