//! What a table knows about an attribute besides its values.

use super::TextFormat;

/// The maximum lengths of the label and the unit of an attribute, in bytes.
pub const MAX_LABEL_BYTES: usize = 100;
/// See [`MAX_LABEL_BYTES`].
pub const MAX_UNIT_BYTES: usize = 30;

/// What a table knows about an attribute besides its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnMetadata {
    /// The format of its texts; empty if it is unknown.
    pub format: TextFormat,
    /// The name that documents show; empty for the attribute's name.
    pub label: String,
    /// The unit of its numbers, such as `EUR`, `months` or `%`; empty if it is unknown.
    pub unit: String,
    /// Whether the company can change the value of an account, so that documents may suggest a change.
    pub is_changeable: bool,
    /// Whether each number or date is the lower end of a range, so that ranges may only be joined, and never cut
    /// elsewhere.
    pub is_binned: bool,
}

impl ColumnMetadata {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The problems of the label and the unit: the field and what is wrong.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let texts = [("label", &self.label, MAX_LABEL_BYTES), ("unit", &self.unit, MAX_UNIT_BYTES)];
        let problem = |(field, text, limit): (&'static str, &String, usize)| {
            if text.len() > limit {
                Some((field, format!("must have at most {limit} bytes, and has {}", text.len())))
            } else if text.contains(char::is_control) {
                Some((field, "must be one line without control characters".to_owned()))
            } else {
                None
            }
        };
        texts.into_iter().filter_map(problem).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_units_are_short_lines() {
        let metadata = |label: &str, unit: &str| ColumnMetadata {
            label: label.to_owned(),
            unit: unit.to_owned(),
            ..ColumnMetadata::default()
        };
        assert!(metadata(&"x".repeat(MAX_LABEL_BYTES), &"x".repeat(MAX_UNIT_BYTES)).problems().is_empty());
        let long = metadata(&"x".repeat(MAX_LABEL_BYTES + 1), &"x".repeat(MAX_UNIT_BYTES + 1)).problems();
        assert_eq!(long.iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["label", "unit"]);
        assert_eq!(metadata("two\nlines", "EUR").problems().len(), 1);
        assert!(ColumnMetadata::default().is_empty() && !metadata("", "%").is_empty());
    }
}
