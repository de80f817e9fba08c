//! The ICP summary as it is read.

use sweetspot_core::{Category, Spiced};

use super::super::factor_chart::effects;
use super::super::words::part_of;
use super::super::{Block, Evidence, Head, Table, Tone, count, percent, plural};
use super::views::{promise, views};
use super::{Part, Shared, Summary};

/// The summary in blocks.
#[must_use]
pub fn blocks(evidence: &Evidence, summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(1, "Ideal customer profile".to_owned()), opening(summary)];
    blocks.push(Block::Text(who_is_ideal(evidence, summary)));
    for part in &summary.parts {
        blocks.extend(of_part(part));
    }
    blocks.extend(looks(summary));
    blocks.extend(spiced(summary));
    blocks.extend(promise(summary, evidence.currency()));
    blocks.extend(ruled_out(summary));
    blocks.extend(views(summary));
    blocks.push(Block::Heading(2, "How certain this is".to_owned()));
    blocks.push(Block::Text(summary.verdict.clone()));
    blocks.push(Block::List(summary.cautions.clone()));
    blocks
}

fn opening(summary: &Summary) -> Block {
    match &summary.opening {
        Some(opening) => Block::Told(Tone::Finding, opening.sentence()),
        None if summary.customers.of == 0 => Block::Told(
            Tone::Missing,
            "There are no customers yet: this profile states hypotheses, to be tested against the first customers."
                .to_owned(),
        ),
        None => {
            let customers = plural(summary.customers.of, "customer", "customers");
            let text = format!("No attribute sets ideal customers apart, judging by {customers}.");
            Block::Told(Tone::Missing, text)
        }
    }
}

fn who_is_ideal(evidence: &Evidence, summary: &Summary) -> String {
    let (share, rule) = (summary.customers, summary.rule.trim_start_matches("ideal: "));
    let Some(rate) = share.rate() else {
        return format!("Ideal means: {rule}. It is not known for any customer.");
    };
    let value = summary.value_share.filter(|_| share.part > 0);
    let (are, hold) = if share.part == 1 { ("is", "holds") } else { ("are", "hold") };
    let value = value.map(|share| format!(", and {hold} {} of the net value", percent(share))).unwrap_or_default();
    let customers = part_of(share.part, share.of, "customer", "customers");
    let real = evidence.labels.card.base_rate.map(|rate| format!("; of all accounts, {} are", percent(rate)));
    format!("Ideal means: {rule}. {customers} {are} ideal ({}{}){value}.", percent(rate), real.unwrap_or_default())
}

/// The question that each category answers (Upland, "Mining Your Customers").
const fn title(category: Category) -> &'static str {
    match category {
        Category::Firmographics => "Firmographics: who should you call?",
        Category::BusinessProblem => "Customer business problem: what problem do they have?",
        Category::ImpactPotential => "Positive impact potential: will they be successful?",
    }
}

fn of_part(part: &Part) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, title(part.category).to_owned())];
    if part.factors.is_empty() && part.findings.is_empty() {
        let text = if part.attributes.is_empty() {
            "The model has no attribute in this category, and no finding is stated for it."
        } else {
            "No value here is associated with being ideal, judging by the customers."
        };
        blocks.push(Block::Told(Tone::Missing, text.to_owned()));
        return blocks;
    }
    if !part.factors.is_empty() {
        blocks.push(Block::Chart(effects(&part.factors, part.more, "Associated with being ideal")));
    }
    if !part.findings.is_empty() {
        blocks.push(Block::List(part.findings.clone()));
    }
    blocks
}

fn looks(summary: &Summary) -> Vec<Block> {
    if summary.second_looks.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading(2, "Second looks: where two attributes together change the verdict".to_owned()),
        Block::List(summary.second_looks.clone()),
    ]
}

/// What the parts of a diagnosis are called.
pub(crate) const fn spiced_name(part: Spiced) -> &'static str {
    match part {
        Spiced::Situation => "Situation",
        Spiced::Pain => "Pain",
        Spiced::Impact => "Impact",
        Spiced::CriticalEvent => "Critical event",
        Spiced::Decision => "Decision",
    }
}

fn spiced(summary: &Summary) -> Vec<Block> {
    let told = |shared: &Shared| {
        let texts = shared
            .texts
            .iter()
            .map(|(text, customers)| format!("{text} ({} of {})", count(*customers), count(shared.told)));
        let told: Vec<String> = texts.chain(shared.findings.iter().cloned()).collect();
        let told = if told.is_empty() { "not yet interviewed".to_owned() } else { told.join("; ") };
        vec![spiced_name(shared.part).into(), told.into()]
    };
    vec![
        Block::Heading(2, "SPICED: what the best customers share".to_owned()),
        Block::Table(Table {
            caption: "Diagnosis of ideal customers".to_owned(),
            columns: vec![Head::text("part"), Head::text("what ideal customers say, and how many of those asked")],
            rows: summary.spiced.iter().map(told).collect(),
        }),
    ]
}

fn ruled_out(summary: &Summary) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(2, "What rules an account out".to_owned())];
    if !summary.gates.is_empty() {
        let rules = summary.gates.iter().map(|(severity, rule)| format!("{}: {rule}", severity.word()));
        blocks.push(Block::List(rules.collect()));
    }
    if summary.rules_out.is_empty() {
        blocks.push(Block::Told(Tone::Missing, "No attribute clearly counts against an account yet.".to_owned()));
    } else {
        blocks.push(Block::Chart(effects(&summary.rules_out, 0, "Associated with not being ideal")));
    }
    blocks
}
