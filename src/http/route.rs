//! Which call a path stands for.

use prost::Message as _;
use sweetspot_proto::json::{
    ExplainAccountsResponse, GetModelVersionResponse, GetTrainingRunResponse, ListModelVersionsResponse,
    ScoreAccountsResponse,
};
use sweetspot_proto::v1;
use tonic::codegen::http::Method;
use tonic_health::pb::HealthCheckRequest;

use super::answer::{self, Teller, health, message};
use super::malformed::{Malformed, cut};
use super::query;
use super::read::{self, Reader};

/// A call that a request stands for.
#[derive(Debug)]
pub(super) struct Call {
    /// The path of the gRPC method.
    pub(super) method: &'static str,
    /// What is asked.
    pub(super) ask: Ask,
    /// Tells the answer.
    pub(super) teller: Teller,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Ask {
    /// What the body says, of this version.
    Body(Reader, String),
    /// This message.
    Message(Vec<u8>),
}

/// A resource, and what is done to it.
enum Target {
    Post(fn(String) -> Call),
    Get(fn(String, &str) -> Result<Call, Malformed>),
    /// Asked for by its path alone, or with a body that says more.
    Either(fn(String, &str) -> Result<Call, Malformed>, fn(String) -> Call),
    /// Whoever probes may put what they like behind the path.
    Probe(fn(String) -> Call),
}

/// Finds the call.
///
/// # Errors
/// Where there is none at this path, with this method, or with this query.
pub(super) fn route(method: &Method, path: &str, query: &str) -> Result<Call, Malformed> {
    let (target, name) = target(path).ok_or(Malformed::NoRoute)?;
    let allowed = match target {
        Target::Post(call) | Target::Either(_, call) if method == Method::POST => {
            query::none(query)?;
            return Ok(call(name));
        }
        Target::Get(call) | Target::Either(call, _) if method == Method::GET => return call(name, query),
        Target::Probe(call) if method == Method::GET => return Ok(call(name)),
        Target::Post(_) => "POST",
        Target::Either(..) => "GET, POST",
        Target::Get(_) | Target::Probe(_) => "GET",
    };
    Err(Malformed::Method { allowed, given: cut(method.as_str()).to_owned() })
}

fn target(path: &str) -> Option<(Target, String)> {
    match path {
        "/healthz" => return Some((Target::Probe(check), String::new())),
        "/readyz" => return Some((Target::Probe(check), "sweetspot.v1.ScoringService".to_owned())),
        _ => {}
    }
    // Some clients write the colon of a verb as they would one in a name.
    let path = path.strip_prefix("/v1/")?.replace("%3A", ":").replace("%3a", ":");
    let (name, verb) = path.split_once(':').unwrap_or((&path, ""));
    let segments: Vec<&str> = name.split('/').collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    let (target, name) = match (segments.as_slice(), verb) {
        (["workspaces", _, "models", _, "versions", _], "score") => (Target::Post(score), name),
        (["workspaces", _, "models", _, "versions", _], "explain") => (Target::Post(explain), name),
        (["workspaces", _, "models", _, "versions", _], "renderReport") => {
            (Target::Either(report, report_with_body), name)
        }
        (["workspaces", _, "models", _, "versions", _], "") => (Target::Get(version), name),
        (["workspaces", _, "models", _, "versions"], "") => {
            (Target::Get(versions), name.strip_suffix("/versions").unwrap_or(name))
        }
        (["workspaces", _, "models", _, "trainingRuns", _], "") => (Target::Get(run), name),
        _ => return None,
    };
    Some((target, name.to_owned()))
}

fn score(version: String) -> Call {
    let method = "/sweetspot.v1.ScoringService/ScoreAccounts";
    Call { method, ask: Ask::Body(read::score, version), teller: message::<ScoreAccountsResponse> }
}

fn explain(version: String) -> Call {
    let method = "/sweetspot.v1.ScoringService/ExplainAccounts";
    Call { method, ask: Ask::Body(read::explain, version), teller: message::<ExplainAccountsResponse> }
}

fn version(name: String, query: &str) -> Result<Call, Malformed> {
    query::none(query)?;
    let ask = Ask::Message(v1::GetModelVersionRequest { name }.encode_to_vec());
    let method = "/sweetspot.v1.ModelService/GetModelVersion";
    Ok(Call { method, ask, teller: message::<GetModelVersionResponse> })
}

fn versions(parent: String, query: &str) -> Result<Call, Malformed> {
    let query::Page { size: page_size, token: page_token } = query::page(query)?;
    let ask = Ask::Message(v1::ListModelVersionsRequest { parent, page_size, page_token }.encode_to_vec());
    let method = "/sweetspot.v1.ModelService/ListModelVersions";
    Ok(Call { method, ask, teller: message::<ListModelVersionsResponse> })
}

fn report(version: String, query: &str) -> Result<Call, Malformed> {
    let format = query::report_format(query)?.into();
    let ask = Ask::Message(v1::RenderReportRequest { version, format, ..Default::default() }.encode_to_vec());
    Ok(Call { method: "/sweetspot.v1.ProfileService/RenderReport", ask, teller: answer::report })
}

fn report_with_body(version: String) -> Call {
    let method = "/sweetspot.v1.ProfileService/RenderReport";
    Call { method, ask: Ask::Body(read::report, version), teller: answer::report }
}

fn run(name: String, query: &str) -> Result<Call, Malformed> {
    query::none(query)?;
    let ask = Ask::Message(v1::GetTrainingRunRequest { name }.encode_to_vec());
    let method = "/sweetspot.v1.ModelService/GetTrainingRun";
    Ok(Call { method, ask, teller: message::<GetTrainingRunResponse> })
}

fn check(service: String) -> Call {
    let ask = Ask::Message(HealthCheckRequest { service }.encode_to_vec());
    Call { method: "/grpc.health.v1.Health/Check", ask, teller: health }
}
