//! The deployment matches the program: the chart, the image and the documentation agree with the settings and the
//! manifest.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sweetspot::config::{LogFormat, Settings, Sources, load};

use crate::settings::DERIVED_SETTINGS;

fn read_text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
        .unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn load_settings(environment: &BTreeMap<String, String>) -> Settings {
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
    load(&Sources { environment, directory: PathBuf::from("no/such/folder"), ..Sources::default() }).unwrap().settings
}

fn variable_name(key: &str) -> String {
    format!("SWEETSPOT__{}", key.replace('.', "__").to_uppercase())
}

/// Returns the lines of `values.yaml` that give a name, with the number of spaces before it and the value, without its
/// quotes.
fn chart_values() -> Vec<(usize, String, String)> {
    read_text("helm/sweetspot/values.yaml")
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| {
            let indent = name.len() - name.trim_start().len();
            (indent, name.trim().to_owned(), value.trim().trim_matches('"').to_owned())
        })
        .collect()
}

/// Returns the settings of the chart as environment variables, as the config map contains them.
fn chart_environment() -> BTreeMap<String, String> {
    let values = chart_values();
    let settings = values.iter().skip_while(|(_, name, _)| name != "settings").skip(1);
    let mut environment = BTreeMap::new();
    let mut section = "";
    for (indent, name, value) in settings.take_while(|(indent, ..)| *indent > 0) {
        if *indent == 2 {
            section = name;
        } else {
            environment.insert(variable_name(&format!("{section}.{name}")), value.clone());
        }
    }
    environment
}

#[test]
fn the_charts_settings_are_the_built_in_ones_but_for_a_cluster() {
    let deployed = load_settings(&chart_environment());
    let mut expected = Settings::default();
    expected.server.reflection = Some(false);
    expected.log.format = LogFormat::Json;
    assert_eq!(deployed, expected);
}

#[test]
fn the_config_map_sets_what_the_chart_derives_and_every_given_setting() {
    let template = read_text("helm/sweetspot/templates/_helpers.tpl");
    for key in DERIVED_SETTINGS {
        assert!(template.contains(&format!("\n{}: ", variable_name(key))), "{key}");
    }
    assert!(template.contains("\nSWEETSPOT__{{ upper $section }}__{{ upper $name }}: "));
    let port = Settings::default().server.listen.port();
    assert!(template.contains(&format!("LISTEN: \"{{{{ .Values.listenAddress }}}}:{port}\"")));
}

#[test]
fn values_and_schema_have_the_same_names() {
    let schema: serde_json::Value = serde_json::from_str(&read_text("helm/sweetspot/values.schema.json")).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    let mut names: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    assert!(names.remove("global"));
    let values = chart_values().into_iter().filter(|(indent, ..)| *indent == 0).map(|(_, name, _)| name);
    assert_eq!(values.collect::<BTreeSet<_>>(), names);
    let required = schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    let optional = ["podSecurityContext", "securityContext", "terminationGracePeriodSeconds"].map(str::to_owned);
    assert_eq!(required.chain(optional).collect::<BTreeSet<_>>(), names);
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
    assert_eq!(environment.len(), 3);
    environment.insert(variable_name("server.allow_remote"), "true".to_owned());
    let settings = load_settings(&environment);
    assert!(settings.store.folder().unwrap().starts_with("/data"), "{:?} is not on the volume", settings.store);
    assert_eq!(settings.server.listen.port(), Settings::default().server.listen.port());
    assert!(file.contains(&format!("EXPOSE {}", settings.server.listen.port())));
    assert!(file.contains("\nUSER 65532:65532\n"));
}

#[test]
fn every_direct_dependency_has_a_documented_reason() {
    let manifest: toml::Table = read_text("Cargo.toml").parse().unwrap();
    let all = manifest["workspace"]["dependencies"].as_table().unwrap().keys().cloned();
    let listed: BTreeSet<String> = all.filter(|name| !name.starts_with("sweetspot-")).collect();
    let document = read_text("docs/DEPENDENCIES.md");
    let (crates, _) = document.split_once("\n## Python client").unwrap();
    let names = crates.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once("` | ")?.0.to_owned()));
    assert_eq!(names.collect::<BTreeSet<_>>(), listed);
}
