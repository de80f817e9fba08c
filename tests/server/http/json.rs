//! An independent implementation of the JSON mapping of messages.

use serde_json::{Map, Value, json};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{self, AttributeStatus, DataSupport, FitTier, PondSide, ReasonKind};

/// A number, as a string if JSON cannot represent it.
fn number(value: f64) -> Value {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(value)
    }
}

/// A count as a string, as protobuf JSON represents 64-bit integers; null if it is zero.
fn count(count: u64) -> Value {
    if count == 0 { Value::Null } else { json!(count.to_string()) }
}

/// An object without the fields that have their default value.
fn fields<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let default = |value: &Value| match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(_) => false,
    };
    let kept = fields.into_iter().filter(|(_, value)| !default(value));
    Value::Object(kept.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The JSON of an account, with field names in camel case or in snake case.
pub(crate) fn account(account: &v1::Account, camel: bool) -> Value {
    let value = |value: &v1::AttributeValue| match &value.kind {
        None => json!({}),
        Some(Kind::Number(value)) => json!({ "number": number(*value) }),
        Some(Kind::Text(text)) => json!({ "text": text }),
        Some(Kind::Flag(flag)) => json!({ "flag": flag }),
        Some(Kind::Texts(texts)) => json!({ "texts": { "values": texts.values } }),
    };
    let attributes: Map<String, Value> =
        account.attributes.iter().map(|(name, kind)| (name.clone(), value(kind))).collect();
    let id = if camel { "accountId" } else { "account_id" };
    json!({ id: account.account_id, "attributes": attributes })
}

pub(crate) fn scored(response: &v1::ScoreAccountsResponse) -> Value {
    let summary = response.summary.as_ref().unwrap();
    fields([
        ("scores", response.scores.iter().map(score).collect()),
        ("errors", response.errors.iter().map(row_error).collect()),
        (
            "summary",
            fields([
                ("resolvedVersion", json!(summary.resolved_version)),
                ("received", count(summary.received)),
                ("scored", count(summary.scored)),
                ("filteredOut", count(summary.filtered_out)),
                ("failed", count(summary.failed)),
                ("warnings", json!(summary.warnings)),
            ]),
        ),
    ])
}

pub(crate) fn explained(response: &v1::ExplainAccountsResponse) -> Value {
    fields([
        ("scores", response.scores.iter().map(score).collect()),
        ("errors", response.errors.iter().map(row_error).collect()),
        ("resolvedVersion", json!(response.resolved_version)),
    ])
}

fn score(score: &v1::FitScore) -> Value {
    let issue = |issue: &v1::AttributeIssue| {
        let status = AttributeStatus::try_from(issue.status).unwrap().as_str_name();
        fields([
            ("attribute", json!(issue.attribute)),
            ("status", json!(status)),
            ("reading", json!(issue.reading)),
            ("didYouMean", json!(issue.did_you_mean)),
            ("field", json!(issue.field)),
            ("reason", json!(issue.reason)),
        ])
    };
    fields([
        ("accountId", json!(score.account_id)),
        ("probability", json!(score.probability)),
        ("logOdds", json!(score.log_odds)),
        ("tier", json!(FitTier::try_from(score.tier).unwrap().as_str_name())),
        ("pondSide", json!(PondSide::try_from(score.pond_side).unwrap().as_str_name())),
        ("segmentId", json!(score.segment_id)),
        ("expectedValue", json!(score.expected_value)),
        ("currencyCode", json!(score.currency_code)),
        ("exclusionRules", json!(score.exclusion_rules)),
        ("reasons", score.reasons.iter().map(reason).collect()),
        ("baseLogOdds", json!(score.base_log_odds)),
        ("coverage", json!(score.coverage)),
        ("issues", score.issues.iter().map(issue).collect()),
        ("score", json!(score.score)),
        ("low", json!(score.low)),
        ("high", json!(score.high)),
        ("dataSupport", json!(DataSupport::try_from(score.data_support).unwrap().as_str_name())),
    ])
}

fn reason(reason: &v1::Reason) -> Value {
    fields([
        ("attribute", json!(reason.attribute)),
        ("valueLabel", json!(reason.value_label)),
        ("logOdds", json!(reason.log_odds)),
        ("standardError", json!(reason.standard_error)),
        ("customers", count(reason.customers)),
        ("idealRate", json!(reason.ideal_rate)),
        ("kind", json!(ReasonKind::try_from(reason.kind).unwrap().as_str_name())),
    ])
}

fn row_error(error: &v1::RowError) -> Value {
    fields([
        ("accountId", json!(error.account_id)),
        ("rowIndex", json!(error.row_index)),
        ("reason", json!(error.reason)),
        ("field", json!(error.field)),
        ("description", json!(error.description)),
    ])
}
