//! The ideal customer profile (ICP).

use sweetspot_proto::v1;
use sweetspot_report::format_date;
use sweetspot_report::summary::{CategorySummary, Headline, SpendingMeans, SpicedSummary, Summary};
use tonic::Status;

use super::ProfileApi;
use crate::api::convert::enums::{wire_category, wire_spiced};
use crate::api::convert::figures::{factor, share};

impl ProfileApi {
    /// Returns the ideal customer profile of a version.
    pub(super) async fn get_profile(&self, request: v1::GetProfileRequest) -> Result<v1::GetProfileResponse, Status> {
        let v1::GetProfileRequest { version } = request;
        let profile = self.build_document(&version, |evidence| profile(Summary::new(evidence))).await?;
        Ok(v1::GetProfileResponse { profile: Some(profile) })
    }
}

/// Converts the ideal customer profile.
pub(super) fn profile(summary: Summary) -> v1::Profile {
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
        exclusion_rules: gates,
        second_looks,
        spiced,
        growth: spending,
        cautions,
    } = summary;
    let sentence = opening.as_ref().map(Headline::sentence).unwrap_or_default();
    let (traits, matching, matching_value_share) = match opening {
        Some(Headline { traits, matching, all: _, value_share, weights: _ }) => {
            (traits, Some(share(matching)), value_share)
        }
        None => (Vec::new(), None, None),
    };
    let traits = traits.into_iter().map(|one| v1::ProfileTrait { attribute: one.attribute, value: one.value });
    v1::Profile {
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
        gates: gates.into_iter().map(|(severity, rule)| format!("{}: {rule}", severity.as_str())).collect(),
        second_looks,
        spiced: spiced.into_iter().map(shared).collect(),
        ideal_growth: spending.map(|spending| growth(spending.ideal)),
        other_growth: spending.map(|spending| growth(spending.others)),
        cautions,
    }
}

fn part(part: CategorySummary) -> v1::ProfilePart {
    let CategorySummary { category, factors, omitted_factors: more, findings, attributes: _ } = part;
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    v1::ProfilePart {
        category: wire_category(Some(category)).into(),
        factors: factors.into_iter().map(factor).collect(),
        more,
        findings,
    }
}

fn shared(shared: SpicedSummary) -> v1::SharedSpiced {
    let SpicedSummary { part, answered_customers, texts, findings } = shared;
    let texts = texts.into_iter().map(|(text, count)| v1::CountedText { text, count }).collect();
    v1::SharedSpiced { part: wire_spiced(Some(part)).into(), answered_customers, texts, findings }
}

const fn growth(means: SpendingMeans) -> v1::SpendGrowth {
    let SpendingMeans { customers, first, last } = means;
    v1::SpendGrowth { customers, first_quarter: first, sixth_quarter: last }
}
