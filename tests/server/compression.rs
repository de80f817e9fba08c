//! Compression and malformed messages.

use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};
use tonic::{Code, Request};

use crate::scoring::request;
use crate::support::assert_refused;
use crate::support::data::{self, account};
use crate::support::server::TestServer;

const ENCODINGS: [Option<CompressionEncoding>; 3] = [None, Some(Gzip), Some(Zstd)];

/// Tests every encoding of a request with every encoding of the response.
#[tokio::test]
async fn requests_and_responses_are_compressed_independently() {
    let server = TestServer::trained().await;
    let ask = || request((0..300).map(account).collect(), v1::ScoreConfig::default());
    let plain = server.scoring().score_accounts(ask()).await.unwrap().into_inner();
    for (sent, wanted) in ENCODINGS.into_iter().flat_map(|sent| ENCODINGS.map(|wanted| (sent, wanted))) {
        let mut client = ScoringServiceClient::new(server.channel.clone());
        client = sent.into_iter().fold(client, ScoringServiceClient::send_compressed);
        client = wanted.into_iter().fold(client, ScoringServiceClient::accept_compressed);
        let answer = client.score_accounts(ask()).await.unwrap();
        let name = wanted.map(|encoding| if encoding == Gzip { "gzip" } else { "zstd" });
        assert_eq!(answer.metadata().get("grpc-encoding").map(|name| name.to_str().unwrap()), name);
        assert_eq!(answer.into_inner(), plain);
    }
}

#[tokio::test]
async fn a_short_response_is_not_compressed() {
    let server = TestServer::trained().await;
    let mut client = ScoringServiceClient::new(server.channel.clone()).accept_compressed(Gzip);
    let ask = request(vec![account(0)], v1::ScoreConfig::default());
    let plain = server.scoring().score_accounts(ask.clone()).await.unwrap().into_inner();
    assert_eq!(client.score_accounts(ask).await.unwrap().into_inner(), plain);
}

#[tokio::test]
async fn imports_are_compressed_too() {
    let server = TestServer::empty().await;
    let plain = server.import().await;
    for encoding in [Gzip, Zstd] {
        let mut client = DatasetServiceClient::new(server.channel.clone()).send_compressed(encoding);
        let answer = client.import_accounts(tokio_stream::iter([data::import_request(400)])).await.unwrap();
        let v1::ImportAccountsResponse { dataset_version, .. } = answer.get_ref().clone();
        assert_ne!(dataset_version, plain.dataset_version, "each import creates a version");
        assert_eq!(
            v1::ImportAccountsResponse { dataset_version: plain.dataset_version.clone(), ..answer.into_inner() },
            plain
        );
    }
}

#[tokio::test]
async fn an_unknown_encoding_is_refused_with_the_supported_ones() {
    let server = TestServer::trained().await;
    let mut call = Request::new(request(vec![account(0)], v1::ScoreConfig::default()));
    call.metadata_mut().insert("grpc-encoding", "br".parse().unwrap());
    let status = server.scoring().score_accounts(call).await.unwrap_err();
    let known = status.metadata().get("grpc-accept-encoding").unwrap().to_str().unwrap().to_owned();
    assert!(known.contains("gzip") && known.contains("zstd"), "{known}");
    assert_refused(Err::<(), _>(status), Code::Unimplemented, "UNIMPLEMENTED");
}

/// A message counts with its decompressed size.
#[tokio::test]
async fn a_message_that_decompresses_beyond_the_maximum_is_refused() {
    let mut settings = Settings::default();
    settings.server.max_request_size = ByteSize(10_000);
    let server = TestServer::trained_with(&settings).await;
    let text = v1::attribute_value::Kind::Text("x".repeat(1000));
    let rows: Vec<_> =
        (0..100).map(|row| data::with_attributes(&format!("{row}"), [("industry", text.clone())])).collect();
    for encoding in [Gzip, Zstd] {
        let mut client = ScoringServiceClient::new(server.channel.clone()).send_compressed(encoding);
        let status = client.score_accounts(request(rows.clone(), v1::ScoreConfig::default())).await.unwrap_err();
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        let code = status.code();
        assert_refused(Err::<(), _>(status), code, "MESSAGE_TOO_LARGE");
    }
}

/// The longest list of violations fits into the headers that any client accepts.
#[tokio::test]
async fn violations_with_long_names_fit_into_the_headers() {
    let server = TestServer::trained().await;
    for letter in ["x", "\u{1}", "\u{10ffff}"] {
        let name = letter.repeat(256 / letter.len());
        let nan = || v1::attribute_value::Kind::Number(f64::NAN);
        let rows = (0..200).map(|row| data::with_attributes(&format!("{row}"), [(&*name, nan())])).collect();
        let status = server.scoring().score_accounts(request(rows, v1::ScoreConfig::default())).await.unwrap_err();
        crate::support::arbitrary::assert_refusal(&status);
        let details = assert_refused(Err::<(), _>(status), Code::InvalidArgument, "NON_FINITE_NUMBER");
        assert!(!crate::support::fields(&details).is_empty());
    }
}
