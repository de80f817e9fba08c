//! Calls whose request is bytes: messages that no client writes.

use prost::Message;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Request, Status};

use crate::methods::Raw;

/// Calls a method such as `ProfileService/RankTargets`.
pub(crate) async fn call<M: Message + Default>(channel: &Channel, method: &str, message: Vec<u8>) -> Result<M, Status> {
    let path = format!("/sweetspot.v1.{method}").parse().unwrap();
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let answer = client.unary(Request::new(message), path, Raw).await?;
    Ok(M::decode(answer.into_inner()).unwrap())
}

/// A field that holds these bytes: a text or a message.
pub(crate) fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::bytes::encode(number, &content.to_vec(), &mut field);
    field
}
