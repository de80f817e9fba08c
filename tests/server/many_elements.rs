//! Requests of few bytes with very many elements. The lists come from the descriptor of the API, so that new ones are
//! included automatically.

use std::collections::BTreeMap;
use std::sync::Arc;

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use prost::Message as _;
use prost::bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto};
use sweetspot::config::Settings;
use sweetspot_proto::{DESCRIPTORS, v1};
use sweetspot_store::store::MemoryStore;
use tonic::body::Body;
use tonic::codec::CompressionEncoding::{self, Gzip, Zstd};
use tonic::{Code, Request, Status};

use crate::every_method::VecCodec;
use crate::support::arbitrary::assert_refusal;
use crate::support::server::{TestServer, promote_in, world};
use crate::support::{MODEL, assert_refused, fields};

/// The default maximum size of a message in bytes.
const MAX_MESSAGE_BYTES: usize = 4 << 20;
/// The size of the lists in bytes: enough for more elements than any list may have.
const LIST_BYTES: usize = 256 << 10;

/// Lists with an element for each account, which only the size of a message limits, and messages with such lists.
const ACCOUNT_LISTS: [&str; 12] = [
    "Account",
    "AccountRows",
    "AccountTable.account_ids",
    "DoubleColumn",
    "FlagColumn",
    "DateColumn",
    "DictionaryColumn",
    "DictionaryListColumn",
    "AttributeValue",
    "ExcludedIds",
    "ExplainAccountsRequest.accounts",
    "ImportAccountsRequest.weights",
];

type Messages = BTreeMap<String, DescriptorProto>;

/// A list or a map that a request can contain.
#[derive(Clone)]
struct RequestList {
    method: String,
    /// The fields from the request to the list, each with the name of its message.
    steps: Vec<(String, FieldDescriptorProto)>,
}

impl RequestList {
    /// The path of the list in the request.
    fn path(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(|(_, field)| field.name()).collect();
        names.join(".")
    }

    /// Whether the elements belong to accounts.
    fn is_account_list(&self) -> bool {
        let of = |name: &str| ACCOUNT_LISTS.contains(&name);
        self.steps.iter().any(|(message, field)| of(message) || of(&format!("{message}.{}", field.name())))
    }

    /// A request with a list of empty elements, and their number.
    fn request(&self) -> (Vec<u8>, usize) {
        let (list, outer) = self.steps.split_last().unwrap();
        let (mut message, mut count) = (Vec::new(), 0);
        let kind = list.1.r#type();
        if matches!(kind, Type::Message | Type::String | Type::Bytes) {
            while message.len() < LIST_BYTES {
                count += 1;
                encode_nested(&list.1, &[], &mut message);
            }
        } else {
            // Packed numbers.
            count = if kind == Type::Double { LIST_BYTES / 8 } else { LIST_BYTES };
            encode_nested(&list.1, &vec![0; LIST_BYTES], &mut message);
        }
        for (_, field) in outer.iter().rev() {
            let mut whole = Vec::new();
            encode_nested(field, &message, &mut whole);
            message = whole;
        }
        (message, count)
    }
}

/// Encodes a field with this content.
fn encode_nested(field: &FieldDescriptorProto, content: &[u8], into: &mut Vec<u8>) {
    encode_key(field.number().cast_unsigned(), WireType::LengthDelimited, into);
    encode_varint(content.len() as u64, into);
    into.extend_from_slice(content);
}

/// The paths of all methods, with the names of their requests.
fn methods(set: &FileDescriptorSet) -> Vec<(String, String)> {
    let services = set.file.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|file| &file.service);
    let methods = services.flat_map(|service| service.method.iter().map(|method| (service.name(), method)));
    let path = |(service, method): (&str, &MethodDescriptorProto)| {
        (format!("/sweetspot.v1.{service}/{}", method.name()), short_name(method.input_type()).to_owned())
    };
    methods.map(path).collect()
}

fn descriptors() -> FileDescriptorSet {
    FileDescriptorSet::decode(DESCRIPTORS).unwrap()
}

/// Every list of every request.
fn lists() -> Vec<RequestList> {
    let set = descriptors();
    let ours = set.file.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|file| &file.message_type);
    let messages: Messages = ours.map(|message| (message.name().to_owned(), message.clone())).collect();
    let mut found = Vec::new();
    for (method, request) in methods(&set) {
        add_lists(&messages, &request, &RequestList { method, steps: Vec::new() }, &mut found);
    }
    found
}

/// Adds the lists in a message, which is the content of the last step of `at`.
fn add_lists(messages: &Messages, message: &str, at: &RequestList, found: &mut Vec<RequestList>) {
    for field in messages.get(message).iter().flat_map(|message| &message.field) {
        let mut at = at.clone();
        at.steps.push((message.to_owned(), field.clone()));
        if field.label() == Label::Repeated {
            found.push(at.clone());
        }
        if field.r#type() == Type::Message {
            add_lists(messages, short_name(field.type_name()), &at, found);
        }
    }
}

fn short_name(message: &str) -> &str {
    message.rsplit('.').next().unwrap()
}

/// Sends the messages of a call.
struct ElementCaller(tonic::client::Grpc<Client<HttpConnector, Body>>);

impl ElementCaller {
    fn new(server: &TestServer, encoding: CompressionEncoding) -> Self {
        let http = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
        let client = tonic::client::Grpc::with_origin(http, format!("http://{}", server.address).parse().unwrap());
        Self(client.send_compressed(encoding))
    }

    async fn call(&mut self, method: &str, message: Vec<u8>) -> Result<Bytes, Status> {
        self.0.ready().await.unwrap();
        let answer = self.0.unary(Request::new(message), method.parse().unwrap(), VecCodec).await;
        answer.map(tonic::Response::into_inner)
    }
}

/// A server with a live version whose customers are stored.
async fn live_server() -> TestServer {
    let world = world(Arc::new(MemoryStore::new()), &Settings::default());
    let registry = Arc::clone(world.registry());
    let server = TestServer::serve(world, &Settings::default()).await;
    server.import().await;
    let run = server.train(MODEL).await;
    server.wait(&run).await;
    promote_in(&registry, 1);
    server
}

#[test]
fn every_list_is_found() {
    let found: Vec<String> = lists().iter().map(RequestList::path).collect();
    for path in [
        "config.exclusion_rules",
        "config.hypotheses.when.any_of.values",
        "config.label_policy.weights",
        "outcomes",
        "review.values.texts.dictionary",
        "targets.whole_list.scores.bins",
        "config.filter.must",
        "thresholds",
    ] {
        assert!(found.iter().any(|one| one == path), "{path} is not in {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_with_too_many_elements_is_refused() {
    let server = live_server().await;
    let mut caller = ElementCaller::new(&server, Gzip);
    for list in lists() {
        let (message, count) = list.request();
        let status = caller.call(&list.method, message).await.expect_err(&list.method);
        assert_refusal(&status);
        assert_eq!(status.code(), Code::InvalidArgument, "{}: {}: {status:?}", list.method, list.path());
        let is_encoded_table = list.method.contains("ScoringService") && list.path().contains("table");
        if !list.is_account_list() && !is_encoded_table {
            let details = assert_refused(Err::<(), _>(status), Code::InvalidArgument, "TOO_MANY_ELEMENTS");
            assert_eq!(fields(&details), [list.path()], "{}", list.method);
            let violation = &details.bad_request().unwrap().field_violations[0];
            assert!(violation.description.starts_with(&format!("{count} elements")), "{}", violation.description);
        }
    }
}

#[tokio::test]
async fn many_columns_of_few_accounts_are_refused() {
    let server = TestServer::trained().await;
    let table = v1::AccountTable { account_ids: vec!["a".to_owned()], columns: vec![v1::Column::default(); 1025] };
    let request = v1::ScoreAccountsRequest {
        accounts: Some(v1::score_accounts_request::Accounts::Table(table)),
        ..Default::default()
    };
    let details =
        assert_refused(server.scoring().score_accounts(request).await, Code::InvalidArgument, "TOO_MANY_ELEMENTS");
    assert_eq!(fields(&details), ["table.columns"]);
}

#[tokio::test]
async fn every_method_refuses_a_message_that_decompresses_beyond_the_maximum() {
    let server = TestServer::empty().await;
    let methods = methods(&descriptors());
    assert!(methods.len() >= 43, "{methods:?}");
    for encoding in [Gzip, Zstd] {
        let mut caller = ElementCaller::new(&server, encoding);
        for (method, _) in &methods {
            let refused = caller.call(method, vec![0; MAX_MESSAGE_BYTES + 1]).await;
            assert_refused(refused, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
        }
    }
}
