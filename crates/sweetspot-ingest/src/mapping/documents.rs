//! The table `[documents]`: what documents need to know besides the data.

use sweetspot_core::{Date, DocumentSettings, MoneyAssumptions, SplitBasis, ValueOptions, parse_date};

use super::raw::RawDocuments;
use super::toml_layout::{quoted_text, write_line};
use super::write::number;

/// Converts the table.
pub(super) fn convert(raw: RawDocuments, problems: &mut Vec<String>) -> DocumentSettings {
    let RawDocuments {
        as_of,
        hourly_cost,
        annual_rate,
        advocacy_point,
        reputation_point,
        count_market_value: counts_market_value,
        top_share,
        cohort_basis,
        cohort_threshold: threshold,
    } = raw;
    let assumptions =
        MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value };
    let basis = cohort_basis.and_then(|key| {
        let basis = SplitBasis::from_key(&key);
        if basis.is_none() {
            let known = SplitBasis::ALL.map(SplitBasis::key).join(", ");
            problems.push(format!("documents.cohort_basis is {key:?}: use one of {known}"));
        }
        basis
    });
    let value = ValueOptions { assumptions, top_share, basis, threshold };
    problems.extend(value.problems().into_iter().map(|(key, text)| format!("documents.{key}: {text}")));
    DocumentSettings { value, as_of: as_of.and_then(|day| parse_day(&day, problems)) }
}

fn parse_day(text: &str, problems: &mut Vec<String>) -> Option<Date> {
    let day = parse_date(text);
    if day.is_none() {
        problems.push(format!("documents.as_of is {text:?}: write a date such as \"2026-11-24\""));
    }
    day
}

/// Writes the table as TOML, unless nothing is stated.
pub(super) fn write(out: &mut String, settings: DocumentSettings) {
    if settings == DocumentSettings::default() {
        return;
    }
    let DocumentSettings { value: ValueOptions { assumptions, top_share, basis, threshold }, as_of } = settings;
    let MoneyAssumptions { annual_rate, hourly_cost, advocacy_point, reputation_point, counts_market_value } =
        assumptions;
    out.push_str("\n# Inputs of the documents.\n[documents]\n");
    if let Some(day) = as_of {
        write_line(out, "as_of", &quoted_text(&day.to_string()), "the day for which the file describes the customers");
    }
    let amounts = [
        ("hourly_cost", hourly_cost),
        ("annual_rate", annual_rate),
        ("advocacy_point", advocacy_point),
        ("reputation_point", reputation_point),
        ("top_share", top_share),
        ("cohort_threshold", threshold),
    ];
    for (key, amount) in amounts {
        if let Some(amount) = amount {
            write_line(out, key, &number(amount), "");
        }
    }
    if let Some(basis) = basis {
        write_line(out, "cohort_basis", &quoted_text(basis.key()), "");
    }
    if counts_market_value {
        write_line(out, "count_market_value", "true", "");
    }
}
