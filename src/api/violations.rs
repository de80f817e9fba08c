//! Collects all problems of a request, so that a caller receives them in one response.

use std::fmt;
use std::str::FromStr;

use sweetspot_core::NameError;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use tonic::Status;

use super::status::{MAX_VIOLATIONS, status};
use crate::telemetry::CallResource;

/// Maximum length of caller text that a message repeats, in bytes.
const MAX_ECHO_BYTES: usize = 256;

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Violations {
    reason: Option<&'static str>,
    found: Vec<Violation>,
    omitted_count: usize,
}

/// A request that is invalid regardless of the server's state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidRequest {
    reason: &'static str,
    violations: Vec<Violation>,
    omitted_count: usize,
}

impl Violations {
    /// Adds a problem. The reason of the first one becomes the reason of the request.
    pub(super) fn add(&mut self, reason: &'static str, field: impl Into<String>, description: impl Into<String>) {
        self.reason.get_or_insert(reason);
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation { field: field.into(), description: description.into() });
        } else {
            self.omitted_count += 1;
        }
    }

    /// Adds the problems of a nested message, which is the field `field` of this one.
    pub(super) fn nest(&mut self, field: &str, inner: Self) {
        let Self { reason, found, omitted_count: more } = inner;
        self.reason = self.reason.or(reason);
        for Violation { field: name, description } in found {
            self.add(reason.unwrap_or_default(), format!("{field}.{name}"), description);
        }
        self.omitted_count += more;
    }

    /// Whether further problems would be dropped.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS
    }

    /// Returns the value if there are no problems.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, InvalidRequest> {
        let Self { reason, found, omitted_count: more } = self;
        match (reason, value) {
            (None, Some(value)) => Ok(value),
            (reason, _) => Err(InvalidRequest {
                reason: reason.unwrap_or("INVALID_REQUEST"),
                violations: found,
                omitted_count: more,
            }),
        }
    }

    /// Reads a resource name.
    pub(super) fn parse_name<T: FromStr<Err = NameError>>(&mut self, field: &str, text: &str) -> Option<T> {
        // A valid name has a few hundred bytes at most. A truncated one is invalid anyway, and must not be repeated in
        // full.
        let parsed = truncate_for_message(text).parse();
        if parsed.is_ok() {
            CallResource::record(text);
        }
        parsed.map_err(|error: NameError| self.add("INVALID_NAME", field, error.to_string())).ok()
    }

    /// Reads a resource name, or uses the default if the text is empty.
    pub(super) fn parse_name_or<T: FromStr<Err = NameError>>(
        &mut self,
        field: &str,
        text: &str,
        default: &str,
    ) -> Option<T> {
        self.parse_name(field, if text.is_empty() { default } else { text })
    }

    /// Reads an enum value. Prost passes on unknown numbers.
    pub(super) fn parse_enum<T: TryFrom<i32>>(&mut self, field: &str, number: i32) -> Option<T> {
        let parsed = T::try_from(number);
        if parsed.is_err() {
            self.add(
                "UNKNOWN_ENUM_VALUE",
                field,
                format!("{number} is not a value of this enum: see the proto for its values"),
            );
        }
        parsed.ok()
    }

    /// Checks a request id, which is a UUID or empty.
    pub(super) fn check_request_id(&mut self, text: &str) {
        if !text.is_empty() && uuid::Uuid::try_parse(text).is_err() {
            self.add(
                "INVALID_REQUEST_ID",
                "request_id",
                "a request id must be a UUID such as 0b9c1d2e-3f40-4a51-8b62-7c83940a5b61",
            );
        }
    }
}

/// Truncates caller text for a message.
pub(super) fn truncate_for_message(text: &str) -> &str {
    let end = (0..=MAX_ECHO_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    if text.len() <= MAX_ECHO_BYTES { text } else { text.get(..end).unwrap_or_default() }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.violations.first() else { return f.write_str("the request is not valid") };
        write!(f, "{}: {}", first.field, first.description)?;
        match self.violations.len() - 1 + self.omitted_count {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl std::error::Error for InvalidRequest {}

impl From<InvalidRequest> for Status {
    fn from(fault: InvalidRequest) -> Self {
        status(&fault)
    }
}

impl ReportableError for InvalidRequest {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidArgument
    }

    fn reason(&self) -> &'static str {
        self.reason
    }

    fn violations(&self) -> Vec<Violation> {
        self.violations.clone()
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::ModelName;

    use super::*;

    #[test]
    fn the_first_violation_sets_the_reason_and_those_beyond_the_maximum_are_counted() {
        let mut problems = Violations::default();
        for row in 0..250 {
            problems.add(if row == 0 { "FIRST" } else { "LATER" }, format!("rows[{row}]"), "is wrong");
        }
        let fault = problems.finish(Some(())).unwrap_err();
        assert_eq!((fault.reason(), fault.violations().len()), ("FIRST", MAX_VIOLATIONS));
        assert_eq!(fault.to_string(), "rows[0]: is wrong (and 249 more)");
    }

    #[test]
    fn nested_violations_are_reported_with_their_path() {
        let (mut problems, mut inner) = (Violations::default(), Violations::default());
        problems.nest("targets", Violations::default());
        inner.add("INNER", "rows[3]", "is wrong");
        problems.nest("targets", inner);
        let fault = problems.finish(Some(())).unwrap_err();
        assert_eq!((fault.reason(), fault.to_string().as_str()), ("INNER", "targets.rows[3]: is wrong"));
    }

    #[test]
    fn a_request_without_violations_yields_its_value() {
        assert_eq!(Violations::default().finish(Some(7)), Ok(7));
        assert!(Violations::default().finish(None::<u8>).is_err());
    }

    #[test]
    fn a_message_repeats_only_the_beginning_of_a_long_name() {
        let mut problems = Violations::default();
        assert_eq!(problems.parse_name::<ModelName>("model", &"é".repeat(1 << 20)), None);
        assert!(problems.finish(Some(())).unwrap_err().to_string().len() < 1024);
    }
}
