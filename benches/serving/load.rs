//! A closed loop of calls, and what one round of it showed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::{Answer, Call, Line};

const OK: u32 = 0;
/// What a server says that has too much to do.
const UNAVAILABLE: u32 = 14;

/// One round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    /// Microseconds of each call answered, ascending.
    pub(crate) good: Vec<f64>,
    /// Microseconds of each call turned away, ascending.
    pub(crate) refused: Vec<f64>,
    /// Calls that failed in any other way.
    pub(crate) failed: usize,
    /// The server's processor time in seconds, where its process is known.
    pub(crate) processor: Option<f64>,
}

impl Sample {
    pub(crate) fn rate(&self) -> f64 {
        self.good.len() as f64 / self.seconds
    }

    /// Processor time of a call in microseconds.
    pub(crate) fn processor_micros(&self) -> Option<f64> {
        Some(self.processor? * 1e6 / self.good.len() as f64)
    }

    fn add(&mut self, answer: Answer, micros: f64) {
        match answer.status {
            OK => self.good.push(micros),
            UNAVAILABLE => self.refused.push(micros),
            _ => self.failed += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.good.extend(other.good);
        self.refused.extend(other.refused);
        self.failed += other.failed;
    }
}

/// The value below which this share of ascending values lies.
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

/// Keeps `in_flight` calls under way for a while, spread over the connections.
pub(crate) async fn run_for(lines: &[Line], in_flight: usize, call: &Call, time: Duration) -> Sample {
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

/// Keeps `in_flight` calls under way until told to stop, spread over the connections.
pub(crate) async fn run_until(lines: &[Line], in_flight: usize, call: &Call, stop: &Arc<AtomicBool>) -> Sample {
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for line in lines.iter().cycle().take(in_flight) {
        callers.spawn(caller(line.clone(), call.clone(), Arc::clone(stop)));
    }
    let mut sample = Sample::default();
    while let Some(part) = callers.join_next().await {
        sample.merge(part.unwrap());
    }
    sample.seconds = start.elapsed().as_secs_f64();
    sample.good.sort_by(f64::total_cmp);
    sample.refused.sort_by(f64::total_cmp);
    sample
}

async fn caller(mut line: Line, call: Call, stop: Arc<AtomicBool>) -> Sample {
    let head = line.head(call.path);
    let mut sample = Sample::default();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let answer = line.call(head.clone(), call.body.clone()).await;
        sample.add(answer, start.elapsed().as_secs_f64() * 1e6);
    }
    sample
}
