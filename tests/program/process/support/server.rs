//! A server process, and clients for it.

use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::{Bench, Run, signal};
pub(crate) use crate::bench::{SERVE, Server};

impl Server {
    /// Starts a server on the store of a folder, or returns how the process ended.
    pub(crate) fn try_start(bench: &Bench) -> Result<Self, Run> {
        Self::start_with(bench.command(SERVE))
    }

    pub(crate) async fn channel(&self) -> Channel {
        Endpoint::new(self.url.clone()).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn clients(&self) -> Clients {
        Clients::from_channel(&self.channel().await)
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Kills the process, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Clients of the services of a server.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) scoring: ScoringServiceClient<Channel>,
    pub(crate) models: ModelServiceClient<Channel>,
    pub(crate) datasets: DatasetServiceClient<Channel>,
}

impl Clients {
    pub(crate) fn from_channel(channel: &Channel) -> Self {
        Self {
            scoring: ScoringServiceClient::new(channel.clone()),
            models: ModelServiceClient::new(channel.clone()),
            datasets: DatasetServiceClient::new(channel.clone()),
        }
    }
}
