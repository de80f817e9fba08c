//! Ends calls whose time is over, and all calls once the server stops waiting for them.
//!
//! The gRPC library has a deadline of its own, which answers CANCELLED. Ours begins earlier and is asked first, so that it
//! always wins.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Request};

use super::method::{Class, MAX_DEADLINE};
use super::step::{Reply, Step};
use crate::api::status::{Refusal, refuse};

/// The step.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// Cancelled when the server waits no longer.
    pub(super) cut: CancellationToken,
}

impl Step for Deadline {
    fn around(&self, request: Request<Body>, next: impl FnOnce(Request<Body>) -> Reply) -> Reply {
        let limit =
            asked_for(request.headers()).or(Class::of(&request).deadline()).map(|limit| limit.min(MAX_DEADLINE));
        let Some(limit) = limit else { return next(request) };
        // Made before anything is awaited: the clock runs from the arrival.
        let over = sleep(limit);
        let cut = self.cut.clone().cancelled_owned();
        let reply = next(request);
        Box::pin(async move {
            tokio::select! {
                biased;
                response = reply => response,
                () = over => Ok(refuse(Refusal::OutOfTime(limit)).into_http()),
                () = cut => Ok(refuse(Refusal::Draining).into_http()),
            }
        })
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
    use super::*;
    use tonic::codegen::http::HeaderValue;

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
