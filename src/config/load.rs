//! Merges the sources of settings.

use std::collections::BTreeMap;

use super::error::{ConfigError, ConfigErrors};
use super::setting_keys;
use super::setting_value::SettingKind;
use super::settings::{SETTINGS, Settings};
use super::settings_macro::Setting;
use super::sources::{Origin, RawSetting, Sources};

/// Valid settings, and the source of each.
#[derive(Clone, Debug)]
pub struct LoadedSettings {
    /// The settings.
    pub settings: Settings,
    /// One entry for each setting, in the order of the documentation.
    pub origins: Vec<SettingEntry>,
}

/// One setting with its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingEntry {
    /// The dotted key, such as `server.listen`.
    pub key: &'static str,
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
    let mut settings = Settings::default();
    let mut origins: BTreeMap<&str, Origin> = BTreeMap::new();
    for raw in sources.raw_settings(&mut errors) {
        match apply(&raw, &mut settings) {
            Ok(key) => {
                origins.insert(key, raw.origin);
            }
            Err(error) => errors.push(error),
        }
    }
    let origin_of = |key: &str| origins.get(key).cloned().unwrap_or(Origin::BuiltIn);
    errors.extend(find_exposed(&settings, origin_of));
    if !errors.is_empty() {
        return Err(ConfigErrors(errors));
    }
    let entry = |setting: &Setting| SettingEntry {
        key: setting.key,
        value: setting.to_toml(&settings),
        origin: origin_of(setting.key),
    };
    let origins = SETTINGS.iter().map(entry).collect();
    Ok(LoadedSettings { settings, origins })
}

/// Sets the value of one setting, and returns its key.
fn apply(raw: &RawSetting, settings: &mut Settings) -> Result<&'static str, ConfigError> {
    let setting = Setting::find(&raw.key).ok_or_else(|| unknown_key(raw))?;
    let text = raw.value.text(setting.kind).filter(|text| !text.trim().is_empty());
    text.and_then(|text| (setting.set)(settings, &text)).ok_or_else(|| invalid_value(raw, setting))?;
    Ok(setting.key)
}

fn invalid_value(raw: &RawSetting, setting: &Setting) -> ConfigError {
    let (value, origin, mut expected) = (raw.value.to_string(), raw.origin.clone(), setting.expected());
    let lacks_unit = matches!(setting.kind, SettingKind::Duration | SettingKind::Size)
        && value.trim_matches('"').parse::<f64>().is_ok();
    // A setting that is unset by default has limits.
    let example = || (setting.get)(&Settings::default()).or_else(|| (setting.limits)().map(|[low, _]| low));
    if let Some(example) = lacks_unit.then(example).flatten() {
        expected = format!("{expected}: write a unit, such as {example}");
    }
    ConfigError::Invalid { key: setting.key, value, origin, expected }
}

fn unknown_key(raw: &RawSetting) -> ConfigError {
    let RawSetting { key, origin, .. } = raw;
    let place = match origin {
        Origin::Environment { .. } => origin.to_string(),
        Origin::BuiltIn | Origin::File { .. } | Origin::Flag => format!("{key} ({origin})"),
    };
    let section_names: Vec<String> =
        setting_keys::section_keys(key).iter().map(|key| origin.key_spelling(key)).collect();
    if section_names.is_empty() {
        ConfigError::UnknownKey { place, meant: setting_keys::suggest(key).map(|key| origin.key_spelling(key)) }
    } else {
        ConfigError::Section { place, keys: section_names }
    }
}

/// Returns an error for each address that is reachable from other machines without permission.
fn find_exposed(settings: &Settings, origin_of: impl Fn(&str) -> Origin) -> Vec<ConfigError> {
    let server = &settings.server;
    let also = [("server.http_listen", server.http_listen), ("server.admin_listen", server.admin_listen)];
    [("server.listen", Some(server.listen))]
        .into_iter()
        .chain(also)
        .filter_map(|(key, listen)| Some((key, listen?)))
        .filter(|(_, listen)| !listen.ip().to_canonical().is_loopback() && !server.allow_remote)
        .map(|(key, listen)| ConfigError::Exposed { key, listen, origin: origin_of(key) })
        .collect()
}
