//! What could become of accounts that are explained.

use std::collections::BTreeSet;

use sweetspot_core::{Account, Tier};
use sweetspot_model::{Scorer, Steps};
use sweetspot_proto::v1;

use crate::api::convert::faults::Faults;
use crate::api::convert::outlook::{wire_next_step, wire_worth_learning};
use crate::api::convert::row::RowReader;
use crate::api::limits::EXPLAINED_ACCOUNTS;
use crate::api::wire::answer::built;
use crate::api::wire::request::Form;

/// Writes the outlook of each account that can be scored, in their order, as fields of this number.
pub(super) fn write(scorer: &Scorer, accounts: &Form, changeable: &[String], number: u32, out: &mut Vec<u8>) {
    let reader = RowReader { path: "accounts", reads: &|name| scorer.attribute(name).is_some() };
    let (steps, mut faults, mut seen) = (Steps::of(scorer), Faults::new(EXPLAINED_ACCOUNTS), BTreeSet::new());
    for (row, wire) in accounts.rows().enumerate() {
        let account = reader.read(wire, row, &mut faults);
        faults.check_id(row, &account.id, String::new);
        // What is wrong with a row is told where it is scored.
        if faults.of(row).is_none() && seen.insert(account.id.clone()) {
            built(out, number, &outlook(scorer, &steps, &account, changeable));
        }
    }
}

fn outlook(scorer: &Scorer, steps: &Steps, account: &Account, changeable: &[String]) -> v1::Outlook {
    let placed = scorer.placed(account);
    let fit = scorer.fit(&placed);
    let goal = fit.tier.next_better(fit.probability, Tier::ALL.into_iter().zip(scorer.cuts()));
    let (tier, least) = (goal.map(|(tier, _)| tier), goal.map(|(_, least)| least));
    let next_step = least.and_then(|least| scorer.next_step(steps, account, &placed, least, changeable));
    let worth_learning = scorer.worth_learning(steps, &placed, &fit, least);
    v1::Outlook {
        account_id: account.id.clone(),
        next_step: next_step.map(|step| wire_next_step(step, tier)),
        worth_learning: worth_learning.map(|worth| wire_worth_learning(worth, tier)),
    }
}
