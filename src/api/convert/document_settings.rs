//! Reads the settings of documents.

use sweetspot_core::DocumentSettings;
use sweetspot_proto::v1::{self, CohortBasis};
use tonic::Status;

use crate::api::violations::Violations;
use crate::messages::document_settings::document_settings;

/// Reads settings. If the message is absent, none are stated. `prefix` is the path of its fields.
pub(in crate::api) fn parse_document_settings(
    message: Option<v1::DocumentSettings>,
    prefix: &str,
    problems: &mut Violations,
) -> DocumentSettings {
    let message = message.unwrap_or_default();
    let settings = document_settings(&message);
    problems.parse_enum::<CohortBasis>(&format!("{prefix}cohort_basis"), message.cohort_basis);
    for (key, text) in settings.value.problems() {
        let (reason, parent) = match key {
            "top_share" => ("INVALID_TOP_SHARE", ""),
            "cohort_threshold" => ("INVALID_VALUE_WEIGHT", ""),
            _ => ("INVALID_VALUE_WEIGHT", "weights."),
        };
        problems.add(reason, format!("{prefix}{parent}{key}"), text);
    }
    if settings.as_of.is_none() && !message.as_of.is_empty() {
        problems.add("INVALID_TIME", format!("{prefix}as_of"), "a date must have the form 2027-06-30");
    }
    settings
}

/// Reads a request that states only the day of its document.
///
/// # Errors
/// Returns an error if the day is invalid.
pub(in crate::api) fn parse_day_setting(as_of: String) -> Result<DocumentSettings, Status> {
    let mut problems = Violations::default();
    let message = v1::DocumentSettings { as_of, ..v1::DocumentSettings::default() };
    let settings = parse_document_settings(Some(message), "", &mut problems);
    problems.finish(Some(settings)).map_err(Status::from)
}
