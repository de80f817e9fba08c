//! Errors from a server, as messages for users.

use std::fmt;

use prost::Message as _;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The error with which a server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerError {
    code: Code,
    message: String,
    reason: Option<String>,
    violations: Vec<(String, String)>,
    retry_seconds: Option<u64>,
}

impl ServerError {
    /// Reads the status and its details.
    pub(crate) fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let violations = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let retry = details.retry_info().and_then(|info| info.retry_delay);
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            reason: details.error_info().map(|info| info.reason.clone()),
            violations: violations.iter().map(|v| (v.field.clone(), v.description.clone())).collect(),
            retry_seconds: retry.map(|delay| delay.as_secs().max(1)),
        }
    }

    /// Reads the error of a failed run.
    pub(crate) fn from_run_error(error: &tonic_types::Status) -> Self {
        let details = error.encode_to_vec().into();
        Self::from_status(&Status::with_details(Code::from_i32(error.code), error.message.clone(), details))
    }

    /// Creates the error that the server would return for the state of a version, found before it is called.
    pub(crate) fn precondition(reason: &str, message: String) -> Self {
        Self {
            code: Code::FailedPrecondition,
            message,
            reason: Some(reason.to_owned()),
            violations: Vec::new(),
            retry_seconds: None,
        }
    }

    /// Returns the gRPC code, 0 to 16.
    pub(crate) fn code(&self) -> u8 {
        u8::try_from(i32::from(self.code)).unwrap_or_default()
    }

    /// Whether stored data is damaged or lost.
    pub(crate) fn is_data_loss(&self) -> bool {
        self.code == Code::DataLoss
    }

    /// Returns the stable reason, if the error comes from a Sweetspot server.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Returns the command that shows what to use instead, or that ends the error, if there is one.
    fn next_command(&self) -> Option<&'static str> {
        Some(match self.reason()? {
            "VERSION_NOT_FOUND" => "sweetspot model list",
            "MODEL_NOT_FOUND" => "sweetspot train FILE --mapping M",
            "NO_LIVE_VERSION" => "sweetspot model promote",
            "NOTHING_TO_ROLL_BACK" => "sweetspot model promote VERSION",
            "DATASET_NOT_FOUND" => "sweetspot import FILE --mapping M",
            "DATASET_VERSION_NOT_FOUND" => "sweetspot data versions",
            "DEFINITION_VERSION_NOT_FOUND" => "sweetspot definition versions",
            "ENTRY_NOT_FOUND" => "sweetspot hypothesis list, rule list or finding list",
            _ => return None,
        })
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.message.is_empty() { self.code.description() } else { &self.message })?;
        match &self.reason {
            Some(reason) => write!(f, " [{reason}]")?,
            None => write!(f, " [{:?}]", self.code)?,
        }
        if let Some(seconds) = self.retry_seconds {
            write!(f, " (try again in {seconds} s)")?;
        }
        for (field, description) in &self.violations {
            write!(f, "\n  {field}: {description}")?;
        }
        self.next_command().map_or(Ok(()), |command| write!(f, "\n  try: {command}"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn message_reason_and_fields_are_all_reported() {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_REQUEST", "sweetspot", HashMap::new());
        details.add_bad_request_violation("config.top_k", "at most 1000");
        let status = Status::with_error_details(Code::InvalidArgument, "1 field is wrong", details);
        let refusal = ServerError::from_status(&status);
        assert_eq!(refusal.to_string(), "1 field is wrong [INVALID_REQUEST]\n  config.top_k: at most 1000");
        assert_eq!((refusal.code(), refusal.reason()), (3, Some("INVALID_REQUEST")));
    }

    #[test]
    fn an_unknown_version_names_the_command_that_lists_versions() {
        let refusal = ServerError::precondition("VERSION_NOT_FOUND", "versions/9 does not exist".to_owned());
        assert_eq!(refusal.to_string(), "versions/9 does not exist [VERSION_NOT_FOUND]\n  try: sweetspot model list");
    }

    #[test]
    fn a_failed_run_has_its_reason() {
        let mut details = ErrorDetails::new();
        details.set_error_info("ONE_CLASS", "sweetspot", HashMap::new());
        let status = Status::with_error_details(Code::FailedPrecondition, "all ideal", details);
        let kept = tonic_types::Status::decode(status.details()).unwrap();
        assert_eq!(ServerError::from_run_error(&kept).to_string(), "all ideal [ONE_CLASS]");
    }

    #[test]
    fn an_error_without_details_is_reported_by_its_code() {
        let refusal = ServerError::from_status(&Status::unimplemented(""));
        assert_eq!(refusal.reason(), None);
        assert!(refusal.to_string().ends_with("[Unimplemented]"), "{refusal}");
    }
}
