//! Maps paths to calls.

use prost::Message as _;
use sweetspot_proto::json::{
    ExplainAccountsResponse, GetModelVersionResponse, GetTrainingRunResponse, ListModelVersionsResponse,
    ScoreAccountsResponse,
};
use sweetspot_proto::v1;
use tonic::codegen::http::Method;
use tonic_health::pb::HealthCheckRequest;

use super::decode::{self, RequestDecoder};
use super::query;
use super::request_error::{HttpRequestError, truncate};
use super::response::{self, ResponseEncoder, health, message};

/// The call for a request.
#[derive(Debug)]
pub(super) struct RoutedCall {
    /// The path of the gRPC method.
    pub(super) method: &'static str,
    /// The source of the request message.
    pub(super) source: RequestSource,
    /// The encoder of the response.
    pub(super) encoder: ResponseEncoder,
}

/// The source of a request message.
#[derive(Debug)]
pub(super) enum RequestSource {
    /// The body, for this version.
    Body(RequestDecoder, String),
    /// This message.
    Message(Vec<u8>),
}

/// A resource and the operation on it.
enum RouteTarget {
    Post(fn(String) -> RoutedCall),
    Get(fn(String, &str) -> Result<RoutedCall, HttpRequestError>),
    /// Takes the path alone, or a body with further options.
    GetOrPost(fn(String, &str) -> Result<RoutedCall, HttpRequestError>, fn(String) -> RoutedCall),
    /// A probe; any query is ignored.
    Probe(fn(String) -> RoutedCall),
}

/// Finds the call of a request.
///
/// # Errors
/// Returns an error if the path, the method or the query is unknown.
pub(super) fn route(method: &Method, path: &str, query: &str) -> Result<RoutedCall, HttpRequestError> {
    let (target, name) = match_path(path).ok_or(HttpRequestError::NoRoute)?;
    let allowed = match target {
        RouteTarget::Post(call) | RouteTarget::GetOrPost(_, call) if method == Method::POST => {
            query::reject_all(query)?;
            return Ok(call(name));
        }
        RouteTarget::Get(call) | RouteTarget::GetOrPost(call, _) if method == Method::GET => return call(name, query),
        RouteTarget::Probe(call) if method == Method::GET => return Ok(call(name)),
        RouteTarget::Post(_) => "POST",
        RouteTarget::GetOrPost(..) => "GET, POST",
        RouteTarget::Get(_) | RouteTarget::Probe(_) => "GET",
    };
    Err(HttpRequestError::Method { allowed, method: truncate(method.as_str()).to_owned() })
}

fn match_path(path: &str) -> Option<(RouteTarget, String)> {
    match path {
        "/healthz" => return Some((RouteTarget::Probe(check_health), String::new())),
        "/readyz" => return Some((RouteTarget::Probe(check_health), "sweetspot.v1.ScoringService".to_owned())),
        _ => {}
    }
    // Some clients encode the colon of a verb as they would in a name.
    let path = path.strip_prefix("/v1/")?.replace("%3A", ":").replace("%3a", ":");
    let (name, verb) = path.split_once(':').unwrap_or((&path, ""));
    let segments: Vec<&str> = name.split('/').collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    let (target, name) = match (segments.as_slice(), verb) {
        (["workspaces", _, "models", _, "versions", _], "score") => (RouteTarget::Post(score), name),
        (["workspaces", _, "models", _, "versions", _], "explain") => (RouteTarget::Post(explain), name),
        (["workspaces", _, "models", _, "versions", _], "renderReport") => {
            (RouteTarget::GetOrPost(report_with_query, report_with_body), name)
        }
        (["workspaces", _, "models", _, "versions", _], "") => (RouteTarget::Get(get_version), name),
        (["workspaces", _, "models", _, "versions"], "") => {
            (RouteTarget::Get(list_versions), name.strip_suffix("/versions").unwrap_or(name))
        }
        (["workspaces", _, "models", _, "trainingRuns", _], "") => (RouteTarget::Get(get_run), name),
        _ => return None,
    };
    Some((target, name.to_owned()))
}

fn score(version: String) -> RoutedCall {
    let method = "/sweetspot.v1.ScoringService/ScoreAccounts";
    RoutedCall {
        method,
        source: RequestSource::Body(decode::score, version),
        encoder: message::<ScoreAccountsResponse>,
    }
}

fn explain(version: String) -> RoutedCall {
    let method = "/sweetspot.v1.ScoringService/ExplainAccounts";
    RoutedCall {
        method,
        source: RequestSource::Body(decode::explain, version),
        encoder: message::<ExplainAccountsResponse>,
    }
}

fn get_version(name: String, query: &str) -> Result<RoutedCall, HttpRequestError> {
    query::reject_all(query)?;
    let source = RequestSource::Message(v1::GetModelVersionRequest { name }.encode_to_vec());
    let method = "/sweetspot.v1.ModelService/GetModelVersion";
    Ok(RoutedCall { method, source, encoder: message::<GetModelVersionResponse> })
}

fn list_versions(parent: String, query: &str) -> Result<RoutedCall, HttpRequestError> {
    let query::PageParameters { size: page_size, token: page_token } = query::page(query)?;
    let source = RequestSource::Message(
        v1::ListModelVersionsRequest { parent, page_size, page_token, ..Default::default() }.encode_to_vec(),
    );
    let method = "/sweetspot.v1.ModelService/ListModelVersions";
    Ok(RoutedCall { method, source, encoder: message::<ListModelVersionsResponse> })
}

fn report_with_query(version: String, query: &str) -> Result<RoutedCall, HttpRequestError> {
    let format = query::report_format(query)?.into();
    let source =
        RequestSource::Message(v1::RenderReportRequest { version, format, ..Default::default() }.encode_to_vec());
    Ok(RoutedCall { method: "/sweetspot.v1.ReportService/RenderReport", source, encoder: response::report })
}

fn report_with_body(version: String) -> RoutedCall {
    let method = "/sweetspot.v1.ReportService/RenderReport";
    RoutedCall { method, source: RequestSource::Body(decode::report, version), encoder: response::report }
}

fn get_run(name: String, query: &str) -> Result<RoutedCall, HttpRequestError> {
    query::reject_all(query)?;
    let source = RequestSource::Message(v1::GetTrainingRunRequest { name }.encode_to_vec());
    let method = "/sweetspot.v1.ModelService/GetTrainingRun";
    Ok(RoutedCall { method, source, encoder: message::<GetTrainingRunResponse> })
}

fn check_health(service: String) -> RoutedCall {
    let source = RequestSource::Message(HealthCheckRequest { service }.encode_to_vec());
    RoutedCall { method: "/grpc.health.v1.Health/Check", source, encoder: health }
}
