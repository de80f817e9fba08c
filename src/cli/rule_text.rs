//! The exclusion rules of a version as text.

use sweetspot_core::Severity;
use sweetspot_proto::v1::{AttributeSummary, ExclusionRule, ExclusionRuleSummary};

use super::definition::enum_words::word;
use super::hypothesis_text::condition_text;
use super::output::plural;

/// Returns one line per rule: `- embargo (OUT): country is X: No licence there. (ann; 3 customers, 1 ideal)`
pub(super) fn rule_lines(exclusion_rules: &[ExclusionRuleSummary], attributes: &[AttributeSummary]) -> Vec<String> {
    let line = |summary: &ExclusionRuleSummary| {
        let exclusion_rule = summary.exclusion_rule.as_ref()?;
        let when = exclusion_rule.when.as_ref().map(|when| condition_text(when, attributes)).unwrap_or_default();
        let statement =
            if exclusion_rule.statement.is_empty() { String::new() } else { format!(": {}", exclusion_rule.statement) };
        let author =
            if exclusion_rule.author.is_empty() { String::new() } else { format!("{}; ", exclusion_rule.author) };
        let ExclusionRule { id, .. } = exclusion_rule;
        let ExclusionRuleSummary { customers, ideal, .. } = summary;
        let (severity, customers) =
            (word(exclusion_rule.severity(), Severity::as_str), plural(*customers, "customer", "customers"));
        Some(format!("- {id} ({severity}): {when}{statement} ({author}holds for {customers}, {ideal} ideal)"))
    };
    exclusion_rules.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use sweetspot_proto::v1::condition::Test;
    use sweetspot_proto::v1::{Condition, ExclusionSeverity};

    use super::*;

    #[test]
    fn a_rule_line_has_severity_condition_statement_and_count() {
        let when = Condition { attribute: "b2b".to_owned(), test: Some(Test::Flag(false)) };
        let exclusion_rule = ExclusionRule {
            id: "consumers".to_owned(),
            statement: "We sell to firms.".to_owned(),
            when: Some(when),
            severity: ExclusionSeverity::Out.into(),
            author: "ann".to_owned(),
            ..ExclusionRule::default()
        };
        let summary = ExclusionRuleSummary { exclusion_rule: Some(exclusion_rule), customers: 12, ideal: 1 };
        let line = "- consumers (OUT): b2b is no: We sell to firms. (ann; holds for 12 customers, 1 ideal)";
        assert_eq!(rule_lines(std::slice::from_ref(&summary), &[]), [line]);
    }
}
