//! Far more calls than the server can handle: how many are answered, and how the others are rejected.

use std::time::Duration;

use crate::bed::TestBed;
use crate::client::EncodedCall;
use crate::load::{LoadSample, median, quantile, run_for};
use crate::server::ServerProcess;
use crate::table::{self, decimal_text, whole_text};
use crate::wire::{score_rows, score_table};

const LOAD_LADDER: [usize; 7] = [4, 16, 32, 64, 128, 256, 512];
/// More than the default maximum of concurrent calls.
const FLOOD_CALLS: usize = 4_096;
/// Calls per connection; the server allows 100.
const CALLS_PER_CONNECTION: usize = 64;

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let mut rows = Vec::new();
    for server in bed.start_products().await {
        measure_server(bed, &server, "1", &score_rows(bed.single_account()), &mut rows).await;
        // Scored on separate threads, whose queue rejects calls when it is full.
        measure_server(bed, &server, "100", &score_table(bed.accounts.get(..100).unwrap()), &mut rows).await;
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

async fn measure_server(
    bed: &TestBed,
    server: &ServerProcess,
    size: &str,
    call: &EncodedCall,
    rows: &mut Vec<Vec<String>>,
) {
    let peak = find_peak(server, call, bed.round_duration()).await;
    let loads = [peak, 5 * peak, FLOOD_CALLS];
    let mut samples = loads.map(|_| Vec::new());
    for _ in 0..bed.options.rounds {
        for (load, samples) in loads.iter().zip(&mut samples) {
            samples.push(run_load(server, *load, call, bed.round_duration()).await);
        }
    }
    let [first, ..] = &samples;
    for (load, samples) in loads.iter().zip(&samples) {
        let of = samples.iter().zip(first).map(|(own, peak)| own.rate() / peak.rate());
        let mut row =
            vec![server.name.clone(), size.to_owned(), whole_text(*load as f64), connection_count(*load).to_string()];
        row.extend([whole_text(median_of(samples, LoadSample::rate)), decimal_text(median(of), 3)]);
        row.extend(
            [0.5, 0.99, 1.0]
                .map(|share| decimal_text(median_of(samples, |one| quantile(&one.good_micros, share) / 1e3), 2)),
        );
        row.push(whole_text(median_of(samples, |one| one.refused_micros.len() as f64 / one.seconds)));
        row.extend(
            [0.5, 0.99]
                .map(|share| decimal_text(median_of(samples, |one| quantile(&one.refused_micros, share) / 1e3), 2)),
        );
        rows.push(row);
    }
}

fn median_of(samples: &[LoadSample], figure: impl Fn(&LoadSample) -> f64) -> f64 {
    median(samples.iter().map(figure))
}

/// Returns the lowest number of calls in flight that reaches 95 % of the maximum throughput.
async fn find_peak(server: &ServerProcess, call: &EncodedCall, time: Duration) -> usize {
    let mut rates = Vec::new();
    for load in LOAD_LADDER {
        rates.push((load, run_load(server, load, call, time).await.rate()));
    }
    let most = rates.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    rates.into_iter().find(|(_, rate)| *rate >= 0.95 * most).unwrap().0
}

fn connection_count(in_flight: usize) -> usize {
    in_flight.div_ceil(CALLS_PER_CONNECTION).max(4)
}

async fn run_load(server: &ServerProcess, in_flight: usize, call: &EncodedCall, time: Duration) -> LoadSample {
    let lines = server.connect(connection_count(in_flight)).await;
    let sample = run_for(&lines, in_flight, call, time).await;
    assert!(sample.failed_count == 0, "{} calls failed", sample.failed_count);
    sample
}
