//! Converts exclusion rules from and to messages.

use sweetspot_core::{
    Attribution, Condition, ExclusionRule, ExclusionRuleFault, PondMapSectionKind, Severity, Test,
    check_exclusion_rules, guess_category,
};
use sweetspot_model::ExclusionRuleSummary;
use sweetspot_proto::v1;

use super::condition::parse_condition;
use super::time::parse_timestamp;
use crate::api::violations::Violations;
use crate::messages::entries::wire_exclusion_rule;
use crate::messages::enums::WireEnum as _;

/// The error reason for an invalid exclusion rule.
pub(super) const REASON: &str = "INVALID_EXCLUSION_RULE";

/// Reads the exclusion rules of a request field.
pub(in crate::api) fn parse_exclusion_rules(
    wire: Vec<v1::ExclusionRule>,
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
            None => problems.add("TOO_MANY_EXCLUSION_RULES", field, text),
        }
    }
    read
}

/// Reads an exclusion rule. Without a valid condition, an empty one takes its place, so that the other problems are
/// reported as well.
pub(in crate::api) fn parse_exclusion_rule(
    wire: v1::ExclusionRule,
    path: &str,
    problems: &mut Violations,
) -> ExclusionRule {
    let v1::ExclusionRule {
        id,
        statement,
        when,
        severity: how,
        section: place,
        author,
        create_time,
        reason,
        expire_time,
        name: _,
    } = wire;
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
            "condition is required: set the accounts that the exclusion rule applies to",
        );
    }
    let when = when.and_then(|when| parse_condition(when, &condition_path, problems));
    let when = when.unwrap_or_else(|| Condition { attribute: String::new(), test: Test::AnyOf(Vec::new()) });
    let severity = required_severity(how, &format!("{path}.severity"), problems);
    let section = problems.parse_enum(&format!("{path}.section"), place).and_then(PondMapSectionKind::from_wire);
    let section = section.unwrap_or_else(|| guess_category(&when.attribute).1);
    // A missing time is replaced by the time of the training.
    let attribution = Attribution { author, stated_at: stated.unwrap_or_default(), reason, expires };
    ExclusionRule { id, statement, when, severity, section, attribution }
}

fn required_severity(number: i32, path: &str, problems: &mut Violations) -> Severity {
    let Some(wire) = problems.parse_enum::<v1::ExclusionSeverity>(path, number) else { return Severity::Caution };
    Severity::from_wire(wire).unwrap_or_else(|| {
        let text = "severity is required: OUT puts accounts out of the pond, CAUTION asks for a second look";
        problems.add(REASON, path, text);
        Severity::Caution
    })
}

/// Converts an exclusion rule of a version with the numbers of customers and of ideal customers that it matches.
pub(super) fn exclusion_rule_summary(summary: ExclusionRuleSummary) -> v1::ExclusionRuleSummary {
    let ExclusionRuleSummary { rule: exclusion_rule, customers, ideal } = summary;
    v1::ExclusionRuleSummary { exclusion_rule: Some(wire_exclusion_rule(exclusion_rule)), customers, ideal }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn an_exclusion_rule_round_trips_and_violations_have_their_path() {
        let when = Condition { attribute: "country".to_owned(), test: Test::AnyOf(vec!["X".to_owned()]) };
        let by = Attribution {
            stated_at: Timestamp::from_second(9).unwrap(),
            author: "ann".to_owned(),
            ..Attribution::default()
        };
        for (severity, section) in Severity::ALL.into_iter().cycle().zip(PondMapSectionKind::ALL) {
            let (id, statement) = ("g".to_owned(), "Never.".to_owned());
            let exclusion_rule =
                ExclusionRule { id, statement, when: when.clone(), severity, section, attribution: by.clone() };
            let mut problems = Violations::default();
            assert_eq!(
                parse_exclusion_rules(
                    vec![wire_exclusion_rule(exclusion_rule.clone())],
                    "exclusion_rules",
                    &mut problems
                ),
                [exclusion_rule]
            );
            assert!(problems.finish(Some(())).is_ok());
        }
        let mut problems = Violations::default();
        let wrong = v1::ExclusionRule { section: 77, ..v1::ExclusionRule::default() };
        parse_exclusion_rules(vec![wrong], "exclusion_rules", &mut problems);
        let told = problems.finish(Some(())).unwrap_err().to_string();
        assert!(told.contains("exclusion_rules[0]"), "{told}");
    }
}
