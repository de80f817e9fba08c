//! Logs: structured events on stderr, for people or for machines. And figures, for whoever watches the server.
//!
//! Values of attributes are never logged.

mod metrics;

use std::io::IsTerminal as _;

use thiserror::Error;
use tracing::Subscriber;
use tracing_subscriber::filter::{ParseError, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{fmt, registry};

pub use self::metrics::{MethodMetrics, Metrics, OpenConnection};
use crate::config::{LogFormat, LogSettings};

/// Why logging cannot be set up.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("log.filter = {filter:?} is not a valid filter: use one such as info or warn,sweetspot=debug")]
    Filter {
        /// The filter.
        filter: String,
        /// Why.
        source: ParseError,
    },
    /// Logs are being written already.
    #[error("logging is already set up in this process")]
    SetUpAlready(#[from] TryInitError),
}

/// Writes the events of this process to stderr from now on. Colors only on a terminal, and not if `NO_COLOR` is set.
///
/// # Errors
/// Where the filter is wrong, or where something else in this process takes the events already.
pub fn init(settings: &LogSettings) -> Result<(), TelemetryError> {
    Ok(subscriber(settings, std::io::stderr, std::io::stderr().is_terminal())?.try_init()?)
}

/// What receives the events and writes them to `writer`.
fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
    terminal: bool,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter: Targets =
        settings.filter.parse().map_err(|source| TelemetryError::Filter { filter: settings.filter.clone(), source })?;
    let plain = fmt::layer().with_writer(writer);
    Ok(match (settings.format, terminal) {
        (LogFormat::Json, _) => Box::new(registry().with(plain.json().flatten_event(true)).with(filter)),
        // On a terminal the layer itself looks at NO_COLOR.
        (LogFormat::Text, true) => Box::new(registry().with(plain).with(filter)),
        (LogFormat::Text, false) => Box::new(registry().with(plain.with_ansi(false)).with(filter)),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat) -> String {
        let page = Page::default();
        let writer = page.clone();
        let settings = LogSettings { filter: filter.to_owned(), format };
        let subscriber = subscriber(&settings, move || writer.clone(), false).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(accounts = 3, "imported");
            tracing::debug!("detail");
        });
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line() {
        let lines = logged("info", LogFormat::Json);
        assert_eq!(lines.lines().count(), 1);
        let event: serde_json::Value = serde_json::from_str(&lines).unwrap();
        assert_eq!(
            (&event["level"], &event["message"], &event["accounts"]),
            (&"WARN".into(), &"imported".into(), &3.into())
        );
    }

    #[test]
    fn text_has_no_colour_codes_away_from_a_terminal() {
        let text = logged("info", LogFormat::Text);
        assert!(text.contains("WARN") && text.contains("imported accounts=3") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn the_filter_decides_what_is_written() {
        assert_eq!(logged("sweetspot=error", LogFormat::Text), "");
        assert_eq!(logged("debug", LogFormat::Text).lines().count(), 2);
    }

    #[test]
    fn a_wrong_filter_is_told() {
        let settings = LogSettings { filter: "sweetspot=loud".to_owned(), format: LogFormat::Text };
        let error = init(&settings).unwrap_err();
        assert!(error.to_string().contains("sweetspot=loud"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
}
