//! Servers as processes of their own, so that their memory and processor time are theirs alone.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Call, Line};

/// `/proc` counts processor time in these.
const TICKS_A_SECOND: f64 = 100.0;
/// What a peer has for its training.
const PATIENCE: Duration = Duration::from_secs(180);

/// A process that listens on loopback, or only its port where somebody else started it. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) port: u16,
    /// What it takes instead of our calls, where it has its own.
    pub(crate) own: Option<Call>,
    child: Option<Child>,
}

impl Server {
    /// Starts a server that takes a port, without waiting for it.
    pub(crate) fn spawn(name: &str, command: impl FnOnce(u16) -> Command) -> Self {
        let port = free_port();
        let mut command = command(port);
        // It may end when its standard input does; what it logs costs no more than writing it.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { name: name.to_owned(), port, own: None, child: Some(child) }
    }

    /// Starts a server, and waits until it listens.
    pub(crate) async fn start(name: &str, command: impl FnOnce(u16) -> Command) -> Self {
        let mut server = Self::spawn(name, command);
        let start = Instant::now();
        while Line::open(server.port).await.is_none() {
            assert!(start.elapsed() < PATIENCE, "{name} does not listen");
            let ended = server.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "{name} ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server
    }

    /// A server that runs already.
    pub(crate) fn running(name: &str, port: u16) -> Self {
        Self { name: name.to_owned(), port, own: None, child: None }
    }

    /// Connections to it.
    pub(crate) async fn lines(&self, count: usize) -> Vec<Line> {
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(Line::open(self.port).await.unwrap());
        }
        lines
    }

    /// Seconds of processor time so far.
    pub(crate) fn processor(&self) -> Option<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.as_ref()?.id())).ok()?;
        // The second field, in brackets, may hold anything.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS_A_SECOND)
    }

    /// MiB of memory it holds now.
    pub(crate) fn resident(&self) -> Option<f64> {
        self.memory("VmRSS:")
    }

    /// MiB of memory that it held at most.
    pub(crate) fn peak(&self) -> Option<f64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, field: &str) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let (_killed, _ended) = (child.kill(), child.wait());
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
