//! What every module's errors have in common: a closed kind, a stable reason, a text that may leave the process.

/// The kinds of fault, closed. Each is one gRPC code at the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The request itself is wrong.
    InvalidArgument,
    /// A thing that was named is not there.
    NotFound,
    /// The request is right, the state is not.
    FailedPrecondition,
    /// Somebody else was faster: read again, then decide again.
    Aborted,
    /// A limit is reached.
    ResourceExhausted,
    /// Not now: try again.
    Unavailable,
    /// The caller or an operator stopped it.
    Cancelled,
    /// Time ran out.
    DeadlineExceeded,
    /// Something that was kept cannot be read any more.
    DataLoss,
    /// A mistake in this program, or in the machine below it.
    Internal,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `rows[3].attributes["employees"]`.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub description: String,
}

/// An error that can be told to a caller.
pub trait Fault: std::error::Error {
    /// Its kind.
    fn kind(&self) -> FaultKind;

    /// `UPPER_SNAKE`, stable: clients match on it.
    fn reason(&self) -> &'static str;

    /// What the caller is told: what is wrong, where, and what to do. Never an internal cause.
    fn public(&self) -> String {
        self.to_string()
    }

    /// The fields at fault, where single fields are.
    fn violations(&self) -> Vec<Violation> {
        Vec::new()
    }
}
