//! Converts exclusion rules to API messages.

use jiff::Timestamp;
use sweetspot_core::{Attribution, ExclusionRule, Severity};
use sweetspot_proto::v1;

use super::definition::words::wire_section;
use super::wire::wire_condition;

/// Converts an exclusion rule. Files contain days; a missing time becomes that of the training.
pub(crate) fn wire_gate(gate: ExclusionRule) -> v1::Gate {
    let ExclusionRule { id, statement, when, severity, section, attribution: by } = gate;
    let Attribution { author, stated_at: stated, reason, expires } = by;
    let seconds = |time: Timestamp| prost_types::Timestamp { seconds: time.as_second(), nanos: 0 };
    let severity = match severity {
        Severity::Out => v1::GateSeverity::Out,
        Severity::Caution => v1::GateSeverity::Caution,
    };
    v1::Gate {
        id,
        statement,
        when: Some(wire_condition(when)),
        severity: severity.into(),
        section: wire_section(section).into(),
        author,
        create_time: (stated != Timestamp::default()).then(|| seconds(stated)),
        reason,
        expire_time: expires.map(seconds),
    }
}
