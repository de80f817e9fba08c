//! The list in tables. A column that has nothing to say of any account is left out.

use sweetspot_core::{PondSide, any_value, share_of_customers, whom};
use sweetspot_model::{NextStep, WorthLearning};

use super::words::Words;
use super::{LookAlike, Target, TargetList, TierSize};
use crate::words::{moves, signed};
use crate::{Cell, Head, Table, count, money, percent, plain};

/// How many accounts each tier has.
pub(super) fn tiers(tiers: &[TierSize]) -> Table {
    let row = |size: &TierSize| -> Vec<Cell> {
        vec![
            size.tier.letter().into(),
            count(size.accounts).into(),
            size.least_probability.map(percent).unwrap_or_default().into(),
            format!("{:.1}", size.expected_ideal).into(),
        ]
    };
    Table {
        caption: "Tiers of the whole list".to_owned(),
        columns: vec![
            Head::text("Tier"),
            Head::figure("Accounts"),
            Head::figure("From a fit of"),
            Head::figure("Expected ideal accounts"),
        ],
        rows: tiers.iter().map(row).collect(),
    }
}

/// Who the best are.
pub(super) fn who(list: &TargetList, words: &Words) -> Table {
    let columns = [
        (Head::text("Account"), cells(list, account)),
        // A letter needs no more room than a figure.
        (Head::figure("Tier"), cells(list, |target| target.tier.letter().to_owned())),
        (Head::figure("Fit"), cells(list, |target| percent(target.fit.probability))),
        (Head::figure("90% interval"), cells(list, interval)),
        (Head::figure("Expected value"), cells(list, |target| value(target, list.currency.as_deref()))),
        (Head::text("Pond"), cells(list, pond)),
        (Head::text("Segment"), cells(list, |target| segment(target, words))),
    ];
    table("The best accounts", columns)
}

/// Why the best come first.
pub(super) fn reasons(list: &TargetList, words: &Words) -> Table {
    let columns = [
        (Head::text("Account"), cells(list, account)),
        (Head::text("What moves its log-odds most"), cells(list, |target| told_reasons(target, words))),
    ];
    table("Why they come first", columns)
}

/// Whom the best are like, and what would lift them.
pub(super) fn how(list: &TargetList, words: &Words) -> Table {
    let step = |target: &Target| target.next_step.as_ref().map(|step| next_step(step, target, words));
    let worth = |target: &Target| target.worth_learning.as_ref().map(|worth| worth_learning(worth, target));
    let columns = [
        (Head::text("Account"), cells(list, account)),
        (Head::text("Look-alike"), cells(list, |target| most_like(target.look_alikes.first(), words))),
        (Head::text("Next step"), cells(list, |target| step(target).unwrap_or_default())),
        (Head::text("Worth learning"), cells(list, |target| worth(target).unwrap_or_default())),
    ];
    table("What to do about the best accounts", columns)
}

fn cells(list: &TargetList, told: impl Fn(&Target) -> String) -> Vec<String> {
    list.targets.iter().map(told).collect()
}

fn table<const N: usize>(caption: &str, columns: [(Head, Vec<String>); N]) -> Table {
    let (columns, cells): (Vec<Head>, Vec<Vec<String>>) =
        columns.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty())).unzip();
    let rows = cells.first().map_or(0, Vec::len);
    let row = |row: usize| cells.iter().map(|column| column.get(row).cloned().unwrap_or_default().into()).collect();
    Table { caption: caption.to_owned(), columns, rows: (0..rows).map(row).collect() }
}

fn account(target: &Target) -> String {
    format!("{}. {}", target.rank, target.id)
}

fn interval(target: &Target) -> String {
    format!("{} to {}", percent(target.fit.low), percent(target.fit.high))
}

/// `In`, `Out`, and the gates that hold.
fn pond(target: &Target) -> String {
    let side = match target.fit.pond {
        PondSide::In => "In",
        PondSide::Out => "Out",
    };
    if target.gates.is_empty() { side.to_owned() } else { format!("{side} ({})", target.gates.join(", ")) }
}

fn segment(target: &Target, words: &Words) -> String {
    target.segment.as_deref().map(|id| words.segment(id).to_owned()).unwrap_or_default()
}

fn value(target: &Target, currency: Option<&str>) -> String {
    target.fit.expected_value.map(|value| money(value, currency)).unwrap_or_default()
}

/// `+1.10 tools: SAP; −0.40 employees: missing`.
fn told_reasons(target: &Target, words: &Words) -> String {
    let reasons = target.reasons.iter().filter(|reason| moves(reason.log_odds));
    let told = reasons.map(|reason| format!("{} {}", signed(reason.log_odds), words.reason(reason)));
    told.collect::<Vec<_>>().join("; ")
}

/// `Umber AG (both have pain: Tool sprawl; country: France)`.
fn most_like(alike: Option<&LookAlike>, words: &Words) -> String {
    let Some(LookAlike { name, shares, .. }) = alike else { return String::new() };
    if shares.is_empty() {
        return name.clone();
    }
    let shares: Vec<String> = shares.iter().map(|shared| words.shared(shared)).collect();
    format!("{name} (both have {})", shares.join("; "))
}

/// `employees: 50 or more instead of 10 to 49, for tier A`.
fn next_step(step: &NextStep, target: &Target, words: &Words) -> String {
    let changes = step.changes.iter().map(|one| words.change(one)).collect::<Vec<_>>().join(" and ");
    let tier = target.goal.map(|(tier, _)| format!(", for tier {}", tier.letter())).unwrap_or_default();
    format!("{changes}{tier}")
}

/// `industry: could lift it to tier A (31% of the 312 customers with Country: France)`.
fn worth_learning(worth: &WorthLearning, target: &Target) -> String {
    let attribute = plain(&worth.attribute);
    let given = worth.given.as_ref().map(|(attribute, value)| (plain(attribute), value.as_str()));
    let given = given.as_ref().map(|(attribute, value)| (attribute.as_ref(), *value));
    let any_value = any_value(worth.average);
    match target.goal {
        Some((tier, _)) if worth.lifts > 0.0 => {
            let share = share_of_customers(worth.lifts, worth.customers, given);
            format!("{attribute}: could lift it to tier {} ({share}{any_value})", tier.letter())
        }
        Some(_) | None => {
            let (change, whom) = (percent(worth.expected_change), whom(worth.customers, given));
            format!("{attribute}: moves the fit by {change} on average over {whom}{any_value}")
        }
    }
}
