//! The deployment matches the program: the chart, the image and the documentation agree with the settings and the
//! manifest.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sweetspot::config::{LoadedSettings, LogFormat, SettingEntry, Settings, Sources, load};

fn read_text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
        .unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn load_settings(flags: &[(&str, &str)], environment: &BTreeMap<String, String>) -> LoadedSettings {
    load(&Sources {
        flags: flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        environment: environment.iter().map(|(name, value)| (name.into(), value.into())).collect(),
        directory: PathBuf::from("no/such/folder"),
        file: None,
    })
    .unwrap()
}

fn built_in() -> Vec<SettingEntry> {
    load_settings(&[], &BTreeMap::new()).origins
}

fn variable_name(key: &str) -> String {
    format!("SWEETSPOT__{}", key.replace('.', "__").to_uppercase())
}

/// Converts `server.max_request_bytes` to `serverMaxRequestBytes`.
fn to_camel_case(key: &str) -> String {
    let mut parts = key.split(['.', '_']);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}

/// Returns the one-line values of the chart, without their quotes.
fn chart_values() -> BTreeMap<String, String> {
    read_text("helm/sweetspot/values.yaml")
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim().trim_matches('"').to_owned()))
        .collect()
}

/// Returns the lines of the config map's template: each variable with its value.
fn config_map() -> BTreeMap<String, String> {
    read_text("helm/sweetspot/templates/configmap.yaml")
        .lines()
        .filter_map(|line| line.trim().split_once(": "))
        .filter(|(name, _)| name.starts_with("SWEETSPOT__"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Settings that the chart derives instead of passing them on.
const DERIVED_SETTINGS: [&str; 4] = ["store", "server.listen", "server.http_listen", "server.metrics_listen"];

#[test]
fn the_chart_sets_every_setting_and_no_other() {
    let keys: BTreeSet<String> = built_in().iter().map(|entry| variable_name(&entry.key)).collect();
    assert_eq!(config_map().into_keys().collect::<BTreeSet<_>>(), keys);
}

#[test]
fn a_value_of_the_chart_is_named_after_its_setting() {
    for entry in built_in().iter().filter(|entry| !DERIVED_SETTINGS.contains(&entry.key.as_str())) {
        let written = config_map().remove(&variable_name(&entry.key)).unwrap();
        assert!(written.contains(&format!(".Values.{} ", to_camel_case(&entry.key))), "{}: {written}", entry.key);
        assert!(
            chart_values().contains_key(&to_camel_case(&entry.key)),
            "values.yaml has no {}",
            to_camel_case(&entry.key)
        );
    }
}

#[test]
fn the_charts_values_are_the_built_in_ones_but_for_a_cluster() {
    let values = chart_values();
    let mut environment: BTreeMap<String, String> = built_in()
        .iter()
        .filter_map(|entry| Some((variable_name(&entry.key), values.get(&to_camel_case(&entry.key))?.clone())))
        .collect();
    environment.insert(variable_name("store"), "/data/store".to_owned());
    environment.insert(variable_name("server.listen"), format!("0.0.0.0:{}", values["port"]));
    environment.insert(variable_name("server.metrics_listen"), format!("0.0.0.0:{}", values["metricsPort"]));
    let deployed = load_settings(&[], &environment).settings;
    let mut expected = Settings { store: PathBuf::from("/data/store"), ..Settings::default() };
    expected.server.listen.set_ip([0, 0, 0, 0].into());
    expected.server.metrics_listen = Some(([0, 0, 0, 0], 9464).into());
    expected.server.allow_remote = true;
    expected.server.reflection = Some(false);
    expected.training.max_memory_bytes = 1 << 30;
    expected.log.format = LogFormat::Json;
    assert_eq!(deployed, expected);
}

#[test]
fn values_and_schema_have_the_same_names() {
    let schema: serde_json::Value = serde_json::from_str(&read_text("helm/sweetspot/values.schema.json")).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let mut names: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    assert!(names.remove("global"));
    assert_eq!(chart_values().into_keys().collect::<BTreeSet<_>>(), names);
    let required: BTreeSet<String> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(required, names);
}

/// The schema's numbers are tested with the program itself: the limits load, and values beyond them do not.
#[test]
fn the_schema_allows_what_the_program_allows() {
    let schema: serde_json::Value = serde_json::from_str(&read_text("helm/sweetspot/values.schema.json")).unwrap();
    let mut tried = 0;
    for entry in built_in() {
        let property = &schema["properties"][to_camel_case(&entry.key)];
        let (Some(low), Some(high)) = (property["minimum"].as_i64(), property["maximum"].as_i64()) else { continue };
        for (value, right) in [(low, true), (high, true), (low - 1, false), (high + 1, false)] {
            let sources = Sources {
                flags: vec![(entry.key.clone(), value.to_string())],
                directory: "no/such".into(),
                ..Sources::default()
            };
            assert_eq!(load(&sources).is_ok(), right, "{} = {value}", entry.key);
        }
        tried += 1;
    }
    assert_eq!(tried, 21);
}

#[test]
fn chart_and_program_have_one_version() {
    let chart = read_text("helm/sweetspot/Chart.yaml");
    for name in ["version", "appVersion"] {
        let line = format!("{name}: {}", env!("CARGO_PKG_VERSION"));
        assert!(chart.lines().any(|written| written == line), "Chart.yaml does not say {line:?}");
    }
}

/// With the image's variables, only the permission that an operator must give is missing.
#[test]
fn the_image_starts_with_allow_remote_set() {
    let file = read_text("Dockerfile");
    let mut environment: BTreeMap<String, String> = file
        .split_whitespace()
        .filter_map(|word| word.split_once('='))
        .filter(|(name, _)| name.starts_with("SWEETSPOT__"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .filter(|(name, _)| *name != variable_name("server.allow_remote"))
        .collect();
    assert_eq!(environment.len(), 2);
    environment.insert(variable_name("server.allow_remote"), "true".to_owned());
    let settings = load_settings(&[], &environment).settings;
    assert!(settings.store.starts_with("/data"), "{:?} is not on the volume", settings.store);
    assert_eq!(settings.server.listen.port(), Settings::default().server.listen.port());
    assert!(file.contains(&format!("EXPOSE {}", settings.server.listen.port())));
    assert!(file.contains("\nUSER 65532:65532\n"));
}

/// Returns the first and the second cells of the tables of a document.
fn settings_table(document: &str) -> BTreeMap<String, String> {
    read_text(document)
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .filter_map(|(name, rest)| Some((name.to_owned(), rest.split_once(" | ")?.0.trim_matches('`').to_owned())))
        .collect()
}

#[test]
fn operations_page_lists_every_setting_with_its_default() {
    let documented: BTreeMap<String, String> = settings_table("docs/OPERATIONS.md")
        .into_iter()
        .filter(|(name, _)| built_in().iter().any(|entry| entry.key == *name))
        .collect();
    let actual: BTreeMap<String, String> = built_in().into_iter().map(|entry| (entry.key, entry.value)).collect();
    assert_eq!(documented, actual);
}

#[test]
fn every_direct_dependency_has_a_documented_reason() {
    let manifest: toml::Table = read_text("Cargo.toml").parse().unwrap();
    let all = manifest["workspace"]["dependencies"].as_table().unwrap().keys().cloned();
    let listed: BTreeSet<String> = all.filter(|name| !name.starts_with("sweetspot-")).collect();
    assert_eq!(settings_table("docs/DEPENDENCIES.md").into_keys().collect::<BTreeSet<_>>(), listed);
}
