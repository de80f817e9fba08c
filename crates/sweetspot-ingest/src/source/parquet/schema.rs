//! The columns of a Parquet file as those of a table: members of structs with a dot (`address.city`), lists of plain values as
//! lists.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::{SchemaDescriptor, Type};

use super::value::Form;
use crate::limits::MAX_COLUMNS;

/// A column of the table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: String,
    /// Whether a cell can hold several values.
    pub(super) is_list: bool,
    /// What its values are.
    pub(super) form: Form,
}

/// The columns in the order of the file, each of which is one of its leaves.
///
/// # Errors
/// Which column no table can have, why, and what to do; to be read behind the name of the file.
pub(super) fn columns(schema: &SchemaDescriptor) -> Result<Vec<Column>, String> {
    let leaves = schema.num_columns();
    if leaves > MAX_COLUMNS {
        return Err(format!("has {leaves} columns, which exceeds the limit of {MAX_COLUMNS}: leave some out"));
    }
    let mut named = Vec::new();
    for field in schema.root_schema().get_fields() {
        visit(field, field.name().to_owned(), &mut named)?;
    }
    // A leaf was found for each of them, or a refusal.
    let with_form = |((name, is_list), leaf): ((String, bool), &parquet::schema::types::ColumnDescPtr)| {
        let form = Form::detect(leaf).map_err(|kind| refused(&name, kind))?;
        Ok(Column { name, is_list, form })
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
        let [repeated] = field.get_fields() else { return Err(refused(&name, "a list of an unknown form")) };
        let element = match repeated.get_fields_of_group() {
            [element] => element,
            [] => repeated,
            _ => return Err(refused(&name, "a list of structs")),
        };
        if !element.is_primitive() {
            return Err(refused(&name, "a list of lists or structs"));
        }
        named.push((name, true));
        return Ok(());
    }
    if is_map(field) {
        return Err(refused(&name, "a map"));
    }
    if is_repeated {
        return Err(refused(&name, "a list of structs"));
    }
    for member in field.get_fields() {
        visit(member, format!("{name}.{}", member.name()), named)?;
    }
    Ok(())
}

/// The fields of a group; none of a plain value.
trait Fields {
    fn get_fields_of_group(&self) -> &[parquet::schema::types::TypePtr];
}

impl Fields for Type {
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

fn refused(name: &str, kind: &str) -> String {
    format!("has a column {name:?} that holds {kind}: leave it out, or write it as text, or as a list of texts")
}
