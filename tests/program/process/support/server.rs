//! A server process, and clients for it.

use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::{Bench, Run, signal};
pub(crate) use crate::bench::{SERVE, Server};

impl Server {
    /// Starts one on the store of a folder, or tells how it ended instead.
    pub(crate) fn try_start(bench: &Bench) -> Result<Self, Run> {
        Self::of(bench.command(SERVE))
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
