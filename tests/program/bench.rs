//! Runs the program in a folder of its own. Shared by the tests of the command line and of the process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use tempfile::TempDir;

/// Listens on any free port of the loopback interface.
pub(crate) const SERVE: &str = "serve --listen 127.0.0.1:0 --quiet";

/// A folder of its own for each test.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    /// Creates an empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Returns the program as a command in this folder; arguments are separated by spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("sweetspot"));
        // The settings of the user who runs the tests must not reach the program.
        command.current_dir(self.folder.path()).env_clear().args(line.split_whitespace()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        Run::from_output(&self.command(line).output().unwrap())
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> Run {
        self.exits_with(line, 0)
    }

    /// Runs a command that must exit with this code.
    #[track_caller]
    pub(crate) fn exits_with(&self, line: &str, code: i32) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, Some(code), "sweetspot {line}\n{}{}", run.stdout, run.stderr);
        run
    }
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; `None` if a signal ended the process.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn from_output(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// Asserts that stderr contains this text.
    #[track_caller]
    pub(crate) fn assert_stderr(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "{part:?} is not in:\n{}", self.stderr);
        self
    }
}

/// A server process.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) child: Child,
    stderr: BufReader<ChildStderr>,
    /// The stderr output until it listened.
    pub(crate) stderr_text: String,
    pub(crate) url: String,
}

impl Server {
    /// Starts a server with a command, or returns how the process ended.
    pub(crate) fn start_with(mut command: Command) -> Result<Self, Run> {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("listening on ") {
            if stderr.read_line(&mut said).unwrap() == 0 {
                let code = child.wait().unwrap().code();
                return Err(Run { code, stdout: String::new(), stderr: said });
            }
        }
        let after = said.split("listening on ").nth(1).unwrap();
        let url = after.split([',', '\n']).next().unwrap().trim().to_owned();
        Ok(Self { child, stderr, stderr_text: said, url })
    }

    /// Starts a server on the store of a folder.
    #[track_caller]
    pub(crate) fn start(bench: &Bench) -> Self {
        Self::start_with(bench.command(SERVE)).unwrap()
    }

    /// Sends a signal, and waits until the server has ended.
    pub(crate) fn stop(self, name: &str) -> Run {
        signal(self.child.id(), name);
        self.wait()
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(mut self) -> Run {
        let mut stderr = std::mem::take(&mut self.stderr_text);
        self.stderr.read_to_string(&mut stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Run { code: self.child.wait().unwrap().code(), stdout: String::new(), stderr }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// Sends a signal such as `-TERM`.
pub(crate) fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(sent.success());
}
