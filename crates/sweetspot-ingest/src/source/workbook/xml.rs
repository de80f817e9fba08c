//! Attributes and references of XML parts.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart};

use super::book::BookError;

/// The value of an attribute.
///
/// # Errors
/// Where the element is damaged.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, BookError> {
    let Some(attribute) = element.try_get_attribute(name).map_err(BookError::broken)? else { return Ok(None) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(BookError::broken)?;
    Ok(Some(value.into_owned()))
}

/// Adds what `&amp;` or `&#228;` stands for.
///
/// # Errors
/// Where it stands for nothing.
pub(super) fn push_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), BookError> {
    if let Some(character) = reference.resolve_char_ref().map_err(BookError::broken)? {
        text.push(character);
        return Ok(());
    }
    let unknown = || BookError::Broken(format!("unknown entity &{};", reference.as_ref()));
    text.push_str(resolve_predefined_entity(reference.as_ref()).ok_or_else(unknown)?);
    Ok(())
}
