//! Compiles the protos without protoc and keeps their descriptors for reflection.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const SERVED: [&str; 4] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/profile_service.proto",
];
/// What is spoken in JSON too: these, and every message in them.
const JSON: [&str; 9] = [
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
const STORED: [&str; 2] = ["sweetspot/stored/v1/artifact.proto", "sweetspot/stored/v1/customers.proto"];
/// The service that reads and writes bytes, and its messages.
const RAW: &str = "ScoringService";
/// Requests with accounts whose services read the rest of them: each account stays as it came, because a map that is read twice
/// has lost what it had twice.
const WITH_ACCOUNTS: [&str; 4] =
    ["AccountRows", "RankTargetsRequest", "CompareModelVersionsRequest", "RenderReportRequest"];

#[expect(clippy::disallowed_methods, reason = "cargo names the output folder in a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let served = protox::compile(SERVED, ["proto"])?;
    std::fs::write(out.join("sweetspot_descriptor.bin"), served.encode_to_vec())?;
    raw_service(&out, served.clone())?;
    other_services(&out, served.clone())?;
    json(&served, &out.join("json"))?;
    tonic_prost_build::configure()
        .build_server(false)
        .extern_path(".google.rpc.Status", "::tonic_types::Status")
        .compile_fds(served)?;
    let stored = protox::compile(STORED, ["proto"])?;
    tonic_prost_build::configure().build_client(false).build_server(false).compile_fds(stored)?;
    Ok(())
}

/// Writes the server of one service, whose messages are bytes.
fn raw_service(out: &Path, mut files: FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    for file in &mut files.file {
        file.service.retain(|service| service.name() == RAW);
    }
    let folder = out.join("raw");
    std::fs::create_dir_all(&folder)?;
    let methods = files.file.iter().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let messages: BTreeSet<&str> = methods.flat_map(|method| [method.input_type(), method.output_type()]).collect();
    let config =
        tonic_prost_build::configure().build_client(false).codec_path("crate::api::wire::RawCodec").out_dir(folder);
    let config = config.extern_path(".google", "::prost_types").extern_path(".sweetspot", "crate::generated");
    let config = messages.into_iter().fold(config, |config, message| config.extern_path(message, "::bytes::Bytes"));
    Ok(config.compile_fds(files.clone())?)
}

/// Writes the servers of the other services. Their messages are those of the clients, but for [`WITH_ACCOUNTS`].
fn other_services(out: &Path, mut files: FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    let folder = out.join("received");
    std::fs::create_dir_all(&folder)?;
    let mut config = tonic_prost_build::configure()
        .build_client(false)
        .bytes(".")
        .out_dir(folder)
        .extern_path(".google.rpc.Status", "::tonic_types::Status");
    for file in files.file.iter_mut().filter(|file| file.package() == "sweetspot.v1") {
        file.service.retain(|service| service.name() != RAW);
        let messages = file.message_type.iter().map(DescriptorProto::name);
        for name in messages.chain(file.enum_type.iter().map(EnumDescriptorProto::name)) {
            if !WITH_ACCOUNTS.contains(&name) {
                config = config.extern_path(format!(".sweetspot.v1.{name}"), format!("crate::generated::v1::{name}"));
            }
        }
        let rows = file.message_type.iter_mut().filter(|message| message.name() == "AccountRows");
        for field in rows.flat_map(|message| &mut message.field) {
            field.set_type(prost_types::field_descriptor_proto::Type::Bytes);
            field.type_name = None;
        }
    }
    Ok(config.compile_fds(files)?)
}

/// Writes the messages of [`JSON`] once more, with their JSON. A second time, because times have no JSON of their own in
/// the first one's library, and because gRPC need not know.
fn json(served: &FileDescriptorSet, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut set = served.clone();
    let kept = reachable(served);
    for file in &mut set.file {
        file.service.clear();
        // Comments belong to places, and places change with what is left out.
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
    // Their JSON takes bare values too, and keeps attributes that are there twice.
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

/// The names of the messages of [`JSON`] and of all that are in them.
fn reachable(served: &FileDescriptorSet) -> BTreeSet<String> {
    let messages = || served.file.iter().filter(|file| file.package() == "sweetspot.v1").flat_map(|f| &f.message_type);
    let mut kept = BTreeSet::new();
    let mut next: Vec<String> = JSON.map(str::to_owned).to_vec();
    while let Some(name) = next.pop() {
        if let Some(message) = messages().find(|message| message.name() == name)
            && kept.insert(name)
        {
            names_in(message, &mut next);
        }
    }
    kept
}

/// The outermost messages of the package that a message names.
fn names_in(message: &DescriptorProto, out: &mut Vec<String>) {
    let within = message.field.iter().filter_map(|field| field.type_name().strip_prefix(".sweetspot.v1."));
    out.extend(within.filter_map(|name| name.split('.').next()).map(str::to_owned));
    for nested in &message.nested_type {
        names_in(nested, out);
    }
}
