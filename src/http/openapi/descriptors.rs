//! The descriptors of the API, with the comments of the protos.

use std::collections::{BTreeMap, HashMap};

use prost::Message as _;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};
use sweetspot_proto::DESCRIPTORS;

/// The package of the API.
const PACKAGE: &str = "sweetspot.v1";

// The numbers of fields of descriptors, of which the paths of comments consist.
const MESSAGE_OF_FILE: i32 = 4;
const SERVICE_OF_FILE: i32 = 6;
const FIELD_OF_MESSAGE: i32 = 2;
const NESTED_MESSAGE: i32 = 3;
const METHOD_OF_SERVICE: i32 = 2;

/// The messages, enums and services of the API by name.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    /// By full name, such as `sweetspot.v1.ModelVersion`.
    messages: BTreeMap<String, MessageEntry>,
    /// The names of the values, by the full name of the enum.
    enums: BTreeMap<String, Vec<String>>,
    /// The comments of services, by name.
    services: BTreeMap<String, String>,
    /// The comments of methods, by `Service/Method`.
    methods: HashMap<String, String>,
}

/// A message with its comments.
#[derive(Debug)]
pub(super) struct MessageEntry {
    pub(super) descriptor: DescriptorProto,
    pub(super) comment: String,
    /// The comments of the fields, in their order.
    pub(super) field_comments: Vec<String>,
}

impl Descriptors {
    /// Reads the descriptors of this build.
    pub(super) fn read() -> Self {
        let mut all = Self::default();
        // A test checks that they can be decoded.
        for file in FileDescriptorSet::decode(DESCRIPTORS).unwrap_or_default().file {
            if file.package() == PACKAGE {
                all.add_file(&file);
            }
        }
        all
    }

    /// The message with a full name.
    pub(super) fn message(&self, name: &str) -> Option<&MessageEntry> {
        self.messages.get(name)
    }

    /// The names of the values of an enum.
    pub(super) fn enum_values(&self, name: &str) -> &[String] {
        self.enums.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names of the services, each with its comment.
    pub(super) fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        self.services.iter().map(|(name, comment)| (name.as_str(), comment.as_str()))
    }

    /// The comment of a method; empty if there is none.
    pub(super) fn method_comment(&self, service: &str, method: &str) -> &str {
        self.methods.get(&format!("{service}/{method}")).map_or("", String::as_str)
    }

    fn add_file(&mut self, file: &FileDescriptorProto) {
        let comments = Comments::read(file);
        for (index, message) in (0..).zip(&file.message_type) {
            self.add_message(PACKAGE, message, &[MESSAGE_OF_FILE, index], &comments);
        }
        for descriptor in &file.enum_type {
            self.add_enum(PACKAGE, descriptor);
        }
        for (index, service) in (0..).zip(&file.service) {
            let path = [SERVICE_OF_FILE, index];
            self.services.insert(service.name().to_owned(), comments.get(&path));
            for (number, method) in (0..).zip(&service.method) {
                let comment = comments.get(&[path.as_slice(), &[METHOD_OF_SERVICE, number]].concat());
                self.methods.insert(format!("{}/{}", service.name(), method.name()), comment);
            }
        }
    }

    fn add_message(&mut self, scope: &str, message: &DescriptorProto, path: &[i32], comments: &Comments) {
        let name = format!("{scope}.{}", message.name());
        for (index, nested) in (0..).zip(&message.nested_type) {
            self.add_message(&name, nested, &[path, &[NESTED_MESSAGE, index]].concat(), comments);
        }
        for nested in &message.enum_type {
            self.add_enum(&name, nested);
        }
        let field = |index| comments.get(&[path, &[FIELD_OF_MESSAGE, index]].concat());
        let field_comments = (0..).take(message.field.len()).map(field).collect();
        let entry = MessageEntry { descriptor: message.clone(), comment: comments.get(path), field_comments };
        self.messages.insert(name, entry);
    }

    fn add_enum(&mut self, scope: &str, descriptor: &EnumDescriptorProto) {
        let values = descriptor.value.iter().map(|value| value.name().to_owned()).collect();
        self.enums.insert(format!("{scope}.{}", descriptor.name()), values);
    }
}

/// The comments of a file, by the path of what they are about.
struct Comments(HashMap<Vec<i32>, String>);

impl Comments {
    fn read(file: &FileDescriptorProto) -> Self {
        let locations = file.source_code_info.iter().flat_map(|info| &info.location);
        let comment = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(
            locations
                .map(|location| {
                    let parts = [comment(location.leading_comments()), comment(location.trailing_comments())];
                    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                    (location.path.clone(), text)
                })
                .collect(),
        )
    }

    fn get(&self, path: &[i32]) -> String {
        self.0.get(path).cloned().unwrap_or_default()
    }
}
