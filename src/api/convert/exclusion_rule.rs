//! Converts exclusion rules from and to messages.

use jiff::Timestamp;
use sweetspot_core::{
    Attribution, Condition, ExclusionRule, ExclusionRuleFault, Severity, Test, check_exclusion_rules, guess_category,
};
use sweetspot_model::ExclusionRuleSummary;
use sweetspot_proto::v1;

use super::condition::{parse_condition, wire_condition};
use super::enums::{parse_section, parse_severity, wire_section, wire_severity};
use super::time::{parse_timestamp, timestamp};
use crate::api::violations::Violations;

/// The error reason for an invalid exclusion rule.
pub(super) const REASON: &str = "INVALID_GATE";

/// Reads the exclusion rules of a request field.
pub(in crate::api) fn parse_exclusion_rules(
    wire: Vec<v1::Gate>,
    field: &str,
    problems: &mut Violations,
) -> Vec<ExclusionRule> {
    let read: Vec<ExclusionRule> = wire
        .into_iter()
        .enumerate()
        .map(|(index, wire)| parse_exclusion_rule(wire, &format!("{field}[{index}]"), problems))
        .collect();
    for ExclusionRuleFault { index, field: part, text } in check_exclusion_rules(&read) {
        match index {
            Some(index) => problems.add(REASON, format!("{field}[{index}].{part}"), text),
            None => problems.add("TOO_MANY_GATES", field, text),
        }
    }
    read
}

/// Reads an exclusion rule. Without a valid condition, an empty one takes its place, so that the other problems are
/// reported as well.
pub(in crate::api) fn parse_exclusion_rule(wire: v1::Gate, path: &str, problems: &mut Violations) -> ExclusionRule {
    let v1::Gate { id, statement, when, severity: how, section: place, author, create_time, reason, expire_time } =
        wire;
    let mut time = |field, wire: Option<prost_types::Timestamp>| {
        let read = wire.as_ref().map(parse_timestamp);
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
    let when = when.and_then(|when| parse_condition(when, &condition_path, problems));
    let when = when.unwrap_or_else(|| Condition { attribute: String::new(), test: Test::AnyOf(Vec::new()) });
    let severity = required_severity(how, &format!("{path}.severity"), problems);
    let section = problems.parse_enum(&format!("{path}.section"), place).and_then(parse_section);
    let section = section.unwrap_or_else(|| guess_category(&when.attribute).1);
    // A missing time is replaced by the time of the training.
    let by = Attribution { author, stated_at: stated.unwrap_or_default(), reason, expires };
    ExclusionRule { id, statement, when, severity, section, attribution: by }
}

fn required_severity(number: i32, path: &str, problems: &mut Violations) -> Severity {
    let Some(wire) = problems.parse_enum::<v1::GateSeverity>(path, number) else { return Severity::Caution };
    parse_severity(wire).unwrap_or_else(|| {
        let text = "severity is required: OUT puts accounts out of the pond, CAUTION asks for a second look";
        problems.add(REASON, path, text);
        Severity::Caution
    })
}

/// Converts an exclusion rule.
pub(in crate::api) fn wire_exclusion_rule(gate: ExclusionRule) -> v1::Gate {
    let ExclusionRule { id, statement, when, severity, section, attribution: by } = gate;
    let Attribution { author, stated_at: stated, reason, expires } = by;
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

/// Converts an exclusion rule of a version with the numbers of customers and of ideal customers that it matches.
pub(super) fn exclusion_rule_summary(summary: ExclusionRuleSummary) -> v1::GateSummary {
    let ExclusionRuleSummary { rule: gate, customers, ideal } = summary;
    v1::GateSummary { gate: Some(wire_exclusion_rule(gate)), customers, ideal }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::PondSection;

    use super::*;

    #[test]
    fn an_exclusion_rule_round_trips_and_violations_have_their_path() {
        let when = Condition { attribute: "country".to_owned(), test: Test::AnyOf(vec!["X".to_owned()]) };
        let by = Attribution {
            stated_at: Timestamp::from_second(9).unwrap(),
            author: "ann".to_owned(),
            ..Attribution::default()
        };
        for (severity, section) in Severity::ALL.into_iter().cycle().zip(PondSection::ALL) {
            let (id, statement) = ("g".to_owned(), "Never.".to_owned());
            let gate = ExclusionRule { id, statement, when: when.clone(), severity, section, attribution: by.clone() };
            let mut problems = Violations::default();
            assert_eq!(parse_exclusion_rules(vec![wire_exclusion_rule(gate.clone())], "gates", &mut problems), [gate]);
            assert!(problems.finish(Some(())).is_ok());
        }
        let mut problems = Violations::default();
        let wrong = v1::Gate { section: 77, ..v1::Gate::default() };
        parse_exclusion_rules(vec![wrong], "gates", &mut problems);
        let told = problems.finish(Some(())).unwrap_err().to_string();
        assert!(told.contains("gates[0]"), "{told}");
    }
}
