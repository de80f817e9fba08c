//! A folder with made-up accounts, and the program run in it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

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
    pub(crate) fn new() -> Self {
        let bench = Self::empty();
        bench.write("customers.csv", &synth::customers(11, 500));
        bench.write("prospects.csv", &synth::prospects(12, 1_203));
        bench.write("mapping.toml", synth::MAPPING);
        bench
    }

    /// And with a live version.
    pub(crate) fn trained() -> Self {
        let bench = Self::new();
        bench.ok("train customers.csv --mapping mapping.toml --promote");
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.read(name).lines().map(str::to_owned).collect()
    }

    /// What lies in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program in this folder; words are separated by spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        program(self.folder.path(), line)
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(&self.command(line).output().unwrap())
    }

    /// Runs what must succeed.
    pub(crate) fn ok(&self, line: &str) -> Run {
        self.ends(line, 0)
    }

    /// Runs what must end with this code.
    pub(crate) fn ends(&self, line: &str, code: i32) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, code, "sweetspot {line}\n{}{}", run.stdout, run.stderr);
        run
    }

    /// A server on the store of this folder.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.folder.path())
    }
}

fn program(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sweetspot"));
    command.current_dir(folder).args(line.split_whitespace()).stdin(Stdio::null());
    // Settings of whoever runs the tests are not to reach the program.
    command.env_clear();
    command
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
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

/// A server process.
pub(crate) struct Server {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    pub(crate) url: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = program(folder, "serve --listen 127.0.0.1:0 --quiet");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("listening on ") {
            let read = stderr.read_line(&mut said).unwrap();
            assert!(read > 0, "the server ended: {said}");
        }
        let after = said.split("listening on ").nth(1).unwrap();
        let url = after.split([',', '\n']).next().unwrap().trim().to_owned();
        Self { child, stderr, url }
    }

    /// Asks it to stop, and waits until it has.
    #[cfg(unix)]
    pub(crate) fn stop(mut self, signal: &str) -> Option<i32> {
        let killed = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stderr, &mut rest).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}
