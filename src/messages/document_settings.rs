//! The settings of documents.

use sweetspot_core::{DocumentSettings, MoneyAssumptions, SplitBasis, ValueOptions, parse_date};
use sweetspot_proto::v1;

use super::enums::WireEnum as _;

/// Converts settings to a message.
pub(crate) fn wire_document_settings(settings: DocumentSettings) -> v1::DocumentSettings {
    let DocumentSettings { value: ValueOptions { assumptions, top_share, basis, threshold }, as_of } = settings;
    v1::DocumentSettings {
        weights: Some(wire_weights(assumptions)),
        top_share,
        cohort_basis: basis.map(SplitBasis::wire).unwrap_or_default().into(),
        cohort_threshold: threshold,
        as_of: as_of.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// Converts stated amounts to a message.
pub(crate) const fn wire_weights(stated: MoneyAssumptions) -> v1::ValueWeights {
    let MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value } = stated;
    v1::ValueWeights {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        count_market_value: counts_market_value,
    }
}

/// Converts a message to settings without checking them. A measure or day that cannot be read is not stated.
pub(crate) fn document_settings(message: &v1::DocumentSettings) -> DocumentSettings {
    let v1::DocumentSettings { weights, top_share, cohort_basis: _, cohort_threshold, as_of } = message;
    let v1::ValueWeights { annual_rate, hourly_cost, advocacy_point, reputation_point, count_market_value } =
        weights.unwrap_or_default();
    let assumptions = MoneyAssumptions {
        annual_rate,
        hourly_cost,
        advocacy_point,
        reputation_point,
        counts_market_value: count_market_value,
    };
    let basis = SplitBasis::from_wire(message.cohort_basis());
    let value = ValueOptions { assumptions, top_share: *top_share, basis, threshold: *cohort_threshold };
    DocumentSettings { value, as_of: parse_date(as_of) }
}
