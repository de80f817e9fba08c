//! The proof as blocks.

use sweetspot_core::ChanceComparison;

use super::tiers::rate_text;
use super::{
    Proof, acceptance, calibration, discrimination, distribution, gains, influence, lift, missing_values, tiers,
};
use crate::document::{Block, CalloutKind};
use crate::format::{format_count, format_date, plural, to_sentence};

/// The document: first the answer, then its basis, then the limitations.
pub(crate) fn blocks(proof: &Proof) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Proof and caution".to_owned()), finding(proof)];
    if proof.evaluation.rows > 0 {
        blocks.extend(evaluation_blocks(proof));
    }
    blocks.extend(moves(proof));
    if !proof.strips.is_empty() {
        let seen =
            "The model was trained on these accounts, so the picture is more favorable than it would be for new ones.";
        blocks.extend([
            heading("Where customers are scored"),
            Block::Text(seen.to_owned()),
            Block::Chart(Box::new(distribution::chart(&proof.strips, proof.cuts))),
        ]);
    }
    blocks.extend(missing_blocks(proof));
    blocks.extend(label_card(proof));
    blocks.push(heading("What to bear in mind"));
    blocks.push(Block::List(proof.cautions.clone()));
    if !proof.warnings.is_empty() {
        blocks.extend([heading("Warnings of the training"), Block::List(proof.warnings.clone())]);
    }
    if proof.evaluation.rows > 0 {
        blocks.extend([
            heading("Appendix: ideal accounts and others"),
            Block::Chart(Box::new(discrimination::chart(proof))),
        ]);
    }
    blocks
}

fn moves(proof: &Proof) -> Vec<Block> {
    let mut blocks = vec![heading("What moves scores")];
    if proof.influence.is_empty() {
        let text = "No attribute was learned from customers: only hypotheses move scores.";
        blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
        return blocks;
    }
    if !proof.effects.is_empty() {
        blocks.push(Block::Chart(Box::new(influence::chart(&proof.effects))));
        blocks.extend(omitted_note(proof.omitted_effects));
    }
    blocks.push(Block::Table(influence::table(&proof.influence)));
    blocks.extend(omitted_note(proof.omitted_influence));
    blocks
}

fn heading(text: &str) -> Block {
    Block::Heading(2, text.to_owned())
}

fn omitted_note(more: usize) -> Option<Block> {
    (more > 0).then(|| Block::Text(format!("And {} more.", format_count(more as u64))))
}

fn finding(proof: &Proof) -> Block {
    let tone = if proof.evaluation.rows == 0 { CalloutKind::Missing } else { CalloutKind::Finding };
    Block::Callout(tone, proof.evaluation.verdict())
}

/// The sections that need customers with outcomes.
fn evaluation_blocks(proof: &Proof) -> Vec<Block> {
    let mut blocks = vec![heading("Does the profile hold"), Block::Table(acceptance::table(&proof.acceptance))];
    blocks.extend(proof.acceptance.too_broad_warning());
    let rows = proof.evaluation.rows;
    let (subjects, unseen) = if (1..rows).contains(&proof.evaluation.accounts) {
        (proof.evaluation.subjects(), "had seen no row of its account")
    } else {
        (plural(proof.overall.total, "account", "accounts"), "had not seen it")
    };
    let ideal = if proof.details.weights.is_even() {
        rate_text(proof.overall, proof.details.weights)
    } else {
        format!("{}, which stand for {} of all accounts,", format_count(proof.overall.part), tiers::rate_of_all(proof))
    };
    blocks.push(Block::Text(format!(
        "Of the {subjects} that were judged, {ideal} are ideal. Each was scored by a model that {unseen}."
    )));
    if proof.tiers.is_empty() {
        let text =
            "What each tier holds: the release that trained this version did not store it. Train it again to see it.";
        blocks.push(Block::Callout(CalloutKind::Missing, text.to_owned()));
    } else {
        blocks.extend([heading("What each tier holds"), Block::Table(tiers::table(proof))]);
    }
    blocks.extend([
        heading("Working down the list"),
        Block::Chart(Box::new(gains::gains(proof))),
        Block::Chart(Box::new(lift::chart(proof))),
        heading("Can the probabilities be trusted"),
        Block::Chart(Box::new(calibration::chart(proof))),
        Block::Text(calibration::figures(proof)),
        temporal_holdout_block(proof),
    ]);
    blocks
}

fn temporal_holdout_block(proof: &Proof) -> Block {
    let Some(newest) = proof.details.temporal_holdout else {
        let text = "Whether it holds for newer customers: too few of them have a date.";
        return Block::Callout(CalloutKind::Missing, text.to_owned());
    };
    let (auc, low, high) = (newest.auc, newest.auc_low, newest.auc_high);
    Block::Text(format!(
        "Fitted to the older customers, it ranks the {} newest ones (from {} on, {} of them ideal) with an AUC of {auc:.2} (95% {low:.2} \
         to {high:.2}), {}; on all customers that were judged it is {:.2}.",
        format_count(newest.rows),
        format_date(newest.first_day),
        format_count(newest.positives),
        ChanceComparison::new(low, high).description(),
        proof.evaluation.auc
    ))
}

fn missing_blocks(proof: &Proof) -> Vec<Block> {
    if proof.missing.is_empty() {
        return Vec::new();
    }
    let uneven: Vec<String> =
        proof.missing.iter().filter(|shares| shares.is_uneven()).map(|shares| shares.attribute.to_string()).collect();
    let text = if uneven.is_empty() {
        "No attribute is missing more often for one outcome than for the other, beyond chance.".to_owned()
    } else {
        format!("Missing more often for one outcome than for the other: {}.", uneven.join(", "))
    };
    let mut blocks = vec![
        heading("What is missing"),
        Block::Callout(CalloutKind::Finding, text),
        Block::Table(missing_values::table(&proof.missing)),
    ];
    blocks.extend(omitted_note(proof.omitted_missing));
    blocks
}

fn label_card(proof: &Proof) -> Vec<Block> {
    let card = &proof.label_card;
    let others = match card.excluded {
        0 => String::new(),
        excluded => format!(", and the policy does not label {}", format_count(excluded)),
    };
    let ideal = plural(card.ideal, "account is", "accounts are");
    let counts = format!("{ideal} ideal, {} not{others}.", plural(card.not_ideal, "is", "are"));
    let mut blocks = vec![
        heading("What ideal means here"),
        Block::Text(format!("Policy {}. {}", card.policy, to_sentence(&card.rule))),
        Block::Text(counts),
    ];
    if !card.notes.is_empty() {
        blocks.push(Block::List(card.notes.iter().map(|note| to_sentence(note)).collect()));
    }
    blocks
}
