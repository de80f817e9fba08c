//! A folder with a store, and the program run in it.

pub(crate) mod data;
pub(crate) mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sweetspot::synth;
use tempfile::TempDir;

/// A folder of its own for each test.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    /// With nothing in it.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With `customers.csv`, `prospects.csv` and `mapping.toml`.
    pub(crate) fn with_files() -> Self {
        let bench = Self::empty();
        bench.write("customers.csv", &synth::customers(11, 300));
        bench.write("prospects.csv", &synth::prospects(12, 40));
        bench.write("mapping.toml", synth::MAPPING);
        bench
    }

    /// And with versions 1 and 2, of which the second is live.
    pub(crate) fn trained() -> Self {
        let bench = Self::with_files();
        let gates = "--promote --override-gates --reason test";
        bench.ok(&format!("train customers.csv --mapping mapping.toml {gates}"));
        bench.write("more.csv", &synth::customers(13, 260));
        bench.ok(&format!("train more.csv --mapping mapping.toml --seed 5 {gates}"));
        bench
    }

    /// The same files in another folder.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The program in this folder; words are separated by spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sweetspot"));
        // Settings of whoever runs the tests are not to reach the program.
        command.current_dir(self.folder.path()).env_clear().args(line.split_whitespace()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(&self.command(line).output().unwrap())
    }

    /// Runs what must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> Run {
        self.ends(line, 0)
    }

    /// Runs what must end with this code.
    #[track_caller]
    pub(crate) fn ends(&self, line: &str, code: i32) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, Some(code), "sweetspot {line}\n{}{}", run.stdout, run.stderr);
        run
    }

    /// Bytes of all files below a folder.
    pub(crate) fn bytes_in(&self, name: &str) -> u64 {
        files_in(&self.path(name)).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
    }
}

/// Every file below a folder, in the order of their paths.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_in(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Stderr says this.
    #[track_caller]
    pub(crate) fn says(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "{part:?} is not in:\n{}", self.stderr);
        self
    }
}

/// Sends a signal such as `-TERM`.
pub(crate) fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(sent.success());
}
