//! The columns of a Parquet file as those of a table: members of structs are joined with a dot (`address.city`), and
//! lists of plain values become lists.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::value::ValueForm;
use crate::limits::MAX_COLUMNS;

/// A column of the table.
#[derive(Clone, Debug)]
pub(super) struct ParquetColumn {
    pub(super) name: String,
    /// Whether a cell can have several values.
    pub(super) is_list: bool,
    /// The representation of its values.
    pub(super) form: ValueForm,
}

/// Returns the columns in the order of the file. Each is a leaf of the schema.
///
/// # Errors
/// Returns which column does not fit a table, why, and how to fix it, as a continuation of the file name.
pub(super) fn columns(schema: &SchemaDescriptor) -> Result<Vec<ParquetColumn>, String> {
    let leaves = schema.num_columns();
    if leaves > MAX_COLUMNS {
        return Err(format!("has {leaves} columns, which exceeds the limit of {MAX_COLUMNS}: leave some out"));
    }
    let mut named = Vec::new();
    for field in schema.root_schema().get_fields() {
        visit(field, field.name().to_owned(), &mut named)?;
    }
    // Every leaf has a name, or `visit` has returned an error.
    let with_form = |((name, is_list), leaf): ((String, bool), &parquet::schema::types::ColumnDescPtr)| {
        let form = ValueForm::detect(leaf).map_err(|kind| unsupported_message(&name, kind))?;
        Ok(ParquetColumn { name, is_list, form })
    };
    named.into_iter().zip(schema.columns()).map(with_form).collect()
}

/// Adds the leaves of a field, each with its name and whether it is a list.
fn visit(field: &Type, name: String, named: &mut Vec<(String, bool)>) -> Result<(), String> {
    let is_repeated = is_repeated(field);
    if field.is_primitive() {
        named.push((name, is_repeated));
        return Ok(());
    }
    if is_list(field) {
        let [repeated] = field.get_fields() else {
            return Err(unsupported_message(&name, "a list of an unknown form"));
        };
        let element = match repeated.get_fields_of_group() {
            [element] => element,
            [] => repeated,
            _ => return Err(unsupported_message(&name, "a list of structs")),
        };
        if !element.is_primitive() {
            return Err(unsupported_message(&name, "a list of lists or structs"));
        }
        named.push((name, true));
        return Ok(());
    }
    if is_map(field) {
        return Err(unsupported_message(&name, "a map"));
    }
    if is_repeated {
        return Err(unsupported_message(&name, "a list of structs"));
    }
    for member in field.get_fields() {
        visit(member, format!("{name}.{}", member.name()), named)?;
    }
    Ok(())
}

/// The fields of a group; empty for a plain value.
trait GroupFields {
    fn get_fields_of_group(&self) -> &[parquet::schema::types::TypePtr];
}

impl GroupFields for Type {
    fn get_fields_of_group(&self) -> &[parquet::schema::types::TypePtr] {
        if self.is_primitive() { &[] } else { self.get_fields() }
    }
}

fn is_repeated(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.has_repetition() && info.repetition() == Repetition::REPEATED
}

fn is_list(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.logical_type_ref() == Some(&LogicalType::List) || info.converted_type() == ConvertedType::LIST
}

fn is_map(field: &Type) -> bool {
    let info = field.get_basic_info();
    info.logical_type_ref() == Some(&LogicalType::Map)
        || matches!(info.converted_type(), ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE)
}

fn unsupported_message(name: &str, kind: &str) -> String {
    format!("has a column {name:?} that holds {kind}: leave it out, or write it as text, or as a list of texts")
}
