//! `GetIcpSummary`: the ideal customer profile (ICP) of a version.

use sweetspot_proto::v1;
use sweetspot_report::format_date;
use sweetspot_report::summary::{CategorySummary, Headline, SpendingMeans, SpicedPartSummary, Summary};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::document_settings::parse_day_setting;
use crate::api::convert::proportion::{factor, share};
use crate::messages::enums::WireEnum as _;

impl ReportApi {
    /// Returns the ideal customer profile of a version.
    pub(super) async fn get_icp_summary(
        &self,
        request: v1::GetIcpSummaryRequest,
    ) -> Result<v1::GetIcpSummaryResponse, Status> {
        let v1::GetIcpSummaryRequest { version, as_of } = request;
        let settings = parse_day_setting(as_of)?;
        let summary = self.build_document_with(&version, settings, |input| icp_summary(Summary::new(input))).await?;
        Ok(v1::GetIcpSummaryResponse { summary: Some(summary) })
    }
}

/// Converts the ideal customer profile.
pub(super) fn icp_summary(summary: Summary) -> v1::IcpSummary {
    let Summary {
        version,
        as_of,
        has_signal,
        verdict,
        rule,
        customers,
        value_share,
        headline: opening,
        parts,
        negative_factors: rules_out,
        exclusion_rules,
        second_looks,
        spiced,
        growth: spending,
        segment_note,
        cautions,
    } = summary;
    let sentence = opening.as_ref().map(Headline::sentence).unwrap_or_default();
    let (traits, matching, matching_value_share) = match opening {
        Some(Headline { traits, matching, all: _, value_share, weights: _ }) => {
            (traits, Some(share(matching)), value_share)
        }
        None => (Vec::new(), None, None),
    };
    let traits = traits
        .into_iter()
        .map(|headline_trait| v1::IcpTrait { attribute: headline_trait.attribute.key, value: headline_trait.value });
    v1::IcpSummary {
        version,
        date: format_date(as_of),
        opening: sentence,
        traits: traits.collect(),
        matching,
        matching_value_share,
        customers: Some(share(customers)),
        ideal_value_share: value_share,
        rule,
        has_signal,
        verdict,
        parts: parts.into_iter().map(part).collect(),
        rules_out: rules_out.into_iter().map(factor).collect(),
        exclusion_rules: exclusion_rules
            .into_iter()
            .map(|(severity, rule)| format!("{}: {rule}", severity.as_str()))
            .collect(),
        second_looks,
        spiced: spiced.into_iter().map(shared).collect(),
        ideal_growth: spending.map(|spending| growth(spending.ideal)),
        other_growth: spending.map(|spending| growth(spending.others)),
        segment_note,
        cautions,
    }
}

fn part(part: CategorySummary) -> v1::IcpPart {
    let CategorySummary { category, factors, omitted_factors: more, findings, attributes: _ } = part;
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    v1::IcpPart { category: category.wire().into(), factors: factors.into_iter().map(factor).collect(), more, findings }
}

fn shared(shared: SpicedPartSummary) -> v1::SharedSpiced {
    let SpicedPartSummary { part, answered_customers, texts, findings } = shared;
    let texts = texts.into_iter().map(|(text, count)| v1::CountedText { text, count }).collect();
    v1::SharedSpiced { part: part.wire().into(), answered_customers, texts, findings }
}

const fn growth(means: SpendingMeans) -> v1::SpendGrowth {
    let SpendingMeans { customers, first, last } = means;
    v1::SpendGrowth { customers, first_quarter: first, sixth_quarter: last }
}
