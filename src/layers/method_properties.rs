//! The properties of a call by its path: its default deadline, its class of limits, its metrics.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use prost::Message as _;
use prost_types::{FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto};
use sweetspot_proto::DESCRIPTORS;

use crate::access::{MethodAccess, method_access};
use crate::telemetry::{MethodMetrics, Metrics};

/// The longest timeout that a caller may request.
pub(super) const MAX_DEADLINE: Duration = Duration::from_secs(3600);

/// The class of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallClass {
    /// Scores accounts.
    Score,
    /// Explains scores.
    Explain,
    /// Reads or changes the registry or the runs.
    Control,
    /// Waits for long work: a training run, an import.
    Long,
    /// A stream that lasts as long as its caller continues.
    Stream,
    /// A probe or reflection: answered even if the server is full.
    Probe,
}

/// The classes of methods, where the signature does not determine them.
const CLASSES: [(&str, CallClass); 6] = [
    ("/sweetspot.v1.ScoringService/ScoreAccounts", CallClass::Score),
    ("/sweetspot.v1.ScoringService/ExplainAccounts", CallClass::Explain),
    ("/sweetspot.v1.ModelService/WaitTrainingRun", CallClass::Long),
    ("/sweetspot.v1.DatasetService/ImportAccounts", CallClass::Long),
    ("/sweetspot.v1.DatasetService/EraseAccounts", CallClass::Long),
    ("/sweetspot.v1.StoreService/CollectGarbage", CallClass::Long),
];

/// The changes that need no request id.
const CHANGES_WITHOUT_REQUEST_ID: [&str; 2] =
    ["/sweetspot.v1.ModelService/CancelTrainingRun", "/sweetspot.v1.StoreService/CollectGarbage"];

impl CallClass {
    /// Returns the timeout of calls that request none; `None` without a limit.
    pub(super) const fn deadline(self) -> Option<Duration> {
        match self {
            Self::Score => Some(Duration::from_secs(2)),
            Self::Explain => Some(Duration::from_secs(5)),
            Self::Control => Some(Duration::from_secs(30)),
            Self::Long => Some(Duration::from_secs(30 * 60)),
            Self::Stream | Self::Probe => None,
        }
    }
}

/// One method.
#[derive(Debug)]
pub(super) struct MethodProperties {
    /// The path; empty for the unknown method.
    pub(super) path: String,
    pub(super) class: CallClass,
    /// What the caller needs.
    pub(super) access: MethodAccess,
    /// Whether the client sends a stream of messages.
    pub(super) is_client_streaming: bool,
    /// Whether the response is a stream of messages.
    pub(super) is_server_streaming: bool,
    /// Whether calls change anything.
    pub(super) is_change: bool,
    pub(super) metrics: MethodMetrics,
}

/// All methods of the server.
#[derive(Debug)]
pub(super) struct MethodTable {
    known: HashMap<String, Arc<MethodProperties>, RandomState>,
    /// The method of all unknown paths.
    unknown: Arc<MethodProperties>,
}

impl MethodTable {
    /// Creates the table from the descriptors of the server and of the library.
    pub(super) fn new(metrics: &Metrics) -> Self {
        let sets = [
            DESCRIPTORS,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let mut known = HashMap::default();
        for set in sets {
            // A test checks that ours can be decoded; the methods of an invalid set would count as unknown.
            for file in FileDescriptorSet::decode(set).unwrap_or_default().file {
                for service in &file.service {
                    let entry = |method| method_entry(&file, service, method, metrics);
                    known.extend(service.method.iter().map(entry));
                }
            }
        }
        let other = MethodProperties {
            path: String::new(),
            class: CallClass::Control,
            access: MethodAccess::Authenticated,
            is_client_streaming: true,
            is_server_streaming: false,
            is_change: false,
            metrics: metrics.method("unknown", "unknown", "unary"),
        };
        Self { known, unknown: Arc::new(other) }
    }

    /// Returns the method of a path.
    pub(super) fn get(&self, path: &str) -> &Arc<MethodProperties> {
        self.known.get(path).unwrap_or(&self.unknown)
    }
}

fn method_entry(
    file: &FileDescriptorProto,
    service: &ServiceDescriptorProto,
    method: &MethodDescriptorProto,
    metrics: &Metrics,
) -> (String, Arc<MethodProperties>) {
    let package = file.package();
    let service = format!("{package}.{}", service.name());
    let path = format!("/{service}/{}", method.name());
    // As the common dashboards for gRPC name the forms.
    let form = match (method.client_streaming(), method.server_streaming()) {
        (false, false) => "unary",
        (true, false) => "client_stream",
        (false, true) => "server_stream",
        (true, true) => "bidi_stream",
    };
    let by_form = match (package.starts_with("grpc."), form != "unary") {
        (true, _) => CallClass::Probe,
        (false, true) => CallClass::Stream,
        (false, false) => CallClass::Control,
    };
    let class = CLASSES.iter().find(|(listed, _)| *listed == path).map_or(by_form, |(_, class)| *class);
    let (metrics, access) = (metrics.method(&service, method.name(), form), method_access(&path));
    let (is_client_streaming, is_server_streaming) = (method.client_streaming(), method.server_streaming());
    let is_change = has_request_id(file, method) || CHANGES_WITHOUT_REQUEST_ID.contains(&path.as_str());
    let properties = MethodProperties {
        path: path.clone(),
        class,
        access,
        is_client_streaming,
        is_server_streaming,
        is_change,
        metrics,
    };
    (path, Arc::new(properties))
}

/// Whether the request of a method has an id, by which repetitions of a change are recognized.
fn has_request_id(file: &FileDescriptorProto, method: &MethodDescriptorProto) -> bool {
    let name = method.input_type().rsplit('.').next().unwrap_or_default();
    let message = file.message_type.iter().find(|message| message.name() == name);
    message.is_some_and(|message| message.field.iter().any(|field| field.name() == "request_id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_method_exists() {
        let methods = MethodTable::new(&Metrics::default());
        for (method, class) in CLASSES {
            assert_eq!(methods.known.get(method).map(|known| known.class), Some(class), "{method}");
        }
    }

    #[test]
    fn methods_are_classified_by_streaming_and_unknown_ones_share_an_entry() {
        let methods = MethodTable::new(&Metrics::default());
        let seen = |path: &str| (methods.get(path).class, methods.get(path).is_client_streaming);
        assert_eq!(seen("/sweetspot.v1.DatasetService/ImportAccounts"), (CallClass::Long, true));
        assert_eq!(seen("/sweetspot.v1.ModelService/TrainModel"), (CallClass::Control, false));
        assert_eq!(seen("/grpc.health.v1.Health/Watch"), (CallClass::Probe, false));
        assert_eq!(seen("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"), (CallClass::Probe, true));
        assert_eq!(seen("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"), (CallClass::Probe, true));
        assert!(std::ptr::eq(methods.get("/made/up"), methods.get("")));
    }

    #[test]
    fn changes_and_reads_are_distinguished() {
        let methods = MethodTable::new(&Metrics::default());
        for change in CHANGES_WITHOUT_REQUEST_ID {
            assert!(methods.known.contains_key(change), "{change}");
        }
        for (method, is_change) in [
            ("ModelService/TrainModel", true),
            ("ModelService/CancelTrainingRun", true),
            ("DatasetService/ImportAccounts", true),
            ("DatasetService/EraseAccounts", true),
            ("StoreService/CollectGarbage", true),
            ("ScoringService/ScoreAccounts", false),
            ("ModelService/GetModel", false),
            ("StoreService/BackupStore", false),
        ] {
            assert_eq!(methods.get(&format!("/sweetspot.v1.{method}")).is_change, is_change, "{method}");
        }
    }
}
