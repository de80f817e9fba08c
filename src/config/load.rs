//! Puts the sources together.

use serde_json::Value;

use super::error::{ConfigError, ConfigErrors};
use super::keys;
use super::rules::{self, Rule};
use super::settings::Settings;
use super::sources::{Given, Origin, Raw, Sources};

/// Settings that hold to every rule, and where each came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// One entry for every setting, in the order of their keys.
    pub origins: Vec<Entry>,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its dotted key, such as `server.listen`.
    pub key: String,
    /// Its value as TOML writes it, or `unset`.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// Puts the sources together: flags over environment over project file over what is built in.
///
/// # Errors
/// Everything that is wrong in any source, also in values that a stronger source replaces.
pub fn load(sources: &Sources) -> Result<Loaded, ConfigErrors> {
    let mut errors = Vec::new();
    let mut tree = keys::built_in();
    let mut set: Vec<(String, Origin)> = Vec::new();
    for given in sources.given(&mut errors) {
        match checked(&given) {
            Ok(value) => {
                if let Some(place) = keys::at(&mut tree, &given.key) {
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
    let settings = settings_of(&tree).unwrap_or_default();
    errors.extend(exposed(&settings, origin_of));
    if !errors.is_empty() {
        return Err(ConfigErrors(errors));
    }
    let origins = keys::flatten(&tree)
        .into_iter()
        .map(|(key, value)| Entry { value: written(&value), origin: origin_of(&key), key })
        .collect();
    Ok(Loaded { settings, origins })
}

/// The value of one setting, judged by itself in otherwise built-in settings.
fn checked(given: &Given) -> Result<Value, ConfigError> {
    let rule = rules::of(&given.key).ok_or_else(|| unknown(given))?;
    let mut tree = keys::built_in();
    let place = keys::at(&mut tree, &given.key).ok_or_else(|| unknown(given))?;
    let value = parsed(&given.value, place).ok_or_else(|| wrong(given, rule))?;
    place.clone_from(&value);
    match settings_of(&tree) {
        Some(settings) if (rule.holds)(&settings) => Ok(value),
        Some(_) | None => Err(wrong(given, rule)),
    }
}

/// A text becomes a text where the built-in value is one, and otherwise what it says: a number, `true` or `false`.
fn parsed(raw: &Raw, built_in: &Value) -> Option<Value> {
    match raw {
        Raw::Text(text) if built_in.is_string() => Some(Value::String(text.clone())),
        // What is unset may become a text as well.
        Raw::Text(text) => {
            serde_json::from_str(text.trim()).ok().or_else(|| built_in.is_null().then(|| Value::String(text.clone())))
        }
        Raw::Typed(value) => serde_json::to_value(value).ok(),
    }
    .filter(|value| !value.is_null())
}

fn settings_of(tree: &Value) -> Option<Settings> {
    serde_json::from_value(tree.clone()).ok()
}

fn wrong(given: &Given, rule: &Rule) -> ConfigError {
    ConfigError::Wrong {
        key: given.key.clone(),
        value: given.value.to_string(),
        origin: given.origin.clone(),
        expects: rule.expects,
    }
}

fn unknown(given: &Given) -> ConfigError {
    let Given { key, origin, .. } = given;
    let place = match origin {
        Origin::Environment { .. } => origin.to_string(),
        Origin::BuiltIn | Origin::File { .. } | Origin::Flag => format!("{key} ({origin})"),
    };
    let within: Vec<String> = keys::within(key).iter().map(|key| origin.spell(key)).collect();
    if within.is_empty() {
        ConfigError::UnknownKey { place, meant: keys::meant(key).map(|key| origin.spell(&key)) }
    } else {
        ConfigError::Section { place, keys: within }
    }
}

/// Addresses that strangers reach, without anybody having allowed it.
fn exposed(settings: &Settings, origin_of: impl Fn(&str) -> Origin) -> Vec<ConfigError> {
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

fn written(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
