//! Many accounts a call, as rows and as columns, and the memory that they take.

use crate::bed::Bed;
use crate::load::{Sample, quantile};
use crate::rounds::{RATIOS, Series, alternate, ratios};
use crate::server::Server;
use crate::table::{self, decimal, whole};
use crate::wire::{score_rows, score_table};

/// Of one account in a list.
const ANSWER_BYTES: usize = 102;
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let products = bed.start_products().await;
    let peers = bed.start_peers().await;
    let resident = |server: &Server| server.resident().unwrap_or(f64::NAN);
    let idle: Vec<f64> = products.iter().chain(&peers).map(resident).collect();
    let mut rows = Vec::new();
    for size in SIZES {
        one_size(bed, size, &products, &peers, &mut rows).await;
    }
    let columns = ["accounts", "as", "in flight", "server", "accounts/s", "p50 ms", "p99 ms", "CPU µs an account"];
    let columns = [columns.as_slice(), RATIOS.as_slice()].concat();
    table::print("Lists", &columns, &rows);
    let memory = products.iter().chain(&peers).zip(idle).map(|(server, idle)| {
        let peak = server.peak().unwrap_or(f64::NAN);
        [idle, resident(server), peak].into_iter().map(|mib| decimal(mib, 1)).fold(vec![server.name.clone()], with)
    });
    let rows: Vec<Vec<String>> = memory.collect();
    table::print("Memory", &["server", "idle MiB", "after the lists MiB", "peak MiB"], &rows);
}

fn with(mut row: Vec<String>, cell: String) -> Vec<String> {
    row.push(cell);
    row
}

async fn one_size(bed: &Bed, size: usize, products: &[Server], peers: &[Server], rows: &mut Vec<Vec<String>>) {
    let accounts = bed.accounts.get(..size).unwrap();
    for (form, call) in [("rows", score_rows(accounts)), ("columns", score_table(accounts))] {
        let answer = products.first().unwrap().lines(1).await.first_mut().unwrap().once(&call).await;
        // Where the product does not answer, the floor answers what it would.
        let bytes = if answer.status == 0 { answer.bytes - 5 } else { size * ANSWER_BYTES };
        let floor = bed.start_floor("tonic", bytes).await;
        let servers: Vec<&Server> = [&floor].into_iter().chain(products).chain(peers).collect();
        for in_flight in [1, 2] {
            let series = alternate(bed, &servers, in_flight, &call).await;
            for (server, ratios) in series.iter().zip(ratios(&series, 1)) {
                let mut row = vec![whole(size as f64), form.to_owned(), in_flight.to_string(), server.name.clone()];
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
    let millis = |share: f64| series.median(|sample| quantile(&sample.good, share) / 1e3);
    let processor = series.median(|sample| sample.processor_micros().unwrap_or(f64::NAN));
    [
        whole(series.median(Sample::rate) * size),
        decimal(millis(0.5), 2),
        decimal(millis(0.99), 2),
        decimal(processor / size, 2),
    ]
}
