//! Ends calls at their deadline, and all calls when the server aborts them.
//!
//! The gRPC library has a deadline of its own, which answers CANCELLED. This one starts earlier and is polled first, so
//! that it always wins.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tonic::codegen::http::HeaderMap;

use super::method_properties::{CallClass, MAX_DEADLINE};
use crate::api::status::Refusal;

/// The deadline of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallDeadline {
    pub(super) arrived: Instant,
    /// The time that it may take; `None` without a limit.
    timeout: Option<Duration>,
}

impl CallDeadline {
    /// Uses the timeout that the caller requests, or else the default of the call's class.
    pub(super) fn new(headers: &HeaderMap, class: CallClass) -> Self {
        let limit = requested_timeout(headers).or(class.deadline()).map(|limit| limit.min(MAX_DEADLINE));
        Self { arrived: Instant::now(), timeout: limit }
    }

    /// The time at which the call must end; `None` without a limit.
    pub(super) fn end(self) -> Option<Instant> {
        self.timeout.map(|limit| self.arrived + limit)
    }

    /// Returns the refusal of a call whose deadline has passed before it started.
    pub(super) fn expired(self, now: Instant) -> Option<Refusal> {
        self.timeout.filter(|limit| now.duration_since(self.arrived) >= *limit).map(Refusal::DeadlineExceeded)
    }

    /// Runs `work` until the deadline. Most calls are ready at the first poll, and need no timer.
    pub(super) async fn run<T>(self, work: impl Future<Output = T>, cut: &CancellationToken) -> Result<T, Refusal> {
        let mut work = pin!(work);
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Ok(done);
        }
        tokio::select! {
            biased;
            done = work => Ok(done),
            refusal = self.wait_for_end(cut) => Err(refusal),
        }
    }

    /// Waits until the call must end: at its deadline, or when the server aborts it.
    pub(super) async fn wait_for_end(self, cut: &CancellationToken) -> Refusal {
        let expired = async {
            match self.timeout {
                Some(limit) => {
                    sleep_until(self.arrived + limit).await;
                    limit
                }
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            limit = expired => Refusal::DeadlineExceeded(limit),
            () = cut.cancelled() => Refusal::Draining,
        }
    }
}

/// Returns the timeout that the caller requests: up to eight digits and a unit, as specified by gRPC.
fn requested_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(count * 3600)),
        "M" => Some(Duration::from_secs(count * 60)),
        "S" => Some(Duration::from_secs(count)),
        "m" => Some(Duration::from_millis(count)),
        "u" => Some(Duration::from_micros(count)),
        "n" => Some(Duration::from_nanos(count)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tonic::codegen::http::HeaderValue;

    use super::*;

    #[test]
    fn timeouts_as_grpc_writes_them() {
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", HeaderValue::from_str(text).unwrap());
            requested_timeout(&headers)
        };
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("99999999S"), Some(Duration::from_secs(99_999_999)));
        assert_eq!(read("5m"), Some(Duration::from_millis(5)));
        assert_eq!(read("7u"), Some(Duration::from_micros(7)));
        assert_eq!(read("0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "1", "123456789S", "-1S", "+1S", "1x", "1.5S"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(requested_timeout(&HeaderMap::new()), None);
    }
}
