//! What the best customers have in common, in the three parts of an ideal customer.

use super::{missing, part, ranged};
use crate::value::{GrowthPotential, Part, Trait, ValueReport};
use crate::{Block, Cell, Head, Table, Tone, count, number, percent, plural};

/// The traits of the best, part by part.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let common = &report.common;
    let mut section = vec![Block::Heading(2, "What your best customers have in common".to_owned())];
    if common.best == 0 || common.rest == 0 {
        section.push(missing("There are too few customers with revenue to compare the best with others."));
        return section;
    }
    section.extend(common.traits.iter().max_by(|a, b| a.lift.total_cmp(&b.lift)).map(finding));
    section.push(Block::Text(format!(
        "The best {} of {} by net value, compared with the other {}. They pay a lot because they get a lot of value; what they have \
         more often than the others suggests why. {} tested, and only those are listed that stand out more than the clearest of as \
         many would by chance. These traits go along with value; only conversations with the customers can show whether they cause it.",
        count(common.best),
        plural(common.best + common.rest, "customer", "customers"),
        count(common.rest),
        plural(common.looked_at, "value was", "values were")
    )));
    for one in Part::ALL {
        section.extend(part_of(report, one));
    }
    if common.more > 0 {
        section.push(Block::Text(format!("And {} more.", count(common.more))));
    }
    section
}

fn finding(one: &Trait) -> Block {
    let text = format!(
        "{} of the best customers have {}: {}; of the others, {}.",
        one.best.rate().map_or_else(String::new, percent),
        one.attribute,
        one.value,
        one.rest.rate().map_or_else(String::new, percent)
    );
    Block::Told(Tone::Finding, text)
}

fn part_of(report: &ValueReport, wanted: Part) -> Vec<Block> {
    let (title, absent) = match wanted {
        Part::ValuableProblem => (
            "A valuable problem to solve",
            "No attribute about the customers' problem distinguishes the best from the others. Ask the best what they get out \
             of the product.",
        ),
        Part::AbilityToSolve => (
            "Can they solve it?",
            "No attribute about skills, knowledge or processes distinguishes the best from the others. Ask the best what \
             they did themselves to succeed.",
        ),
        Part::GrowthPotential => {
            ("Can they grow?", "No attribute about growth distinguishes the best from the others.")
        }
        Part::WhoTheyAre => ("Who they are", "No fact about the companies distinguishes the best from the others."),
    };
    let traits: Vec<&Trait> = report.common.traits.iter().filter(|one| one.part == wanted).collect();
    let mut blocks = vec![Block::Heading(3, title.to_owned())];
    blocks.push(if traits.is_empty() { missing(absent) } else { Block::Table(table(title, &traits)) });
    if wanted == Part::GrowthPotential {
        blocks.extend(potential(&report.growth));
    }
    blocks
}

fn table(caption: &str, traits: &[&Trait]) -> Table {
    let columns =
        [Head::text("Attribute"), Head::text("Value"), Head::figure("Of the best"), Head::figure("Of the others")];
    let mut columns = columns.to_vec();
    columns.push(Head::figure("Times as often"));
    let row = |one: &&Trait| {
        let (low, high) = one.interval;
        let lift = format!("{}× (95% {} to {})", number(one.lift), number(low), number(high));
        let faint = one.best.is_faint();
        let figures = [part(one.best), part(one.rest), lift].map(|text| Cell { text, faint });
        [Cell::from(one.attribute.as_str()), Cell::from(one.value.as_str())].into_iter().chain(figures).collect()
    };
    Table { caption: caption.to_owned(), columns, rows: traits.iter().map(row).collect() }
}

fn potential(growth: &GrowthPotential) -> Vec<Block> {
    let mut told = Vec::new();
    if growth.growing.of > 0 {
        let grown = growth.growth.map(|found| {
            let over =
                format!("over {} quarters ({})", growth.quarters, plural(growth.complete, "customer", "customers"));
            format!(" Their spending changed by {} {over}.", ranged(found.value, found.interval))
        });
        let text = format!("Of the best customers, {} spend more than in their first quarter.", part(growth.growing));
        told.push(Block::Text(text + &grown.unwrap_or_default()));
    } else {
        told.push(missing("Whether the best still grow. Map what customers spent in their quarters as `spend`."));
    }
    if let Some(used) = growth.use_cases {
        let room = if used < growth.use_cases_in_all as f64 { ": the others are room to grow" } else { "" };
        told.push(Block::Text(format!(
            "The best customers have on average {} of the {} that customers have (known for {} of the best){room}.",
            number(used),
            plural(growth.use_cases_in_all, "use case", "use cases"),
            count(growth.with_use_cases)
        )));
    } else {
        told.push(missing("How many more use cases the best could have. Map `use_case`."));
    }
    told
}
