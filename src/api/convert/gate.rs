//! Gates, from the wire and back.

use jiff::Timestamp;
use sweetspot_core::{Condition, Gate, GateFault, Severity, Statement, Test, check_gates, guess};
use sweetspot_model::GateSummary;
use sweetspot_proto::v1;

use super::condition::{condition, wire_condition};
use super::place::{section, severity, wire_section, wire_severity};
use super::time::{instant, timestamp};
use crate::api::problems::Problems;

/// The reason of a gate that cannot be used.
pub(super) const REASON: &str = "INVALID_GATE";

/// Reads the gates of a request's field.
pub(in crate::api) fn gates(wire: Vec<v1::Gate>, field: &str, problems: &mut Problems) -> Vec<Gate> {
    let read: Vec<Gate> =
        wire.into_iter().enumerate().map(|(index, wire)| gate(wire, &format!("{field}[{index}]"), problems)).collect();
    for GateFault { index, field: part, text } in check_gates(&read) {
        match index {
            Some(index) => problems.add(REASON, format!("{field}[{index}].{part}"), text),
            None => problems.add("TOO_MANY_GATES", field, text),
        }
    }
    read
}

/// Reads a gate. Where there is no usable condition, it asks for nothing, so that its other faults are told all the same.
pub(in crate::api) fn gate(wire: v1::Gate, path: &str, problems: &mut Problems) -> Gate {
    let v1::Gate { id, statement, when, severity: how, section: place, author, create_time, reason, expire_time } =
        wire;
    let mut time = |field, wire: Option<prost_types::Timestamp>| {
        let read = wire.as_ref().map(instant);
        if read == Some(None) {
            problems.add("INVALID_TIME", format!("{path}.{field}"), "a time must be within the years 1 to 9999");
        }
        read.flatten()
    };
    let (stated, expires) = (time("create_time", create_time), time("expire_time", expire_time));
    let condition_path = format!("{path}.when");
    if when.is_none() {
        problems.add(
            REASON,
            condition_path.as_str(),
            "condition is required: set the accounts that the gate applies to",
        );
    }
    let when = when.and_then(|when| condition(when, &condition_path, problems));
    let when = when.unwrap_or_else(|| Condition { attribute: String::new(), test: Test::AnyOf(Vec::new()) });
    let severity = severity_of(how, &format!("{path}.severity"), problems);
    let section = problems.known(&format!("{path}.section"), place).and_then(section);
    let section = section.unwrap_or_else(|| guess(&when.attribute).1);
    // A time that is not told is that of the training.
    let by = Statement { author, stated: stated.unwrap_or_default(), reason, expires };
    Gate { id, statement, when, severity, section, by }
}

fn severity_of(number: i32, path: &str, problems: &mut Problems) -> Severity {
    let Some(wire) = problems.known::<v1::GateSeverity>(path, number) else { return Severity::Caution };
    severity(wire).unwrap_or_else(|| {
        let text = "severity is required: OUT puts accounts out of the pond, CAUTION asks for a second look";
        problems.add(REASON, path, text);
        Severity::Caution
    })
}

/// A gate as it is answered.
pub(in crate::api) fn wire_gate(gate: Gate) -> v1::Gate {
    let Gate { id, statement, when, severity, section, by } = gate;
    let Statement { author, stated, reason, expires } = by;
    v1::Gate {
        id,
        statement,
        when: Some(wire_condition(when)),
        severity: wire_severity(severity).into(),
        section: wire_section(Some(section)).into(),
        author,
        create_time: (stated != Timestamp::default()).then(|| timestamp(stated)),
        reason,
        expire_time: expires.map(timestamp),
    }
}

/// A gate of a version with whom it holds for, as it is answered.
pub(super) fn gate_summary(summary: GateSummary) -> v1::GateSummary {
    let GateSummary { gate, customers, ideal } = summary;
    v1::GateSummary { gate: Some(wire_gate(gate)), customers, ideal }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::PondSection;

    use super::*;

    #[test]
    fn a_gate_survives_the_wire_and_faults_are_told_with_their_place() {
        let when = Condition { attribute: "country".to_owned(), test: Test::AnyOf(vec!["X".to_owned()]) };
        let by =
            Statement { stated: Timestamp::from_second(9).unwrap(), author: "ann".to_owned(), ..Statement::default() };
        for (severity, section) in Severity::ALL.into_iter().cycle().zip(PondSection::ALL) {
            let (id, statement) = ("g".to_owned(), "Never.".to_owned());
            let gate = Gate { id, statement, when: when.clone(), severity, section, by: by.clone() };
            let mut problems = Problems::default();
            assert_eq!(gates(vec![wire_gate(gate.clone())], "gates", &mut problems), [gate]);
            assert!(problems.check(Some(())).is_ok());
        }
        let mut problems = Problems::default();
        let wrong = v1::Gate { section: 77, ..v1::Gate::default() };
        gates(vec![wrong], "gates", &mut problems);
        let told = problems.check(Some(())).unwrap_err().to_string();
        assert!(told.contains("gates[0]"), "{told}");
    }
}
