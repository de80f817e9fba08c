//! Error details as JSON.

use prost::Message as _;
use serde_json::{Map, Value, json};
use tonic_types::pb;

/// Converts the details of a `google.rpc.Status`, each with its `@type`. Details of types that this server never
/// attaches are omitted.
#[must_use]
pub fn error_details(status: &[u8]) -> Vec<Value> {
    let details = pb::Status::decode(status).map(|status| status.details).unwrap_or_default();
    details.iter().filter_map(|detail| detail_json(&detail.type_url, &detail.value)).collect()
}

fn detail_json(kind: &str, value: &[u8]) -> Option<Value> {
    let mut fields = match kind.rsplit('/').next()? {
        "google.rpc.ErrorInfo" => error_info(pb::ErrorInfo::decode(value).ok()?),
        "google.rpc.BadRequest" => bad_request(pb::BadRequest::decode(value).ok()?),
        "google.rpc.RetryInfo" => retry_info(&pb::RetryInfo::decode(value).ok()?),
        "google.rpc.QuotaFailure" => quota_failure(pb::QuotaFailure::decode(value).ok()?),
        "google.rpc.PreconditionFailure" => precondition_failure(pb::PreconditionFailure::decode(value).ok()?),
        _ => return None,
    };
    if let Value::Object(fields) = &mut fields {
        let mut typed = Map::from_iter([("@type".to_owned(), json!(kind))]);
        typed.append(fields);
        return Some(Value::Object(typed));
    }
    None
}

fn error_info(info: pb::ErrorInfo) -> Value {
    let pb::ErrorInfo { reason, domain, metadata } = info;
    let mut fields = json!({ "reason": reason, "domain": domain });
    if let (Value::Object(fields), false) = (&mut fields, metadata.is_empty()) {
        fields.insert("metadata".to_owned(), json!(metadata));
    }
    fields
}

fn bad_request(request: pb::BadRequest) -> Value {
    let violations = request.field_violations.into_iter();
    let violations =
        violations.map(|violation| json!({ "field": violation.field, "description": violation.description }));
    json!({ "fieldViolations": violations.collect::<Vec<_>>() })
}

/// A protobuf duration: seconds with an `s`, and nanoseconds if there are any.
fn retry_info(info: &pb::RetryInfo) -> Value {
    let Some(delay) = info.retry_delay.as_ref() else { return json!({}) };
    let text =
        if delay.nanos == 0 { format!("{}s", delay.seconds) } else { format!("{}.{:09}s", delay.seconds, delay.nanos) };
    json!({ "retryDelay": text })
}

fn quota_failure(failure: pb::QuotaFailure) -> Value {
    let violations = failure.violations.into_iter();
    let violations =
        violations.map(|violation| json!({ "subject": violation.subject, "description": violation.description }));
    json!({ "violations": violations.collect::<Vec<_>>() })
}

fn precondition_failure(failure: pb::PreconditionFailure) -> Value {
    let violations = failure.violations.into_iter();
    let violations =
        violations.map(|violation| json!({ "type": violation.r#type, "subject": violation.subject, "description": violation.description }));
    json!({ "violations": violations.collect::<Vec<_>>() })
}
