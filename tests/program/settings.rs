//! The settings table of the documentation and the schema of the chart, which are written from the program's settings.

#![expect(clippy::indexing_slicing, reason = "tests")]

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sweetspot::config::{SETTINGS, Setting, SettingKind, Settings};

/// The file with the table of settings.
const DOCUMENT: &str = "docs/OPERATIONS.md";
/// The file with the schema.
const SCHEMA: &str = "helm/sweetspot/values.schema.json";

/// The header of the table, which no other table of the document has.
const TABLE_HEADER: &str = "| setting | default | range | meaning |\n";

/// Settings that the chart derives from its other values.
pub(crate) const DERIVED_SETTINGS: [&str; 10] = [
    "store",
    "server.listen",
    "server.http_listen",
    "server.admin_listen",
    "server.allow_remote",
    "auth.required",
    "auth.owner_key_file",
    "tls.certificate_file",
    "tls.key_file",
    "tls.client_ca_file",
];

/// Returns the table of settings, which starts with its header and ends with an empty line.
fn table() -> String {
    let mut table = format!("{TABLE_HEADER}|---|---|---|---|\n");
    for setting in SETTINGS {
        let default = setting.to_toml(&Settings::default());
        let range = match (setting.kind, (setting.limits)()) {
            (SettingKind::Choice(texts), _) => format!("`{}`", texts.join("`, `")),
            (_, Some([low, high])) => format!("`{low}` to `{high}`"),
            (_, None) => String::new(),
        };
        writeln!(table, "| `{}` | `{default}` | {range} | {} |", setting.key, setting.description).unwrap();
    }
    table + "\n"
}

/// Returns the schema of one setting.
fn property(setting: &Setting) -> Value {
    let [low, high] = (setting.limits)().unwrap_or_default();
    let mut property = match setting.kind {
        SettingKind::Boolean => json!({ "type": "boolean" }),
        SettingKind::Integer => {
            let number = |text: &str| text.parse::<u64>().unwrap();
            json!({ "type": "integer", "minimum": number(&low), "maximum": number(&high) })
        }
        SettingKind::Duration => json!({ "type": "string", "pattern": "^([0-9]+(h|m|s|ms))+$" }),
        SettingKind::Size => json!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB|TiB)$" }),
        SettingKind::Choice(texts) => json!({ "enum": texts }),
        SettingKind::Text(_) => json!({ "type": "string", "minLength": 1 }),
    };
    let is_text = matches!(setting.kind, SettingKind::Duration | SettingKind::Size);
    let range = if is_text { format!(" {low} to {high}.") } else { String::new() };
    property["description"] = format!("{}{range}", setting.description).into();
    property
}

/// Returns the property `settings` of the chart's schema, indented, with its name and a comma.
fn schema() -> String {
    let object = json!({ "type": "object", "additionalProperties": false, "properties": {} });
    let mut sections = Map::new();
    for setting in SETTINGS.iter().filter(|setting| !DERIVED_SETTINGS.contains(&setting.key)) {
        let (section, name) = setting.key.split_once('.').unwrap();
        let section = sections.entry(section).or_insert_with(|| object.clone());
        section["properties"][name] = property(setting);
    }
    let mut settings = object;
    settings["description"] = "Settings of the server, by section.".into();
    settings["properties"] = sections.into();
    // The template of the grace period needs this.
    settings["required"] = json!(["server"]);
    settings["properties"]["server"]["required"] = json!(["drain_timeout"]);
    let text = serde_json::to_string_pretty(&settings).unwrap().replace('\n', "\n    ");
    format!("    \"settings\": {text},\n")
}

/// Replaces the part of a text from `start` to the end of the first `end` after it.
fn replace_part(text: &str, start: &str, end: &str, part: &str) -> String {
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    format!("{before}{part}{after}")
}

/// Returns each file, its text, and the text that it must have.
fn files() -> [(&'static str, String, String); 2] {
    let (document, values) = (std::fs::read_to_string(DOCUMENT).unwrap(), std::fs::read_to_string(SCHEMA).unwrap());
    let expected_document = replace_part(&document, TABLE_HEADER, "\n\n", &table());
    let expected_values = replace_part(&values, "    \"settings\": {\n", "\n    },\n", &schema());
    [(DOCUMENT, document, expected_document), (SCHEMA, values, expected_values)]
}

#[test]
fn documentation_and_chart_contain_every_setting() {
    for (file, text, expected) in files() {
        assert!(text == expected, "{file} differs from src/config/settings.rs: run `just settings`");
    }
}

#[test]
#[ignore = "writes the settings into the documentation and the schema of the chart: `just settings`"]
fn write_settings() {
    for (file, _, expected) in files() {
        std::fs::write(file, expected).unwrap();
    }
}
