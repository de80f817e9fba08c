use std::collections::BTreeSet;

use super::*;

fn parsed() -> Value {
    serde_json::from_slice(document()).unwrap()
}

/// All references in a value.
fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[test]
fn every_route_is_described_once() {
    let document = parsed();
    let operations: Vec<&Value> =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()).collect();
    assert_eq!(operations.len(), ROUTES.len() + 1);
    let ids: BTreeSet<&str> = operations.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), operations.len());
    for operation in operations {
        assert!(!operation["description"].as_str().unwrap().is_empty(), "{}", operation["operationId"]);
    }
}

#[test]
fn every_reference_leads_to_a_component() {
    let document = parsed();
    let references = references(&document);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[test]
fn paths_and_fields_are_those_of_the_api() {
    let document = parsed();
    let versions = &document["paths"]["/v1/workspaces/{workspace}/models/{model}/versions"]["get"];
    let names: Vec<&str> =
        versions["parameters"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["workspace", "model", "pageSize", "pageToken", "filter", "orderBy"]);
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["FitScore"]["properties"]["logOdds"], json!({ "type": "number" }));
    assert_eq!(schemas["Reason"]["properties"]["customers"]["type"], json!(["string", "integer"]));
    assert_eq!(schemas["FitScore"]["properties"]["tier"]["enum"][1], "FIT_TIER_A");
    let attributes = &schemas["Account"]["properties"]["attributes"]["additionalProperties"];
    assert_eq!(attributes["$ref"], "#/components/schemas/AttributeValue");
    let train = &document["paths"]["/v1/workspaces/{workspace}/models/{model}:train"]["post"];
    let body = &train["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/TrainModelRequest");
}
