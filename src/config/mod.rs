//! Settings: what they are, what they are by default, where each came from.
//!
//! Flags win over the environment, the environment over the project file, the project file over what is built in. Every
//! mistake in any of them is told, all at once, and nothing is started before they are right.

mod error;
mod file;
mod keys;
mod load;
mod rules;
mod settings;
mod sources;
#[cfg(test)]
mod tests;

pub use error::{ConfigError, ConfigErrors};
pub use load::{Entry, Loaded, load};
pub use settings::{LogFormat, LogSettings, ServerSettings, Settings, TrainingSettings};
pub use sources::{Origin, PROJECT_FILE, Sources, user_name};
