//! What is known of a call from its path: how long it may take, and which calls it competes with.

use std::time::Duration;

use tonic::body::Body;
use tonic::codegen::http::Request;

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
    /// Probes and reflection: answered also when the server is full.
    Probe,
}

/// Methods that are not control calls.
const CLASSES: [(&str, Class); 5] = [
    ("/sweetspot.v1.ScoringService/ScoreAccounts", Class::Score),
    ("/sweetspot.v1.ScoringService/ExplainAccounts", Class::Explain),
    // Its end is bounded by the silence of the client; its number by the service.
    ("/sweetspot.v1.ScoringService/StreamScores", Class::Long),
    ("/sweetspot.v1.ModelService/WaitTrainingRun", Class::Long),
    ("/sweetspot.v1.DatasetService/ImportAccounts", Class::Long),
];

impl Class {
    /// The class of a call.
    pub(super) fn of(request: &Request<Body>) -> Self {
        let path = request.uri().path();
        if path.starts_with("/grpc.") {
            return Self::Probe;
        }
        CLASSES.iter().find(|(method, _)| *method == path).map_or(Self::Control, |(_, class)| *class)
    }

    /// How long a call may take that does not say; nothing: as long as it lasts.
    pub(super) const fn deadline(self) -> Option<Duration> {
        match self {
            Self::Score => Some(Duration::from_secs(2)),
            Self::Explain => Some(Duration::from_secs(5)),
            Self::Control => Some(Duration::from_secs(30)),
            Self::Long => Some(Duration::from_secs(30 * 60)),
            Self::Probe => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::DESCRIPTORS;
    use prost::Message as _;

    #[test]
    fn every_listed_method_exists() {
        let files = prost_types::FileDescriptorSet::decode(DESCRIPTORS).unwrap().file;
        let methods: Vec<String> = files
            .iter()
            .flat_map(|file| file.service.iter().map(move |service| (file.package(), service)))
            .flat_map(|(package, service)| {
                service.method.iter().map(move |method| format!("/{package}.{}/{}", service.name(), method.name()))
            })
            .collect();
        for (method, _) in CLASSES {
            assert!(methods.iter().any(|known| known == method), "{method}");
        }
    }
}
