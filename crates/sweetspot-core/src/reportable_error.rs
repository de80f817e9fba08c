//! The interface of the errors that are reported to a caller: a kind, a stable reason, and a text without internals.

/// The kinds of errors. Each corresponds to one gRPC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is invalid.
    InvalidArgument,
    /// A resource does not exist.
    NotFound,
    /// The request is valid, but the state does not permit it.
    FailedPrecondition,
    /// A concurrent change conflicts: read again, then retry.
    Aborted,
    /// A limit is exceeded.
    ResourceExhausted,
    /// Temporarily unavailable: retry.
    Unavailable,
    /// Cancelled by the caller or an operator.
    Cancelled,
    /// The deadline expired.
    DeadlineExceeded,
    /// Stored data cannot be read.
    DataLoss,
    /// A bug in this program, or a failure of the machine.
    Internal,
}

/// An invalid field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, such as `rows[3].attributes["employees"]`.
    pub field: String,
    /// The error, and how to fix it.
    pub description: String,
}

/// An error that can be reported to a caller.
pub trait ReportableError: std::error::Error {
    /// The kind of the error.
    fn kind(&self) -> ErrorKind;

    /// A stable identifier in `UPPER_SNAKE_CASE`, which clients match on.
    fn reason(&self) -> &'static str;

    /// The message for the caller: the error, its location, and how to fix it. Never contains an internal cause.
    fn public(&self) -> String {
        self.to_string()
    }

    /// The invalid fields, if the error concerns single fields.
    fn violations(&self) -> Vec<Violation> {
        Vec::new()
    }
}
