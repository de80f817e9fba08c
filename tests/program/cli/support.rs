//! A folder with generated accounts, in which the program runs.

use sweetspot_ingest::synth;

pub(crate) use crate::bench::{Bench, Run, Server};

impl Bench {
    /// Creates a folder with `customers.csv`, `prospects.csv` and `mapping.toml`.
    pub(crate) fn new() -> Self {
        let bench = Self::empty();
        bench.write("customers.csv", &synth::customers(11, 500));
        bench.write("prospects.csv", &synth::prospects(12, 1_203));
        bench.write("mapping.toml", synth::MAPPING);
        bench
    }

    /// Creates the same folder with a live version.
    pub(crate) fn trained() -> Self {
        let bench = Self::new();
        bench.ok("train customers.csv --mapping mapping.toml --promote");
        bench
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.read(name).lines().map(str::to_owned).collect()
    }

    /// Returns the names of the files in the folder, in order.
    pub(crate) fn file_names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Starts a server on the store of this folder.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self)
    }
}
