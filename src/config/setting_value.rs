//! The types of settings: how a text becomes a value and a value a text.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::Mul;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use hyper::Uri;
use jiff::SignedDuration;
use sweetspot_store::store::{ObjectUrl, StoreLocation};
use thiserror::Error;
use tracing_subscriber::filter::Targets;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A duration with a unit, such as `250ms`, `30s` or `1h`.
    Duration,
    /// A size with a unit: `B`, `KiB`, `MiB`, `GiB` or `TiB`.
    Size,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// A text with this description.
    Text(&'static str),
}

impl SettingKind {
    /// Returns the description of a value, which completes the sentence "it must be …".
    pub(super) fn description(self) -> String {
        match self {
            Self::Boolean => "true or false".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::Duration => "a duration".to_owned(),
            Self::Size => "a size".to_owned(),
            Self::Choice(texts) => texts.join(" or "),
            Self::Text(description) => description.to_owned(),
        }
    }
}

/// A type of settings.
pub(super) trait SettingValue: Sized {
    /// The kind of all values.
    const KIND: SettingKind;
    /// Returns the value of a text that is not blank, or `None` if it is invalid.
    fn from_text(text: &str) -> Option<Self>;
    /// Returns the text of a value, or `None` if it is unset.
    fn to_text(&self) -> Option<String>;
}

/// Implements [`SettingValue`] with `FromStr` and `Display`.
macro_rules! standard_values {
    ($($type:ty: $kind:expr;)+) => {$(
        impl SettingValue for $type {
            const KIND: SettingKind = $kind;

            fn from_text(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }

            fn to_text(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}

standard_values! {
    bool: SettingKind::Boolean;
    u32: SettingKind::Integer;
    u64: SettingKind::Integer;
    usize: SettingKind::Integer;
    String: SettingKind::Text("a text");
    SocketAddr: SettingKind::Text("an address and a port, such as 127.0.0.1:50051");
    Targets: SettingKind::Text("a filter such as info or sweetspot=debug");
    ObjectUrl: SettingKind::Text("an address such as s3://bucket/path, gs://bucket/path, az://container/path or file:///path");
    HttpUrl: SettingKind::Text("an address such as https://collector.example:4317");
}

impl<T: SettingValue> SettingValue for Option<T> {
    const KIND: SettingKind = T::KIND;

    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Some)
    }

    fn to_text(&self) -> Option<String> {
        self.as_ref()?.to_text()
    }
}

impl SettingValue for PathBuf {
    const KIND: SettingKind = SettingKind::Text("a path");

    fn from_text(text: &str) -> Option<Self> {
        Some(Self::from(text))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.display().to_string())
    }
}

impl SettingValue for StoreLocation {
    const KIND: SettingKind = SettingKind::Text("a path or the URL of a database");

    fn from_text(text: &str) -> Option<Self> {
        Some(Self::new(text))
    }

    /// The text of a URL lacks its password.
    fn to_text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl SettingValue for Duration {
    const KIND: SettingKind = SettingKind::Duration;

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse::<SignedDuration>().ok()?.try_into().ok()
    }

    fn to_text(&self) -> Option<String> {
        Some(format!("{:#}", SignedDuration::try_from(*self).ok()?))
    }
}

/// Names of hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostNames(pub Vec<String>);

impl SettingValue for HostNames {
    const KIND: SettingKind = SettingKind::Text("host names separated by commas, such as scores.example.com");

    fn from_text(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            !name.is_empty() && name.len() <= 253 && name.chars().all(is_letter)
        };
        let names: Vec<&str> = text.split(',').map(str::trim).collect();
        (names.len() <= 100 && names.iter().all(|name| is_name(name)))
            .then(|| Self(names.into_iter().map(str::to_owned).collect()))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.0.join(","))
    }
}

/// Origins of web pages, as browsers send them: `https://`, a host, and maybe a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebOrigins(pub Vec<String>);

impl SettingValue for WebOrigins {
    const KIND: SettingKind =
        SettingKind::Text("origins of web pages separated by commas, such as https://crm.example.com");

    fn from_text(text: &str) -> Option<Self> {
        let is_origin = |origin: &str| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
            host.is_some_and(|host| !host.is_empty() && host.len() <= 253 && host.chars().all(is_letter))
        };
        let origins: Vec<&str> = text.split(',').map(str::trim).collect();
        (origins.len() <= 100 && origins.iter().all(|origin| is_origin(origin)))
            .then(|| Self(origins.into_iter().map(str::to_ascii_lowercase).collect()))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.0.join(","))
    }
}

/// The address of another server: `http://` or `https://`, a host, and maybe a port and a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpUrl(Uri);

impl HttpUrl {
    /// Returns the address.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.0
    }

    /// Whether connections are encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// The host, without the brackets around an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// Whether the host is certainly this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }
}

/// A text is not an [`HttpUrl`].
#[derive(Clone, Copy, Debug, Error)]
#[error("not an address such as https://collector.example:4317")]
pub struct InvalidUrl;

impl FromStr for HttpUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url = text.trim().parse().map(Self).map_err(|_| InvalidUrl)?;
        let is_http = matches!(url.0.scheme_str(), Some("http" | "https"));
        // A user before the host is not supported, and could hide it.
        let has_user = url.0.authority().is_some_and(|authority| authority.as_str().contains('@'));
        if is_http && !has_user && !url.host().is_empty() { Ok(url) } else { Err(InvalidUrl) }
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

pub(super) const BYTE: ByteSize = ByteSize(1);
pub(super) const KIB: ByteSize = ByteSize(1 << 10);
pub(super) const MIB: ByteSize = ByteSize(1 << 20);
pub(super) const GIB: ByteSize = ByteSize(1 << 30);
pub(super) const TIB: ByteSize = ByteSize(1 << 40);

/// The units of sizes, largest first.
const UNITS: [(&str, ByteSize); 5] = [("TiB", TIB), ("GiB", GIB), ("MiB", MIB), ("KiB", KIB), ("B", BYTE)];

impl ByteSize {
    /// Returns the number of bytes.
    #[must_use]
    pub const fn as_usize(self) -> usize {
        self.0 as usize
    }
}

impl Mul<ByteSize> for u64 {
    type Output = ByteSize;

    fn mul(self, unit: ByteSize) -> ByteSize {
        ByteSize(self * unit.0)
    }
}

impl SettingValue for ByteSize {
    const KIND: SettingKind = SettingKind::Size;

    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        let (count, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
        count.trim_end().parse::<u64>().ok()?.checked_mul(unit.0).map(Self)
    }

    /// Writes the largest unit of which the size is a whole multiple.
    fn to_text(&self) -> Option<String> {
        let is_whole = |unit: ByteSize| *self >= unit && self.0.is_multiple_of(unit.0);
        let (name, unit) = UNITS.into_iter().find(|(_, unit)| is_whole(*unit)).unwrap_or(("B", BYTE));
        Some(format!("{}{name}", self.0 / unit.0))
    }
}

/// The format of logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Text,
    /// One JSON object per line.
    Json,
}

impl SettingValue for LogFormat {
    const KIND: SettingKind = SettingKind::Choice(&["text", "json"]);

    fn from_text(text: &str) -> Option<Self> {
        match text.trim() {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn to_text(&self) -> Option<String> {
        Some(if *self == Self::Json { "json" } else { "text" }.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: SettingValue + PartialEq + std::fmt::Debug>(cases: &[(&str, Option<T>, &str)]) {
        for (text, value, written) in cases {
            assert_eq!(&T::from_text(text), value, "{text}");
            assert_eq!(value.as_ref().and_then(T::to_text).unwrap_or_default(), *written, "{text}");
        }
    }

    #[test]
    fn durations_have_units() {
        let seconds = |count| Some(Duration::from_secs(count));
        check(&[
            ("30s", seconds(30), "30s"),
            (" 5m ", seconds(300), "5m"),
            ("90s", seconds(90), "1m 30s"),
            ("1h30m", seconds(5400), "1h 30m"),
            ("250ms", Some(Duration::from_millis(250)), "250ms"),
            ("0s", seconds(0), "0s"),
            ("30", None, ""),
            ("0", None, ""),
            ("-30s", None, ""),
            ("30 fortnights", None, ""),
        ]);
    }

    #[test]
    fn addresses_have_a_scheme_and_a_host() {
        for (text, is_encrypted, is_loopback) in [
            ("http://127.0.0.1:4317/", false, true),
            ("https://localhost/keys?a=b", true, true),
            ("http://[::1]:1/", false, true),
            ("https://collector.example:4317/", true, false),
            ("http://127.evil.example/", false, false),
        ] {
            let url = HttpUrl::from_text(text).unwrap();
            assert_eq!((url.is_encrypted(), url.is_loopback()), (is_encrypted, is_loopback), "{text}");
            assert_eq!(url.to_text().unwrap(), text);
        }
        for text in [
            "0",
            "collector:4317",
            "ftp://a",
            "http://",
            "https:///keys",
            "http://localhost@evil.example",
            "http://a b",
        ] {
            assert_eq!(HttpUrl::from_text(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        let size = |bytes| Some(ByteSize(bytes));
        check(&[
            ("512KiB", size(512 << 10), "512KiB"),
            (" 4 MiB", size(4 << 20), "4MiB"),
            ("1024KiB", size(1 << 20), "1MiB"),
            ("1GiB", size(1 << 30), "1GiB"),
            ("2TiB", size(2 << 40), "2TiB"),
            ("1025B", size(1025), "1025B"),
            ("0B", size(0), "0B"),
            ("4096", None, ""),
            ("4MB", None, ""),
            ("1.5GiB", None, ""),
            ("-1MiB", None, ""),
            ("MiB", None, ""),
            ("16777216TiB", None, ""),
        ]);
    }
}
