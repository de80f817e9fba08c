//! Spans as messages of OTLP.

use jiff::Timestamp;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::trace::v1::{self, Status, span, status};

use crate::telemetry::{Span, SpanEnd, SpanKind, SpanValue};

/// What recorded the spans and the metrics.
pub(super) fn scope() -> InstrumentationScope {
    let version = env!("CARGO_PKG_VERSION").to_owned();
    InstrumentationScope { name: "sweetspot".to_owned(), version, ..InstrumentationScope::default() }
}

pub(super) fn attribute(key: &str, value: SpanValue) -> KeyValue {
    let value = match value {
        SpanValue::Text(text) => Value::StringValue(text),
        SpanValue::Number(number) => Value::IntValue(number),
    };
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// Returns a time in nanoseconds since 1970.
pub(super) fn unix_nanos(time: Timestamp) -> u64 {
    u64::try_from(time.as_nanosecond()).unwrap_or_default()
}

pub(super) fn span_message(ended: Span) -> v1::Span {
    let Span { trace_id, id, parent_id, end } = ended;
    let SpanEnd { name, kind, start, duration, is_error, attributes } = end;
    let start = unix_nanos(start);
    let kind = match kind {
        SpanKind::Server => span::SpanKind::Server,
        SpanKind::Internal => span::SpanKind::Internal,
    };
    let code = if is_error { status::StatusCode::Error } else { status::StatusCode::Unset };
    v1::Span {
        trace_id: trace_id.0.to_be_bytes().into(),
        span_id: id.to_be_bytes().into(),
        parent_span_id: parent_id.map(|id| id.to_be_bytes().into()).unwrap_or_default(),
        name,
        kind: kind.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: start.saturating_add(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)),
        attributes: attributes.into_iter().map(|(key, value)| attribute(key, value)).collect(),
        status: Some(Status { message: String::new(), code: code.into() }),
        // Sampled.
        flags: 1,
        ..v1::Span::default()
    }
}
