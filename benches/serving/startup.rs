//! The time from program start until the server reports that it serves, with stores of one and of many versions.

use std::path::Path;
use std::time::Instant;

use tonic_health::pb::HealthCheckRequest;

use crate::bed::TestBed;
use crate::client::{ClientConnection, EncodedCall};
use crate::load::median;
use crate::server::ServerProcess;
use crate::table::{self, decimal_text, whole_text};

const VERSION_COUNTS: [usize; 2] = [1, 1_000];
/// The size of the SERVING response: a frame header of five bytes and a field of two.
const SERVING_RESPONSE_BYTES: usize = 7;

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let mut rows = Vec::new();
    for (name, program) in &bed.products {
        let stores = VERSION_COUNTS.map(|versions| bed.create_store(versions));
        let mut starts = [Vec::new(), Vec::new()];
        // The first start of each is discarded, because the caches of the machine are cold.
        for round in 0..=bed.options.rounds {
            for (store, starts) in stores.iter().zip(&mut starts) {
                let start = measure_start(bed, program, store).await;
                if round > 0 {
                    starts.push(start);
                }
            }
        }
        for (versions, starts) in VERSION_COUNTS.iter().zip(starts) {
            let millis = median(starts.iter().map(|start| start.0));
            let memory = median(starts.iter().map(|start| start.1));
            rows.push(vec![
                name.clone(),
                whole_text(*versions as f64),
                decimal_text(millis, 1),
                decimal_text(memory, 1),
            ]);
        }
    }
    table::print("Start", &["server", "versions in the store", "ms until it serves", "idle MiB"], &rows);
}

/// Measures one start in milliseconds and MiB.
async fn measure_start(bed: &TestBed, program: &Path, store: &Path) -> (f64, f64) {
    let call = EncodedCall::new("/grpc.health.v1.Health/Check", &HealthCheckRequest::default());
    let start = Instant::now();
    let server = ServerProcess::spawn("starting", |port| bed.serve_command(program, store, port));
    let mut line = ClientConnection::wait_for(server.port).await;
    loop {
        let answer = line.send(&call).await;
        if answer.status == 0 && answer.bytes == SERVING_RESPONSE_BYTES {
            break;
        }
    }
    (start.elapsed().as_secs_f64() * 1e3, server.resident_mib().unwrap_or(f64::NAN))
}
