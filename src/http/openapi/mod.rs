//! The description of the HTTP API in `OpenAPI` 3.1, from the routes and from the descriptors of the messages.

mod descriptors;
mod schemas;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use tonic::codegen::http::Method;

use self::descriptors::Descriptors;
use self::schemas::Schemas;
use super::route::{PLAIN_SCORE, RESOURCES};
use super::routes::{ROUTES, Route};

/// Returns the description.
pub(super) fn document() -> &'static [u8] {
    static DOCUMENT: OnceLock<Vec<u8>> = OnceLock::new();
    DOCUMENT.get_or_init(|| build_document(&Descriptors::read()).to_string().into_bytes())
}

fn build_document(descriptors: &Descriptors) -> Value {
    let mut schemas = Schemas::new(descriptors);
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(format!("/v1/{}", path_template(route.path))).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.verb.as_str().to_ascii_lowercase(), operation(route, descriptors, &mut schemas));
        }
    }
    paths.insert(format!("/v1/{PLAIN_SCORE}"), json!({ "post": plain_score(descriptors, &mut schemas) }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sweetspot",
            "description": "Learns what the best customers of a company have in common, scores prospects, and explains the scores.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{}, { "apiKey": [] }],
        "tags": descriptors.services().map(|(name, description)| json!({ "name": name, "description": description })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": { "type": "http", "scheme": "bearer", "description": "An API key (swt_…), or a token of the identity provider." },
            },
            "responses": {
                "Error": { "description": "The error of the call.", "content": { "application/json": { "schema": schemas::error() } } },
            },
            "schemas": schemas.into_components(),
        },
    })
}

fn operation(route: &Route, descriptors: &Descriptors, schemas: &mut Schemas<'_>) -> Value {
    let (service, method) = service_and_method(route.method);
    let mut parameters: Vec<Value> = path_parameters(route.path);
    let mut body = None;
    if has_body(&route.verb) {
        let schema = schemas.reference(route.request);
        body = Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
    } else {
        parameters.extend(schemas.query_parameters(route.request, route.path_fields));
    }
    let mut operation = Map::from_iter([
        ("operationId".to_owned(), operation_id(route, method).into()),
        ("tags".to_owned(), json!([service])),
        ("description".to_owned(), descriptors.method_comment(service, method).into()),
        ("parameters".to_owned(), parameters.into()),
        (
            "responses".to_owned(),
            json!({ "200": response(route, schemas), "default": { "$ref": "#/components/responses/Error" } }),
        ),
    ]);
    operation.extend(body.map(|body| ("requestBody".to_owned(), body)));
    operation.into()
}

fn has_body(verb: &Method) -> bool {
    ![Method::GET, Method::DELETE].contains(verb)
}

/// The name of the method, or with the verb if it has several paths.
fn operation_id(route: &Route, method: &str) -> String {
    let is_first =
        ROUTES.iter().find(|other| other.method == route.method).is_some_and(|first| std::ptr::eq(first, route));
    if is_first { method.to_owned() } else { format!("{method}By{}", route.verb.as_str()) }
}

fn service_and_method(path: &'static str) -> (&'static str, &'static str) {
    let (service, method) = path.rsplit_once('/').unwrap_or_default();
    (service.rsplit('.').next().unwrap_or_default(), method)
}

fn response(route: &Route, schemas: &mut Schemas<'_>) -> Value {
    let json_content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let content = match route.response {
        // The content of the message instead of the message.
        "RenderReportResponse" => {
            let text = json!({ "schema": { "type": "string" } });
            json!({ "text/html": text, "text/markdown": text, "application/json": {} })
        }
        "ExportModelVersionResponse" => {
            let text = json!({ "schema": { "type": "string" } });
            json!({ "application/json": {}, "application/sql": text, "application/octet-stream": {} })
        }
        response => json_content(schemas.reference(response)),
    };
    json!({ "description": "The result.", "content": content })
}

fn plain_score(descriptors: &Descriptors, schemas: &mut Schemas<'_>) -> Value {
    let attribute = json!({ "type": ["number", "string", "boolean", "array", "null"], "items": { "type": "string" } });
    let account = json!({
        "type": "object",
        "properties": { "account_id": { "type": ["string", "integer"] } },
        "additionalProperties": attribute,
    });
    json!({
        "operationId": "ScorePlainAccount",
        "tags": ["ScoringService"],
        "description": format!(
            "Scores one account with its attributes as keys. {}",
            descriptors.method_comment("ScoringService", "ScoreAccounts"),
        ),
        "parameters": schemas.query_parameters("ScoreConfig", &[]),
        "requestBody": { "required": true, "content": { "application/json": { "schema": account } } },
        "responses": {
            "200": {
                "description": "The score, with reasons as sentences.",
                "content": { "application/json": { "schema": schemas::plain_score() } },
            },
            "default": { "$ref": "#/components/responses/Error" },
        },
    })
}

/// The names of the parts of a path that are parameters, in order.
fn parameter_names(pattern: &str) -> Vec<String> {
    let template = path_template(pattern);
    template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

fn path_parameters(pattern: &str) -> Vec<Value> {
    let parameter =
        |name: String| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    parameter_names(pattern).into_iter().map(parameter).collect()
}

/// `{M}/versions` as `workspaces/{workspace}/models/{model}/versions`.
fn path_template(pattern: &str) -> String {
    let mut template = pattern.replace("{}", "{id}");
    for (name, segments) in RESOURCES {
        let kinds = [""].iter().chain(segments);
        let parts = kinds.zip(segments).map(|(kind, segment)| match *segment {
            "*" => format!("{{{}}}", kind.trim_end_matches('s')),
            literal => literal.to_owned(),
        });
        template = template.replace(name, &parts.collect::<Vec<_>>().join("/"));
    }
    template
}

#[cfg(test)]
mod tests;
