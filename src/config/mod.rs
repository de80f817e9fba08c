//! Settings: their types, their defaults, and the source of each value.
//!
//! Flags override the environment, which overrides the settings file, which overrides the defaults. All errors in any
//! of them are reported at once, and nothing starts before they are fixed.

mod error;
mod load;
mod setting_keys;
mod setting_value;
mod settings;
mod settings_file;
mod settings_macro;
mod sources;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigErrors};
pub use load::{LoadedSettings, SettingEntry, load};
pub use setting_value::{ByteSize, HostNames, HttpUrl, InvalidUrl, LogFormat, SettingKind, WebOrigins};
pub use settings::{
    AuthSettings, LogSettings, MetricsSettings, ObjectSettings, OtlpSettings, SETTINGS, ServerSettings, Settings,
    TlsSettings, TrainingSettings, WorkspaceSettings,
};
pub use settings_macro::Setting;
pub use sources::{Origin, PROJECT_FILE, Sources, api_key, user_name};
