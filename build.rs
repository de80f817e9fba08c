//! Generates the API servers without protoc. They use the messages of `sweetspot-proto`, except where accounts stay
//! encoded.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const SERVICES: [&str; 5] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/definition_service.proto",
    "sweetspot/v1/report_service.proto",
];
/// The service whose messages stay encoded as bytes.
const RAW_SERVICE: &str = "ScoringService";
/// Messages with accounts whose services decode all other fields. Each account stays encoded, because decoding a map
/// loses duplicate keys.
const MESSAGES_WITH_ACCOUNTS: [&str; 4] =
    ["AccountRows", "RankTargetsRequest", "CompareModelVersionsRequest", "RenderReportRequest"];

#[expect(clippy::disallowed_methods, reason = "cargo sets the output folder in a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let services = protox::compile(SERVICES, ["proto"])?;
    raw_service(&out, services.clone())?;
    other_services(&out, services)?;
    Ok(())
}

/// Generates the server of [`RAW_SERVICE`], whose messages are bytes.
fn raw_service(out: &Path, mut files: FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    for file in &mut files.file {
        file.service.retain(|service| service.name() == RAW_SERVICE);
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

/// Generates the servers of the other services. They use the messages of the clients, except
/// [`MESSAGES_WITH_ACCOUNTS`].
fn other_services(out: &Path, mut files: FileDescriptorSet) -> Result<(), Box<dyn Error>> {
    let folder = out.join("received");
    std::fs::create_dir_all(&folder)?;
    let mut config = tonic_prost_build::configure()
        .build_client(false)
        .bytes(".")
        .out_dir(folder)
        .extern_path(".google.rpc.Status", "::tonic_types::Status");
    for file in files.file.iter_mut().filter(|file| file.package() == "sweetspot.v1") {
        file.service.retain(|service| service.name() != RAW_SERVICE);
        let messages = file.message_type.iter().map(DescriptorProto::name);
        for name in messages.chain(file.enum_type.iter().map(EnumDescriptorProto::name)) {
            if !MESSAGES_WITH_ACCOUNTS.contains(&name) {
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
