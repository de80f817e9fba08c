//! Maps paths to calls.

use prost::Message as _;
use tonic::codegen::http::Method;
use tonic_health::pb::HealthCheckRequest;

use super::decode::{RequestContent, RequestDecoder};
use super::query::percent_decode;
use super::request_error::{HttpRequestError, truncate};
use super::response::{ResponseEncoder, health};
use super::routes::ROUTES;
use super::{plain_account, plain_score};

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
    /// The body, for the names in the path.
    Body(RequestDecoder, Vec<String>),
    /// This message.
    Message(Vec<u8>),
}

/// The path that scores one account in plain JSON.
pub(super) const PLAIN_SCORE: &str = "score";

/// The resources at the beginning of paths, each with the segments of its name.
pub(super) const RESOURCES: [(&str, &[&str]); 6] = [
    ("{W}", &["workspaces", "*"]),
    ("{M}", &["workspaces", "*", "models", "*"]),
    ("{V}", &["workspaces", "*", "models", "*", "versions", "*"]),
    ("{R}", &["workspaces", "*", "models", "*", "trainingRuns", "*"]),
    ("{D}", &["workspaces", "*", "datasets", "*"]),
    ("{DV}", &["workspaces", "*", "datasets", "*", "versions", "*"]),
];

/// The encodings of a colon in a path. Some clients encode that of a verb as they would in a name.
const COLONS: [&str; 3] = [":", "%3A", "%3a"];

/// Finds the call of a request.
///
/// # Errors
/// Returns an error if the path, the method or the query is unknown.
pub(super) fn route(method: &Method, path: &str, query: &str) -> Result<RoutedCall, HttpRequestError> {
    let not_allowed = |allowed: &[&str]| HttpRequestError::Method {
        allowed: allowed.join(", "),
        method: truncate(method.as_str()).to_owned(),
    };
    if let Some(service) = probed_service(path) {
        return if method == Method::GET { Ok(check_health(service)) } else { Err(not_allowed(&["GET"])) };
    }
    let path = path.strip_prefix("/v1/").ok_or(HttpRequestError::NoRoute)?;
    if path == PLAIN_SCORE {
        return if method == Method::POST { Ok(score_plain_account(query)) } else { Err(not_allowed(&["POST"])) };
    }
    let mut allowed = Vec::new();
    for route in ROUTES {
        let Some(names) = match_path(route.path, path) else { continue };
        if route.verb != method {
            allowed.push(route.verb.as_str());
            continue;
        }
        let source = if [Method::GET, Method::DELETE].contains(method) {
            RequestSource::Message((route.decoder)(RequestContent::Query(query), &names)?)
        } else if query.is_empty() {
            RequestSource::Body(route.decoder, names)
        } else {
            let problem = "a request with a body takes its parameters there".to_owned();
            let name = query.split(['=', '&']).next().unwrap_or_default();
            return Err(HttpRequestError::Query { name: truncate(name).to_owned(), problem });
        };
        return Ok(RoutedCall { method: route.method, source, encoder: route.encoder });
    }
    allowed.sort_unstable();
    if allowed.is_empty() { Err(HttpRequestError::NoRoute) } else { Err(not_allowed(&allowed)) }
}

fn score_plain_account(query: &str) -> RoutedCall {
    RoutedCall {
        method: "/sweetspot.v1.ScoringService/ScoreAccounts",
        source: RequestSource::Body(plain_account::score_request, vec![query.to_owned()]),
        encoder: plain_score::encode_score,
    }
}

/// Matches a path with that of a route, and returns the name of the resource and the id in it.
fn match_path(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (pattern, path) = match pattern.split_once(':') {
        Some((pattern, verb)) => {
            let path = path.strip_suffix(verb)?;
            (pattern, COLONS.iter().find_map(|colon| path.strip_suffix(colon))?)
        }
        None => (pattern, path),
    };
    let (mut names, mut segments) = (Vec::new(), path.split('/'));
    for expected in pattern.split('/') {
        if let Some((_, resource)) = RESOURCES.iter().find(|(name, _)| *name == expected) {
            let parts: Vec<&str> = segments.by_ref().take(resource.len()).collect();
            let fits = |(expected, part): (&&str, &&str)| expected == part || *expected == "*" && is_id(part);
            if parts.len() < resource.len() || !resource.iter().zip(&parts).all(fits) {
                return None;
            }
            names.push(parts.join("/"));
        } else {
            let segment = segments.next()?;
            match expected {
                "{}" => names.push(percent_decode(segment).filter(|id| !id.is_empty() && !segment.contains(':'))?),
                literal => Some(()).filter(|()| literal == segment)?,
            }
        }
    }
    segments.next().is_none().then_some(names)
}

/// Whether a segment may be an id in the name of a resource. The services check it further.
fn is_id(segment: &str) -> bool {
    !segment.is_empty() && COLONS.iter().all(|colon| !segment.contains(colon))
}

/// The service whose health a path shows.
fn probed_service(path: &str) -> Option<&'static str> {
    match path {
        "/healthz" => Some(""),
        "/readyz" => Some("sweetspot.v1.ScoringService"),
        _ => None,
    }
}

fn check_health(service: &str) -> RoutedCall {
    let source = RequestSource::Message(HealthCheckRequest { service: service.to_owned() }.encode_to_vec());
    RoutedCall { method: "/grpc.health.v1.Health/Check", source, encoder: health }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost_types::{FileDescriptorSet, MethodDescriptorProto};
    use sweetspot_proto::DESCRIPTORS;

    use super::*;

    /// The methods without a path, each with the reason.
    const EXCEPTIONS: [(&str, &str); 3] = [
        ("DatasetService/ImportAccounts", "a stream of requests has no form in JSON over HTTP/1.1"),
        ("ScoringService/StreamScores", "as above, and its responses are a stream, too"),
        ("StoreService/BackupStore", "its responses are a stream"),
    ];

    fn is_unary(method: &MethodDescriptorProto) -> bool {
        !method.client_streaming() && !method.server_streaming()
    }

    #[test]
    fn every_method_has_a_path_or_is_a_stream() {
        let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
        let services = set.file.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|file| &file.service);
        let methods = services.flat_map(|service| service.method.iter().map(|method| (service.name(), method)));
        let (unary, streams): (Vec<_>, Vec<_>) = methods.partition(|(_, method)| is_unary(method));
        let path = |(service, method): &(&str, &MethodDescriptorProto)| format!("{service}/{}", method.name());
        let found: BTreeSet<String> = streams.iter().map(path).collect();
        assert_eq!(found, EXCEPTIONS.map(|(method, _reason)| method.to_owned()).into());
        let routed: BTreeSet<String> =
            ROUTES.iter().map(|route| route.method.trim_start_matches("/sweetspot.v1.").to_owned()).collect();
        assert_eq!(routed, unary.iter().map(path).collect());
    }

    /// A path as the documentation shows it.
    fn documented_path(pattern: &str) -> String {
        let resource = |(name, segments): &(&str, &[&str])| {
            let ids =
                segments.iter().zip([""].iter().chain(*segments)).map(|(segment, before)| match (*segment, *before) {
                    ("*", "trainingRuns") => "{id}".to_owned(),
                    ("*", "versions") => "{n}".to_owned(),
                    ("*", kind) => format!("{{{}}}", kind.get(..1).unwrap()),
                    (literal, _) => literal.to_owned(),
                });
            ((*name).to_owned(), ids.collect::<Vec<_>>().join("/"))
        };
        let path =
            RESOURCES.iter().map(resource).fold(pattern.to_owned(), |path, (name, text)| path.replace(&name, &text));
        format!("/v1/{}", path.replace("definition/versions/{}", "definition/versions/{n}").replace("{}", "{id}"))
    }

    #[test]
    fn the_documentation_lists_every_path() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/API.md")).unwrap();
        for route in ROUTES {
            let (_, method) = route.method.rsplit_once('/').unwrap();
            let start = format!("| `{} {}", route.verb, documented_path(route.path));
            let is_listed = |line: &&str| line.starts_with(&start) && line.contains(&format!("`{method}`"));
            assert!(page.lines().any(|line| is_listed(&line)), "{start}` | `{method}` |");
        }
    }

    #[test]
    fn one_path_and_method_have_one_call() {
        for route in ROUTES {
            let path = documented_path(route.path).replace(['{', '}'], "");
            let path = path.strip_prefix("/v1/").unwrap();
            let same = ROUTES.iter().filter(|other| match_path(other.path, path).is_some() && other.verb == route.verb);
            assert_eq!(same.count(), 1, "{} {path}", route.verb);
        }
    }

    #[test]
    fn names_and_ids_are_taken_from_the_path() {
        let model = "workspaces/w/models/m";
        for (pattern, path, expected) in [
            ("{M}", model.to_owned(), Some(vec![model])),
            ("{M}:train", format!("{model}%3atrain"), Some(vec![model])),
            ("{M}", format!("{model}:train"), None),
            ("{M}", format!("{model}%3Atrain"), None),
            ("{M}", "workspaces//models/m".to_owned(), None),
            ("{M}", format!("{model}/"), None),
            (
                "{M}/definition/findings/{}",
                format!("{model}/definition/findings/a%2Fb%3Ac"),
                Some(vec![model, "a/b:c"]),
            ),
            ("{M}/definition/findings/{}", format!("{model}/definition/findings/a%2"), None),
            ("{M}/definition/findings/{}", format!("{model}/definition/findings/"), None),
            ("workspaces", "workspaces".to_owned(), Some(Vec::new())),
            ("store:collectGarbage", "store:collectGarbage".to_owned(), Some(Vec::new())),
        ] {
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(match_path(pattern, &path), expected, "{pattern} {path}");
        }
    }
}
