//! A log that is not read: stderr is a pipe whose reader stands still.

use sweetspot_proto::v1;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;

use crate::process::support::Bench;
use crate::process::support::server::Server;

/// Far more lines than a pipe of 64 KiB holds, and than wait for it.
const CALLS: usize = 12_000;

#[tokio::test]
async fn a_server_whose_log_is_not_read_answers_and_stops() {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", "log.access_sample = 1\n");
    // Its first lines are read, up to its address.
    let mut server = Server::start_with(bench.command("serve --listen 127.0.0.1:0")).unwrap();
    let mut client = ModelServiceClient::new(server.channel().await);
    for _ in 0..CALLS {
        client.list_models(v1::ListModelsRequest::default()).await.unwrap();
    }
    drop(client);
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
