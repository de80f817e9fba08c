//! Gates, from the wire and back.

use super::condition::{condition, wire_condition};
use super::place::{section, severity, wire_section, wire_severity};
use super::said::{expiry, statement, wire_time};
use super::time::timestamp;
use crate::api::problems::Problems;
use crate::domain::{Gate, PondSection, Statement};
use crate::generated::v1;

/// The reason of a gate that cannot be used.
pub(super) const REASON: &str = "INVALID_GATE";

/// Reads a gate; `path` is where it stands in the request. Its bounds are for the caller to check.
pub(super) fn gate(wire: v1::Gate, path: &str, problems: &mut Problems) -> Option<Gate> {
    let v1::Gate {
        id,
        statement: words,
        when,
        severity: counts,
        section: place,
        author,
        create_time: _,
        reason,
        expire_time,
    } = wire;
    let expires = expiry(expire_time, path, problems);
    let when_path = format!("{path}.when");
    if when.is_none() {
        problems.add(REASON, when_path.as_str(), "there is no condition: say whom the gate is about");
    }
    let when = when.and_then(|when| condition(when, &when_path, problems));
    let severity_path = format!("{path}.severity");
    let counts = problems.known::<v1::GateSeverity>(&severity_path, counts).and_then(|wire| {
        let found = severity(wire);
        if found.is_none() {
            problems.add(REASON, severity_path, "say how much it counts: GATE_SEVERITY_OUT or GATE_SEVERITY_CAUTION");
        }
        found
    });
    let place = problems.known(&format!("{path}.section"), place).map(section);
    let by = statement(author, reason, expires);
    let section = place?.unwrap_or(PondSection::AccountProfile);
    Some(Gate { id, statement: words, when: when?, severity: counts?, section, by })
}

/// A gate as it is answered.
pub(super) fn wire_gate(gate: Gate) -> v1::Gate {
    let Gate { id, statement, when, severity, section, by } = gate;
    let Statement { author, stated, reason, expires } = by;
    v1::Gate {
        id,
        statement,
        when: Some(wire_condition(when)),
        severity: wire_severity(severity).into(),
        section: wire_section(Some(section)).into(),
        author,
        create_time: Some(timestamp(stated)),
        reason,
        expire_time: wire_time(expires),
    }
}
