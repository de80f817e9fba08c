//! The limits of a connection.

use std::time::Duration;

use hyper::server::conn::http2::Builder;
use hyper_util::rt::TokioTimer;

use super::inline_executor::CallQueue;
use crate::config::ServerSettings;

const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum number of streams that a peer may open and reset before they are served. More on one connection is an
/// attack.
const MAX_PENDING_RESETS: usize = 20;
/// The maximum number of streams that a peer may cause us to reset.
const MAX_LOCAL_RESETS: usize = 1024;
/// The maximum size of the headers of one call, in bytes. Our own clients send less than one KiB.
const MAX_HEADER_BYTES: u32 = 16 * 1024;

/// The limits of every connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct ConnectionLimits {
    /// The maximum number of open connections.
    pub(super) max_connections: usize,
    /// The maximum number of concurrent calls on one connection: the setting, and at most [`share`].
    max_streams: u32,
    /// The time until the first frame must arrive.
    pub(super) handshake: Duration,
    /// The age at which a client is asked to reconnect.
    max_age: Duration,
    /// The time that running calls have after that.
    pub(super) grace: Duration,
    /// The time that a client may take for the next part of a response.
    pub(super) response_stall: Duration,
}

/// The number of calls that a connection may always have, so that a probe finds room next to calls that wait.
const MIN_SHARE: u32 = 16;

/// The share of one connection in the calls of all.
fn share(calls: usize) -> u32 {
    u32::try_from(calls / 4).unwrap_or(u32::MAX).max(MIN_SHARE)
}

impl ConnectionLimits {
    /// Creates the limits from the settings.
    pub(in crate::app) fn new(settings: &ServerSettings) -> Self {
        Self {
            max_connections: settings.max_connections,
            max_streams: settings.max_concurrent_streams.min(share(settings.max_concurrent_calls)),
            handshake: settings.handshake_timeout,
            max_age: settings.max_connection_age,
            grace: settings.max_connection_age_grace,
            response_stall: settings.response_stall_timeout,
        }
    }

    /// The maximum age of one connection: the setting plus or minus up to a tenth, so that clients that connected
    /// together do not all reconnect together. Spread evenly over connection numbers by the golden ratio.
    pub(super) fn jittered_age(&self, number: u64) -> Duration {
        let part = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as f64 / f64::from(u32::MAX);
        self.max_age.mul_f64(0.9 + 0.2 * part)
    }

    /// Returns the HTTP builder of a connection, whose calls are added to `call_queue`.
    pub(super) fn http_builder(&self, call_queue: CallQueue) -> Builder<CallQueue> {
        let mut http = Builder::new(call_queue);
        http.timer(TokioTimer::new())
            .max_concurrent_streams(self.max_streams)
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
            .max_local_error_reset_streams(MAX_LOCAL_RESETS)
            .max_header_list_size(MAX_HEADER_BYTES)
            // gRPC does not need the Date header.
            .auto_date_header(false);
        http
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_spread_over_a_tenth_on_either_side() {
        let settings = ServerSettings { max_connection_age: Duration::from_secs(100), ..ServerSettings::default() };
        let limits = ConnectionLimits::new(&settings);
        let mut ages: Vec<f64> = (0..1_000).map(|number| limits.jittered_age(number).as_secs_f64()).collect();
        ages.sort_by(f64::total_cmp);
        assert!(ages[0] >= 90.0 && ages[0] < 90.1 && ages[999] <= 110.0 && ages[999] > 109.9, "{ages:?}");
        assert!(ages.windows(2).all(|pair| pair[1] - pair[0] < 0.1));
    }
}
