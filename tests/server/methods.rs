//! Every method of the API, as its description tells it, with what any method may be sent: a method that is added is tested as well.

use std::collections::BTreeMap;
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

use crate::support::gate::{Gate, Reading};
use crate::support::server::{Server, promote, publish, world};
use crate::support::{MODEL, fields, refused};

/// A method that takes one message and answers with one.
struct Method {
    path: String,
    name: String,
    /// The numbers of its request's fields, by name.
    fields: BTreeMap<String, u32>,
}

/// Those of every service.
fn methods() -> Vec<Method> {
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
    let method = |service: &str, method: &MethodDescriptorProto| Method {
        path: format!("/sweetspot.v1.{service}/{}", method.name()),
        name: method.name().to_owned(),
        fields: messages[method.input_type()].clone(),
    };
    let single = |method: &&MethodDescriptorProto| !method.client_streaming() && !method.server_streaming();
    let all = services.flat_map(|service| service.method.iter().filter(single).map(|one| method(service.name(), one)));
    all.collect()
}

/// Those with a field of this name, with its number.
fn with(field: &str) -> Vec<(Method, u32)> {
    methods()
        .into_iter()
        .filter_map(|method| method.fields.get(field).copied().map(|number| (method, number)))
        .collect()
}

/// A field with a text, as bytes.
fn text(number: u32, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::string::encode(number, &text.to_owned(), &mut bytes);
    bytes
}

/// A field with a number.
fn whole(number: u32, value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::int32::encode(number, &value, &mut bytes);
    bytes
}

/// What a request must hold beside the field that is tested: one account, where it takes any.
fn accounts(method: &Method) -> Vec<u8> {
    let account = v1::Account { account_id: "a".to_owned(), ..Default::default() };
    let mut bytes = Vec::new();
    if let Some(number) = method.fields.get("accounts") {
        prost::encoding::message::encode(*number, &account, &mut bytes);
    } else if let Some(number) = method.fields.get("rows") {
        prost::encoding::message::encode(*number, &v1::AccountRows { rows: vec![account] }, &mut bytes);
    }
    bytes
}

/// Messages as bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Raw;

impl Codec for Raw {
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

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// Calls methods by their paths, without a deadline of its own.
struct Caller(tonic::client::Grpc<Client<HttpConnector, Body>>);

impl Caller {
    fn of(server: &Server) -> Self {
        let http = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        Self(tonic::client::Grpc::with_origin(http, format!("http://{}", server.address).parse().unwrap()))
    }

    async fn call(&mut self, method: &Method, message: Vec<u8>, timeout: Option<&str>) -> Result<Bytes, Status> {
        let mut request = Request::new(message);
        if let Some(timeout) = timeout {
            request.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        }
        self.0.ready().await.unwrap();
        self.0.unary(request, method.path.parse().unwrap(), Raw).await.map(tonic::Response::into_inner)
    }
}

/// Checks a refusal for one field: by the reason itself, or among others by the field.
fn refused_for(method: &Method, result: Result<Bytes, Status>, field: &str, reason: &str) {
    let Err(status) = result else { panic!("{} is answered", method.path) };
    assert_eq!(status.code(), Code::InvalidArgument, "{}: {status:?}", method.path);
    let details = status.get_error_details();
    let told = details.error_info().map(|info| info.reason.as_str());
    assert!(told == Some(reason) || fields(&details).contains(&field), "{}: {status:?}", method.path);
}

async fn trained() -> Server {
    let server = Server::empty().await;
    server.import().await;
    let run = server.train(MODEL).await;
    server.wait(&run).await;
    server
}

#[test]
fn every_method_is_found() {
    let names: Vec<String> = methods().into_iter().map(|method| method.name).collect();
    assert!(names.len() >= 40, "{names:?}");
    for name in ["ScoreAccounts", "RollbackModel", "GetProfile", "ListBadFitAccounts"] {
        assert!(names.iter().any(|one| one == name), "{name}");
    }
}

#[tokio::test]
async fn every_method_refuses_bytes_that_are_no_message() {
    let server = Server::trained().await;
    let mut caller = Caller::of(&server);
    for method in methods() {
        // A field whose length reaches beyond the end.
        let result = caller.call(&method, vec![0x0A, 0x7F], None).await;
        refused(result, Code::InvalidArgument, "MALFORMED_REQUEST");
    }
}

#[tokio::test]
async fn every_method_tells_that_its_time_is_over() {
    let server = Server::trained().await;
    let mut caller = Caller::of(&server);
    for method in methods() {
        refused(caller.call(&method, Vec::new(), Some("0n")).await, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    }
}

#[tokio::test]
async fn every_short_method_is_turned_away_where_there_is_no_room_and_answers_once_there_is() {
    let gate = Gate::over(Arc::new(MemoryStore::new()));
    let server_settings = ServerSettings { max_concurrent_calls: 1, ..ServerSettings::default() };
    let settings = Settings { server: server_settings, ..Settings::default() };
    let world = world(Arc::new(gate.clone()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    let server = Server::serve(world, &settings).await;
    gate.set(Reading::Waits);
    let mut client = server.model();
    let held = tokio::spawn(async move { client.get_model_version(v1::GetModelVersionRequest::default()).await });
    gate.reached().await;
    let mut caller = Caller::of(&server);
    let short = || methods().into_iter().filter(|method| method.name != "WaitTrainingRun");
    for method in short() {
        refused(caller.call(&method, Vec::new(), None).await, Code::Unavailable, "OVERLOADED");
    }
    gate.set(Reading::Open);
    held.await.unwrap().unwrap();
    for method in short() {
        let code = caller.call(&method, Vec::new(), None).await.map_or_else(|status| status.code(), |_| Code::Ok);
        assert!(!matches!(code, Code::Unavailable | Code::Internal | Code::Unknown), "{}: {code:?}", method.path);
    }
}

#[tokio::test]
async fn every_name_that_is_none_is_refused() {
    let server = trained().await;
    let mut caller = Caller::of(&server);
    for field in ["version", "model", "parent", "name"] {
        for (method, number) in with(field) {
            for name in ["no name", "workspaces/default", "workspaces/default/models/default/versions/0/1"] {
                let message = [text(number, name), accounts(&method)].concat();
                refused_for(&method, caller.call(&method, message, None).await, field, "INVALID_NAME");
            }
        }
    }
}

#[tokio::test]
async fn every_document_of_a_version_is_there_or_its_version_is_said_to_be_missing() {
    let server = trained().await;
    let mut caller = Caller::of(&server);
    let reads = |name: &str| ["Get", "List", "Render"].iter().any(|verb| name.starts_with(verb));
    let documents: Vec<_> = with("version").into_iter().filter(|(method, _)| reads(&method.name)).collect();
    assert!(documents.len() >= 9);
    for (method, number) in documents {
        let version = |version: &str| text(number, &format!("{MODEL}/versions/{version}"));
        let answer = caller.call(&method, version("1"), None).await;
        assert!(answer.as_ref().is_ok_and(|answer| !answer.is_empty()), "{}: {answer:?}", method.path);
        refused(caller.call(&method, version("7"), None).await, Code::NotFound, "VERSION_NOT_FOUND");
        refused(caller.call(&method, Vec::new(), None).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
    }
}

#[tokio::test]
async fn every_list_refuses_pages_that_are_none() {
    let server = trained().await;
    let mut caller = Caller::of(&server);
    let lists = with("page_size");
    assert_eq!(lists.len(), with("page_token").len());
    assert!(lists.len() >= 9);
    for (method, number) in lists {
        let version = method.fields.get("version").map(|number| text(*number, &format!("{MODEL}/versions/1")));
        let version = version.unwrap_or_default();
        let small = [version.clone(), whole(number, -1)].concat();
        refused_for(&method, caller.call(&method, small, None).await, "page_size", "INVALID_PAGE_SIZE");
        let token = [version, text(method.fields["page_token"], "no token")].concat();
        refused_for(&method, caller.call(&method, token, None).await, "page_token", "BAD_PAGE_TOKEN");
    }
}

#[tokio::test]
async fn every_change_refuses_an_id_that_is_none() {
    let server = trained().await;
    let mut caller = Caller::of(&server);
    let changes = with("request_id");
    assert!(changes.len() >= 18);
    for (method, number) in changes {
        let result = caller.call(&method, text(number, "not-a-uuid"), None).await;
        refused_for(&method, result, "request_id", "INVALID_REQUEST_ID");
    }
}
