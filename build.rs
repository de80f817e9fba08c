//! Compiles the protos without protoc and keeps their descriptors for reflection.

use std::error::Error;
use std::path::{Path, PathBuf};

use prost::Message as _;
use prost_types::FileDescriptorSet;

const SERVED: [&str; 3] =
    ["sweetspot/v1/scoring_service.proto", "sweetspot/v1/model_service.proto", "sweetspot/v1/dataset_service.proto"];
const STORED: [&str; 2] = ["sweetspot/stored/v1/artifact.proto", "sweetspot/stored/v1/customers.proto"];
/// The service that reads and writes bytes, and its messages.
const RAW: &str = "ScoringService";

#[expect(clippy::disallowed_methods, reason = "cargo names the output folder in a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let served = protox::compile(SERVED, ["proto"])?;
    std::fs::write(out.join("sweetspot_descriptor.bin"), served.encode_to_vec())?;
    raw_service(&out, served.clone())?;
    tonic_prost_build::configure().extern_path(".google.rpc.Status", "::tonic_types::Status").compile_fds(served)?;
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
    let messages: std::collections::BTreeSet<&str> =
        methods.flat_map(|method| [method.input_type(), method.output_type()]).collect();
    let config =
        tonic_prost_build::configure().build_client(false).codec_path("crate::api::wire::RawCodec").out_dir(folder);
    let config = config.extern_path(".google", "::prost_types").extern_path(".sweetspot", "crate::generated");
    let config = messages.into_iter().fold(config, |config, message| config.extern_path(message, "::bytes::Bytes"));
    Ok(config.compile_fds(files.clone())?)
}
