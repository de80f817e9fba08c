//! From the start of the program until it says that it serves, over stores of one and of many versions.

use std::path::Path;
use std::time::Instant;

use tonic_health::pb::HealthCheckRequest;

use crate::bed::Bed;
use crate::client::{Call, Line};
use crate::load::median;
use crate::server::Server;
use crate::table::{self, decimal, whole};

const VERSIONS: [usize; 2] = [1, 1_000];
/// The bytes of the answer SERVING: a frame of five, a field of two.
const SERVING: usize = 7;

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let mut rows = Vec::new();
    for (name, program) in &bed.products {
        let stores = VERSIONS.map(|versions| bed.store(versions));
        let mut starts = [Vec::new(), Vec::new()];
        // The first start of each finds nothing in the machine's caches, and does not count.
        for round in 0..=bed.options.rounds {
            for (store, starts) in stores.iter().zip(&mut starts) {
                let start = start(bed, program, store).await;
                if round > 0 {
                    starts.push(start);
                }
            }
        }
        for (versions, starts) in VERSIONS.iter().zip(starts) {
            let millis = median(starts.iter().map(|start| start.0));
            let memory = median(starts.iter().map(|start| start.1));
            rows.push(vec![name.clone(), whole(*versions as f64), decimal(millis, 1), decimal(memory, 1)]);
        }
    }
    table::print("Start", &["server", "versions in the store", "ms until it serves", "idle MiB"], &rows);
}

/// Milliseconds and MiB of one start.
async fn start(bed: &Bed, program: &Path, store: &Path) -> (f64, f64) {
    let call = Call::new("/grpc.health.v1.Health/Check", &HealthCheckRequest::default());
    let start = Instant::now();
    let server = Server::spawn("starting", |port| bed.serve(program, store, port));
    let mut line = Line::wait_for(server.port).await;
    loop {
        let answer = line.once(&call).await;
        if answer.status == 0 && answer.bytes == SERVING {
            break;
        }
    }
    (start.elapsed().as_secs_f64() * 1e3, server.resident().unwrap_or(f64::NAN))
}
