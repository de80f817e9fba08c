//! What one connection may do.

use std::time::Duration;

use hyper::server::conn::http2::Builder;
use hyper_util::rt::TokioTimer;

use super::turns::Come;
use crate::config::ServerSettings;

const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);
/// Streams that a peer may open and reset before they are served. More on one connection is an attack.
const PENDING_RESETS: usize = 20;
/// Streams that a peer may make us reset.
const LOCAL_RESETS: usize = 1024;
/// Most bytes of the headers of one call. Our own clients send less than one KiB.
const HEADER_BYTES: u32 = 16 * 1024;

/// The limits of every connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct Limits {
    /// Connections at a time.
    pub(super) connections: usize,
    /// Calls at a time on one connection.
    streams: u32,
    /// Time for the first frame.
    pub(super) handshake: Duration,
    /// Time until a client is asked to connect anew.
    age: Duration,
    /// Time for its calls under way from then on.
    pub(super) grace: Duration,
}

impl Limits {
    /// Of the settings.
    pub(in crate::app) fn new(settings: &ServerSettings) -> Self {
        Self {
            connections: settings.max_connections,
            streams: settings.max_concurrent_streams,
            handshake: Duration::from_secs(settings.handshake_seconds),
            age: Duration::from_secs(settings.max_connection_age_seconds),
            grace: Duration::from_secs(settings.connection_grace_seconds),
        }
    }

    /// How old one connection may become: the setting and up to a tenth more or less, so that clients that came together do
    /// not all come back together. Spread evenly over the numbers of connections, by the golden ratio.
    pub(super) fn age(&self, number: u64) -> Duration {
        let part = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as f64 / f64::from(u32::MAX);
        self.age.mul_f64(0.9 + 0.2 * part)
    }

    /// How a connection is served whose calls come there.
    pub(super) fn http(&self, come: Come) -> Builder<Come> {
        let mut http = Builder::new(come);
        http.timer(TokioTimer::new())
            .max_concurrent_streams(self.streams)
            .keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT)
            .max_pending_accept_reset_streams(PENDING_RESETS)
            .max_local_error_reset_streams(LOCAL_RESETS)
            .max_header_list_size(HEADER_BYTES)
            // gRPC has no use for the date.
            .auto_date_header(false);
        http
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_spread_over_a_tenth_on_either_side() {
        let settings = ServerSettings { max_connection_age_seconds: 100, ..ServerSettings::default() };
        let limits = Limits::new(&settings);
        let mut ages: Vec<f64> = (0..1_000).map(|number| limits.age(number).as_secs_f64()).collect();
        ages.sort_by(f64::total_cmp);
        assert!(ages[0] >= 90.0 && ages[0] < 90.1 && ages[999] <= 110.0 && ages[999] > 109.9, "{ages:?}");
        assert!(ages.windows(2).all(|pair| pair[1] - pair[0] < 0.1));
    }
}
