//! The ICP summary.

use sweetspot_proto::v1;
use sweetspot_report::day;
use sweetspot_report::summary::{Means, Opening, Part, Shared, Summary};
use tonic::Status;

use super::Profile;
use crate::api::convert::figures::{factor, share};
use crate::api::convert::place::{wire_category, wire_spiced};

impl Profile {
    /// The ICP summary of a version.
    pub(super) async fn profile(&self, request: v1::GetProfileRequest) -> Result<v1::GetProfileResponse, Status> {
        let v1::GetProfileRequest { version } = request;
        let profile = self.document(&version, |evidence| profile(Summary::new(evidence))).await?;
        Ok(v1::GetProfileResponse { profile: Some(profile) })
    }
}

/// The summary as it is answered.
pub(super) fn profile(summary: Summary) -> v1::Profile {
    let Summary {
        version,
        as_of,
        has_signal,
        verdict,
        rule,
        customers,
        value_share,
        opening,
        parts,
        rules_out,
        gates,
        second_looks,
        spiced,
        growth: spending,
        cautions,
    } = summary;
    let sentence = opening.as_ref().map(Opening::sentence).unwrap_or_default();
    let (traits, matching, matching_value_share) = match opening {
        Some(Opening { traits, matching, all: _, value_share, weights: _ }) => {
            (traits, Some(share(matching)), value_share)
        }
        None => (Vec::new(), None, None),
    };
    let traits = traits.into_iter().map(|one| v1::ProfileTrait { attribute: one.attribute, value: one.value });
    v1::Profile {
        version,
        date: day(as_of),
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
        gates: gates.into_iter().map(|(severity, rule)| format!("{}: {rule}", severity.word())).collect(),
        second_looks,
        spiced: spiced.into_iter().map(shared).collect(),
        ideal_growth: spending.map(|spending| growth(spending.ideal)),
        other_growth: spending.map(|spending| growth(spending.others)),
        cautions,
    }
}

fn part(part: Part) -> v1::ProfilePart {
    let Part { category, factors, more, findings, attributes: _ } = part;
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    v1::ProfilePart {
        category: wire_category(Some(category)).into(),
        factors: factors.into_iter().map(factor).collect(),
        more,
        findings,
    }
}

fn shared(shared: Shared) -> v1::SharedSpiced {
    let Shared { part, told, texts, findings } = shared;
    let texts = texts.into_iter().map(|(text, count)| v1::CountedText { text, count }).collect();
    v1::SharedSpiced { part: wire_spiced(Some(part)).into(), told, texts, findings }
}

const fn growth(means: Means) -> v1::SpendGrowth {
    let Means { customers, first, last } = means;
    v1::SpendGrowth { customers, first_quarter: first, sixth_quarter: last }
}
