//! The list as a section of a document.

use super::{LookAlike, Target, TargetList, TierSize};
use crate::model::{NextStep, WorthLearning};
use crate::report::{Block, Cell, Head, Table, Tone, count, percent, plural};

/// Accounts that a document shows; a longer list is a file of its own.
const SHOWN: usize = 25;

/// The list as the content of a page.
#[must_use]
pub fn blocks(list: &TargetList) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "Target accounts".to_owned())];
    if list.accounts == 0 {
        let text = "No prospects were given, so there is no list of target accounts yet.";
        blocks.push(Block::Told(Tone::Missing, text.to_owned()));
        return blocks;
    }
    blocks.push(Block::Told(Tone::Finding, finding(list)));
    blocks.push(Block::Table(tiers(&list.tiers)));
    blocks.push(Block::Table(targets(&list.targets)));
    let told = list.targets.len().min(SHOWN) as u64;
    if told < list.accounts {
        blocks.push(Block::Text(format!("And {} more.", count(list.accounts - told))));
    }
    let compared = if list.compared_with_ideal {
        "Look-alikes are the ideal customers that fit for the same reasons."
    } else {
        "No customer is known to be ideal, so look-alikes are any customers that fit for the same reasons."
    };
    blocks.push(Block::Text(compared.to_owned()));
    blocks
}

fn finding(list: &TargetList) -> String {
    let accounts = plural(list.accounts, "account is", "accounts are");
    match list.tiers.first() {
        Some(best) if best.accounts > 0 => format!(
            "{accounts} ranked. {} in tier {}, among which about {:.0} ideal customers are to be expected.",
            plural(best.accounts, "account is", "accounts are"),
            best.tier.letter(),
            best.expected_ideal,
        ),
        Some(_) | None => format!("{accounts} ranked. None reaches the best tier."),
    }
}

fn tiers(tiers: &[TierSize]) -> Table {
    let row = |size: &TierSize| -> Vec<Cell> {
        let least = size.least_probability.map(percent).unwrap_or_default();
        vec![
            size.tier.letter().into(),
            count(size.accounts).into(),
            least.into(),
            format!("{:.1}", size.expected_ideal).into(),
        ]
    };
    Table {
        caption: "Tiers of the list".to_owned(),
        columns: vec![
            Head::text("Tier"),
            Head::figure("Accounts"),
            Head::figure("From a fit of"),
            Head::figure("Ideal ones to expect"),
        ],
        rows: tiers.iter().map(row).collect(),
    }
}

fn targets(targets: &[Target]) -> Table {
    let columns = ["Account", "Tier", "Fit", "90 % interval", "Most like", "Next step", "Worth learning"];
    Table {
        caption: "The best accounts".to_owned(),
        columns: columns.map(Head::text).into(),
        rows: targets.iter().take(SHOWN).map(row).collect(),
    }
}

fn row(target: &Target) -> Vec<Cell> {
    let fit = &target.fit;
    vec![
        format!("{}. {}", target.rank, target.id).into(),
        target.tier.letter().into(),
        percent(fit.probability).into(),
        format!("{} to {}", percent(fit.low), percent(fit.high)).into(),
        target.look_alikes.first().map(look_alike).unwrap_or_default().into(),
        target.next_step.as_ref().map(|step| next_step(step, target)).unwrap_or_default().into(),
        target.worth_learning.as_ref().map(|worth| worth_learning(worth, target)).unwrap_or_default().into(),
    ]
}

fn look_alike(alike: &LookAlike) -> String {
    if alike.shares.is_empty() {
        return alike.name.clone();
    }
    format!("{} ({})", alike.name, alike.shares.join(", "))
}

/// `employees 50 or more instead of 10 to 49: tier A`.
fn next_step(step: &NextStep, target: &Target) -> String {
    let changes = step.changes.iter().map(|one| format!("{} {} instead of {}", one.attribute, one.to, one.from));
    let tier = target.goal.map(|(tier, _)| format!(": tier {}", tier.letter())).unwrap_or_default();
    format!("{}{tier}", changes.collect::<Vec<_>>().join(" and "))
}

/// `industry: could lift it to tier A in 31 % of such customers`.
fn worth_learning(worth: &WorthLearning, target: &Target) -> String {
    match target.goal {
        Some((tier, _)) if worth.lifts > 0.0 => {
            format!("{}: lifts it to tier {} in {} of customers", worth.attribute, tier.letter(), percent(worth.lifts))
        }
        Some(_) | None => {
            format!("{}: moves the fit by {} on average", worth.attribute, percent(worth.expected_change))
        }
    }
}
