//! Scoring with and without training on the same server, in alternating rounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bed::TestBed;
use crate::client::EncodedCall;
use crate::load::{LoadSample, median, run_until};
use crate::rounds::{COLUMNS, Series, run_round};
use crate::server::ServerProcess;
use crate::table::{self, decimal_text, whole_text};
use crate::training::{TrainingClient, import};
use crate::wire::score_rows;

const CUSTOMERS: usize = 50_000;
const IN_FLIGHT: usize = 16;

/// Runs the section.
pub(crate) async fn run(bed: &TestBed) {
    let mut rows = Vec::new();
    for (name, program) in &bed.products {
        let store = bed.create_store(1);
        import(bed, program, &store, CUSTOMERS);
        let server = ServerProcess::start(name, |port| bed.serve_command(program, &store, port)).await;
        rows.extend(measure_server(bed, &server).await);
    }
    let columns = [&["server", "while"], COLUMNS.as_slice(), &["of quiet", "training s"]].concat();
    let title =
        format!("Scores, {IN_FLIGHT} in flight, while the server trains on {} customers", whole_text(CUSTOMERS as f64));
    table::print(&title, &columns, &rows);
}

async fn measure_server(bed: &TestBed, server: &ServerProcess) -> [Vec<String>; 3] {
    let call = score_rows(bed.single_account());
    let trainer = TrainingClient::connect(server.port).await;
    let series = |samples| Series { name: server.name.clone(), samples, refused: None };
    let (mut quiet, mut busy, mut lengths, mut alone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bed.options.rounds {
        quiet.push(run_round(server, IN_FLIGHT, &call, bed.round_duration()).await);
        alone.push(trainer.clone().train().await.as_secs_f64());
        let (sample, seconds) = score_while_training(server, &call, &trainer).await;
        busy.push(sample);
        lengths.push(seconds);
    }
    let (quiet, busy) = (series(quiet), series(busy));
    let row = |what: &str, series: &Series, seconds: f64| {
        let mut row = vec![server.name.clone(), what.to_owned()];
        row.extend(series.cells());
        row.extend([decimal_text(series.ratio_to(&quiet), 3), decimal_text(seconds, 2)]);
        row
    };
    let mut idle = vec![server.name.clone(), "training alone".to_owned()];
    idle.extend(vec!["–".to_owned(); COLUMNS.len() + 1]);
    idle.push(decimal_text(median(alone), 2));
    [row("quiet", &quiet, f64::NAN), row("training", &busy, median(lengths)), idle]
}

/// Calls from the start of a training to its end. Processor time is omitted, because it includes the training.
async fn score_while_training(
    server: &ServerProcess,
    call: &EncodedCall,
    trainer: &TrainingClient,
) -> (LoadSample, f64) {
    let lines = server.connect(1).await;
    let stop = Arc::new(AtomicBool::new(false));
    let training = tokio::spawn({
        let (trainer, stop) = (trainer.clone(), Arc::clone(&stop));
        async move {
            let seconds = trainer.train().await.as_secs_f64();
            stop.store(true, Ordering::Relaxed);
            seconds
        }
    });
    let sample = run_until(&lines, IN_FLIGHT, call, &stop).await;
    (sample, training.await.unwrap())
}
