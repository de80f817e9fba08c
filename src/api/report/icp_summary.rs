//! `GetIcpSummary`: the ideal customer profile (ICP) of a version.

use sweetspot_core::Severity;
use sweetspot_proto::v1;
use sweetspot_report::summary::{
    CategorySummary, Headline, ProfileHypothesis, SpendingMeans, SpicedPartSummary, Summary,
};
use sweetspot_report::{ComparedAnswer, FieldComparison, Interviews, SegmentInterviews, format_date};
use tonic::Status;

use super::ReportApi;
use crate::api::convert::document_settings::parse_day_setting;
use crate::api::convert::proportion::{factor, many_values, share};
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
        hypotheses,
        many_values: many,
        omitted_negative_factors,
        negative_factors: rules_out,
        exclusion_rules,
        second_looks,
        spiced,
        buying_answers,
        interviews,
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
        exclusion_rules: exclusion_rules.iter().map(exclusion_rule).collect(),
        second_looks,
        spiced: spiced.into_iter().map(shared).collect(),
        ideal_growth: spending.map(|spending| growth(spending.ideal)),
        other_growth: spending.map(|spending| growth(spending.others)),
        segment_note,
        cautions,
        buying_answers: buying_answers.into_iter().map(comparison).collect(),
        interviews: Some(self::interviews(interviews)),
        hypotheses: hypotheses.into_iter().map(hypothesis).collect(),
        many_values: many.into_iter().map(many_values).collect(),
        more_rules_out: omitted_negative_factors as u64,
    }
}

fn exclusion_rule((severity, rule): &(Severity, String)) -> String {
    format!("{}: {rule}", severity.as_str())
}

fn part(part: CategorySummary) -> v1::IcpPart {
    let CategorySummary { category, factors, omitted_factors: more, findings, attributes: _ } = part;
    let more = u32::try_from(more).unwrap_or(u32::MAX);
    v1::IcpPart { category: category.wire().into(), factors: factors.into_iter().map(factor).collect(), more, findings }
}

fn shared(shared: SpicedPartSummary) -> v1::SharedSpiced {
    let SpicedPartSummary { part, answers, findings } = shared;
    let text = |answer: &ComparedAnswer| v1::CountedText { text: answer.text.clone(), count: answer.ideal.part };
    v1::SharedSpiced {
        part: part.wire().into(),
        answered_customers: answers.ideal_answered,
        texts: answers.frequent.iter().map(text).collect(),
        findings,
        comparison: Some(comparison(answers)),
    }
}

fn hypothesis(hypothesis: ProfileHypothesis) -> v1::ProfileHypothesis {
    let ProfileHypothesis {
        category,
        text,
        condition,
        odds_ratio,
        rate_without,
        rate_with,
        author,
        reason,
        customers,
        verdict: _,
        needed_to_support,
        needed_to_refute,
    } = hypothesis;
    v1::ProfileHypothesis {
        category: category.wire().into(),
        text,
        condition,
        odds_ratio,
        rate_without,
        rate_with,
        author,
        reason,
        customers: Some(share(customers)),
        needed_to_support,
        needed_to_refute,
    }
}

fn interviews(interviews: Interviews) -> v1::IcpInterviews {
    let Interviews { total, segments, questions } = interviews;
    let segment = |segment: SegmentInterviews| {
        let SegmentInterviews { name, interviews, missing, candidates } = segment;
        v1::SegmentInterviews { segment: name, interviews, missing, ask_next: candidates }
    };
    v1::IcpInterviews {
        total,
        segments: segments.into_iter().map(segment).collect(),
        questions: questions.into_iter().map(str::to_owned).collect(),
    }
}

fn comparison(comparison: FieldComparison) -> v1::AnswerComparison {
    let FieldComparison {
        field,
        ideal_answered,
        others_answered,
        frequent,
        omitted,
        standing_out,
        standing_out_omitted,
        compared,
    } = comparison;
    v1::AnswerComparison {
        field: field.key().to_owned(),
        ideal_customers: ideal_answered,
        other_customers: others_answered,
        frequent: frequent.into_iter().map(compared_answer).collect(),
        more: omitted,
        standing_out: standing_out.into_iter().map(compared_answer).collect(),
        more_standing_out: standing_out_omitted,
        compared,
    }
}

fn compared_answer(answer: ComparedAnswer) -> v1::ComparedAnswer {
    let ComparedAnswer { text, ideal, others, ratio } = answer;
    v1::ComparedAnswer {
        text,
        ideal: Some(share(ideal)),
        others: Some(share(others)),
        ratio: ratio.map(|(ratio, _, _)| ratio),
        low: ratio.map(|(_, low, _)| low),
        high: ratio.map(|(_, _, high)| high),
    }
}

const fn growth(means: SpendingMeans) -> v1::SpendGrowth {
    let SpendingMeans { customers, first, last } = means;
    v1::SpendGrowth { customers, first_quarter: first, sixth_quarter: last }
}
