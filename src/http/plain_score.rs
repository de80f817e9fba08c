//! The score of one account as plain JSON, with its reasons in words.

use std::fmt;

use prost::Message as _;
use serde::Serialize;
use sweetspot_proto::v1::{
    AttributeIssue, AttributeStatus, FitScore, Reason, ReasonKind, RowError, ScoreAccountsResponse,
};
use tonic::{Code, Status};

use super::response::{EncodedResponse, encode_json, internal_error};
use crate::api::status::status_with_reason;
use crate::messages::words::{data_support_word, pond_side_word, tier_letter};

/// A score. Unknown values are left out.
#[derive(Serialize)]
struct PlainScore {
    account_id: String,
    /// 1 to 99.
    score: u32,
    tier: &'static str,
    probability: f64,
    /// The 90% interval of the probability.
    low: f64,
    high: f64,
    log_odds: f64,
    data_support: &'static str,
    pond_side: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    segment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_value: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    currency_code: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exclusion_rules: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<PlainReason>,
    /// Attributes of the model that the account does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    issues: Vec<PlainIssue>,
    model_version: String,
}

#[derive(Serialize)]
struct PlainReason {
    attribute: String,
    value: String,
    log_odds: f64,
    sentence: String,
}

#[derive(Serialize)]
struct PlainIssue {
    attribute: String,
    issue: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reading: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    did_you_mean: String,
}

/// Encodes the score in a response with one account.
///
/// # Errors
/// Returns the error of the account if it could not be scored.
pub(super) fn encode_score(bytes: &[u8]) -> Result<EncodedResponse, Status> {
    let response = ScoreAccountsResponse::decode(bytes).map_err(|error| internal_error(&error))?;
    if let Some(RowError { description, reason, .. }) = response.errors.into_iter().next() {
        return Err(status_with_reason(Code::InvalidArgument, &description, &reason));
    }
    let version = response.summary.map(|summary| summary.resolved_version).unwrap_or_default();
    // The query has no filter, so that each account has a score or an error.
    let score = response.scores.into_iter().next().ok_or_else(|| internal_error(&fmt::Error))?;
    encode_json(&plain_score(score, version))
}

fn plain_score(score: FitScore, model_version: String) -> PlainScore {
    let (tier, pond_side, data_support) = (score.tier(), score.pond_side(), score.data_support());
    let (missing, issues): (Vec<_>, Vec<_>) =
        score.issues.into_iter().partition(|issue| issue.status() == AttributeStatus::Missing);
    PlainScore {
        account_id: score.account_id,
        score: score.score,
        tier: tier_letter(tier),
        probability: score.probability,
        low: score.low,
        high: score.high,
        log_odds: score.log_odds,
        data_support: data_support_word(data_support),
        pond_side: pond_side_word(pond_side),
        segment_id: score.segment_id,
        expected_value: score.expected_value,
        currency_code: score.currency_code,
        exclusion_rules: score.exclusion_rules,
        reasons: score.reasons.into_iter().map(plain_reason).collect(),
        missing: missing.into_iter().map(|issue| issue.attribute).collect(),
        issues: issues.into_iter().map(plain_issue).collect(),
        model_version,
    }
}

fn plain_reason(reason: Reason) -> PlainReason {
    let sentence = sentence(&reason);
    let Reason { attribute, value_label: value, log_odds, .. } = reason;
    PlainReason { attribute, value, log_odds, sentence }
}

fn plain_issue(issue: AttributeIssue) -> PlainIssue {
    let word = issue_word(issue.status());
    let AttributeIssue { attribute, reading, reason, did_you_mean, status: _, field: _ } = issue;
    PlainIssue { attribute, issue: word, reading, reason, did_you_mean }
}

/// `Industry is Logistics: multiplies the odds by 2.1, all else equal; 61% of 142 such customers are ideal`.
fn sentence(reason: &Reason) -> String {
    let Reason { attribute, value_label, log_odds, customers, ideal_rate, .. } = reason;
    let subject = match reason.kind() {
        ReasonKind::Hypothesis => value_label.clone(),
        ReasonKind::Pair => match (attribute.split_once(" * "), value_label.split_once(" * ")) {
            (Some((one, other)), Some((value, other_value))) => {
                format!("{one} is {value} and {other} is {other_value}")
            }
            _ => format!("{attribute} is {value_label}"),
        },
        ReasonKind::Attribute | ReasonKind::Unspecified => format!("{attribute} is {value_label}"),
    };
    let effect = effect(*log_odds);
    match (reason.kind(), customers) {
        (ReasonKind::Hypothesis, _) => format!("{subject} (a hypothesis): {effect}"),
        (_, 0) => format!("{subject}: {effect}"),
        // Their rate would contradict the effect, because they differ in other attributes as well.
        _ if reason.raw_rate_differs => format!("{subject}: {effect}"),
        (_, 1) => format!(
            "{subject}: {effect}; the only such customer is {}",
            if *ideal_rate > 0.5 { "ideal" } else { "not ideal" }
        ),
        (_, customers) => {
            let percent = (ideal_rate * 100.0).round();
            format!("{subject}: {effect}; {percent}% of {customers} such customers are ideal")
        }
    }
}

/// The effect of a difference in log-odds, as a factor of the odds with two digits.
fn effect(log_odds: f64) -> String {
    let factor = log_odds.abs().exp();
    let text = if factor < 9.95 { format!("{factor:.1}") } else { format!("{factor:.0}") };
    match (text == "1.0", log_odds > 0.0) {
        (true, _) => "hardly changes the odds".to_owned(),
        (false, true) => format!("multiplies the odds by {text}, all else equal"),
        (false, false) => format!("divides the odds by {text}, all else equal"),
    }
}

const fn issue_word(status: AttributeStatus) -> &'static str {
    match status {
        AttributeStatus::Unspecified | AttributeStatus::Used => "",
        AttributeStatus::Missing => "missing",
        AttributeStatus::UnseenCategory => "unseen_category",
        AttributeStatus::OutOfRange => "out_of_range",
        AttributeStatus::UnknownAttribute => "unknown_attribute",
        AttributeStatus::TypeMismatch => "type_mismatch",
        AttributeStatus::Ambiguous => "ambiguous",
        AttributeStatus::Ignored => "ignored",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(log_odds: f64, customers: u64, ideal_rate: f64) -> Reason {
        let (attribute, value_label) = ("Industry".to_owned(), "Logistics".to_owned());
        let kind = ReasonKind::Attribute.into();
        Reason { attribute, value_label, log_odds, customers, ideal_rate, kind, ..Reason::default() }
    }

    #[test]
    fn a_reason_is_a_sentence() {
        let plain = reason(0.75, 142, 0.612);
        let with = |change: fn(&mut Reason)| {
            let mut reason = plain.clone();
            change(&mut reason);
            sentence(&reason)
        };
        let lowered = "Industry is Logistics: divides the odds by 12, all else equal";
        for (found, expected) in [
            (
                sentence(&plain),
                "Industry is Logistics: multiplies the odds by 2.1, all else equal; 61% of 142 such customers are ideal",
            ),
            (sentence(&reason(-2.5, 0, 0.0)), lowered),
            (sentence(&reason(0.01, 0, 0.0)), "Industry is Logistics: hardly changes the odds"),
            (
                sentence(&reason(0.75, 1, 1.0)),
                "Industry is Logistics: multiplies the odds by 2.1, all else equal; the only such customer is ideal",
            ),
            (
                with(|reason| reason.raw_rate_differs = true),
                "Industry is Logistics: multiplies the odds by 2.1, all else equal",
            ),
            (
                with(|reason| (reason.value_label, reason.customers) = ("missing".to_owned(), 0)),
                "Industry is missing: multiplies the odds by 2.1, all else equal",
            ),
            (
                with(|reason| {
                    reason.kind = ReasonKind::Pair.into();
                    (reason.attribute, reason.value_label) =
                        ("Industry * Size".to_owned(), "Retail * missing".to_owned());
                    reason.customers = 0;
                }),
                "Industry is Retail and Size is missing: multiplies the odds by 2.1, all else equal",
            ),
            (
                with(|reason| {
                    (reason.kind, reason.value_label) = (ReasonKind::Hypothesis.into(), "They ship".to_owned());
                }),
                "They ship (a hypothesis): multiplies the odds by 2.1, all else equal",
            ),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_error_of_an_account_is_the_error_of_the_request() {
        let error = RowError { reason: "NOT_FINITE".to_owned(), description: "no".to_owned(), ..RowError::default() };
        let response = ScoreAccountsResponse { errors: vec![error], ..ScoreAccountsResponse::default() };
        let status = encode_score(&response.encode_to_vec()).unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "no"));
        assert!(encode_score(&[]).is_err());
    }
}
