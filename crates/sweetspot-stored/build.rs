//! Compiles the stored messages without protoc.

use std::error::Error;

/// The folder of the protos, relative to this package.
const PROTO: &str = "../../proto";
const FILES: [&str; 5] = [
    "sweetspot/stored/v1/artifact.proto",
    "sweetspot/stored/v1/customers.proto",
    "sweetspot/stored/v1/definition.proto",
    "sweetspot/stored/v1/journal.proto",
    "sweetspot/stored/v1/training.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO}/sweetspot/stored");
    let files = protox::compile(FILES, [PROTO])?;
    // Equal messages have equal bytes, so maps are sorted.
    tonic_prost_build::configure().build_client(false).build_server(false).btree_map(".").compile_fds(files)?;
    Ok(())
}
