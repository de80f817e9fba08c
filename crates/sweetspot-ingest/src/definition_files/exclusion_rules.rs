//! Files of exclusion rules in TOML.

use std::path::Path;

use sweetspot_core::{
    Attribution, ExclusionRule, ExclusionRuleFault, PondMapSectionKind, Severity, check_exclusion_rules, guess_category,
};
use toml::Value;

use super::DefinitionFileError;
use super::condition::condition;
use super::entry_list::{EntryListFormat, read};
use super::table_reader::{self, TableReader};

/// The name of the entries in messages, and the key of the list.
const FILE: EntryListFormat = EntryListFormat { what: "exclusion rules", key: "rule", about: "rule" };
/// The keys of an exclusion rule, in the order in which they are documented.
const KEYS: [&str; 9] = ["id", "statement", "when", "severity", "section", "author", "stated", "reason", "expires"];

/// Reads a file of exclusion rules.
///
/// # Errors
/// Returns an error if the file cannot be read, and the errors of [`parse_exclusion_rules`].
pub fn read_exclusion_rules(path: &Path) -> Result<Vec<ExclusionRule>, DefinitionFileError> {
    parse_exclusion_rules(&read(FILE, path)?, &path.display().to_string())
}

/// Parses exclusion rules. `origin` is the name of their file in messages.
///
/// # Errors
/// Returns an error if the text is not valid TOML, a key is unknown or missing, or an exclusion rule is invalid. The
/// error lists all problems.
pub fn parse_exclusion_rules(text: &str, origin: &str) -> Result<Vec<ExclusionRule>, DefinitionFileError> {
    FILE.parse(text, origin, exclusion_rule, |exclusion_rules| {
        check_exclusion_rules(exclusion_rules).into_iter().map(|fault| fault_text(exclusion_rules, fault)).collect()
    })
}

fn fault_text(exclusion_rules: &[ExclusionRule], fault: ExclusionRuleFault) -> String {
    let ExclusionRuleFault { index, field, text } = fault;
    match index.and_then(|index| exclusion_rules.get(index)) {
        Some(ExclusionRule { id, .. }) => format!("exclusion rule {id:?}: {field}: {text}"),
        None => text,
    }
}

fn exclusion_rule(index: usize, entry: &Value, problems: &mut Vec<String>) -> Option<ExclusionRule> {
    let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
    let place = if id.is_empty() { format!("exclusion rule {}", index + 1) } else { format!("exclusion rule {id:?}") };
    let Some(table) = entry.as_table() else {
        problems.push(format!("{place} is not a table: begin it with [[rule]]"));
        return None;
    };
    table_reader::check_keys(table, &KEYS, &place, problems);
    let mut fields = TableReader { table, place: &place, problems };
    let id = fields.required("id", TableReader::text);
    let statement = fields.text("statement").unwrap_or_default();
    let author = fields.text("author").unwrap_or_default();
    let reason = fields.text("reason").unwrap_or_default();
    let stated = fields.day_start("stated").unwrap_or_default();
    let expires = fields.day_start("expires");
    let severity = fields.required("severity", |fields, key| fields.choice(key, &Severity::ALL, Severity::as_str));
    let section = fields.choice("section", &PondMapSectionKind::ALL, PondMapSectionKind::key);
    let when = fields.required("when", TableReader::table);
    let when = condition(when?, &place, problems)?;
    let section = section.unwrap_or_else(|| guess_category(&when.attribute).1);
    let attribution = Attribution { author, stated_at: stated, reason, expires };
    Some(ExclusionRule { id: id?, statement, when, severity: severity?, section, attribution })
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Test;

    use super::*;

    #[test]
    fn a_rule_as_people_write_it() {
        let text = "[[rule]]\nid = \"embargo\"\nstatement = \"No licence.\"\nwhen = { attribute = \"pain\", any_of = [\"X\"] }\n\
                    severity = \"out\"\nauthor = \"ann\"\nstated = 1970-01-02\nreason = \"law\"\nexpires = 1970-01-03\n\
                    [[rule]]\nid = \"few\"\nwhen = { attribute = \"employees\", below = 5 }\nseverity = \"CAUTION\"\n\
                    section = \"tipping_point\"\n";
        let exclusion_rules = parse_exclusion_rules(text, "rules.toml").unwrap();
        let told = |exclusion_rule: &ExclusionRule| {
            (
                exclusion_rule.id.clone(),
                exclusion_rule.severity,
                exclusion_rule.section,
                exclusion_rule.attribution.stated_at.as_second(),
            )
        };
        let expected = [
            ("embargo".to_owned(), Severity::Out, PondMapSectionKind::Needs, 86_400),
            ("few".to_owned(), Severity::Caution, PondMapSectionKind::TippingPoint, 0),
        ];
        assert_eq!(exclusion_rules.iter().map(told).collect::<Vec<_>>(), expected);
        assert_eq!(exclusion_rules[0].attribution.expires.unwrap().as_second(), 172_800);
        assert_eq!(exclusion_rules[1].when.test, Test::Range { gte: None, lt: Some(5.0) });
    }

    #[test]
    fn everything_that_is_wrong_is_reported_at_once() {
        let text = "[[rule]]\nid = \"a\"\nseverity = \"hard\"\nsection = \"needs\"\n[[rule]]\nwhn = 3\n[[rule]]\nid = \"b\"\nseverity = \"out\"\nwhen = { attribute = \"x\", flag = true }\n";
        let error = parse_exclusion_rules(text, "rules.toml").unwrap_err().to_string();
        for words in [
            "the file of exclusion rules rules.toml is wrong: ",
            "severity of exclusion rule \"a\" must be one of OUT, CAUTION",
            "exclusion rule \"a\" has no when",
            "unknown key \"whn\" in exclusion rule 2",
            "exclusion rule 2 has no severity",
        ] {
            assert!(error.contains(words), "{words} is not in {error}");
        }
        let twice = "[[rule]]\nid = \"b\"\nseverity = \"out\"\nwhen = { attribute = \"x\", flag = true }\n".repeat(2);
        let error = parse_exclusion_rules(&twice, "rules.toml").unwrap_err().to_string();
        assert!(error.contains("exclusion rule \"b\": id: \"b\" is the id of an earlier exclusion rule"), "{error}");
    }
}
