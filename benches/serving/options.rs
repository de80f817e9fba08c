//! What can be said on the command line.

use std::path::PathBuf;

use clap::Parser;

/// Every section but the longest, in their order.
pub(crate) const DEFAULT: [&str; 6] = ["in-process", "unary", "lists", "mixed", "startup", "overload"];
/// Sections that take minutes, or a server that has them.
pub(crate) const LONG: [&str; 1] = ["stream"];

/// Measures serving, and prints Markdown.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Options {
    /// in-process, unary, lists, mixed, startup, overload, stream [default: all but stream]
    pub(crate) sections: Vec<String>,
    /// Alternating rounds of each measurement
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Length of a round
    #[arg(long, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// Threads of every server in Rust [default: as many as there are cores]
    #[arg(long)]
    pub(crate) workers: Option<usize>,
    /// Builds of the product to compare, as NAME=PROGRAM [default: the one of this source]
    #[arg(long = "product")]
    pub(crate) products: Vec<String>,
    /// The Python that has what the peers need; without it there are none
    #[arg(long)]
    pub(crate) python: Option<PathBuf>,
    /// The Python that has `MLServer`, another peer of single scores
    #[arg(long)]
    pub(crate) mlserver: Option<PathBuf>,
    /// Peers to start
    #[arg(long, value_delimiter = ',', default_value = "scikit-learn,lightgbm")]
    pub(crate) peers: Vec<String>,
    /// Peers that run already, as NAME=PORT
    #[arg(long)]
    pub(crate) peer: Vec<String>,
    /// Accounts of the stream
    #[arg(long, default_value_t = 10_000_000)]
    pub(crate) stream_accounts: usize,
    /// Be the floor: answer so many bytes with tonic
    #[arg(long, hide = true)]
    pub(crate) tonic: Option<usize>,
    /// Be the floor: answer so many bytes with hyper
    #[arg(long, hide = true)]
    pub(crate) hyper: Option<usize>,
    /// Where the floor listens
    #[arg(long, hide = true, default_value_t = 0)]
    pub(crate) port: u16,
    /// Said by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// The sections to run.
    pub(crate) fn chosen(&self) -> Vec<String> {
        if self.sections.is_empty() {
            return DEFAULT.map(str::to_owned).to_vec();
        }
        for section in &self.sections {
            let known = DEFAULT.iter().chain(&LONG).any(|name| name == section);
            assert!(known, "{section} is none of {DEFAULT:?} and {LONG:?}");
        }
        self.sections.clone()
    }
}
