//! Clients of a server.

use sweetspot_proto::v1::access_service_client::AccessServiceClient;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::transport::Channel;

/// Clients of the services of a server.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    pub(crate) scoring: ScoringServiceClient<Channel>,
    pub(crate) models: ModelServiceClient<Channel>,
    pub(crate) datasets: DatasetServiceClient<Channel>,
    pub(crate) access: AccessServiceClient<Channel>,
}

impl Clients {
    pub(crate) fn from_channel(channel: &Channel) -> Self {
        Self {
            scoring: ScoringServiceClient::new(channel.clone()),
            models: ModelServiceClient::new(channel.clone()),
            datasets: DatasetServiceClient::new(channel.clone()),
            access: AccessServiceClient::new(channel.clone()),
        }
    }
}
