//! Generates the limits of the lists in each request, for `src/api/wire/decoded_size.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet, MessageOptions};

/// The messages that the raw service reads without building them.
const LEFT_ENCODED: [&str; 5] = ["Account", "AccountRows", "AccountTable", "ScoreChunk", "ExcludedIds"];
/// The maximum number of elements in a list: twice the largest documented maximum, 512. A list that exceeds its own
/// maximum by less is refused with the reason of that maximum.
const MAX_ELEMENTS: &str = "1024";
/// Lists of ids whose documented maximum is 10,000.
const ID_LISTS: [&str; 3] =
    ["TargetFilter.exclude_account_ids", "RankTargetsRequest.exclude_account_ids", "EraseAccountsRequest.account_ids"];
const MAX_IDS: &str = "20_000";
/// Lists with an element for each account, whose number only the size of the message limits.
const ACCOUNT_LISTS: [&str; 12] = [
    "ImportAccountsRequest.outcomes",
    "ImportAccountsRequest.weights",
    "AccountRows.rows",
    "AccountTable.account_ids",
    "DoubleColumn.values",
    "FlagColumn.values",
    "DateColumn.days",
    "DictionaryColumn.dictionary",
    "DictionaryColumn.codes",
    "DictionaryListColumn.dictionary",
    "DictionaryListColumn.codes",
    "DictionaryListColumn.offsets",
];

/// The types of fields that are not messages, with their type in Rust and their `Content`.
const SCALARS: [(Type, &str, &str); 10] = [
    (Type::String, "String", "Text"),
    (Type::Bytes, "Bytes", "Text"),
    (Type::Double, "f64", "Fixed64"),
    (Type::Bool, "bool", "Varint"),
    (Type::Enum, "i32", "Varint"),
    (Type::Int32, "i32", "Varint"),
    (Type::Sint32, "i32", "Varint"),
    (Type::Uint32, "u32", "Varint"),
    (Type::Int64, "i64", "Varint"),
    (Type::Uint64, "u64", "Varint"),
];

type Messages<'a> = BTreeMap<String, &'a DescriptorProto>;

/// Returns an implementation of `MeasuredMessage` for every message that is reachable from a request, and `MAX_FIELDS`.
pub(super) fn generate(files: &FileDescriptorSet, raw_service: &str) -> Result<String, Box<dyn Error>> {
    let messages: Messages<'_> = files
        .file
        .iter()
        .flat_map(|file| {
            file.message_type.iter().map(|message| (format!(".{}.{}", file.package(), message.name()), message))
        })
        .collect();
    let (mut pending, mut raw) = (Vec::new(), BTreeSet::new());
    for service in files.file.iter().flat_map(|file| &file.service) {
        let inputs = || service.method.iter().map(|method| method.input_type().to_owned());
        pending.extend(inputs());
        if service.name() == raw_service {
            raw.extend(inputs());
        }
    }
    let (mut seen, mut code, mut max_fields) = (BTreeSet::new(), String::new(), 0);
    while let Some(name) = pending.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let message = messages.get(&name).ok_or_else(|| format!("the limits of {name} are not supported"))?;
        let decoded = message.field.iter().filter(|field| !raw.contains(&name) || !is_left_encoded(field));
        let fields: Vec<String> =
            decoded.map(|field| self::field(message, field, &mut pending)).collect::<Result<_, _>>()?;
        max_fields = max_fields.max(fields.len());
        let fields = fields.concat();
        writeln!(
            code,
            "impl MeasuredMessage for {} {{ const FIELDS: &'static [Field] = &[{fields}]; }}",
            rust_path(&name)
        )?;
    }
    writeln!(code, "const MAX_FIELDS: usize = {max_fields};")?;
    Ok(code)
}

/// Whether the raw service leaves the content of a field encoded.
fn is_left_encoded(field: &FieldDescriptorProto) -> bool {
    field.type_name().rsplit('.').next().is_some_and(|name| LEFT_ENCODED.contains(&name))
}

/// Returns the `Field` of a field as code, or nothing if it takes no memory beyond its message. Adds the message that
/// it contains to `pending`.
fn field(
    message: &DescriptorProto,
    field: &FieldDescriptorProto,
    pending: &mut Vec<String>,
) -> Result<String, Box<dyn Error>> {
    let (number, name, is_list) = (field.number(), field.name(), field.label() == Label::Repeated);
    let (content, element) = if let Some(entry) = map_entry(message, field) {
        let parts: Vec<String> =
            entry.field.iter().map(|part| self::field(entry, part, pending)).collect::<Result<_, _>>()?;
        let types: Vec<String> = entry.field.iter().map(element_type).collect::<Result<_, _>>()?;
        (format!("Message(&[{}])", parts.concat()), format!("MapSlots<{}>", types.join(", ")))
    } else if field.r#type() == Type::Message {
        pending.push(field.type_name().to_owned());
        let path = rust_path(field.type_name());
        (format!("Message(<{path} as MeasuredMessage>::FIELDS)"), path)
    } else {
        let (_, element, content) = scalar(field)?;
        if !is_list && content != "Text" {
            return Ok(String::new());
        }
        (content.to_owned(), element.to_owned())
    };
    let limit = max_elements(&format!("{}.{name}", message.name()));
    let list = format!("Some(List {{ element_bytes: size_of::<{element}>(), max_elements: {limit} }})");
    let list = if is_list { &list } else { "None" };
    Ok(format!("Field {{ number: {number}, name: {name:?}, list: {list}, content: Content::{content} }},"))
}

/// The maximum number of elements of a list as code.
fn max_elements(list: &str) -> &'static str {
    match list {
        list if ACCOUNT_LISTS.contains(&list) => "usize::MAX",
        list if ID_LISTS.contains(&list) => MAX_IDS,
        _ => MAX_ELEMENTS,
    }
}

/// The message of the entries of a map.
fn map_entry<'a>(message: &'a DescriptorProto, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
    let name = field.type_name().rsplit('.').next();
    let is_entry = |nested: &&DescriptorProto| nested.options.as_ref().is_some_and(MessageOptions::map_entry);
    message.nested_type.iter().filter(is_entry).find(|nested| Some(nested.name()) == name)
}

/// The type that prost decodes a single element to.
fn element_type(field: &FieldDescriptorProto) -> Result<String, Box<dyn Error>> {
    if field.r#type() == Type::Message {
        return Ok(rust_path(field.type_name()));
    }
    scalar(field).map(|(_, element, _)| element.to_owned())
}

fn scalar(field: &FieldDescriptorProto) -> Result<(Type, &'static str, &'static str), Box<dyn Error>> {
    let found = SCALARS.into_iter().find(|(kind, ..)| *kind == field.r#type());
    found.ok_or_else(|| format!("the type of the field {} is not supported", field.name()).into())
}

/// The path of the type of a message.
fn rust_path(message: &str) -> String {
    message
        .strip_prefix(".google.protobuf.")
        .map_or_else(|| message.replace(".sweetspot.v1.", "received::"), |name| format!("::prost_types::{name}"))
}
