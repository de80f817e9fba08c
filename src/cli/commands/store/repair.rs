//! `store repair`: rebuilds the rows of a store from its journal, or the journal from the rows.

use serde_json::json;
use sweetspot_store::integrity::{StoreFault, StoreReport, check};
use sweetspot_store::store::{Examination, RepairPlan, StoreError};

use super::check::{fault_json, fault_text, in_folder};
use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::output::{plural, wrap};

/// Options of the command.
#[derive(Debug, clap::Args)]
pub(crate) struct RepairArgs {
    /// Repair the store; without it, only print what would be done
    #[arg(long)]
    yes: bool,
    /// Go on if acknowledged changes are lost
    #[arg(long, requires = "yes")]
    accept_loss: bool,
}

/// What a repair does or did.
#[derive(Debug)]
struct Repair {
    /// The steps, each with the reason for it.
    steps: Vec<String>,
    /// What is lost.
    loss: Option<String>,
    /// The paths of the files that were replaced.
    replaced: Vec<String>,
    /// Whether the steps were taken.
    is_done: bool,
    /// What a repair cannot mend, such as damaged blobs.
    remaining: Vec<StoreFault>,
}

/// Runs the command.
pub(crate) async fn run(args: &RepairArgs, context: &Context) -> Result<(), CliError> {
    let RepairArgs { yes, accept_loss } = *args;
    let repair = in_folder(context, move |examination| repair(examination, yes, accept_loss)).await?;
    if context.out.json {
        let Repair { steps, loss, replaced, is_done, remaining } = &repair;
        let remaining: Vec<_> = remaining.iter().map(fault_json).collect();
        context.out.print_json(&json!({
            "steps": steps, "loss": loss, "replaced": replaced, "done": is_done, "remaining": remaining,
        }))?;
    } else {
        context.out.print_text(&repair_text(&repair))?;
    }
    if yes && !repair.is_done {
        let text = "nothing was changed, because acknowledged changes would be lost: put a backup in place of the \
                    directory, or repeat with --accept-loss";
        return Err(CliError::Data(text.to_owned()));
    }
    match repair.remaining.len() as u64 {
        0 => Ok(()),
        faults => {
            Err(CliError::Data(format!("the store has {} that repair cannot mend", plural(faults, "fault", "faults"))))
        }
    }
}

/// Repairs a store if that is allowed, and finds out what remains to be done.
fn repair(examination: Examination, yes: bool, accept_loss: bool) -> Result<Repair, StoreError> {
    let plan = RepairPlan::new(&examination)?;
    let steps = steps(&plan);
    let is_done = yes && (plan.loss.is_none() || accept_loss);
    let replaced = if is_done { plan.apply(&examination)? } else { Vec::new() };
    let replaced = replaced.iter().map(|path| path.display().to_string()).collect();
    let folder = examination.folder().to_owned();
    drop(examination);
    let StoreReport { kinds: _, faults } = check(&Examination::new(&folder)?)?;
    // The steps mend the faults of rows, journal and format.
    let is_planned = |fault: &StoreFault| {
        !is_done && ["rows: ", "journal: ", "format: "].iter().any(|name| fault.what.starts_with(name))
    };
    let remaining = faults.into_iter().filter(|fault| !is_planned(fault)).collect();
    Ok(Repair { steps, loss: plan.loss, replaced, is_done, remaining })
}

fn steps(plan: &RepairPlan) -> Vec<String> {
    let steps = [
        (&plan.rows, "rebuild the rows from the journal"),
        (&plan.journal, "write a new journal"),
        (&plan.format, "write the file format again"),
    ];
    steps.into_iter().filter_map(|(cause, step)| Some(format!("{step} ({})", cause.as_ref()?))).collect()
}

fn repair_text(repair: &Repair) -> String {
    let Repair { steps, loss, replaced, is_done, remaining } = repair;
    let verb = if *is_done { "done" } else { "to do" };
    let mut lines: Vec<String> = steps.iter().map(|step| wrap(&format!("{verb}: {step}"), 0, 2)).collect();
    if steps.is_empty() {
        lines.push("rows and journal need no repair".to_owned());
    } else if !is_done {
        lines.push("nothing was changed; --yes repairs the store".to_owned());
    }
    let lost = if *is_done { "lost" } else { "would be lost" };
    lines.extend(loss.iter().map(|loss| wrap(&format!("{lost}: {loss}"), 0, 2)));
    lines.extend(replaced.iter().map(|path| format!("the damaged files are in {path}: delete them when all is well")));
    let mut parts = vec![lines.join("\n")];
    parts.extend(remaining.iter().map(fault_text));
    parts.join("\n\n")
}
