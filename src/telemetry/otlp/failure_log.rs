//! Counts what did not reach the collector, and logs it at most once in a while.

use std::error::Error as _;
use std::time::Duration;

use metrics::Counter;
use tokio::time::Instant;
use tonic::Status;

/// The minimum time between two lines.
const LINE_INTERVAL: Duration = Duration::from_secs(60);

/// What was lost of one kind.
#[derive(Debug)]
pub(super) struct FailureLog {
    /// What is lost.
    subject: &'static str,
    dropped: Counter,
    /// The number that is lost since the last line.
    unlogged: u64,
    last_line: Option<Instant>,
}

impl FailureLog {
    pub(super) fn new(subject: &'static str, dropped: Counter) -> Self {
        Self { subject, dropped, unlogged: 0, last_line: None }
    }

    /// Records that `count` were sent, with the number of those that the collector rejected.
    pub(super) fn record(&mut self, count: u64, sent: Result<u64, Status>, now: Instant) {
        let (lost, error) = match sent {
            Ok(0) => return,
            Ok(rejected) => (rejected, "the collector rejected them".to_owned()),
            Err(status) => (count, describe(&status)),
        };
        self.dropped.increment(lost);
        self.unlogged += lost;
        if self.last_line.is_none_or(|last| now.duration_since(last) >= LINE_INTERVAL) {
            let lost = std::mem::take(&mut self.unlogged);
            tracing::warn!(lost, error, "{} did not reach the collector of otlp.endpoint", self.subject);
            self.last_line = Some(now);
        }
    }
}

/// The message, and its innermost cause.
fn describe(status: &Status) -> String {
    let (mut cause, mut next) = (None, status.source());
    while let Some(error) = next {
        (cause, next) = (Some(error), error.source());
    }
    match cause {
        Some(cause) => format!("{}: {cause}", status.message()),
        None => format!("{:?}: {}", status.code(), status.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::Metrics;

    #[test]
    fn losses_are_counted_and_logged_once_in_a_minute() {
        let metrics = Metrics::default();
        let mut log = FailureLog::new("spans", metrics.otlp_dropped().traces);
        let start = Instant::now();
        let later = start + LINE_INTERVAL;
        log.record(5, Ok(0), start);
        assert_eq!((log.last_line, log.unlogged), (None, 0));
        log.record(5, Err(Status::unavailable("tcp connect error")), start);
        assert_eq!((log.last_line, log.unlogged), (Some(start), 0));
        log.record(7, Ok(2), start);
        assert_eq!((log.last_line, log.unlogged), (Some(start), 2));
        log.record(1, Err(Status::internal("x")), later);
        assert_eq!((log.last_line, log.unlogged), (Some(later), 0));
        assert!(metrics.render().contains("sweetspot_otlp_dropped_total{signal=\"traces\"} 8\n"));
    }
}
