//! Compiles the servers of the API without protoc. Their messages are those of `sweetspot-proto`, except where accounts stay bytes.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const SERVICES: [&str; 4] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/profile_service.proto",
];
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
    let services = protox::compile(SERVICES, ["proto"])?;
    raw_service(&out, services.clone())?;
    other_services(&out, services)?;
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
    let config = config.extern_path(".google", "::prost_types").extern_path(".sweetspot", "::sweetspot_proto");
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
                config = config.extern_path(format!(".sweetspot.v1.{name}"), format!("::sweetspot_proto::v1::{name}"));
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
