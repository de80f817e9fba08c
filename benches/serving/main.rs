//! Measures the cost of serving: the product as a separate process, compared with minimal servers and with
//! alternatives, in alternating rounds.
//!
//! `cargo bench --bench serving -- --help` lists the options; docs/BENCHMARKS.md contains results.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and panics on errors")]

mod accounts;
mod bed;
mod client;
mod echo;
mod encryption;
mod in_process;
mod lists;
mod load;
mod mixed;
mod mlserver;
mod options;
mod overload;
mod rounds;
mod server;
mod startup;
mod stream;
mod table;
mod training;
mod unary;
mod wire;

use clap::Parser as _;
use tokio::runtime;

use crate::bed::TestBed;
use crate::options::Options;

fn main() {
    let options = Options::parse();
    let floor = || runtime::Runtime::new().unwrap();
    match options {
        Options { tonic: Some(bytes), port, certificate, .. } => {
            floor().block_on(echo::serve_tonic(port, bytes, certificate.as_deref()));
        }
        Options { hyper: Some(bytes), port, certificate, .. } => {
            floor().block_on(echo::serve_hyper(port, bytes, certificate.as_deref()));
        }
        // The client uses a single thread, to leave the rest of the machine to the server.
        options => runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(run(options)),
    }
}

async fn run(options: Options) {
    let sections = options.selected_sections();
    let bed = TestBed::new(options);
    let Options { rounds, seconds, .. } = bed.options;
    let encryption = if bed.options.tls { ", with TLS" } else { "" };
    println!("{rounds} rounds of {seconds} s each{encryption}; client and server share {}", machine());
    for section in sections {
        match section.as_str() {
            "in-process" => in_process::run(&bed),
            "unary" => unary::run(&bed).await,
            "lists" => lists::run(&bed).await,
            "mixed" => mixed::run(&bed).await,
            "startup" => startup::run(&bed).await,
            "overload" => overload::run(&bed).await,
            _ => stream::run(&bed).await,
        }
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().unwrap();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap();
    let kib = memory.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap();
    format!("{cores} cores ({}) and {:.0} GiB", std::env::consts::ARCH, kib / 1024.0 / 1024.0)
}
