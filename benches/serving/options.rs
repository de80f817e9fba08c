//! The command-line options.

use std::path::PathBuf;

use clap::Parser;

/// The sections that run by default, in order.
pub(crate) const DEFAULT_SECTIONS: [&str; 6] = ["in-process", "unary", "lists", "mixed", "startup", "overload"];
/// Sections that take minutes, or that require a server with a streaming method.
pub(crate) const LONG_SECTIONS: [&str; 1] = ["stream"];

/// Measures serving and prints Markdown
#[derive(Clone, Debug, Parser)]
pub(crate) struct Options {
    /// in-process, unary, lists, mixed, startup, overload, stream [default: all but stream]
    pub(crate) sections: Vec<String>,
    /// Alternating rounds per measurement
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Duration of a round in seconds
    #[arg(long, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// Threads of each Rust server [default: the number of cores]
    #[arg(long)]
    pub(crate) workers: Option<usize>,
    /// Product builds to compare, as NAME=PROGRAM [default: the build of this source]
    #[arg(long = "product")]
    pub(crate) products: Vec<String>,
    /// Python with the packages of the peers; without it, no peers are measured
    #[arg(long)]
    pub(crate) python: Option<PathBuf>,
    /// Python with `MLServer`, another peer for single scores
    #[arg(long)]
    pub(crate) mlserver: Option<PathBuf>,
    /// Peers to start
    #[arg(long, value_delimiter = ',', default_value = "scikit-learn,lightgbm")]
    pub(crate) peers: Vec<String>,
    /// Peers that are already running, as NAME=PORT
    #[arg(long)]
    pub(crate) peer: Vec<String>,
    /// Number of accounts in the stream
    #[arg(long, default_value_t = 10_000_000)]
    pub(crate) stream_accounts: usize,
    /// Encrypt the connections of the product and of the baseline servers
    #[arg(long, conflicts_with_all = ["python", "mlserver", "peer"])]
    pub(crate) tls: bool,
    /// Run as a tonic baseline server that answers with this number of bytes
    #[arg(long, hide = true)]
    pub(crate) tonic: Option<usize>,
    /// Run as a hyper baseline server that answers with this number of bytes
    #[arg(long, hide = true)]
    pub(crate) hyper: Option<usize>,
    /// Folder with the certificate of an encrypted baseline server
    #[arg(long, hide = true)]
    pub(crate) certificate: Option<PathBuf>,
    /// Port of the baseline server
    #[arg(long, hide = true, default_value_t = 0)]
    pub(crate) port: u16,
    /// Passed by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    /// The sections to run.
    pub(crate) fn selected_sections(&self) -> Vec<String> {
        if self.sections.is_empty() {
            return DEFAULT_SECTIONS.map(str::to_owned).to_vec();
        }
        for section in &self.sections {
            let known = DEFAULT_SECTIONS.iter().chain(&LONG_SECTIONS).any(|name| name == section);
            assert!(known, "{section} is none of {DEFAULT_SECTIONS:?} and {LONG_SECTIONS:?}");
        }
        self.sections.clone()
    }
}
