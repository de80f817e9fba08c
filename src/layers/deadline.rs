//! Ends calls whose time is over, and all calls once the server stops waiting for them.
//!
//! The gRPC library has a deadline of its own, which answers CANCELLED. Ours begins earlier and is asked first, so that it
//! always wins.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tonic::codegen::http::HeaderMap;

use super::method::{Class, MAX_DEADLINE};
use crate::api::status::Refusal;

/// When a call ends by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) arrived: Instant,
    /// How long it may take; nothing: as long as it lasts.
    limit: Option<Duration>,
}

impl Limit {
    /// What the caller asks for, or what calls of its class get.
    pub(super) fn new(headers: &HeaderMap, class: Class) -> Self {
        let limit = asked_for(headers).or(class.deadline()).map(|limit| limit.min(MAX_DEADLINE));
        Self { arrived: Instant::now(), limit }
    }

    /// Whether the time is over before anything was done: then nothing is begun.
    pub(super) fn over(self, now: Instant) -> Option<Refusal> {
        self.limit.filter(|limit| now.duration_since(self.arrived) >= *limit).map(Refusal::OutOfTime)
    }

    /// What `work` comes to in its time. Most calls are answered the first time they are asked, and pay for no timer.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>, cut: &CancellationToken) -> Result<T, Refusal> {
        let mut work = pin!(work);
        if let Poll::Ready(done) = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await {
            return Ok(done);
        }
        tokio::select! {
            biased;
            done = work => Ok(done),
            refusal = self.ended(cut) => Err(refusal),
        }
    }

    /// Waits until the call has to end: its time is over, or the server waits no longer.
    pub(super) async fn ended(self, cut: &CancellationToken) -> Refusal {
        let over = async {
            match self.limit {
                Some(limit) => {
                    sleep_until(self.arrived + limit).await;
                    limit
                }
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            limit = over => Refusal::OutOfTime(limit),
            () = cut.cancelled() => Refusal::Draining,
        }
    }
}

/// The time that the caller gives: up to eight digits and a unit, as gRPC writes it.
fn asked_for(headers: &HeaderMap) -> Option<Duration> {
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
            asked_for(&headers)
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
        assert_eq!(asked_for(&HeaderMap::new()), None);
    }
}
