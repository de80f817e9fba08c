//! `GetPondMap`: the Pond Map, the document of what counts against an account and for it, in five sections.

use sweetspot_proto::v1;
use sweetspot_report::format_date;
use sweetspot_report::pond::{
    AdherencePeriod, FactorSource, MapSection, PeriodCounts, PondAdherence, PondFactor, PondMap, RefutedHypothesis,
};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::document_settings::parse_day_setting;
use crate::api::convert::proportion::{matching_customers, share};
use crate::messages::enums::WireEnum;

impl ReportApi {
    /// Returns the Pond Map of a version.
    pub(super) async fn get_pond_map(&self, request: v1::GetPondMapRequest) -> Result<v1::GetPondMapResponse, Status> {
        let v1::GetPondMapRequest { version, as_of } = request;
        let settings = parse_day_setting(as_of)?;
        let pond_map = self.build_document_with(&version, settings, |input| pond_map(PondMap::new(input))).await?;
        Ok(v1::GetPondMapResponse { pond_map: Some(pond_map) })
    }
}

/// Converts a Pond Map.
pub(super) fn pond_map(map: PondMap) -> v1::PondMap {
    let PondMap { version, as_of, sections, refuted, inside, outside, adherence } = map;
    let PondAdherence { timeline, undated, outside_periods, total } = adherence;
    let (periods, missing_periods) = match timeline {
        Ok(timeline) => (timeline.periods, String::new()),
        Err(missing) => (Vec::new(), missing.sentence()),
    };
    let total = AdherencePeriod { name: "all".to_owned(), counts: total, ..AdherencePeriod::default() };
    v1::PondMap {
        version,
        date: format_date(as_of),
        sections: sections.into_iter().map(section).collect(),
        inside: Some(share(inside)),
        outside: Some(share(outside)),
        periods: periods.into_iter().map(period).collect(),
        undated,
        total: Some(period(total)),
        refuted: refuted.into_iter().map(refuted_hypothesis).collect(),
        missing_periods,
        outside_periods,
    }
}

fn section(section: MapSection) -> v1::PondMapSection {
    let MapSection { section, negatives, positives } = section;
    let place = section.wire().into();
    let factors = |factors: Vec<PondFactor>| factors.into_iter().map(factor).collect();
    v1::PondMapSection { section: place, negatives: factors(negatives), positives: factors(positives) }
}

fn factor(factor: PondFactor) -> v1::PondFactor {
    let PondFactor { text, source, severity, matching } = factor;
    let matching = matching.zip(severity).map(|(matching, severity)| matching_customers(matching, severity));
    let source = match source {
        FactorSource::Learned { odds_ratio, low, high, customers } => {
            let customers = Some(share(customers));
            v1::pond_factor::Source::Learned(v1::LearnedFactor { odds_ratio, low, high, customers })
        }
        FactorSource::Stated { author: by, reason } => v1::pond_factor::Source::Stated(v1::StatedFactor { by, reason }),
    };
    let severity = severity.map(WireEnum::wire).unwrap_or_default().into();
    v1::PondFactor { text, severity, source: Some(source), matching }
}

fn refuted_hypothesis(refuted: RefutedHypothesis) -> v1::RefutedHypothesis {
    let RefutedHypothesis { text, odds_ratio, observed_odds_ratio, customers, author, reason } = refuted;
    v1::RefutedHypothesis {
        text,
        odds_ratio,
        observed_odds_ratio: observed_odds_ratio.map(|(ratio, _, _)| ratio),
        low: observed_odds_ratio.map(|(_, low, _)| low),
        high: observed_odds_ratio.map(|(_, _, high)| high),
        customers: Some(share(customers)),
        by: author,
        reason,
    }
}

fn period(period: AdherencePeriod) -> v1::AdherencePeriod {
    let AdherencePeriod { name, first, last, counts } = period;
    let PeriodCounts { new_wins, won_inside, won_outside, churned_inside, churned_outside } = counts;
    v1::AdherencePeriod {
        period: name,
        new_customers_inside: Some(share(new_wins)),
        won_inside: Some(share(won_inside)),
        won_outside: Some(share(won_outside)),
        churned_inside: Some(share(churned_inside)),
        churned_outside: Some(share(churned_outside)),
        first,
        last,
    }
}
