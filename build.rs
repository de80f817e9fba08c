//! Compiles the protos without protoc and keeps their descriptors for reflection.

use std::path::PathBuf;

use prost::Message as _;

const SERVED: [&str; 3] =
    ["sweetspot/v1/scoring_service.proto", "sweetspot/v1/model_service.proto", "sweetspot/v1/dataset_service.proto"];
const STORED: [&str; 2] = ["sweetspot/stored/v1/artifact.proto", "sweetspot/stored/v1/customers.proto"];

#[expect(clippy::disallowed_methods, reason = "cargo names the output folder in a variable")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let served = protox::compile(SERVED, ["proto"])?;
    std::fs::write(out.join("sweetspot_descriptor.bin"), served.encode_to_vec())?;
    tonic_prost_build::configure().extern_path(".google.rpc.Status", "::tonic_types::Status").compile_fds(served)?;
    let stored = protox::compile(STORED, ["proto"])?;
    tonic_prost_build::configure().build_client(false).build_server(false).compile_fds(stored)?;
    Ok(())
}
