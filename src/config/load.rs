//! Merges the sources of settings.

use serde_json::Value;

use super::error::{ConfigError, ConfigErrors};
use super::keys;
use super::rules::{self, SettingRule};
use super::settings::Settings;
use super::sources::{Origin, RawSetting, RawValue, Sources};

/// Valid settings, and the source of each.
#[derive(Clone, Debug)]
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// One entry for each setting, in the order of their keys.
    pub origins: Vec<SettingEntry>,
}

/// One setting with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingEntry {
    /// The dotted key, such as `server.listen`.
    pub key: String,
    /// The value as TOML, or `unset`.
    pub value: String,
    /// The source of the value.
    pub origin: Origin,
}

/// Merges the sources. Flags override the environment, which overrides the settings file, which overrides the defaults.
///
/// # Errors
/// Returns all errors in all sources, including those in overridden values.
pub fn load(sources: &Sources) -> Result<LoadedSettings, ConfigErrors> {
    let mut errors = Vec::new();
    let mut tree = keys::built_in();
    let mut set: Vec<(String, Origin)> = Vec::new();
    for given in sources.raw_settings(&mut errors) {
        match check_value(&given) {
            Ok(value) => {
                if let Some(place) = keys::value_mut(&mut tree, &given.key) {
                    *place = value;
                }
                set.push((given.key, given.origin));
            }
            Err(error) => errors.push(error),
        }
    }
    let origin_of = |key: &str| {
        set.iter().rev().find(|(name, _)| name == key).map_or(Origin::BuiltIn, |(_, origin)| origin.clone())
    };
    let settings = parse_settings(&tree).unwrap_or_default();
    errors.extend(find_exposed(&settings, origin_of));
    if !errors.is_empty() {
        return Err(ConfigErrors(errors));
    }
    let origins = keys::flatten(&tree)
        .into_iter()
        .map(|(key, value)| SettingEntry { value: format_value(&value), origin: origin_of(&key), key })
        .collect();
    Ok(LoadedSettings { settings, origins })
}

/// Checks the value of one setting, on top of the built-in settings.
fn check_value(given: &RawSetting) -> Result<Value, ConfigError> {
    let rule = rules::find(&given.key).ok_or_else(|| unknown_key(given))?;
    let mut tree = keys::built_in();
    let place = keys::value_mut(&mut tree, &given.key).ok_or_else(|| unknown_key(given))?;
    let value = parse_value(&given.value, place).ok_or_else(|| invalid_value(given, rule))?;
    place.clone_from(&value);
    match parse_settings(&tree) {
        Some(settings) if (rule.is_met)(&settings) => Ok(value),
        Some(_) | None => Err(invalid_value(given, rule)),
    }
}

/// Parses a text: it stays a text if the built-in value is one, and otherwise becomes a number, `true` or `false`.
fn parse_value(raw: &RawValue, built_in: &Value) -> Option<Value> {
    match raw {
        RawValue::Text(text) if built_in.is_string() => Some(Value::String(text.clone())),
        // An unset setting may also take a text.
        RawValue::Text(text) => {
            serde_json::from_str(text.trim()).ok().or_else(|| built_in.is_null().then(|| Value::String(text.clone())))
        }
        RawValue::Typed(value) => serde_json::to_value(value).ok(),
    }
    .filter(|value| !value.is_null())
}

fn parse_settings(tree: &Value) -> Option<Settings> {
    serde_json::from_value(tree.clone()).ok()
}

fn invalid_value(given: &RawSetting, rule: &SettingRule) -> ConfigError {
    ConfigError::Invalid {
        key: given.key.clone(),
        value: given.value.to_string(),
        origin: given.origin.clone(),
        expects: rule.expects,
    }
}

fn unknown_key(given: &RawSetting) -> ConfigError {
    let RawSetting { key, origin, .. } = given;
    let place = match origin {
        Origin::Environment { .. } => origin.to_string(),
        Origin::BuiltIn | Origin::File { .. } | Origin::Flag => format!("{key} ({origin})"),
    };
    let within: Vec<String> = keys::section_keys(key).iter().map(|key| origin.key_spelling(key)).collect();
    if within.is_empty() {
        ConfigError::UnknownKey { place, meant: keys::suggest(key).map(|key| origin.key_spelling(&key)) }
    } else {
        ConfigError::Section { place, keys: within }
    }
}

/// Returns an error for each address that is reachable from other machines without permission.
fn find_exposed(settings: &Settings, origin_of: impl Fn(&str) -> Origin) -> Vec<ConfigError> {
    let server = &settings.server;
    let also = [("server.http_listen", server.http_listen), ("server.metrics_listen", server.metrics_listen)];
    [("server.listen", Some(server.listen))]
        .into_iter()
        .chain(also)
        .filter_map(|(key, listen)| Some((key, listen?)))
        .filter(|(_, listen)| !listen.ip().to_canonical().is_loopback() && !server.allow_remote)
        .map(|(key, listen)| ConfigError::Exposed { key, listen, origin: origin_of(key) })
        .collect()
}

fn format_value(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
