//! Counterfactuals of explained accounts.

use std::collections::BTreeSet;

use sweetspot_core::{Account, Tier};
use sweetspot_model::{Alternatives, Scorer};
use sweetspot_proto::v1;

use crate::api::convert::counterfactual::{wire_next_step, wire_worth_learning};
use crate::api::convert::row::WireRowReader;
use crate::api::convert::row_faults::RowFaults;
use crate::api::limits::MAX_EXPLAINED_ACCOUNTS;
use crate::api::wire::score_request::AccountPayload;
use crate::api::wire::score_writer::write_message;

/// Writes the outlook of each valid account as a field with this number, in request order.
pub(super) fn write_outlooks(
    scorer: &Scorer,
    accounts: &AccountPayload,
    changeable: &[String],
    number: u32,
    out: &mut Vec<u8>,
) {
    let reader = WireRowReader { path: "accounts", is_read: &|name| scorer.attribute_index(name).is_some() };
    let (steps, mut faults, mut seen) =
        (Alternatives::new(scorer), RowFaults::new(MAX_EXPLAINED_ACCOUNTS), BTreeSet::new());
    for (row, wire) in accounts.rows().enumerate() {
        let account = reader.read(wire, row, &mut faults);
        faults.check_id(row, &account.id, String::new);
        // Scoring reports the problems of rows.
        if faults.first_fault(row).is_none() && seen.insert(account.id.clone()) {
            write_message(out, number, &outlook(scorer, &steps, &account, changeable));
        }
    }
}

fn outlook(scorer: &Scorer, steps: &Alternatives, account: &Account, changeable: &[String]) -> v1::Outlook {
    let encoded_account = scorer.encode_account(account);
    let fit = scorer.fit(&encoded_account);
    let goal = fit.tier.next_better(fit.probability, Tier::ALL.into_iter().zip(scorer.tier_cuts()));
    let (tier, min_probability) = (goal.map(|(tier, _)| tier), goal.map(|(_, min_probability)| min_probability));
    let next_step = min_probability.and_then(|min_probability| {
        scorer.counterfactual(steps, account, &encoded_account, min_probability, changeable)
    });
    let worth_learning = scorer.value_of_information(steps, &encoded_account, &fit, min_probability);
    v1::Outlook {
        account_id: account.id.clone(),
        next_step: next_step.map(|step| wire_next_step(step, tier)),
        worth_learning: worth_learning.map(|value| wire_worth_learning(value, tier)),
    }
}
