//! The schemas of messages in the JSON mapping of protobuf.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{FieldDescriptorProto, MessageOptions};
use serde_json::{Map, Value, json};

use super::descriptors::{Descriptors, MessageEntry};

/// The schemas that the paths refer to, with all that they contain.
pub(super) struct Schemas<'d> {
    descriptors: &'d Descriptors,
    done: BTreeMap<String, Value>,
    /// The full names of messages that are referred to and not described yet.
    pending: BTreeSet<String>,
}

impl<'d> Schemas<'d> {
    pub(super) const fn new(descriptors: &'d Descriptors) -> Self {
        Self { descriptors, done: BTreeMap::new(), pending: BTreeSet::new() }
    }

    /// Refers to a message of the API by its name in the package.
    pub(super) fn reference(&mut self, message: &str) -> Value {
        self.full_reference(&format!("sweetspot.v1.{message}"))
    }

    /// The parameters of a query: the fields of a message that a query can have, but those in the path.
    pub(super) fn query_parameters(&mut self, message: &str, path_fields: &[&str]) -> Vec<Value> {
        let descriptors = self.descriptors;
        let Some(entry) = descriptors.message(&format!("sweetspot.v1.{message}")) else { return Vec::new() };
        let fields = entry.descriptor.field.iter().zip(&entry.field_comments);
        let is_parameter = |field: &FieldDescriptorProto| {
            !path_fields.contains(&field.name())
                && field.label() != Label::Repeated
                && (field.r#type() != Type::Message || well_known(field.type_name()).is_some())
        };
        fields
            .filter(|(field, _)| is_parameter(field))
            .map(|(field, comment)| {
                let schema = self.element(field);
                json!({ "name": field.json_name(), "in": "query", "description": comment, "schema": schema })
            })
            .collect()
    }

    /// All schemas by name.
    pub(super) fn into_components(mut self) -> Value {
        while let Some(name) = self.pending.pop_first() {
            if let Some(entry) = self.descriptors.message(&name) {
                let schema = self.message(&name, entry);
                self.done.insert(component_name(&name), schema);
            }
        }
        self.done.into_iter().collect::<Map<String, Value>>().into()
    }

    fn full_reference(&mut self, name: &str) -> Value {
        let component = component_name(name);
        if !self.done.contains_key(&component) {
            self.pending.insert(name.to_owned());
        }
        json!({ "$ref": format!("#/components/schemas/{component}") })
    }

    fn message(&mut self, name: &str, entry: &MessageEntry) -> Value {
        let mut properties = Map::new();
        for (field, comment) in entry.descriptor.field.iter().zip(&entry.field_comments) {
            properties.insert(field.json_name().to_owned(), with_description(self.field(field), comment));
        }
        let object = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        let schema = if name == "sweetspot.v1.AttributeValue" {
            // The mapping also accepts the bare value.
            json!({ "anyOf": [object, { "type": ["number", "string", "boolean", "array"], "items": { "type": "string" } }] })
        } else {
            object
        };
        with_description(schema, &entry.comment)
    }

    fn field(&mut self, field: &FieldDescriptorProto) -> Value {
        if field.label() != Label::Repeated {
            return self.element(field);
        }
        let entry = self.descriptors.message(field.type_name().trim_start_matches('.'));
        let is_map = |entry: &&MessageEntry| entry.descriptor.options.as_ref().is_some_and(MessageOptions::map_entry);
        match entry.filter(is_map).and_then(|entry| entry.descriptor.field.get(1)) {
            Some(value) => json!({ "type": "object", "additionalProperties": self.element(value) }),
            None => json!({ "type": "array", "items": self.element(field) }),
        }
    }

    /// The schema of one value of a field.
    fn element(&mut self, field: &FieldDescriptorProto) -> Value {
        match field.r#type() {
            Type::Double | Type::Float => json!({ "type": "number" }),
            Type::Int32 | Type::Sint32 | Type::Sfixed32 => json!({ "type": "integer", "format": "int32" }),
            Type::Uint32 | Type::Fixed32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            // Numbers of 64 bits are texts in responses: not every program reads them exactly.
            Type::Int64 | Type::Sint64 | Type::Sfixed64 | Type::Uint64 | Type::Fixed64 => {
                json!({ "type": ["string", "integer"], "pattern": "^-?[0-9]+$" })
            }
            Type::Bool => json!({ "type": "boolean" }),
            Type::String => json!({ "type": "string" }),
            Type::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Type::Enum => {
                json!({ "type": "string", "enum": self.descriptors.enum_values(field.type_name().trim_start_matches('.')) })
            }
            Type::Message | Type::Group => match well_known(field.type_name()) {
                Some(schema) => schema,
                None => self.full_reference(field.type_name().trim_start_matches('.')),
            },
        }
    }
}

fn with_description(mut schema: Value, comment: &str) -> Value {
    if let Some(schema) = schema.as_object_mut().filter(|_| !comment.is_empty()) {
        schema.insert("description".to_owned(), comment.into());
    }
    schema
}

/// `sweetspot.v1.ModelVersion` as `ModelVersion`.
fn component_name(name: &str) -> String {
    name.trim_start_matches("sweetspot.v1.").to_owned()
}

/// The schema of a message of protobuf itself, which has a form of its own in JSON.
fn well_known(name: &str) -> Option<Value> {
    match name {
        ".google.protobuf.Timestamp" => Some(json!({ "type": "string", "format": "date-time" })),
        ".google.protobuf.Duration" => Some(json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?s$" })),
        ".google.protobuf.FieldMask" => Some(json!({ "type": "string" })),
        ".google.rpc.Status" => Some(json!({ "type": "object" })),
        _ => None,
    }
}

/// The schema of an error.
pub(super) fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "status", "message", "details"],
                "properties": {
                    "code": { "type": "integer", "description": "The HTTP status." },
                    "status": { "type": "string", "description": "The name of the gRPC code." },
                    "message": { "type": "string" },
                    "details": {
                        "type": "array",
                        "items": { "type": "object" },
                        "description": "An ErrorInfo with the reason, and others such as BadRequest and RetryInfo.",
                    },
                },
            },
        },
    })
}

/// The schema of the score of a plain account.
pub(super) fn plain_score() -> Value {
    let (number, text) = (json!({ "type": "number" }), json!({ "type": "string" }));
    let texts = json!({ "type": "array", "items": text });
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let reason = object(json!({ "attribute": text, "value": text, "log_odds": number, "sentence": text }));
    let issue =
        object(json!({ "attribute": text, "issue": text, "reading": text, "reason": text, "did_you_mean": text }));
    object(json!({
        "account_id": text,
        "score": { "type": "integer", "minimum": 1, "maximum": 99 },
        "tier": { "type": "string", "enum": ["A", "B", "C", "D"] },
        "probability": number,
        "low": { "type": "number", "description": "The lower end of the 90% interval of the probability." },
        "high": { "type": "number", "description": "Its upper end." },
        "log_odds": number,
        "data_support": { "type": "string", "enum": ["sufficient", "thin", "none"] },
        "pond_side": { "type": "string", "enum": ["IN", "OUT"] },
        "segment_id": text,
        "expected_value": number,
        "currency_code": text,
        "exclusion_rules": texts,
        "reasons": { "type": "array", "items": reason },
        "missing": { "type": "array", "items": text, "description": "Attributes of the model that the account does not have." },
        "issues": { "type": "array", "items": issue },
        "model_version": text,
    }))
}
