//! Attributes and references of XML parts.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart};

use super::book::BookError;

/// Returns the value of an attribute.
///
/// # Errors
/// Returns an error if the element is damaged.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, BookError> {
    let Some(attribute) = element.try_get_attribute(name).map_err(BookError::broken)? else { return Ok(None) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(BookError::broken)?;
    Ok(Some(value.into_owned()))
}

/// Appends the characters of a reference such as `&amp;` or `&#228;`.
///
/// # Errors
/// Returns an error if the reference is invalid.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), BookError> {
    if let Some(character) = reference.resolve_char_ref().map_err(BookError::broken)? {
        text.push(character);
        return Ok(());
    }
    let unknown = || BookError::Broken(format!("unknown entity &{};", reference.as_ref()));
    text.push_str(resolve_predefined_entity(reference.as_ref()).ok_or_else(unknown)?);
    Ok(())
}
