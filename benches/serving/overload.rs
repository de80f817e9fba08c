//! Far more calls than the server can answer: what is still answered, and how the others are turned away.

use std::time::Duration;

use crate::bed::Bed;
use crate::client::Call;
use crate::load::{Sample, median, quantile, run_for};
use crate::server::Server;
use crate::table::{self, decimal, whole};
use crate::wire::{score_rows, score_table};

const LADDER: [usize; 7] = [4, 16, 32, 64, 128, 256, 512];
/// More than a server takes at a time by default.
const FLOOD: usize = 4_096;
/// On one connection; the server takes 100.
const ON_A_LINE: usize = 64;

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let mut rows = Vec::new();
    for server in bed.start_products().await {
        one(bed, &server, "1", &score_rows(bed.one()), &mut rows).await;
        // Scored by threads of their own: calls wait for them, and so are turned away.
        one(bed, &server, "100", &score_table(bed.accounts.get(..100).unwrap()), &mut rows).await;
    }
    let columns = [
        "server",
        "accounts a call",
        "in flight",
        "connections",
        "answered/s",
        "of the peak",
        "p50 ms",
        "p99 ms",
        "max ms",
    ];
    let columns = [columns.as_slice(), &["turned away/s", "p50 ms", "p99 ms"]].concat();
    table::print("Overload", &columns, &rows);
}

async fn one(bed: &Bed, server: &Server, size: &str, call: &Call, rows: &mut Vec<Vec<String>>) {
    let peak = peak(server, call, bed.round()).await;
    let loads = [peak, 5 * peak, FLOOD];
    let mut samples = loads.map(|_| Vec::new());
    for _ in 0..bed.options.rounds {
        for (load, samples) in loads.iter().zip(&mut samples) {
            samples.push(at(server, *load, call, bed.round()).await);
        }
    }
    let [first, ..] = &samples;
    for (load, samples) in loads.iter().zip(&samples) {
        let of = samples.iter().zip(first).map(|(own, peak)| own.rate() / peak.rate());
        let mut row = vec![server.name.clone(), size.to_owned(), whole(*load as f64), connections(*load).to_string()];
        row.extend([whole(middle(samples, Sample::rate)), decimal(median(of), 3)]);
        row.extend([0.5, 0.99, 1.0].map(|share| decimal(middle(samples, |one| quantile(&one.good, share) / 1e3), 2)));
        row.push(whole(middle(samples, |one| one.refused.len() as f64 / one.seconds)));
        row.extend([0.5, 0.99].map(|share| decimal(middle(samples, |one| quantile(&one.refused, share) / 1e3), 2)));
        rows.push(row);
    }
}

fn middle(samples: &[Sample], figure: impl Fn(&Sample) -> f64) -> f64 {
    median(samples.iter().map(figure))
}

/// The fewest calls in flight that give 95 % of the most calls a second.
async fn peak(server: &Server, call: &Call, time: Duration) -> usize {
    let mut rates = Vec::new();
    for load in LADDER {
        rates.push((load, at(server, load, call, time).await.rate()));
    }
    let most = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    rates.into_iter().find(|(_, rate)| *rate >= 0.95 * most).unwrap().0
}

fn connections(in_flight: usize) -> usize {
    in_flight.div_ceil(ON_A_LINE).max(4)
}

async fn at(server: &Server, in_flight: usize, call: &Call, time: Duration) -> Sample {
    let lines = server.lines(connections(in_flight)).await;
    let sample = run_for(&lines, in_flight, call, time).await;
    assert!(sample.failed == 0, "{} calls failed", sample.failed);
    sample
}
