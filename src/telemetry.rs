//! Logs, as structured events on stderr in text or JSON, metrics, and traces.
//!
//! None of them contains attribute values.

mod call_usage;
mod exposition;
mod method_metrics;
mod metrics;
#[cfg(not(feature = "otlp"))]
mod no_otlp;
#[cfg(feature = "otlp")]
mod otlp;
mod otlp_error;
mod score_tally;
mod spans;

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use thiserror::Error;
use tracing::Subscriber;
pub use tracing_appender::non_blocking::WorkerGuard as LogGuard;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};
use tracing_subscriber::{fmt, registry};

pub use self::call_usage::{CallUsage, Used};
pub use self::exposition::{Label, MetricsPage};
pub use self::method_metrics::{CODE_COUNT, MethodMetrics, code_name};
pub use self::metrics::{GaugeGuard, Metrics, OtlpDropped, TrainingEnd};
#[cfg(not(feature = "otlp"))]
pub use self::no_otlp::NoOtlpExporter as OtlpExporter;
#[cfg(feature = "otlp")]
pub use self::otlp::OtlpExporter;
pub use self::otlp_error::OtlpError;
pub use self::score_tally::ScoreTally;
pub use self::spans::{
    OpenSpan, RemoteSpan, Span, SpanEnd, SpanKind, SpanQueue, SpanValue, TraceId, Tracer, started_before,
};
use crate::config::{LogFormat, LogSettings};

/// A subscriber is already installed.
#[derive(Debug, Error)]
#[error("logging is already set up in this process")]
pub struct AlreadyInitialized(#[from] TryInitError);

/// The maximum number of log lines that wait for stderr. With more, new ones are dropped: the reader of a pipe that
/// stands still must not stop the server.
const MAX_WAITING_LINES: usize = 8192;

static DROPPED_LINES: OnceLock<ErrorCounter> = OnceLock::new();

/// The number of log lines of this process that were dropped, because stderr did not take them.
pub fn dropped_log_lines() -> u64 {
    DROPPED_LINES.get().map_or(0, |counter| counter.dropped_lines() as u64)
}

/// Writes the events of this process to stderr from now on, on a thread of its own. Uses colors only on a terminal, and
/// not if `NO_COLOR` is set. Dropping the guard writes the lines that wait, for at most about a second.
///
/// # Errors
/// Returns an error if a subscriber is already installed in this process.
pub fn init(settings: &LogSettings) -> Result<LogGuard, AlreadyInitialized> {
    let builder = NonBlockingBuilder::default().buffered_lines_limit(MAX_WAITING_LINES).thread_name("log");
    let (writer, guard) = builder.finish(std::io::stderr());
    let dropped = writer.error_counter();
    subscriber(settings, writer, std::io::stderr().is_terminal()).try_init()?;
    let _first = DROPPED_LINES.set(dropped);
    Ok(guard)
}

/// Returns a subscriber that writes events to `writer`.
fn subscriber<W>(settings: &LogSettings, writer: W, is_terminal: bool) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = settings.filter.clone();
    let plain = fmt::layer().with_writer(writer);
    match (settings.format, is_terminal) {
        (LogFormat::Json, _) => Box::new(registry().with(plain.json().flatten_event(true)).with(filter)),
        // On a terminal the layer itself respects NO_COLOR.
        (LogFormat::Text, true) => Box::new(registry().with(plain).with(filter)),
        (LogFormat::Text, false) => Box::new(registry().with(plain.with_ansi(false)).with(filter)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn log_output(filter: &str, format: LogFormat) -> String {
        let page = LogBuffer::default();
        let writer = page.clone();
        let settings = LogSettings { filter: filter.parse().unwrap(), format, access_sample: None };
        let subscriber = subscriber(&settings, move || writer.clone(), false);
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(accounts = 3, "imported");
            tracing::debug!("detail");
        });
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_a_line() {
        let lines = log_output("info", LogFormat::Json);
        assert_eq!(lines.lines().count(), 1);
        let event: serde_json::Value = serde_json::from_str(&lines).unwrap();
        assert_eq!(
            (&event["level"], &event["message"], &event["accounts"]),
            (&"WARN".into(), &"imported".into(), &3.into())
        );
    }

    #[test]
    fn text_has_no_colour_codes_away_from_a_terminal() {
        let text = log_output("info", LogFormat::Text);
        assert!(text.contains("WARN") && text.contains("imported accounts=3") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn only_events_that_match_the_filter_are_logged() {
        assert_eq!(log_output("sweetspot=error", LogFormat::Text), "");
        assert_eq!(log_output("debug", LogFormat::Text).lines().count(), 2);
    }
}
