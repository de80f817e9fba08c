//! `store check`: verifies everything in a store that no process has open.

use serde_json::{Value, json};
use sweetspot_store::integrity::{KindCount, StoreFault, StoreReport, check};
use sweetspot_store::store::{Examination, StoreError};
use tokio::task::spawn_blocking;

use super::folder_of_store;
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, table, wrap};

/// Runs the command.
pub(crate) async fn run(context: &Context) -> Result<(), CliError> {
    let report = in_folder(context, |examination| check(&examination)).await?;
    if context.out.json {
        context.out.print_json(&report_json(&report))?;
    } else {
        context.out.print_text(&report_text(&report))?;
    }
    match report.faults.len() as u64 {
        0 => Ok(()),
        faults => Err(CliError::Data(format!("the store has {}", plural(faults, "fault", "faults")))),
    }
}

/// Reads the folder of the store, and runs `work` on a thread that may block.
pub(super) async fn in_folder<T: Send + 'static>(
    context: &Context,
    work: impl FnOnce(Examination) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, CliError> {
    if context.server.is_some() {
        let text = "a store is checked and repaired while no process has it open: stop the server, and name the \
                    directory with --store";
        return Err(CliError::Usage(text.to_owned()));
    }
    let store = folder_of_store(context)?;
    let done = spawn_blocking(move || Examination::new(&store).and_then(work)).await;
    done.map_err(|error| CliError::Failed(error.to_string()))?.map_err(|error| CliError::Failed(error.to_string()))
}

/// Returns the number of things of each kind as a table, and a paragraph on each fault.
pub(super) fn report_text(report: &StoreReport) -> String {
    let StoreReport { kinds, faults } = report;
    let row = |KindCount { kind, count, damaged }: &KindCount| {
        vec![kind.clone(), count.to_string(), if *damaged > 0 { damaged.to_string() } else { String::new() }]
    };
    let mut parts = vec![table(&["checked", "number", "damaged"], &[1, 2], kinds.iter().map(row).collect())];
    parts.extend(faults.iter().map(fault_text));
    if faults.is_empty() {
        parts.push("nothing is wrong".to_owned());
    }
    parts.join("\n\n")
}

/// Returns what is wrong, what it affects, and what to do.
pub(super) fn fault_text(fault: &StoreFault) -> String {
    let StoreFault { what, affects, remedy } = fault;
    let mut lines = vec![wrap(what, 0, 2)];
    if !affects.is_empty() {
        lines.push(wrap(&format!("affects: {}", affects.join(", ")), 2, 4));
    }
    lines.push(wrap(&format!("to do: {remedy}"), 2, 4));
    lines.join("\n")
}

fn report_json(report: &StoreReport) -> Value {
    let StoreReport { kinds, faults } = report;
    let kind =
        |KindCount { kind, count, damaged }: &KindCount| json!({ "kind": kind, "count": count, "damaged": damaged });
    json!({
        "kinds": kinds.iter().map(kind).collect::<Vec<_>>(),
        "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
    })
}

/// Returns a fault as JSON.
pub(super) fn fault_json(fault: &StoreFault) -> Value {
    let StoreFault { what, affects, remedy } = fault;
    json!({ "what": what, "affects": affects, "remedy": remedy })
}
