//! Reads the URL of a database.
//!
//! Besides the parameters of libpq that the client knows, such as `host`, `options` and `connect_timeout`, a URL can
//! have `sslmode` (`disable` or `verify-full`, which is the default), `sslrootcert` (a file with the certificates of
//! authorities in PEM form, instead of those of the system) and `password_file`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::store::{DatabaseUrl, StoreError};

/// The time in which a connection must be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The time after which an unacknowledged packet breaks a connection.
const PACKET_TIMEOUT: Duration = Duration::from_secs(10);
/// The settings of each session, which end the work of a process that is gone.
const SESSION_OPTIONS: &str = "-c statement_timeout=900s -c idle_in_transaction_session_timeout=60s -c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";
/// The maximum size of the file of a password.
const MAX_PASSWORD_BYTES: usize = 4096;

/// How to connect to a database.
pub(super) struct ConnectionOptions {
    pub(super) config: Config,
    /// The file with the authorities to trust; `None` for those of the system.
    pub(super) authorities: Option<PathBuf>,
}

/// Reads a URL.
///
/// # Errors
/// [`StoreError::DatabaseUrl`] if it cannot be used.
pub(super) fn parse(url: &DatabaseUrl) -> Result<ConnectionOptions, StoreError> {
    let failed = |cause: String| StoreError::DatabaseUrl { store: url.to_string(), cause };
    let (address, parameters) = url.expose().split_once('?').unwrap_or((url.expose(), ""));
    let (mut others, mut ssl_mode, mut authorities, mut password_file) = (Vec::new(), None, None, None);
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let decoded = decode(value).ok_or_else(|| failed(format!("the value of {key} is not percent-encoded text")))?;
        match key {
            "sslmode" => ssl_mode = Some(decoded),
            "sslrootcert" => authorities = Some(PathBuf::from(decoded)),
            "password_file" => password_file = Some(PathBuf::from(decoded)),
            _ => others.push(parameter),
        }
    }
    let plain = if others.is_empty() { address.to_owned() } else { format!("{address}?{}", others.join("&")) };
    let mut config: Config = plain.parse().map_err(|error: tokio_postgres::Error| failed(cause_of(&error)))?;
    if let Some(path) = password_file {
        let password = fs::read_to_string(&path).map_err(|error| failed(format!("{}: {error}", path.display())))?;
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(failed(format!("{}: the file is too large for a password", path.display())));
        }
        config.password(password.trim_end_matches(['\r', '\n']));
    }
    let is_local =
        !config.get_hosts().is_empty() && config.get_hosts().iter().all(|host| !matches!(host, Host::Tcp(_)));
    config.ssl_mode(match ssl_mode.as_deref() {
        Some("disable") => SslMode::Disable,
        None | Some("verify-full" | "require") if is_local => SslMode::Disable,
        None | Some("verify-full" | "require") => SslMode::Require,
        Some(other) => {
            return Err(failed(format!(
                "sslmode={other} is not supported: use verify-full, which checks the certificate of the server, or \
                 disable for a network that is protected"
            )));
        }
    });
    set_session(&mut config);
    Ok(ConnectionOptions { config, authorities })
}

/// Sets what the URL leaves open.
fn set_session(config: &mut Config) {
    let options = config.get_options().map(|options| format!("{options} ")).unwrap_or_default();
    config.options(format!("{options}{SESSION_OPTIONS}"));
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    config.tcp_user_timeout(PACKET_TIMEOUT);
    config.keepalives_idle(PACKET_TIMEOUT);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("sweetspot");
    }
}

/// The messages of an error and of its causes. None contains a password.
pub(super) fn cause_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let message = source.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = source.source();
    }
    if text.contains("server does not support TLS") {
        text.push_str(": for a network that is protected, set sslmode=disable in the URL");
    }
    text
}

/// Decodes `%41` to `A`. `None` if the text is not percent-encoded UTF-8.
fn decode(text: &str) -> Option<String> {
    let (mut decoded, mut bytes) = (Vec::new(), text.bytes());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            decoded.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreLocation;

    fn parsed(text: &str) -> Result<ConnectionOptions, StoreError> {
        let StoreLocation::Database(url) = StoreLocation::new(text) else { panic!("{text} is not a URL") };
        parse(&url)
    }

    #[test]
    fn connections_are_encrypted_unless_the_url_disables_it() {
        for (url, expected) in [
            ("postgres://h/d", SslMode::Require),
            ("postgres://h/d?sslmode=verify-full", SslMode::Require),
            ("postgres://h/d?sslmode=require&sslrootcert=%2Fca.pem", SslMode::Require),
            ("postgres://h/d?sslmode=disable", SslMode::Disable),
            ("postgres://u@/d?host=/run/postgresql", SslMode::Disable),
        ] {
            assert_eq!(parsed(url).unwrap().config.get_ssl_mode(), expected, "{url}");
        }
        let with_authorities = parsed("postgres://h/d?sslrootcert=%2Fca.pem").unwrap();
        assert_eq!(with_authorities.authorities, Some(PathBuf::from("/ca.pem")));
    }

    #[test]
    fn a_password_comes_from_a_file_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        fs::write(&file, "s3cret word\n").unwrap();
        let url = format!("postgres://u@h/d?password_file={}&options=-csearch_path%3Dx", file.display());
        let config = parsed(&url).unwrap().config;
        assert_eq!(config.get_password(), Some(&b"s3cret word"[..]));
        assert!(config.get_options().unwrap().starts_with("-csearch_path=x -c statement_timeout="));
    }

    #[test]
    fn errors_of_a_url_name_the_cause_and_not_the_password() {
        for (url, cause) in [
            ("postgres://u:s3cret@h/d?sslmode=prefer", "sslmode=prefer is not supported"),
            ("postgres://u:s3cret@h/d?password_file=/missing", "/missing: No such file"),
            ("postgres://u:s3cret@h/d?sslmode=%zz", "not percent-encoded"),
            ("postgres://u:s3cret@h:port/d", "port"),
            ("postgres://u:s3cret@h/d?unknown=1", "unknown"),
        ] {
            let error = parsed(url).err().unwrap().to_string();
            assert!(error.contains(cause) && !error.contains("s3cret"), "{error}");
        }
    }
}
