//! A server process, and clients for it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};

use sweetspot::generated::v1::dataset_service_client::DatasetServiceClient;
use sweetspot::generated::v1::model_service_client::ModelServiceClient;
use sweetspot::generated::v1::scoring_service_client::ScoringServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::{Bench, Run, signal};

/// On any free port of this machine alone.
pub(crate) const SERVE: &str = "serve --listen 127.0.0.1:0 --quiet";

/// A server process.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) said: String,
    pub(crate) url: String,
}

impl Server {
    /// Starts one on the store of a folder, or tells how it ended instead.
    pub(crate) fn try_start(bench: &Bench) -> Result<Self, Run> {
        Self::of(bench.command(SERVE))
    }

    /// The server that a command starts.
    pub(crate) fn of(mut command: Command) -> Result<Self, Run> {
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
        Ok(Self { child, stderr, said, url })
    }

    pub(crate) fn start(bench: &Bench) -> Self {
        Self::try_start(bench).unwrap()
    }

    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::new(self.url.clone()).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn clients(&self) -> Clients {
        Clients::over(&self.channel().await)
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> Run {
        let mut stderr = std::mem::take(&mut self.said);
        self.stderr.read_to_string(&mut stderr).unwrap();
        Run { code: self.child.wait().unwrap().code(), stdout: String::new(), stderr }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(self, name: &str) -> Run {
        self.signal(name);
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// The services of a server.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) scoring: ScoringServiceClient<Channel>,
    pub(crate) models: ModelServiceClient<Channel>,
    pub(crate) datasets: DatasetServiceClient<Channel>,
}

impl Clients {
    pub(crate) fn over(channel: &Channel) -> Self {
        Self {
            scoring: ScoringServiceClient::new(channel.clone()),
            models: ModelServiceClient::new(channel.clone()),
            datasets: DatasetServiceClient::new(channel.clone()),
        }
    }
}
