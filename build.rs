//! Generates the API servers without protoc. They use the messages of `sweetspot-proto`, except where accounts stay
//! encoded. Generates the field numbers of the messages that are read or written by hand.

#[path = "build/list_limits.rs"]
mod list_limits;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

const SERVICES: [&str; 7] = [
    "sweetspot/v1/scoring_service.proto",
    "sweetspot/v1/model_service.proto",
    "sweetspot/v1/dataset_service.proto",
    "sweetspot/v1/definition_service.proto",
    "sweetspot/v1/report_service.proto",
    "sweetspot/v1/store_service.proto",
    "sweetspot/v1/access_service.proto",
];
/// The service whose messages stay encoded as bytes.
const RAW_SERVICE: &str = "ScoringService";
/// Messages with accounts whose services decode all other fields. Each account stays encoded, because decoding a map
/// loses duplicate keys.
const MESSAGES_WITH_ACCOUNTS: [&str; 4] =
    ["AccountRows", "RankTargetsRequest", "CompareModelVersionsRequest", "RenderReportRequest"];

/// The messages that `src/api` reads or writes by hand. Each of their fields must be used by its number, or the build
/// fails: see `src/api/wire/mod.rs`.
const MESSAGES_BY_HAND: [&str; 23] = [
    "Account",
    "AccountRows",
    "AccountTable",
    "AttributeIssue",
    "AttributeValue",
    "Column",
    "DateColumn",
    "DictionaryColumn",
    "DictionaryListColumn",
    "DoubleColumn",
    "ExcludedIds",
    "ExplainAccountsRequest",
    "ExplainAccountsResponse",
    "FitScore",
    "FlagColumn",
    "Reason",
    "ScoreAccountsRequest",
    "ScoreAccountsResponse",
    "ScoreChunk",
    "ScoreSummary",
    "StreamScoresRequest",
    "StreamScoresResponse",
    "TextList",
];

#[expect(clippy::disallowed_methods, reason = "cargo sets the output folder in a variable")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut services = protox::compile(SERVICES, ["proto"])?;
    encode_rows(&mut services);
    std::fs::write(out.join("field_numbers.rs"), field_numbers(&services)?)?;
    std::fs::write(out.join("list_limits.rs"), list_limits::generate(&services, RAW_SERVICE)?)?;
    raw_service(&out, services.clone())?;
    other_services(&out, services)?;
    Ok(())
}

/// Declares the rows of `AccountRows` as bytes.
fn encode_rows(files: &mut FileDescriptorSet) {
    let messages = files.file.iter_mut().flat_map(|file| &mut file.message_type);
    for field in messages.filter(|message| message.name() == "AccountRows").flat_map(|message| &mut message.field) {
        field.set_type(prost_types::field_descriptor_proto::Type::Bytes);
        field.type_name = None;
    }
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
        .codec_path("crate::api::wire::BoundedCodec")
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
    }
    Ok(config.compile_fds(files)?)
}

/// Returns a module with the field numbers of each of the [`MESSAGES_BY_HAND`].
///
/// # Errors
/// If a message does not exist.
fn field_numbers(files: &FileDescriptorSet) -> Result<String, Box<dyn Error>> {
    let files = || files.file.iter().filter(|file| file.package() == "sweetspot.v1");
    let mut code = String::new();
    for name in MESSAGES_BY_HAND {
        let message = files().flat_map(|file| &file.message_type).find(|message| message.name() == name);
        write_field_numbers(message.ok_or_else(|| format!("there is no message {name}"))?, &mut code)?;
    }
    Ok(code)
}

/// Writes a module with a constant for each field of a message, and a module for each message in it.
fn write_field_numbers(message: &DescriptorProto, code: &mut String) -> std::fmt::Result {
    writeln!(code, "pub(in crate::api) mod {} {{", snake_case(message.name()))?;
    for field in &message.field {
        writeln!(code, "pub(in crate::api) const {}: u32 = {};", field.name().to_uppercase(), field.number())?;
    }
    for nested in &message.nested_type {
        write_field_numbers(nested, code)?;
    }
    writeln!(code, "}}")
}

fn snake_case(name: &str) -> String {
    let words = name.chars().enumerate().map(|(place, letter)| match letter {
        'A'..='Z' if place > 0 => format!("_{}", letter.to_ascii_lowercase()),
        _ => letter.to_ascii_lowercase().to_string(),
    });
    words.collect()
}
