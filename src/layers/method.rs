//! What is known of a call from its path: how long it may take, which calls it competes with, where it is counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use foldhash::fast::RandomState;
use prost::Message as _;
use prost_types::{FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto};
use sweetspot_proto::DESCRIPTORS;

use crate::telemetry::{MethodMetrics, Metrics};

/// Longest time that a caller may ask for.
pub(super) const MAX_DEADLINE: Duration = Duration::from_secs(3600);

/// What a call is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Scores accounts.
    Score,
    /// Explains scores.
    Explain,
    /// Reads or changes what the registry and the runs hold.
    Control,
    /// Waits by its nature: a training run, an import.
    Long,
    /// A stream that lasts as long as its caller goes on.
    Stream,
    /// Probes and reflection: answered also when the server is full.
    Probe,
}

/// Methods whose class is not told by their form.
const CLASSES: [(&str, Class); 4] = [
    ("/sweetspot.v1.ScoringService/ScoreAccounts", Class::Score),
    ("/sweetspot.v1.ScoringService/ExplainAccounts", Class::Explain),
    ("/sweetspot.v1.ModelService/WaitTrainingRun", Class::Long),
    ("/sweetspot.v1.DatasetService/ImportAccounts", Class::Long),
];

impl Class {
    /// How long a call may take that does not say; nothing: as long as it lasts.
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
pub(super) struct Method {
    /// Its path; empty for a method that there is not.
    pub(super) path: String,
    pub(super) class: Class,
    /// Whether its caller sends a stream of messages.
    pub(super) streams_in: bool,
    pub(super) metrics: MethodMetrics,
}

/// Every method that the server may have.
#[derive(Debug)]
pub(super) struct Methods {
    known: HashMap<String, Arc<Method>, RandomState>,
    /// Stands for every path that a client makes up.
    other: Arc<Method>,
}

impl Methods {
    /// All methods of the descriptors, ours and the library's.
    pub(super) fn new(metrics: &Metrics) -> Self {
        let sets = [DESCRIPTORS, tonic_health::pb::FILE_DESCRIPTOR_SET, tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET];
        let mut known = HashMap::default();
        for set in sets {
            // Ours are checked by a test; a set that cannot be read would leave its methods among the others.
            for file in FileDescriptorSet::decode(set).unwrap_or_default().file {
                for service in &file.service {
                    known.extend(service.method.iter().map(|method| one(file.package(), service, method, metrics)));
                }
            }
        }
        let other = Method {
            path: String::new(),
            class: Class::Control,
            streams_in: true,
            metrics: metrics.method("unknown", "unknown"),
        };
        Self { known, other: Arc::new(other) }
    }

    /// The method of a path.
    pub(super) fn of(&self, path: &str) -> &Arc<Method> {
        self.known.get(path).unwrap_or(&self.other)
    }
}

fn one(
    package: &str,
    service: &ServiceDescriptorProto,
    method: &MethodDescriptorProto,
    metrics: &Metrics,
) -> (String, Arc<Method>) {
    let service = format!("{package}.{}", service.name());
    let path = format!("/{service}/{}", method.name());
    let streams = method.client_streaming() || method.server_streaming();
    let by_form = match (package.starts_with("grpc."), streams) {
        (true, _) => Class::Probe,
        (false, true) => Class::Stream,
        (false, false) => Class::Control,
    };
    let class = CLASSES.iter().find(|(listed, _)| *listed == path).map_or(by_form, |(_, class)| *class);
    let metrics = metrics.method(&service, method.name());
    (path.clone(), Arc::new(Method { path, class, streams_in: method.client_streaming(), metrics }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_method_exists() {
        let methods = Methods::new(&Metrics::default());
        for (method, class) in CLASSES {
            assert_eq!(methods.known.get(method).map(|known| known.class), Some(class), "{method}");
        }
    }

    #[test]
    fn a_method_is_known_by_its_form_and_others_are_one() {
        let methods = Methods::new(&Metrics::default());
        let seen = |path: &str| (methods.of(path).class, methods.of(path).streams_in);
        assert_eq!(seen("/sweetspot.v1.DatasetService/ImportAccounts"), (Class::Long, true));
        assert_eq!(seen("/sweetspot.v1.ModelService/TrainModel"), (Class::Control, false));
        assert_eq!(seen("/grpc.health.v1.Health/Watch"), (Class::Probe, false));
        assert_eq!(seen("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"), (Class::Probe, true));
        assert!(std::ptr::eq(methods.of("/made/up"), methods.of("")));
    }
}
