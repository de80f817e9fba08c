//! Settings: their types, their defaults, and the source of each value.
//!
//! Flags override the environment, which overrides the settings file, which overrides the defaults. All errors in any
//! of them are reported at once, and nothing starts before they are fixed.

mod error;
mod file;
mod load;
mod setting_keys;
mod settings;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use error::{ConfigError, ConfigErrors};
pub use load::{LoadedSettings, SettingEntry, load};
pub use settings::{LogSettings, SETTINGS, ServerSettings, Settings, TrainingSettings};
pub use sources::{Origin, PROJECT_FILE, Sources, user_name};
pub use table::Setting;
pub use value::{ByteSize, LogFormat, SettingKind};
