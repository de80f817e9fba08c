//! Calls with many accounts, as rows and as columns, with the memory they need.

use crate::bed::TestBed;
use crate::load::{LoadSample, quantile};
use crate::rounds::{RATIOS, Series, ratios, run_alternately};
use crate::server::ServerProcess;
use crate::table::{self, decimal_text, whole_text};
use crate::wire::{score_rows, score_table};

/// The response bytes per account in a list.
const RESPONSE_BYTES: usize = 102;
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let products = bed.start_products().await;
    let peers = bed.start_peers().await;
    let resident = |server: &ServerProcess| server.resident_mib().unwrap_or(f64::NAN);
    let idle: Vec<f64> = products.iter().chain(&peers).map(resident).collect();
    let mut rows = Vec::new();
    for size in SIZES {
        measure_size(bed, size, &products, &peers, &mut rows).await;
    }
    let columns = ["accounts", "as", "in flight", "server", "accounts/s", "p50 ms", "p99 ms", "CPU µs an account"];
    let columns = [columns.as_slice(), RATIOS.as_slice()].concat();
    table::print("Lists", &columns, &rows);
    let memory = products.iter().chain(&peers).zip(idle).map(|(server, idle)| {
        let peak = server.peak_mib().unwrap_or(f64::NAN);
        [idle, resident(server), peak]
            .into_iter()
            .map(|mib| decimal_text(mib, 1))
            .fold(vec![server.name.clone()], push_cell)
    });
    let rows: Vec<Vec<String>> = memory.collect();
    table::print("Memory", &["server", "idle MiB", "after the lists MiB", "peak MiB"], &rows);
}

fn push_cell(mut row: Vec<String>, cell: String) -> Vec<String> {
    row.push(cell);
    row
}

async fn measure_size(
    bed: &TestBed,
    size: usize,
    products: &[ServerProcess],
    peers: &[ServerProcess],
    rows: &mut Vec<Vec<String>>,
) {
    let accounts = bed.accounts.get(..size).unwrap();
    for (form, call) in [("rows", score_rows(accounts)), ("columns", score_table(accounts))] {
        let answer = products.first().unwrap().connect(1).await.first_mut().unwrap().send(&call).await;
        // If the product rejects the call, the baseline answers with the expected size.
        let bytes = if answer.status == 0 { answer.bytes - 5 } else { size * RESPONSE_BYTES };
        let floor = bed.start_floor("tonic", bytes).await;
        let servers: Vec<&ServerProcess> = [&floor].into_iter().chain(products).chain(peers).collect();
        for in_flight in [1, 2] {
            let series = run_alternately(bed, &servers, in_flight, &call).await;
            for (server, ratios) in series.iter().zip(ratios(&series, 1)) {
                let mut row =
                    vec![whole_text(size as f64), form.to_owned(), in_flight.to_string(), server.name.clone()];
                row.extend(cells(server, size as f64));
                row.extend(ratios);
                rows.push(row);
            }
        }
        println!("\n{size} as {form}: {} bytes asked, {} answered", call.body.len(), answer.bytes);
    }
}

fn cells(series: &Series, size: f64) -> [String; 4] {
    if let Some(status) = series.refused {
        return [format!("refused ({status})"), "–".into(), "–".into(), "–".into()];
    }
    let millis = |share: f64| series.median(|sample| quantile(&sample.good_micros, share) / 1e3);
    let processor = series.median(|sample| sample.cpu_micros_per_call().unwrap_or(f64::NAN));
    [
        whole_text(series.median(LoadSample::rate) * size),
        decimal_text(millis(0.5), 2),
        decimal_text(millis(0.99), 2),
        decimal_text(processor / size, 2),
    ]
}
