//! Calls with one account: scores, scores with reasons, and explanations, compared with the baseline and the peers.

use crate::bed::TestBed;
use crate::client::EncodedCall;
use crate::rounds::{COLUMNS, RATIOS, ratios, run_alternately};
use crate::server::ServerProcess;
use crate::wire::{explain, score_rows, top_reasons};
use crate::{mlserver, table};

const IN_FLIGHT: [usize; 3] = [1, 16, 64];

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let products = bed.start_products().await;
    let mut peers = bed.start_peers().await;
    peers.extend(mlserver::start(bed).await);
    let shapes = [
        ("score", score_rows(bed.single_account())),
        ("3 reasons", top_reasons(bed.single_account())),
        ("explain", explain(bed.single_account())),
    ];
    let mut rows = Vec::new();
    for (number, (name, call)) in shapes.iter().enumerate() {
        // Peers do not support reasons.
        let peers = if number == 0 { peers.as_slice() } else { &[] };
        measure_call(bed, name, call, &products, peers, &mut rows).await;
    }
    let columns = [&["call", "in flight", "server"], COLUMNS.as_slice(), RATIOS.as_slice()].concat();
    table::print("One account a call", &columns, &rows);
}

async fn measure_call(
    bed: &TestBed,
    name: &str,
    call: &EncodedCall,
    products: &[ServerProcess],
    peers: &[ServerProcess],
    rows: &mut Vec<Vec<String>>,
) {
    let answer = products.first().unwrap().connect(1).await.first_mut().unwrap().send(call).await;
    // The five bytes of the frame header are not part of the message.
    let bytes = answer.bytes - 5;
    let floors = [bed.start_floor("tonic", bytes).await, bed.start_floor("hyper", bytes).await];
    let servers: Vec<&ServerProcess> = floors.iter().chain(products).chain(peers).collect();
    for in_flight in IN_FLIGHT {
        let series = run_alternately(bed, &servers, in_flight, call).await;
        for (server, ratios) in series.iter().zip(ratios(&series, floors.len())) {
            let mut row = vec![name.to_owned(), in_flight.to_string(), server.name.clone()];
            row.extend(server.cells());
            row.extend(ratios);
            rows.push(row);
        }
    }
    println!("\n{name}: {} bytes asked, {} answered", call.body.len() - 5, bytes);
}
