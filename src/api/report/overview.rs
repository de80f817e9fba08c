//! Converts the overview, the one-sheet document with whom to call, whom to skip and what to do next, to a message.

use crate::messages::enums::WireEnum as _;
use sweetspot_proto::v1::{self, overview::Usability as WireUsability};
use sweetspot_report::overview::{AccountPattern, NextActions, NextCall, Overview, PatternSource, Usability};

use crate::api::convert::evaluation_report::criterion;
use crate::api::convert::proportion::share;

/// Converts the overview.
pub(super) fn overview(overview: Overview) -> v1::Overview {
    let Overview {
        version,
        ideal_meaning,
        all,
        // Of the label card of the proof.
        weights: _,
        call,
        called,
        called_value_share,
        skip,
        skipped,
        skipped_value_share,
        others,
        usability,
        usability_reason,
        acceptance,
        // Of the evaluation of the proof.
        tiers: _,
        unknowns,
        next,
        // In words in the state.
        is_approved: _,
        state,
    } = overview;
    let NextActions { call: next_calls, stop: stop_calls, stop_count, questions, interviewees } = next;
    let usability = match usability {
        Usability::Usable => WireUsability::Usable,
        Usability::Weak => WireUsability::Weak,
        Usability::NotUsable => WireUsability::NotUsable,
        Usability::Untested => WireUsability::Untested,
    };
    v1::Overview {
        version,
        ideal_meaning,
        all: Some(share(all)),
        call: call.into_iter().map(pattern).collect(),
        called: Some(share(called)),
        called_value_share,
        skip: skip.into_iter().map(pattern).collect(),
        skipped: Some(share(skipped)),
        skipped_value_share,
        others: Some(share(others)),
        usability: usability.into(),
        usability_reason,
        acceptance: acceptance.criteria().map(criterion).to_vec(),
        unknowns,
        next_calls: next_calls.into_iter().map(next_call).collect(),
        stop_calls,
        stop_call_count: stop_count,
        questions: questions.into_iter().map(|question| question.text().to_owned()).collect(),
        interviewees,
        state,
    }
}

fn next_call(call: NextCall) -> v1::NextCall {
    let NextCall { name, probability, tier, reason } = call;
    v1::NextCall { name, probability, tier: tier.wire().into(), reason: reason.unwrap_or_default() }
}

fn pattern(pattern: AccountPattern) -> v1::AccountPattern {
    let AccountPattern { description, attributes: _, source, customers, value_share, pain, example } = pattern;
    let (ruled_out_by, believed_by) = match source {
        PatternSource::Customers => (String::new(), String::new()),
        PatternSource::ExclusionRule(author) => (author, String::new()),
        PatternSource::Hypothesis(author) => (String::new(), author),
    };
    v1::AccountPattern {
        description,
        customers: Some(share(customers)),
        value_share,
        pain,
        example,
        ruled_out_by,
        believed_by,
    }
}
