//! A closed loop of calls, and the measurements of one round.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{CallResult, ClientConnection, EncodedCall};

const OK: u32 = 0;
/// The gRPC status of an overloaded server.
const UNAVAILABLE: u32 = 14;

/// The measurements of one round.
#[derive(Clone, Debug, Default)]
pub(crate) struct LoadSample {
    pub(crate) seconds: f64,
    /// The durations of successful calls in microseconds, ascending.
    pub(crate) good_micros: Vec<f64>,
    /// The durations of rejected calls in microseconds, ascending.
    pub(crate) refused_micros: Vec<f64>,
    /// The number of calls that failed with any other status.
    pub(crate) failed_count: usize,
    /// The processor time of the server in seconds, if its process is known.
    pub(crate) cpu_seconds: Option<f64>,
}

impl LoadSample {
    pub(crate) fn rate(&self) -> f64 {
        self.good_micros.len() as f64 / self.seconds
    }

    /// The processor time per call in microseconds.
    pub(crate) fn cpu_micros_per_call(&self) -> Option<f64> {
        Some(self.cpu_seconds? * 1e6 / self.good_micros.len() as f64)
    }

    fn add(&mut self, answer: CallResult, micros: f64) {
        match answer.status {
            OK => self.good_micros.push(micros),
            UNAVAILABLE => self.refused_micros.push(micros),
            _ => self.failed_count += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.good_micros.extend(other.good_micros);
        self.refused_micros.extend(other.refused_micros);
        self.failed_count += other.failed_count;
    }
}

/// The quantile `share` of ascending values.
pub(crate) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let last = ascending.len().saturating_sub(1);
    ascending.get((share * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}

/// The median of values in any order.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    quantile(&values, 0.5)
}

/// Keeps `in_flight` calls running for a given time, spread over the connections.
pub(crate) async fn run_for(
    lines: &[ClientConnection],
    in_flight: usize,
    call: &EncodedCall,
    time: Duration,
) -> LoadSample {
    let stop = Arc::new(AtomicBool::new(false));
    let timer = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            tokio::time::sleep(time).await;
            stop.store(true, Ordering::Relaxed);
        }
    });
    let sample = run_until(lines, in_flight, call, &stop).await;
    timer.await.unwrap();
    sample
}

/// Keeps `in_flight` calls running until stopped, spread over the connections.
pub(crate) async fn run_until(
    lines: &[ClientConnection],
    in_flight: usize,
    call: &EncodedCall,
    stop: &Arc<AtomicBool>,
) -> LoadSample {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for line in lines.iter().cycle().take(in_flight) {
        callers.spawn(call_repeatedly(line.clone(), call.clone(), Arc::clone(stop)));
    }
    let mut sample = LoadSample::default();
    while let Some(part) = callers.join_next().await {
        sample.merge(part.unwrap());
    }
    sample.seconds = start.elapsed().as_secs_f64();
    sample.good_micros.sort_by(f64::total_cmp);
    sample.refused_micros.sort_by(f64::total_cmp);
    sample
}

async fn call_repeatedly(mut line: ClientConnection, call: EncodedCall, stop: Arc<AtomicBool>) -> LoadSample {
    let head = line.request_head(call.path);
    let mut sample = LoadSample::default();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = line.send_body(head.clone(), call.body.clone()).await;
        sample.add(answer, start.elapsed().as_secs_f64() * 1e6);
    }
    sample
}
