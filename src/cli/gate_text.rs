//! The exclusion rules of a version, as text and as JSON.

use serde_json::{Value, json};
use sweetspot_proto::v1::{AttributeSummary, Gate, GateSeverity, GateSummary, PondSection};

use super::hypothesis_json::condition_json;
use super::hypothesis_text::condition_text;
use super::output::plural;
use super::version_json::time_text;

/// Returns one line per rule: `- embargo (OUT): country is X: No licence there. (ann; 3 customers, 1 ideal)`
pub(super) fn gate_lines(gates: &[GateSummary], attributes: &[AttributeSummary]) -> Vec<String> {
    let line = |summary: &GateSummary| {
        let gate = summary.gate.as_ref()?;
        let when = gate.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        let statement = if gate.statement.is_empty() { String::new() } else { format!(": {}", gate.statement) };
        let author = if gate.author.is_empty() { String::new() } else { format!("{}; ", gate.author) };
        let Gate { id, .. } = gate;
        let GateSummary { customers, ideal, .. } = summary;
        let (severity, customers) = (severity_word(gate.severity()), plural(*customers, "customer", "customers"));
        Some(format!("- {id} ({severity}): {when}{statement} ({author}holds for {customers}, {ideal} ideal)"))
    };
    gates.iter().filter_map(line).collect()
}

/// Returns an exclusion rule as JSON, with the keys of a file of exclusion rules.
pub(super) fn gate_json(summary: &GateSummary) -> Value {
    let gate = summary.gate.clone().unwrap_or_default();
    json!({
        "id": gate.id,
        "statement": gate.statement,
        "when": gate.when.as_ref().map(condition_json),
        "severity": severity_word(gate.severity()),
        "section": section_key(gate.section()),
        "author": gate.author,
        "stated": gate.create_time.as_ref().map(time_text),
        "reason": gate.reason,
        "expires": gate.expire_time.as_ref().map(time_text),
        "customers": summary.customers,
        "ideal": summary.ideal,
    })
}

const fn severity_word(severity: GateSeverity) -> &'static str {
    match severity {
        GateSeverity::Unspecified => "",
        GateSeverity::Out => "OUT",
        GateSeverity::Caution => "CAUTION",
    }
}

const fn section_key(section: PondSection) -> &'static str {
    match section {
        PondSection::Unspecified => "",
        PondSection::AccountProfile => "account_profile",
        PondSection::Needs => "needs",
        PondSection::UrgencyDrivers => "urgency_drivers",
        PondSection::Beliefs => "beliefs",
        PondSection::TippingPoint => "tipping_point",
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::Condition;
    use sweetspot_proto::v1::condition::Test;

    use super::*;

    #[test]
    fn a_gate_is_printed_with_the_words_of_its_file() {
        let when = Condition { attribute: "b2b".to_owned(), test: Some(Test::Flag(false)) };
        let gate = Gate {
            id: "consumers".to_owned(),
            statement: "We sell to firms.".to_owned(),
            when: Some(when),
            severity: GateSeverity::Out.into(),
            section: PondSection::Beliefs.into(),
            author: "ann".to_owned(),
            ..Gate::default()
        };
        let summary = GateSummary { gate: Some(gate), customers: 12, ideal: 1 };
        let line = "- consumers (OUT): b2b is no: We sell to firms. (ann; holds for 12 customers, 1 ideal)";
        assert_eq!(gate_lines(std::slice::from_ref(&summary), &[]), [line]);
        let json = gate_json(&summary);
        assert_eq!((&json["severity"], &json["section"]), (&"OUT".into(), &"beliefs".into()));
        assert_eq!(json["when"], serde_json::json!({ "attribute": "b2b", "flag": false }));
    }
}
