//! Which calls are logged at their end, and the line.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;
use tonic::Code;
use tracing::field::display;
use tracing::{debug, info, warn};

use super::line_limit::LineLimit;
use crate::telemetry::{CODE_COUNT, TraceId, code_name};

/// The caller of a call that is not authenticated.
const ANONYMOUS: &str = "anonymous";

/// A call that has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndedCall<'c> {
    /// The path of the method.
    pub(super) method: &'c str,
    /// Whether the method changes anything.
    pub(super) is_change: bool,
    /// The resource that the request names, if the method changes anything and the request could be read.
    pub(super) resource: Option<&'c str>,
    pub(super) code: Code,
    pub(super) latency_ms: f64,
    /// Who called; `None` without authentication.
    pub(super) caller: Option<&'c str>,
    /// The address of the connection's other end.
    pub(super) peer_address: Option<IpAddr>,
    pub(super) request_id: &'c str,
    pub(super) trace_id: Option<TraceId>,
}

/// The log of calls of one server.
#[derive(Debug)]
pub(super) struct CallLog {
    epoch: Instant,
    /// The limits of lines about calls without success, by code.
    limits: [LineLimit; CODE_COUNT],
    /// One call in this number is logged; `None`: none.
    access_sample: Option<u64>,
    /// The number of calls that could be in the sample.
    calls: AtomicU64,
}

impl CallLog {
    /// Creates a log with one call in `access_sample`.
    pub(super) fn new(access_sample: Option<u64>) -> Self {
        let limits = std::array::from_fn(|_| LineLimit::default());
        Self { epoch: Instant::now(), limits, access_sample, calls: AtomicU64::new(0) }
    }

    /// Logs a call. What a client can cause at any rate is sampled, or limited for each code.
    pub(super) fn log(&self, call: EndedCall<'_>) {
        let EndedCall { method, is_change, resource, code, latency_ms, caller, peer_address, request_id, trace_id } =
            call;
        let (caller, trace_id) = (caller.unwrap_or(ANONYMOUS), trace_id.map(display));
        macro_rules! line {
            ($level:ident, $suppressed:expr, $text:literal) => {
                $level!(
                    rpc.method = method,
                    resource,
                    code = code_name(code as usize),
                    latency_ms,
                    caller,
                    peer.address = peer_address.map(tracing::field::display),
                    request.id = request_id,
                    trace_id,
                    suppressed = $suppressed,
                    $text
                )
            };
        }
        let is_refused = match code {
            Code::Internal | Code::DataLoss | Code::Unknown => return line!(warn, None::<u64>, "failed"),
            Code::Ok | Code::Unavailable => false,
            // A change may have been made nevertheless.
            Code::Cancelled => is_change,
            Code::InvalidArgument
            | Code::DeadlineExceeded
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => true,
        };
        if !is_refused {
            if code == Code::Ok && is_change || self.is_in_sample() {
                line!(info, None::<u64>, "answered");
            } else {
                line!(debug, None::<u64>, "answered");
            }
        } else if let Some(calls) = self.count_refusal(code) {
            line!(info, (calls > 1).then(|| calls - 1), "refused");
        } else {
            line!(debug, None::<u64>, "refused");
        }
    }

    fn is_in_sample(&self) -> bool {
        self.access_sample.is_some_and(|size| self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(size))
    }

    fn count_refusal(&self, code: Code) -> Option<u64> {
        self.limits.get(code as usize)?.count(self.epoch.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};
    use std::time::Duration;

    use serde_json::Value;

    use super::*;

    const READ: EndedCall<'_> = EndedCall {
        method: "/s/Get",
        is_change: false,
        resource: None,
        code: Code::Ok,
        latency_ms: 1.5,
        caller: None,
        peer_address: None,
        request_id: "r",
        trace_id: None,
    };
    const CHANGE: EndedCall<'_> = EndedCall { is_change: true, resource: Some("workspaces/a"), ..READ };

    /// Returns the level, the code and the suppressed calls of each line of these calls, all at the same time.
    fn lines(log: &CallLog, calls: &[EndedCall<'_>]) -> Vec<(String, String, Option<u64>)> {
        let mut file = tempfile::tempfile().unwrap();
        let subscriber =
            tracing_subscriber::fmt().json().flatten_event(true).with_writer(file.try_clone().unwrap()).finish();
        tracing::subscriber::with_default(subscriber, || calls.iter().for_each(|call| log.log(*call)));
        let mut text = String::new();
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            (text("level"), text("code"), line["suppressed"].as_u64())
        };
        text.lines().map(line).collect()
    }

    fn line(level: &str, code: &str) -> (String, String, Option<u64>) {
        (level.to_owned(), code.to_owned(), None)
    }

    #[test]
    fn changes_and_internal_errors_are_logged_each_and_refusals_once() {
        let with = |call: EndedCall<'static>, code| EndedCall { code, ..call };
        let log = CallLog::new(None);
        let calls = [
            READ,
            CHANGE,
            CHANGE,
            with(READ, Code::NotFound),
            with(READ, Code::NotFound),
            with(CHANGE, Code::NotFound),
            with(CHANGE, Code::Aborted),
            with(READ, Code::Cancelled),
            with(CHANGE, Code::Cancelled),
            with(CHANGE, Code::Unavailable),
            with(READ, Code::Internal),
            with(READ, Code::Internal),
        ];
        let expected = [
            line("INFO", "OK"),
            line("INFO", "OK"),
            line("INFO", "NotFound"),
            line("INFO", "Aborted"),
            line("INFO", "Canceled"),
            line("WARN", "Internal"),
            line("WARN", "Internal"),
        ];
        assert_eq!(lines(&log, &calls), expected);
    }

    #[test]
    fn the_next_line_of_a_code_has_the_number_of_calls_without_one() {
        let refused = EndedCall { code: Code::NotFound, ..READ };
        let mut log = CallLog::new(None);
        assert_eq!(lines(&log, &[refused; 4]).len(), 1);
        log.epoch = log.epoch.checked_sub(Duration::from_secs(10)).unwrap();
        let found = lines(&log, &[refused; 2]);
        assert_eq!(found, [("INFO".to_owned(), "NotFound".to_owned(), Some(3))]);
    }

    #[test]
    fn one_read_in_the_sample_size_is_logged() {
        assert_eq!(lines(&CallLog::new(Some(3)), &[READ; 7]).len(), 3);
        assert_eq!(lines(&CallLog::new(Some(1)), &[READ; 7]).len(), 7);
    }
}
