//! Alternating rounds: each round measures all servers, so that slow phases of the machine affect all of them.

use std::time::Duration;

use crate::bed::TestBed;
use crate::client::EncodedCall;
use crate::load::{LoadSample, median, quantile, run_for};
use crate::server::ServerProcess;
use crate::table::{decimal_text, whole_text};

/// All rounds of one server.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) samples: Vec<LoadSample>,
    /// The gRPC status, if the server rejects the call.
    pub(crate) refused: Option<u32>,
}

impl Series {
    /// The median over the rounds.
    pub(crate) fn median(&self, figure: impl Fn(&LoadSample) -> f64) -> f64 {
        median(self.samples.iter().map(figure))
    }

    /// The median of the ratios to the rounds of another server.
    pub(crate) fn ratio_to(&self, other: &Self) -> f64 {
        median(self.samples.iter().zip(&other.samples).map(|(own, other)| own.rate() / other.rate()))
    }

    /// The table cells: calls per second, quantiles of durations in microseconds, and processor time per call.
    pub(crate) fn cells(&self) -> Vec<String> {
        if let Some(status) = self.refused {
            return vec![format!("refused ({status})"), "–".into(), "–".into(), "–".into(), "–".into()];
        }
        let slowest =
            self.samples.iter().filter_map(|sample| sample.good_micros.last()).copied().fold(f64::NAN, f64::max);
        vec![
            whole_text(self.median(LoadSample::rate)),
            whole_text(self.median(|sample| quantile(&sample.good_micros, 0.5))),
            whole_text(self.median(|sample| quantile(&sample.good_micros, 0.99))),
            whole_text(slowest),
            decimal_text(self.median(|sample| sample.cpu_micros_per_call().unwrap_or(f64::NAN)), 1),
        ]
    }
}

/// The column titles of [`ratios`].
pub(crate) const RATIOS: [&str; 2] = ["of bare tonic", "Sweetspot to it"];

/// The ratio of each server to the first one, the baseline, and of the first product build to each server.
pub(crate) fn ratios(series: &[Series], product: usize) -> Vec<[String; 2]> {
    let pair = |one: &Series| {
        let of = |one: &Series, other: Option<&Series>| other.map_or(f64::NAN, |other| one.ratio_to(other));
        [
            decimal_text(of(one, series.first()), 3),
            decimal_text(series.get(product).map_or(f64::NAN, |own| own.ratio_to(one)), 2),
        ]
    };
    series.iter().map(pair).collect()
}

/// The column titles of [`Series::cells`].
pub(crate) const COLUMNS: [&str; 5] = ["calls/s", "p50 µs", "p99 µs", "max µs", "server's CPU µs a call"];

/// Measures the servers in turn, for the configured number of rounds, over one connection each.
pub(crate) async fn run_alternately(
    bed: &TestBed,
    servers: &[&ServerProcess],
    in_flight: usize,
    call: &EncodedCall,
) -> Vec<Series> {
    let mut series = Vec::new();
    for server in servers {
        series.push(warm_up(server, in_flight, call).await);
    }
    for _ in 0..bed.options.rounds {
        for (server, series) in servers.iter().zip(&mut series) {
            if series.refused.is_none() {
                series.samples.push(run_round(server, in_flight, call, bed.round_duration()).await);
            }
        }
    }
    series
}

async fn warm_up(server: &ServerProcess, in_flight: usize, call: &EncodedCall) -> Series {
    let call = server.own_call.as_ref().unwrap_or(call);
    let mut lines = server.connect(1).await;
    let status = lines.first_mut().unwrap().send(call).await.status;
    let refused = (status != 0).then_some(status);
    if refused.is_none() {
        run_for(&lines, in_flight, call, Duration::from_millis(200)).await;
    }
    Series { name: server.name.clone(), samples: Vec::new(), refused }
}

/// One round of one server.
pub(crate) async fn run_round(
    server: &ServerProcess,
    in_flight: usize,
    call: &EncodedCall,
    time: Duration,
) -> LoadSample {
    let call = server.own_call.as_ref().unwrap_or(call);
    let lines = server.connect(1).await;
    let before = server.cpu_seconds();
    let mut sample = run_for(&lines, in_flight, call, time).await;
    sample.cpu_seconds = server.cpu_seconds().zip(before).map(|(after, before)| after - before);
    if sample.failed_count > 0 {
        println!("{}: {} calls failed", server.name, sample.failed_count);
    }
    sample
}
