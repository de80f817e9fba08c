//! `GetPondMap`: the Pond Map, the document of what counts against an account and for it, in five sections.

use sweetspot_proto::v1;
use sweetspot_report::format_date;
use sweetspot_report::pond::{FactorSource, MapSection, PeriodCounts, PondAdherence, PondFactor, PondMap};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::proportion::share;
use crate::messages::enums::WireEnum;

impl ReportApi {
    /// Returns the Pond Map of a version.
    pub(super) async fn get_pond_map(&self, request: v1::GetPondMapRequest) -> Result<v1::GetPondMapResponse, Status> {
        let v1::GetPondMapRequest { version } = request;
        let pond_map = self.build_document(&version, |input| pond_map(PondMap::new(input))).await?;
        Ok(v1::GetPondMapResponse { pond_map: Some(pond_map) })
    }
}

/// Converts a Pond Map.
pub(super) fn pond_map(map: PondMap) -> v1::PondMap {
    let PondMap { version, as_of, sections, inside, outside, adherence } = map;
    let PondAdherence { periods, undated, is_yearly: _, total } = adherence;
    v1::PondMap {
        version,
        date: format_date(as_of),
        sections: sections.into_iter().map(section).collect(),
        inside: Some(share(inside)),
        outside: Some(share(outside)),
        periods: periods.into_iter().map(period).collect(),
        undated,
        total: Some(period(total)),
    }
}

fn section(section: MapSection) -> v1::PondMapSection {
    let MapSection { section, negatives, positives } = section;
    let place = section.wire().into();
    let factors = |factors: Vec<PondFactor>| factors.into_iter().map(factor).collect();
    v1::PondMapSection { section: place, negatives: factors(negatives), positives: factors(positives) }
}

fn factor(factor: PondFactor) -> v1::PondFactor {
    let PondFactor { text, source, severity } = factor;
    let source = match source {
        FactorSource::Learned { odds_ratio, low, high, customers } => {
            let customers = Some(share(customers));
            v1::pond_factor::Source::Learned(v1::LearnedFactor { odds_ratio, low, high, customers })
        }
        FactorSource::Stated { author: by, reason } => v1::pond_factor::Source::Stated(v1::StatedFactor { by, reason }),
    };
    let severity = severity.map(WireEnum::wire).unwrap_or_default().into();
    v1::PondFactor { text, severity, source: Some(source) }
}

fn period(period: PeriodCounts) -> v1::AdherencePeriod {
    let PeriodCounts { name, new_wins, won_inside, won_outside, churned_inside, churned_outside } = period;
    v1::AdherencePeriod {
        period: name,
        new_customers_inside: Some(share(new_wins)),
        won_inside: Some(share(won_inside)),
        won_outside: Some(share(won_outside)),
        churned_inside: Some(share(churned_inside)),
        churned_outside: Some(share(churned_outside)),
    }
}
