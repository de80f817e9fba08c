//! Gates on their way into a request.

use jiff::Timestamp;
use sweetspot_core::{Gate, Severity, Statement};
use sweetspot_proto::v1;

use super::stated::words::wire_section;
use super::wire::wire_condition;

/// A gate. A file gives days; a time that it does not give is that of the training.
pub(crate) fn wire_gate(gate: Gate) -> v1::Gate {
    let Gate { id, statement, when, severity, section, by } = gate;
    let Statement { author, stated, reason, expires } = by;
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
