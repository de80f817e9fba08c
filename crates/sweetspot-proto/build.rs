//! Compiles the messages and clients of the API, and their JSON mapping, without protoc.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::{DescriptorProto, FileDescriptorSet};

/// The folder of the protos, relative to this package.
const PROTO: &str = "../../proto";
const SERVICES: [&str; 4] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/profile_service.proto",
];
/// The messages with a JSON mapping, in addition to every message that they contain.
const JSON_MESSAGES: [&str; 9] = [
    "ScoreAccountsRequest",
    "ScoreAccountsResponse",
    "ExplainAccountsRequest",
    "ExplainAccountsResponse",
    "GetModelVersionResponse",
    "ListModelVersionsResponse",
    "GetTrainingRunResponse",
    "RenderReportRequest",
    "Report",
];

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

/// Generates the messages of [`JSON_MESSAGES`] again, with their JSON mapping. They are separate from those for gRPC,
/// because the timestamps of those have no JSON mapping, and because gRPC does not need one.
fn build_json(served: &FileDescriptorSet, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut set = served.clone();
    let kept = reachable(served);
    for file in &mut set.file {
        file.service.clear();
        // Comments refer to locations, which change if messages are removed.
        file.source_code_info = None;
        if file.package() == "sweetspot.v1" {
            file.message_type.retain(|message| kept.contains(message.name()));
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
        .extern_path(".google.rpc.Status", "crate::json::Status");
    let config = own.iter().fold(config, |config, (message, ours)| config.extern_path(message, ours));
    Ok(config.compile_fds(set)?)
}

/// The names of [`JSON_MESSAGES`], and of all messages that they contain.
fn reachable(served: &FileDescriptorSet) -> BTreeSet<String> {
    let messages = || served.file.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|f| &f.message_type);
    let mut kept = BTreeSet::new();
    let mut next: Vec<String> = JSON_MESSAGES.map(str::to_owned).to_vec();
    while let Some(name) = next.pop() {
        if let Some(message) = messages().find(|message| message.name() == name)
            && kept.insert(name)
        {
            push_field_types(message, &mut next);
        }
    }
    kept
}

/// Appends the top-level messages of the package that a message refers to.
fn push_field_types(message: &DescriptorProto, out: &mut Vec<String>) {
    let within = message.field.iter().filter_map(|field| field.type_name().strip_prefix(".sweetspot.v1."));
    out.extend(within.filter_map(|name| name.split('.').next()).map(str::to_owned));
    for nested in &message.nested_type {
        push_field_types(nested, out);
    }
}
