//! Which calls are logged at their end, and the line.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;
use tonic::Code;
use tracing::{debug, info, warn};

use super::line_limit::LineLimit;
use crate::telemetry::{CODE_COUNT, code_name};

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
    /// Who called.
    pub(super) caller: &'c str,
    pub(super) request_id: &'c str,
    pub(super) trace_id: Option<&'c str>,
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
        let EndedCall { method, is_change, resource, code, latency_ms, caller, request_id, trace_id } = call;
        macro_rules! line {
            ($level:ident, $suppressed:expr, $text:literal) => {
                $level!(
                    rpc.method = method,
                    resource,
                    code = code_name(code as usize),
                    latency_ms,
                    caller,
                    request.id = request_id,
                    trace_id,
                    suppressed = $suppressed,
                    $text
                )
            };
        }
        match code {
            Code::Internal | Code::DataLoss | Code::Unknown => line!(warn, None::<u64>, "failed"),
            Code::Ok if is_change => line!(info, None::<u64>, "answered"),
            Code::Ok | Code::Unavailable if self.is_in_sample() => line!(info, None::<u64>, "answered"),
            Code::Cancelled if !is_change && self.is_in_sample() => line!(info, None::<u64>, "answered"),
            Code::Ok | Code::Unavailable => line!(debug, None::<u64>, "answered"),
            Code::Cancelled if !is_change => line!(debug, None::<u64>, "answered"),
            Code::Cancelled
            | Code::InvalidArgument
            | Code::DeadlineExceeded
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => match self.count_refusal(code) {
                Some(calls) => line!(info, (calls > 1).then(|| calls - 1), "refused"),
                None => line!(debug, None::<u64>, "refused"),
            },
        }
    }

    fn is_in_sample(&self) -> bool {
        self.access_sample.is_some_and(|size| self.calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(size))
    }

    fn count_refusal(&self, code: Code) -> Option<u64> {
        self.limits.get(code as usize)?.count(self.epoch.elapsed())
    }
}
