//! Collects everything that is wrong with a request, so that a caller is told all of it at once.

use std::fmt;
use std::str::FromStr;

use sweetspot_core::NameError;
use sweetspot_core::fault::{Fault, FaultKind, Violation};

use super::status::MAX_VIOLATIONS;

/// Longest text of a caller that is repeated in a message, in bytes.
const MAX_ECHO_BYTES: usize = 256;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    reason: Option<&'static str>,
    found: Vec<Violation>,
    more: usize,
}

/// A request that cannot be done, whatever the state of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidRequest {
    reason: &'static str,
    violations: Vec<Violation>,
    more: usize,
}

impl Problems {
    /// Notes a problem. The first one's reason becomes the request's.
    pub(super) fn add(&mut self, reason: &'static str, field: impl Into<String>, description: impl Into<String>) {
        self.reason.get_or_insert(reason);
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation { field: field.into(), description: description.into() });
        } else {
            self.more += 1;
        }
    }

    /// Notes what is wrong with a message that is the field `field` of this one.
    pub(super) fn within(&mut self, field: &str, inner: Self) {
        let Self { reason, found, more } = inner;
        self.reason = self.reason.or(reason);
        for Violation { field: name, description } in found {
            self.add(reason.unwrap_or_default(), format!("{field}.{name}"), description);
        }
        self.more += more;
    }

    /// Whether more problems would not be told any more.
    pub(super) fn full(&self) -> bool {
        self.found.len() >= MAX_VIOLATIONS
    }

    /// The value, if nothing was wrong.
    pub(super) fn check<T>(self, value: Option<T>) -> Result<T, InvalidRequest> {
        let Self { reason, found, more } = self;
        match (reason, value) {
            (None, Some(value)) => Ok(value),
            (reason, _) => Err(InvalidRequest { reason: reason.unwrap_or("INVALID_REQUEST"), violations: found, more }),
        }
    }

    /// Reads a resource name.
    pub(super) fn name<T: FromStr<Err = NameError>>(&mut self, field: &str, text: &str) -> Option<T> {
        // A name has a few hundred bytes at most: what is cut is no name anyway, and must not come back in full.
        let parsed = echo(text).parse();
        parsed.map_err(|error: NameError| self.add("INVALID_NAME", field, error.to_string())).ok()
    }

    /// Reads a resource name, or takes another one where there is none.
    pub(super) fn name_or<T: FromStr<Err = NameError>>(&mut self, field: &str, text: &str, default: &str) -> Option<T> {
        self.name(field, if text.is_empty() { default } else { text })
    }

    /// Reads an enum value; prost passes numbers on that it does not know.
    pub(super) fn known<T: TryFrom<i32>>(&mut self, field: &str, number: i32) -> Option<T> {
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

    /// Reads a request id, which is a UUID or empty.
    pub(super) fn request_id(&mut self, text: &str) {
        if !text.is_empty() && uuid::Uuid::try_parse(text).is_err() {
            self.add(
                "INVALID_REQUEST_ID",
                "request_id",
                "a request id must be a UUID such as 0b9c1d2e-3f40-4a51-8b62-7c83940a5b61",
            );
        }
    }
}

/// The beginning of a caller's text.
pub(super) fn echo(text: &str) -> &str {
    let end = (0..=MAX_ECHO_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    if text.len() <= MAX_ECHO_BYTES { text } else { text.get(..end).unwrap_or_default() }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.violations.first() else { return f.write_str("the request is not valid") };
        write!(f, "{}: {}", first.field, first.description)?;
        match self.violations.len() - 1 + self.more {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl std::error::Error for InvalidRequest {}

impl Fault for InvalidRequest {
    fn kind(&self) -> FaultKind {
        FaultKind::InvalidArgument
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
    fn the_first_problem_gives_the_reason_and_the_rest_is_counted() {
        let mut problems = Problems::default();
        for row in 0..250 {
            problems.add(if row == 0 { "FIRST" } else { "LATER" }, format!("rows[{row}]"), "is wrong");
        }
        let fault = problems.check(Some(())).unwrap_err();
        assert_eq!((fault.reason(), fault.violations().len()), ("FIRST", MAX_VIOLATIONS));
        assert_eq!(fault.to_string(), "rows[0]: is wrong (and 249 more)");
    }

    #[test]
    fn what_is_wrong_within_a_field_is_told_with_its_path() {
        let (mut problems, mut inner) = (Problems::default(), Problems::default());
        problems.within("targets", Problems::default());
        inner.add("INNER", "rows[3]", "is wrong");
        problems.within("targets", inner);
        let fault = problems.check(Some(())).unwrap_err();
        assert_eq!((fault.reason(), fault.to_string().as_str()), ("INNER", "targets.rows[3]: is wrong"));
    }

    #[test]
    fn nothing_wrong_gives_the_value() {
        assert_eq!(Problems::default().check(Some(7)), Ok(7));
        assert!(Problems::default().check(None::<u8>).is_err());
    }

    #[test]
    fn a_long_name_does_not_come_back_in_full() {
        let mut problems = Problems::default();
        assert_eq!(problems.name::<ModelName>("model", &"é".repeat(1 << 20)), None);
        assert!(problems.check(Some(())).unwrap_err().to_string().len() < 1024);
    }
}
