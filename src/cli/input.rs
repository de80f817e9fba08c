//! Files of accounts on their way in. Whatever is wrong with them is a matter of data, and told as such.

use std::path::Path;

use sweetspot_core::{Customers, Finding, Gate, Hypothesis};
use sweetspot_ingest::{Mapping, Reject, Source};

use super::context::Context;
use super::exit::{CliError, innermost};
use super::rejects::{Rejected, Rejects};

/// Reads a mapping.
///
/// # Errors
/// Where it cannot be read or contradicts itself.
pub(crate) fn mapping(path: &Path) -> Result<Mapping, CliError> {
    Mapping::load(path).map_err(|error| data(&error))
}

/// Reads hypotheses.
///
/// # Errors
/// Where they cannot be read or held.
pub(crate) fn hypotheses(path: &Path) -> Result<Vec<Hypothesis>, CliError> {
    sweetspot_ingest::read_hypotheses(path).map_err(|error| data(&error))
}

/// Reads gates.
///
/// # Errors
/// Where they cannot be read or held.
pub(crate) fn gates(path: &Path) -> Result<Vec<Gate>, CliError> {
    sweetspot_ingest::read_gates(path).map_err(|error| data(&error))
}

/// Reads findings.
///
/// # Errors
/// Where they cannot be read or held.
pub(crate) fn findings(path: &Path) -> Result<Vec<Finding>, CliError> {
    sweetspot_ingest::read_findings(path).map_err(|error| data(&error))
}

/// Opens a file of accounts; `-` is standard input.
///
/// # Errors
/// Where it cannot be opened.
pub(crate) fn source(path: &Path) -> Result<Source, CliError> {
    Source::open(path).map_err(|error| data(&error))
}

/// Reads customers; lists what cannot be used, and tells what a person should know.
///
/// # Errors
/// Where the file, or every row of it, cannot be used.
pub(crate) fn customers(
    context: &Context,
    file: &Path,
    mapping: &Mapping,
    rejects: Option<&Path>,
) -> Result<Customers, CliError> {
    let mut list = Rejects::create(rejects)?;
    let history = sweetspot_ingest::read_customers(source(file)?, mapping).map_err(|error| data(&error))?;
    for reject in &history.rejects {
        list.add(reject.into())?;
    }
    list.finish(context.out, history.rejected.saturating_sub(history.rejects.len() as u64))?;
    for note in history.reading.iter().chain(&history.notes) {
        context.out.note(&format!("note: {note}"));
    }
    Ok(history.customers)
}

impl<'a> From<&'a Reject> for Rejected<'a> {
    fn from(reject: &'a Reject) -> Self {
        Self { row: reject.row, id: &reject.id, reason: reject.reason, description: &reject.description }
    }
}

/// What is wrong with a file, with the cause where that says more.
pub(crate) fn data(error: &dyn std::error::Error) -> CliError {
    let (text, cause) = (error.to_string(), innermost(error));
    CliError::Data(if text.contains(&cause) { text } else { format!("{text} ({cause})") })
}
