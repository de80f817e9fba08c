//! What calls use of their limits.

use metrics::Gauge;

/// What is used of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    /// The part that is used now.
    pub used: usize,
    /// The limit.
    pub limit: usize,
}

/// What calls use now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallUsage {
    /// The permits of short calls.
    pub short: Used,
    /// The permits of imports, waits and streams.
    pub long: Used,
    /// The memory of requests, in bytes.
    pub buffered_bytes: Used,
}

/// The gauges of [`CallUsage`]: of each part what is used, and the limit.
#[derive(Clone, Debug)]
pub(super) struct UsageGauges([[Gauge; 2]; 3]);

impl UsageGauges {
    /// Creates all gauges with `gauge`, from their name and the value of their label `class`, if they have one.
    pub(super) fn new(gauge: impl Fn(&'static str, Option<&'static str>) -> Gauge) -> Self {
        let permits = |class| {
            [gauge("sweetspot_call_permits_used", Some(class)), gauge("sweetspot_call_permits_limit", Some(class))]
        };
        let bytes = [gauge("sweetspot_buffered_bytes", None), gauge("sweetspot_buffered_bytes_limit", None)];
        Self([permits("short"), permits("long"), bytes])
    }

    pub(super) fn set(&self, usage: CallUsage) {
        let CallUsage { short, long, buffered_bytes } = usage;
        for ([used, limit], now) in self.0.iter().zip([short, long, buffered_bytes]) {
            used.set(now.used as f64);
            limit.set(now.limit as f64);
        }
    }
}
