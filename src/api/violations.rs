//! Collects all problems of a request, so that a caller receives them in one response.

use std::fmt;
use std::str::FromStr;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError, Violation};
use sweetspot_core::{InWorkspace, NameError};
use tonic::Status;

use super::DEFAULT_WORKSPACE;
use super::status::{FOREIGN_NAME, MAX_VIOLATIONS, status};
use crate::access::Call;

/// Maximum length of caller text that a message repeats, in bytes.
const MAX_ECHO_BYTES: usize = 256;

/// The name of a resource in a request.
pub(super) trait ResourceName: FromStr<Err = NameError> + InWorkspace + fmt::Display {}

impl<T: FromStr<Err = NameError> + InWorkspace + fmt::Display> ResourceName for T {}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Violations {
    reason: Option<&'static str>,
    found: Vec<Violation>,
    omitted_count: usize,
    /// A name in a workspace that the caller may not name. It is all that the caller learns.
    foreign_name: Option<Violation>,
}

/// A request that is invalid regardless of the server's state.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidRequest {
    kind: ErrorKind,
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
        let Self { reason, found, omitted_count: more, foreign_name } = inner;
        let nested = foreign_name.map(|name| Violation { field: format!("{field}.{}", name.field), ..name });
        self.foreign_name = self.foreign_name.take().or(nested);
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
        let Self { reason, found, omitted_count: more, foreign_name } = self;
        if let Some(name) = foreign_name {
            let (kind, violations) = (ErrorKind::NotFound, vec![name]);
            return Err(InvalidRequest { kind, reason: FOREIGN_NAME, violations, omitted_count: 0 });
        }
        match (reason, value) {
            (None, Some(value)) => Ok(value),
            (reason, _) => Err(InvalidRequest {
                kind: ErrorKind::InvalidArgument,
                reason: reason.unwrap_or("INVALID_REQUEST"),
                violations: found,
                omitted_count: more,
            }),
        }
    }

    /// Reads the name of a resource that the caller may name. Every name in a request is read here.
    pub(super) fn parse_name<T: ResourceName>(&mut self, field: &str, text: &str) -> Option<T> {
        // A valid name has a few hundred bytes at most. A truncated one is invalid anyway, and must not be repeated in
        // full.
        let parsed: Result<T, _> = truncate_for_message(text).parse();
        let name = parsed.map_err(|error| self.add("INVALID_NAME", field, error.to_string())).ok()?;
        if Call::may_name(&name, name.workspace()) {
            return Some(name);
        }
        // The same whether the resource exists or not.
        let own = Call::own_workspace().map_or_else(String::new, |own| format!(": use workspaces/{own}"));
        let description = format!("this credential has no workspace {}{own}", name.workspace());
        self.foreign_name.get_or_insert(Violation { field: field.to_owned(), description });
        None
    }

    /// Reads a resource name, or uses the default if the text is empty: in the caller's workspace, if it has only one.
    pub(super) fn parse_name_or<T: ResourceName>(&mut self, field: &str, text: &str, default: &str) -> Option<T> {
        match Call::own_workspace() {
            _ if !text.is_empty() => self.parse_name(field, text),
            None => self.parse_name(field, default),
            Some(own) => self.parse_name(field, &default.replacen(DEFAULT_WORKSPACE, &format!("workspaces/{own}"), 1)),
        }
    }

    /// Returns the name of the person who makes a change: the one of the credential, or else the given one.
    pub(super) fn person(&mut self, field: &str, given: String) -> String {
        Call::current().person(given).unwrap_or_else(|error| {
            self.add("PERSON_MISMATCH", field, error.to_string());
            String::new()
        })
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
        self.kind
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
