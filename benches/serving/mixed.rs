//! Scores while the same server trains, and without, by turns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bed::Bed;
use crate::client::Call;
use crate::load::{Sample, median, run_until};
use crate::rounds::{COLUMNS, Series, round};
use crate::server::Server;
use crate::table::{self, decimal, whole};
use crate::training::{Trainer, import};
use crate::wire::score_rows;

const CUSTOMERS: usize = 50_000;
const IN_FLIGHT: usize = 16;

/// Runs the section.
pub(crate) async fn run(bed: &Bed) {
    let mut rows = Vec::new();
    for (name, program) in &bed.products {
        let store = bed.store(1);
        import(bed, program, &store, CUSTOMERS);
        let server = Server::start(name, |port| bed.serve(program, &store, port)).await;
        rows.extend(one(bed, &server).await);
    }
    let columns = [&["server", "while"], COLUMNS.as_slice(), &["of quiet", "training s"]].concat();
    let title =
        format!("Scores, {IN_FLIGHT} in flight, while the server trains on {} customers", whole(CUSTOMERS as f64));
    table::print(&title, &columns, &rows);
}

async fn one(bed: &Bed, server: &Server) -> [Vec<String>; 3] {
    let call = score_rows(bed.one());
    let trainer = Trainer::connect(server.port).await;
    let series = |samples| Series { name: server.name.clone(), samples, refused: None };
    let (mut quiet, mut busy, mut lengths, mut alone) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bed.options.rounds {
        quiet.push(round(server, IN_FLIGHT, &call, bed.round()).await);
        alone.push(trainer.clone().train().await.as_secs_f64());
        let (sample, seconds) = during(server, &call, &trainer).await;
        busy.push(sample);
        lengths.push(seconds);
    }
    let (quiet, busy) = (series(quiet), series(busy));
    let row = |what: &str, series: &Series, seconds: f64| {
        let mut row = vec![server.name.clone(), what.to_owned()];
        row.extend(series.cells());
        row.extend([decimal(series.of(&quiet), 3), decimal(seconds, 2)]);
        row
    };
    let mut idle = vec![server.name.clone(), "training alone".to_owned()];
    idle.extend(vec!["–".to_owned(); COLUMNS.len() + 1]);
    idle.push(decimal(median(alone), 2));
    [row("quiet", &quiet, f64::NAN), row("training", &busy, median(lengths)), idle]
}

/// Calls from the start of a training to its end. The processor time is left out: it is the training's as well.
async fn during(server: &Server, call: &Call, trainer: &Trainer) -> (Sample, f64) {
    let lines = server.lines(1).await;
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
