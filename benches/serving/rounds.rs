//! Alternating rounds: every server takes its turn in each, so that a slow moment of the machine meets them all.

use std::time::Duration;

use crate::bed::Bed;
use crate::client::Call;
use crate::load::{Sample, median, quantile, run_for};
use crate::server::Server;
use crate::table::{decimal, whole};

/// What all rounds of one server showed.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) samples: Vec<Sample>,
    /// The gRPC status, where the server does not take the call.
    pub(crate) refused: Option<u32>,
}

impl Series {
    /// The median over the rounds.
    pub(crate) fn median(&self, figure: impl Fn(&Sample) -> f64) -> f64 {
        median(self.samples.iter().map(figure))
    }

    /// The median of the ratios to the rounds of another server.
    pub(crate) fn of(&self, other: &Self) -> f64 {
        median(self.samples.iter().zip(&other.samples).map(|(own, other)| own.rate() / other.rate()))
    }

    /// Calls a second, quantiles of their time in microseconds, processor time of a call.
    pub(crate) fn cells(&self) -> Vec<String> {
        if let Some(status) = self.refused {
            return vec![format!("refused ({status})"), "–".into(), "–".into(), "–".into(), "–".into()];
        }
        let slowest = self.samples.iter().filter_map(|sample| sample.good.last()).copied().fold(f64::NAN, f64::max);
        vec![
            whole(self.median(Sample::rate)),
            whole(self.median(|sample| quantile(&sample.good, 0.5))),
            whole(self.median(|sample| quantile(&sample.good, 0.99))),
            whole(slowest),
            decimal(self.median(|sample| sample.processor_micros().unwrap_or(f64::NAN)), 1),
        ]
    }
}

/// What the columns of [`ratios`] are.
pub(crate) const RATIOS: [&str; 2] = ["of bare tonic", "Sweetspot to it"];

/// How every server compares with the first, which is the floor, and how the first build of the product compares with it.
pub(crate) fn ratios(series: &[Series], product: usize) -> Vec<[String; 2]> {
    let pair = |one: &Series| {
        let of = |one: &Series, other: Option<&Series>| other.map_or(f64::NAN, |other| one.of(other));
        [decimal(of(one, series.first()), 3), decimal(series.get(product).map_or(f64::NAN, |own| own.of(one)), 2)]
    };
    series.iter().map(pair).collect()
}

/// What the columns of [`Series::cells`] are.
pub(crate) const COLUMNS: [&str; 5] = ["calls/s", "p50 µs", "p99 µs", "max µs", "server's CPU µs a call"];

/// Measures every server in turn, for as many rounds as asked, over one connection each.
pub(crate) async fn alternate(bed: &Bed, servers: &[&Server], in_flight: usize, call: &Call) -> Vec<Series> {
    let mut series = Vec::new();
    for server in servers {
        series.push(warm_up(server, in_flight, call).await);
    }
    for _ in 0..bed.options.rounds {
        for (server, series) in servers.iter().zip(&mut series) {
            if series.refused.is_none() {
                series.samples.push(round(server, in_flight, call, bed.round()).await);
            }
        }
    }
    series
}

async fn warm_up(server: &Server, in_flight: usize, call: &Call) -> Series {
    let call = server.own.as_ref().unwrap_or(call);
    let mut lines = server.lines(1).await;
    let status = lines.first_mut().unwrap().once(call).await.status;
    let refused = (status != 0).then_some(status);
    if refused.is_none() {
        run_for(&lines, in_flight, call, Duration::from_millis(200)).await;
    }
    Series { name: server.name.clone(), samples: Vec::new(), refused }
}

/// One round of one server.
pub(crate) async fn round(server: &Server, in_flight: usize, call: &Call, time: Duration) -> Sample {
    let call = server.own.as_ref().unwrap_or(call);
    let lines = server.lines(1).await;
    let before = server.processor();
    let mut sample = run_for(&lines, in_flight, call, time).await;
    sample.processor = server.processor().zip(before).map(|(after, before)| after - before);
    if sample.failed > 0 {
        println!("{}: {} calls failed", server.name, sample.failed);
    }
    sample
}
