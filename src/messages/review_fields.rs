//! Converts the fields of an account review.

use sweetspot_core::ReviewField;
use sweetspot_proto::v1;

/// The beginning of the name of each field in the API; its key follows in capitals.
const PREFIX: &str = "REVIEW_FIELD_";

/// Converts a field; its quarter is sent separately.
pub(crate) fn wire_review_field(field: ReviewField) -> v1::ReviewField {
    let name = format!("{PREFIX}{}", field.key().to_uppercase());
    v1::ReviewField::from_str_name(&name).unwrap_or_default()
}

/// Converts a field and its quarter; `None` if there is no such field, or no such quarter.
pub(crate) fn parse_review_field(field: v1::ReviewField, quarter: u32) -> Option<ReviewField> {
    ReviewField::from_key(&field.as_str_name().strip_prefix(PREFIX)?.to_lowercase(), quarter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_converted_without_loss() {
        for field in ReviewField::ALL.into_iter().chain([ReviewField::Spend(3)]) {
            assert_eq!(parse_review_field(wire_review_field(field), field.quarter()), Some(field));
        }
        assert_eq!(parse_review_field(v1::ReviewField::Unspecified, 0), None);
    }
}
