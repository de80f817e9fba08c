//! Compiles the messages and clients of the API, and their JSON mapping, without protoc.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorSet};

/// The folder of the protos, relative to this package.
const PROTO: &str = "../../proto";
const SERVICES: [&str; 7] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/definition_service.proto",
    "sweetspot/v1/report_service.proto",
    "sweetspot/v1/store_service.proto",
    "sweetspot/v1/access_service.proto",
];
/// The package of the API.
const PACKAGE: &str = "sweetspot.v1";
/// The messages that a report in JSON format, or its tables, consist of.
const JSON_REPORTS: [&str; 2] = ["Report", "ReportTables"];

#[expect(clippy::disallowed_methods, reason = "cargo passes the output folder in a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO}");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let services = protox::compile(SERVICES, [PROTO])?;
    std::fs::write(out.join("sweetspot_descriptor.bin"), services.encode_to_vec())?;
    build_json(&services, &out.join("json"))?;
    tonic_prost_build::configure()
        .build_server(false)
        .extern_path(".google.rpc.Status", "::tonic_types::Status")
        .compile_fds(services)?;
    Ok(())
}

/// Generates the messages of responses and of the requests of unary methods again, with their JSON mapping, and a `json_messages!`
/// list of them. They are separate from those for gRPC, because the timestamps of those have no JSON mapping, and because
/// gRPC does not need one.
fn build_json(served: &FileDescriptorSet, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut set = served.clone();
    let messages = json_messages(served);
    for file in &mut set.file {
        file.service.clear();
        // Comments refer to locations, which change if messages are removed.
        file.source_code_info = None;
        if file.package() == PACKAGE {
            file.message_type.retain(|message| messages.contains(message.name()));
        }
    }
    std::fs::create_dir_all(out)?;
    let mut builder = pbjson_build::Builder::new();
    builder.out_dir(out);
    for file in &set.file {
        builder.register_file_descriptor(file.clone());
    }
    // The JSON of these also accepts bare values, and preserves repeated attributes.
    let own =
        ["Account", "AttributeValue"].map(|name| (format!(".sweetspot.v1.{name}"), format!("crate::json::{name}")));
    builder.exclude(own.iter().map(|(message, _)| message.clone()));
    builder.build(&[".sweetspot.v1"])?;
    let config = tonic_prost_build::configure()
        .out_dir(out)
        .extern_path(".google.protobuf.Timestamp", "crate::json::Timestamp")
        .extern_path(".google.protobuf.Duration", "crate::json::Duration")
        .extern_path(".google.protobuf.FieldMask", "crate::json::FieldMask")
        .extern_path(".google.rpc.Status", "crate::json::Status");
    let config = own.iter().fold(config, |config, (message, ours)| config.extern_path(message, ours));
    let names: Vec<&str> = messages.iter().map(String::as_str).collect();
    std::fs::write(out.join("messages.rs"), format!("json_messages! {{ {} }}\n", names.join(", ")))?;
    Ok(config.compile_fds(set)?)
}

/// The names of the messages with a JSON mapping: responses, the requests of unary methods, which HTTP accepts, and all
/// messages that they contain.
fn json_messages(served: &FileDescriptorSet) -> BTreeSet<String> {
    let files = || served.file.iter().filter(|file| file.package() == PACKAGE);
    let methods = files().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let types = methods.flat_map(|method| {
        let request = (!method.client_streaming()).then(|| method.input_type());
        request.into_iter().chain([method.output_type()])
    });
    let mut next: Vec<String> = types.filter_map(local_name).collect();
    next.extend(JSON_REPORTS.map(str::to_owned));
    let mut messages = BTreeSet::new();
    while let Some(name) = next.pop() {
        if let Some(message) = files().flat_map(|file| &file.message_type).find(|message| message.name() == name)
            && messages.insert(name)
        {
            push_field_types(message, &mut next);
        }
    }
    messages
}

/// Appends the top-level messages of the package that a message refers to.
fn push_field_types(message: &DescriptorProto, out: &mut Vec<String>) {
    out.extend(message.field.iter().filter_map(|field| local_name(field.type_name())));
    for nested in &message.nested_type {
        push_field_types(nested, out);
    }
}

/// The name of the top-level message of the package that contains a type.
fn local_name(type_name: &str) -> Option<String> {
    let name = type_name.strip_prefix('.')?.strip_prefix(PACKAGE)?.strip_prefix('.')?;
    name.split('.').next().map(str::to_owned)
}
