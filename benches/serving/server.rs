//! Servers as separate processes, so that their memory and processor time can be measured.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{ClientConnection, EncodedCall};

/// The unit of processor time in `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;
/// The maximum time until a server listens; peers train their model first.
const START_TIMEOUT: Duration = Duration::from_secs(180);

/// A process that listens on loopback, or only its port if it was started elsewhere. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    pub(crate) name: String,
    pub(crate) port: u16,
    /// The call to use in place of the bench's calls, for servers with another protocol.
    pub(crate) own_call: Option<EncodedCall>,
    child: Option<Child>,
}

impl ServerProcess {
    /// Starts a server on a free port without waiting for it.
    pub(crate) fn spawn(name: &str, command: impl FnOnce(u16) -> Command) -> Self {
        let port = free_port();
        let mut command = command(port);
        // The server may exit when its standard input is closed. Its log is discarded, which leaves only the cost of
        // writing it.
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { name: name.to_owned(), port, own_call: None, child: Some(child) }
    }

    /// Starts a server and waits until it listens.
    pub(crate) async fn start(name: &str, command: impl FnOnce(u16) -> Command) -> Self {
        let mut server = Self::spawn(name, command);
        let start = Instant::now();
        while ClientConnection::open(server.port).await.is_none() {
            assert!(start.elapsed() < START_TIMEOUT, "{name} does not listen");
            let ended = server.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "{name} ended: {ended:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server
    }

    /// A server that is already running.
    pub(crate) fn running(name: &str, port: u16) -> Self {
        Self { name: name.to_owned(), port, own_call: None, child: None }
    }

    /// Opens connections to the server.
    pub(crate) async fn connect(&self, count: usize) -> Vec<ClientConnection> {
        let mut lines = Vec::with_capacity(count);
        for _ in 0..count {
            lines.push(ClientConnection::open(self.port).await.unwrap());
        }
        lines
    }

    /// The processor time used so far, in seconds.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.as_ref()?.id())).ok()?;
        // The second field, in brackets, may contain any character.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }

    /// The current resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> Option<f64> {
        self.memory_mib("VmRSS:")
    }

    /// The peak resident memory in MiB.
    pub(crate) fn peak_mib(&self) -> Option<f64> {
        self.memory_mib("VmHWM:")
    }

    fn memory_mib(&self, field: &str) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.as_ref()?.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let (_killed, _ended) = (child.kill(), child.wait());
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
