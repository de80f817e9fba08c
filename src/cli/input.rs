//! Input files. All their errors are data errors.

use std::path::Path;

use sweetspot_core::{Customers, ExclusionRule, Finding, Hypothesis};
use sweetspot_ingest::{Mapping, Reject, Source};

use super::context::Context;
use super::exit::{CliError, innermost};
use super::output::plural;
use super::rejected_rows::{RejectList, RejectedRow};

/// Reads a mapping.
///
/// # Errors
/// Returns an error if the file cannot be read or the mapping is inconsistent.
pub(crate) fn mapping(path: &Path) -> Result<Mapping, CliError> {
    Mapping::load(path).map_err(|error| data_error(&error))
}

/// Reads hypotheses.
///
/// # Errors
/// Returns an error if the file cannot be read or a hypothesis is invalid.
pub(crate) fn hypotheses(path: &Path) -> Result<Vec<Hypothesis>, CliError> {
    sweetspot_ingest::read_hypotheses(path).map_err(|error| data_error(&error))
}

/// Reads exclusion rules.
///
/// # Errors
/// Returns an error if the file cannot be read or a rule is invalid.
pub(crate) fn exclusion_rules(path: &Path) -> Result<Vec<ExclusionRule>, CliError> {
    sweetspot_ingest::read_exclusion_rules(path).map_err(|error| data_error(&error))
}

/// Reads findings.
///
/// # Errors
/// Returns an error if the file cannot be read or a finding is invalid.
pub(crate) fn findings(path: &Path) -> Result<Vec<Finding>, CliError> {
    sweetspot_ingest::read_findings(path).map_err(|error| data_error(&error))
}

/// Opens a file of accounts; `-` is standard input.
///
/// # Errors
/// Returns an error if the file cannot be opened.
pub(crate) fn open_source(path: &Path) -> Result<Source, CliError> {
    Source::open(path).map_err(|error| data_error(&error))
}

/// Reads customers; writes the list of rejects, and reports warnings.
///
/// # Errors
/// Returns an error if the file, or every row of it, is invalid.
pub(crate) fn customers(
    context: &Context,
    file: &Path,
    mapping: &Mapping,
    rejects: Option<&Path>,
) -> Result<Customers, CliError> {
    let mut list = RejectList::create(rejects)?;
    let history = sweetspot_ingest::read_customers(open_source(file)?, mapping).map_err(|error| data_error(&error))?;
    for reject in &history.rejects {
        list.add(reject.into())?;
    }
    list.finish(context.out, history.rejected.saturating_sub(history.rejects.len() as u64))?;
    for note in history.reading.iter().chain(&history.notes) {
        context.out.note(&format!("note: {note}"));
    }
    if history.customers.weights().are_stated() {
        let rows = plural(history.customers.accounts().rows() as u64, "row", "rows");
        let customers = plural(history.customers.count(), "customer", "customers");
        context.out.note(&format!("note: the weighted file has {rows} that stand for {customers}"));
    }
    Ok(history.customers)
}

impl<'a> From<&'a Reject> for RejectedRow<'a> {
    fn from(reject: &'a Reject) -> Self {
        Self { row: reject.row, id: &reject.id, reason: reject.reason, description: &reject.description }
    }
}

/// Converts an error for a file, with its cause if that adds information.
pub(crate) fn data_error(error: &dyn std::error::Error) -> CliError {
    let (text, cause) = (error.to_string(), innermost(error));
    CliError::Data(if text.contains(&cause) { text } else { format!("{text} ({cause})") })
}
