//! One account a call: scores, scores with reasons, explanations, beside the floor and the peers.

use crate::bed::Bed;
use crate::client::Call;
use crate::rounds::{COLUMNS, RATIOS, alternate, ratios};
use crate::server::Server;
use crate::wire::{explain, score_rows, top_reasons};
use crate::{mlserver, table};

const IN_FLIGHT: [usize; 3] = [1, 16, 64];

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let products = bed.start_products().await;
    let mut peers = bed.start_peers().await;
    peers.extend(mlserver::start(bed).await);
    let shapes =
        [("score", score_rows(bed.one())), ("3 reasons", top_reasons(bed.one())), ("explain", explain(bed.one()))];
    let mut rows = Vec::new();
    for (number, (name, call)) in shapes.iter().enumerate() {
        // Peers know nothing of reasons.
        let peers = if number == 0 { peers.as_slice() } else { &[] };
        shape(bed, name, call, &products, peers, &mut rows).await;
    }
    let columns = [&["call", "in flight", "server"], COLUMNS.as_slice(), RATIOS.as_slice()].concat();
    table::print("One account a call", &columns, &rows);
}

async fn shape(bed: &Bed, name: &str, call: &Call, products: &[Server], peers: &[Server], rows: &mut Vec<Vec<String>>) {
    let answer = products.first().unwrap().lines(1).await.first_mut().unwrap().once(call).await;
    // The five bytes around a message are not its own.
    let bytes = answer.bytes - 5;
    let floors = [bed.start_floor("tonic", bytes).await, bed.start_floor("hyper", bytes).await];
    let servers: Vec<&Server> = floors.iter().chain(products).chain(peers).collect();
    for in_flight in IN_FLIGHT {
        let series = alternate(bed, &servers, in_flight, call).await;
        for (server, ratios) in series.iter().zip(ratios(&series, floors.len())) {
            let mut row = vec![name.to_owned(), in_flight.to_string(), server.name.clone()];
            row.extend(server.cells());
            row.extend(ratios);
            rows.push(row);
        }
    }
    println!("\n{name}: {} bytes asked, {} answered", call.body.len() - 5, bytes);
}
