//! The cost of a score without a network.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sweetspot_core::Account;
use sweetspot_model::Scorer;

use crate::bed::TestBed;
use crate::table;

/// Runs the section.
pub(crate) fn run(bed: &TestBed) {
    let accounts = bed.accounts.get(..1_000).unwrap();
    let scorer = Scorer::compile(&bed.artifact).unwrap();
    // All attributes are missing: the sums, interval and tier are computed as for any score, but no value is looked up.
    let empty = Account::default();
    let score = best_nanos(accounts, &|account| {
        black_box(scorer.score(account));
    });
    let explain = best_nanos(accounts, &|account| drop(black_box(scorer.explain(account))));
    let nothing = best_nanos(accounts, &|_| {
        black_box(scorer.score(&empty));
    });
    let row = |name: &str, nanos: u128| vec![name.to_owned(), nanos.to_string()];
    let rows = [row("score", score), row("explain", explain), row("score where nothing is known", nothing)];
    table::print("In process", &["", "ns an account"], &rows);
    if let Some(mut peers) = bed.peers_in_process() {
        let told = String::from_utf8(peers.output().unwrap().stdout).unwrap();
        let rows: Vec<Vec<String>> = told.lines().map(peer_row).collect();
        table::print("Peers in process, one thread", &["", "accounts a call", "accounts/s"], &rows);
    }
}

/// Parses an output line of the peers into a table row.
fn peer_row(line: &str) -> Vec<String> {
    let cell = |text: &str| text.parse().map_or_else(|_| text.to_owned(), table::whole_text);
    line.split('\t').map(cell).collect()
}

fn best_nanos(accounts: &[Account], score: &dyn Fn(&Account)) -> u128 {
    let mut best = Duration::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        accounts.iter().for_each(score);
        best = best.min(start.elapsed());
    }
    best.as_nanos() / accounts.len() as u128
}
