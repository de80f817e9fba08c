//! The macros that make the structs and the list of settings of one table.

use super::setting_value::{SettingKind, SettingValue};
use super::settings::{SETTINGS, Settings};

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// The dotted key, such as `server.listen`.
    pub key: &'static str,
    /// What the setting does.
    pub description: &'static str,
    /// The kind of its values.
    pub kind: SettingKind,
    /// Returns the smallest and the largest value, if values have an order.
    pub limits: fn() -> Option<[String; 2]>,
    /// Returns the value as a text, or `None` if it is unset.
    pub get: fn(&Settings) -> Option<String>,
    /// Sets the value. Returns `None` and sets nothing if the text is invalid or out of range.
    pub(super) set: fn(&mut Settings, &str) -> Option<()>,
}

impl Setting {
    /// Returns the setting of a key, or `None` if there is none.
    pub(super) fn find(key: &str) -> Option<&'static Self> {
        SETTINGS.iter().find(|setting| setting.key == key)
    }

    /// Returns the value as TOML, or `unset`.
    #[must_use]
    pub fn to_toml(&self, settings: &Settings) -> String {
        match ((self.get)(settings), self.kind) {
            (None, _) => "unset".to_owned(),
            (Some(text), SettingKind::Boolean | SettingKind::Integer) => text,
            (Some(text), SettingKind::Duration | SettingKind::Size | SettingKind::Choice(_) | SettingKind::Text(_)) => {
                toml::Value::String(text).to_string()
            }
        }
    }

    /// Returns the description of a valid value, which completes the sentence "it must be …".
    pub(super) fn expected(&self) -> String {
        let kind = self.kind.description();
        (self.limits)().map_or_else(|| kind.clone(), |[low, high]| format!("{kind} from {low} to {high}"))
    }
}

/// Returns the texts of two limits.
pub(super) fn limits<T: SettingValue>(range: &std::ops::RangeInclusive<T>) -> Option<[String; 2]> {
    Some([range.start().to_text()?, range.end().to_text()?])
}

/// Makes `Settings`, a struct for each section, their defaults, and `SETTINGS`.
///
/// A setting is written as `name: Type = default;` or `name: Type = default, in low..=high;` below its description,
/// settings without a section first.
macro_rules! settings {
    (
        $(
            $(#[doc = $doc:literal])+
            $name:ident: $type:ty = $default:expr $(, in $range:expr)?;
        )+
        $($section:ident: $Section:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $field_type:ty = $field_default:expr $(, in $field_range:expr)?;
            )+
        })+
    ) => {
        /// All settings.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $type,)+
            $(#[doc = concat!("The settings `", stringify!($section), ".*`.")] pub $section: $Section,)+
        }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($name: $default,)+ $($section: $Section::default(),)+ }
            }
        }

        $(
            #[doc = concat!("The settings `", stringify!($section), ".*`.")]
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Section {
                $($(#[doc = $field_doc])+ pub $field: $field_type,)+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $($field: $field_default,)+ }
                }
            }
        )+

        /// All settings, in the order of the documentation.
        pub static SETTINGS: &[$crate::config::Setting] = &[
            $(setting!(stringify!($name), [$name], concat!($($doc),+), $type $(, $range)?),)+
            $($(setting!(
                concat!(stringify!($section), ".", stringify!($field)),
                [$section.$field],
                concat!($($field_doc),+),
                $field_type $(, $field_range)?
            ),)+)+
        ];
    };
}

/// Makes one entry of `SETTINGS`.
macro_rules! setting {
    ($key:expr, [$($field:tt)+], $doc:expr, $type:ty $(, $range:expr)?) => {
        $crate::config::Setting {
            key: $key,
            description: $doc.trim_ascii(),
            kind: <$type as $crate::config::setting_value::SettingValue>::KIND,
            limits: || None$(.or($crate::config::settings_macro::limits::<$type>(&($range))))?,
            get: |settings| $crate::config::setting_value::SettingValue::to_text(&settings.$($field)+),
            set: |settings, text| {
                let value = <$type as $crate::config::setting_value::SettingValue>::from_text(text)?;
                $(if !($range).contains(&value) {
                    return None;
                })?
                settings.$($field)+ = value;
                Some(())
            },
        }
    };
}

pub(super) use {setting, settings};
