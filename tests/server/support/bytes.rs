//! Calls with requests encoded by hand, for messages that no client would send.

use prost::Message;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::every_method::VecCodec;

/// Calls a method such as `ReportService/RankTargets`.
pub(crate) async fn call<M: Message + Default>(channel: &Channel, method: &str, message: Vec<u8>) -> Result<M, Status> {
    let path = format!("/sweetspot.v1.{method}").parse().unwrap();
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let answer = client.unary(Request::new(message), path, VecCodec).await?;
    Ok(M::decode(answer.into_inner()).unwrap())
}

/// Encodes a field with these bytes: a string or a message.
pub(crate) fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::bytes::encode(number, &content.to_vec(), &mut field);
    field
}
