//! Tests that apply to every method. The methods come from the descriptor of the API, so that new ones are included
//! automatically.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _, Bytes};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message as _;
use prost_types::{FileDescriptorSet, MethodDescriptorProto};
use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::{DESCRIPTORS, v1};
use sweetspot_store::store::MemoryStore;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused, fields};

/// The methods whose parent is a workspace.
const METHODS_OF_WORKSPACES: [&str; 3] = ["ListModels", "ListDatasets", "EraseAccounts"];

/// A unary method.
pub(crate) struct UnaryMethod {
    pub(crate) path: String,
    pub(crate) name: String,
    /// The field numbers of its request, by name.
    pub(crate) fields: BTreeMap<String, u32>,
}

/// The unary methods of all services.
pub(crate) fn methods() -> Vec<UnaryMethod> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let ours = || set.file.iter().filter(|file| file.package() == "sweetspot.v1");
    let messages: BTreeMap<String, BTreeMap<String, u32>> = ours()
        .flat_map(|file| &file.message_type)
        .map(|message| {
            let fields = message.field.iter().map(|field| (field.name().to_owned(), field.number().cast_unsigned()));
            (format!(".sweetspot.v1.{}", message.name()), fields.collect())
        })
        .collect();
    let services = ours().flat_map(|file| &file.service);
    let method = |service: &str, method: &MethodDescriptorProto| UnaryMethod {
        path: format!("/sweetspot.v1.{service}/{}", method.name()),
        name: method.name().to_owned(),
        fields: messages[method.input_type()].clone(),
    };
    let single = |method: &&MethodDescriptorProto| !method.client_streaming() && !method.server_streaming();
    let all = services.flat_map(|service| service.method.iter().filter(single).map(|one| method(service.name(), one)));
    all.collect()
}

/// The methods whose request has this field, with its number.
fn methods_with_field(field: &str) -> Vec<(UnaryMethod, u32)> {
    methods()
        .into_iter()
        .filter_map(|method| method.fields.get(field).copied().map(|number| (method, number)))
        .collect()
}

/// Encodes a string field.
pub(crate) fn text_field(number: u32, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::string::encode(number, &text.to_owned(), &mut bytes);
    bytes
}

/// Encodes an integer field.
fn integer_field(number: u32, value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::int32::encode(number, &value, &mut bytes);
    bytes
}

/// What a request must contain in addition to the field under test: one account, if it takes accounts.
pub(crate) fn required_accounts(method: &UnaryMethod) -> Vec<u8> {
    let account = v1::Account { account_id: "a".to_owned(), ..Default::default() };
    let mut bytes = Vec::new();
    if let Some(number) = method.fields.get("accounts") {
        prost::encoding::message::encode(*number, &account, &mut bytes);
    } else if let Some(number) = method.fields.get("rows") {
        prost::encoding::message::encode(*number, &v1::AccountRows { rows: vec![account] }, &mut bytes);
    }
    bytes
}

/// Passes messages as bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VecCodec;

impl Codec for VecCodec {
    type Encode = Vec<u8>;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for VecCodec {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for VecCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// Calls methods by path, without a deadline of its own.
pub(crate) struct MethodClient {
    grpc: tonic::client::Grpc<Client<HttpConnector, Body>>,
    /// The header of the credential.
    pub(crate) authorization: Option<String>,
}

impl MethodClient {
    pub(crate) fn new(server: &TestServer) -> Self {
        let http = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let origin = format!("http://{}", server.address).parse().unwrap();
        Self { grpc: tonic::client::Grpc::with_origin(http, origin), authorization: None }
    }

    pub(crate) async fn call(
        &mut self,
        method: &UnaryMethod,
        message: Vec<u8>,
        timeout: Option<&str>,
    ) -> Result<Bytes, Status> {
        let mut request = Request::new(message);
        if let Some(timeout) = timeout {
            request.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        }
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.parse().unwrap());
        }
        self.grpc.ready().await.unwrap();
        self.grpc.unary(request, method.path.parse().unwrap(), VecCodec).await.map(tonic::Response::into_inner)
    }
}

/// Checks that a request is rejected because of one field: by the reason, or by the field if there are other
/// violations.
fn assert_refused_for(method: &UnaryMethod, result: Result<Bytes, Status>, field: &str, reason: &str) {
    let Err(status) = result else { panic!("{} is answered", method.path) };
    assert_eq!(status.code(), Code::InvalidArgument, "{}: {status:?}", method.path);
    let details = status.get_error_details();
    let told = details.error_info().map(|info| info.reason.as_str());
    assert!(told == Some(reason) || fields(&details).contains(&field), "{}: {status:?}", method.path);
}

async fn trained() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train(MODEL).await;
    server.wait(&run).await;
    server
}

#[test]
fn every_method_is_found() {
    let names: Vec<String> = methods().into_iter().map(|method| method.name).collect();
    assert!(names.len() >= 40, "{names:?}");
    for name in ["ScoreAccounts", "RollbackModel", "GetIcpSummary", "ListBadFitAccounts"] {
        assert!(names.iter().any(|one| one == name), "{name}");
    }
}

#[tokio::test]
async fn every_method_refuses_malformed_messages() {
    let server = TestServer::trained().await;
    let mut caller = MethodClient::new(&server);
    for method in methods() {
        // A field whose length exceeds the message.
        let result = caller.call(&method, vec![0x0A, 0x7F], None).await;
        assert_refused(result, Code::InvalidArgument, "MALFORMED_REQUEST");
    }
}

#[tokio::test]
async fn every_method_reports_an_exceeded_deadline() {
    let server = TestServer::trained().await;
    let mut caller = MethodClient::new(&server);
    for method in methods() {
        assert_refused(caller.call(&method, Vec::new(), Some("0n")).await, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    }
}

#[tokio::test]
async fn every_short_method_is_refused_under_overload_and_answered_afterwards() {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let server_settings = ServerSettings { max_concurrent_calls: 1, ..ServerSettings::default() };
    let settings = Settings { server: server_settings, ..Settings::default() };
    let world = world(Arc::new(barrier.clone()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = TestServer::serve(world, &settings).await;
    barrier.set_access(BlobAccess::Blocked);
    let mut client = server.model();
    let held = tokio::spawn(async move { client.get_model_version(v1::GetModelVersionRequest::default()).await });
    barrier.wait_for_reader().await;
    let mut caller = MethodClient::new(&server);
    let is_long =
        |method: &UnaryMethod| ["WaitTrainingRun", "CollectGarbage", "EraseAccounts"].contains(&method.name.as_str());
    let short = || methods().into_iter().filter(|method| !is_long(method));
    for method in short() {
        assert_refused(caller.call(&method, Vec::new(), None).await, Code::Unavailable, "OVERLOADED");
    }
    barrier.set_access(BlobAccess::Open);
    held.await.unwrap().unwrap();
    for method in short() {
        let code = caller.call(&method, Vec::new(), None).await.map_or_else(|status| status.code(), |_| Code::Ok);
        assert!(!matches!(code, Code::Unavailable | Code::Internal | Code::Unknown), "{}: {code:?}", method.path);
    }
}

#[tokio::test]
async fn every_method_refuses_an_invalid_name() {
    let server = trained().await;
    let mut caller = MethodClient::new(&server);
    for field in ["version", "model", "parent", "name"] {
        for (method, number) in methods_with_field(field) {
            let of_workspace = field == "parent" && METHODS_OF_WORKSPACES.contains(&method.name.as_str());
            let other = if of_workspace { MODEL } else { "workspaces/default" };
            for name in ["no name", other, "workspaces/default/models/default/versions/0/1"] {
                let message = [text_field(number, name), required_accounts(&method)].concat();
                assert_refused_for(&method, caller.call(&method, message, None).await, field, "INVALID_NAME");
            }
        }
    }
}

#[tokio::test]
async fn every_document_is_returned_or_reports_a_missing_version() {
    let server = trained().await;
    let mut caller = MethodClient::new(&server);
    let reads = |name: &str| ["Get", "List", "Render"].iter().any(|verb| name.starts_with(verb));
    let documents: Vec<_> =
        methods_with_field("version").into_iter().filter(|(method, _)| reads(&method.name)).collect();
    assert!(documents.len() >= 9);
    for (method, number) in documents {
        let version = |version: &str| text_field(number, &format!("{MODEL}/versions/{version}"));
        let answer = caller.call(&method, version("1"), None).await;
        assert!(answer.as_ref().is_ok_and(|answer| !answer.is_empty()), "{}: {answer:?}", method.path);
        assert_refused(caller.call(&method, version("7"), None).await, Code::NotFound, "VERSION_NOT_FOUND");
        assert_refused(caller.call(&method, Vec::new(), None).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
    }
}

#[tokio::test]
async fn every_list_refuses_an_invalid_page() {
    let server = trained().await;
    let mut caller = MethodClient::new(&server);
    let lists = methods_with_field("page_size");
    assert_eq!(lists.len(), methods_with_field("page_token").len());
    assert!(lists.len() >= 9);
    for (method, number) in lists {
        let version = method.fields.get("version").map(|number| text_field(*number, &format!("{MODEL}/versions/1")));
        let version = version.unwrap_or_default();
        let small = [version.clone(), integer_field(number, -1)].concat();
        assert_refused_for(&method, caller.call(&method, small, None).await, "page_size", "INVALID_PAGE_SIZE");
        let token = [version, text_field(method.fields["page_token"], "no token")].concat();
        assert_refused_for(&method, caller.call(&method, token, None).await, "page_token", "BAD_PAGE_TOKEN");
    }
}

#[tokio::test]
async fn every_change_refuses_an_invalid_request_id() {
    let server = trained().await;
    let mut caller = MethodClient::new(&server);
    let changes = methods_with_field("request_id");
    assert!(changes.len() >= 18);
    for (method, number) in changes {
        let result = caller.call(&method, text_field(number, "not-a-uuid"), None).await;
        assert_refused_for(&method, result, "request_id", "INVALID_REQUEST_ID");
    }
}

/// The verbs of methods that change nothing, or only produce scores and documents.
const READS: [&str; 13] = [
    "Backup", "Compare", "Diff", "Explain", "Export", "Get", "List", "Rank", "Render", "Score", "Stream", "Verify",
    "Wait",
];

/// The changes without a request id, each with the reason.
const NATURALLY_IDEMPOTENT: [(&str, &str); 2] = [
    ("CancelTrainingRun", "a run ends once, and no later call can start it again"),
    ("CollectGarbage", "what it removes has no name by which it could come back"),
];

#[test]
fn every_change_has_a_request_id_or_is_idempotent_without_one() {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let files = || set.file.iter().filter(|file| file.package() == "sweetspot.v1");
    let methods = files().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let has_id = |method: &MethodDescriptorProto| {
        let name = method.input_type().rsplit('.').next().unwrap();
        let message = files().flat_map(|file| &file.message_type).find(|message| message.name() == name).unwrap();
        message.field.iter().any(|field| field.name() == "request_id")
    };
    let changes = methods.filter(|method| !READS.iter().any(|verb| method.name().starts_with(verb)));
    let (with, without): (Vec<_>, Vec<_>) = changes.partition(|method| has_id(method));
    let names: Vec<&str> = without.iter().map(|method| method.name()).collect();
    let excepted = NATURALLY_IDEMPOTENT.map(|(name, _reason)| name);
    assert_eq!(BTreeSet::from_iter(names), BTreeSet::from(excepted));
    assert!(with.len() >= 26, "{}", with.len());
}
