//! The common traits of the best customers, in the parts of an ideal customer.

use super::{interval_text, missing, proportion_text};
use crate::value::{CommonTrait, GrowthPotential, IcpPart, ValueReport};
use crate::{Block, CalloutKind, ColumnHead, Table, TableCell, format_count, format_number, format_percent, plural};

/// The traits of the best customers, by part.
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
        format_count(common.best),
        plural(common.best + common.rest, "customer", "customers"),
        format_count(common.rest),
        plural(common.examined_count, "value was", "values were")
    )));
    for part in IcpPart::ALL {
        section.extend(part_blocks(report, part));
    }
    if common.omitted_count > 0 {
        section.push(Block::Text(format!("And {} more.", format_count(common.omitted_count))));
    }
    section
}

fn finding(common_trait: &CommonTrait) -> Block {
    let text = format!(
        "{} of the best customers have {}; of the others, {}.",
        common_trait.best.rate().map_or_else(String::new, format_percent),
        common_trait.attribute.phrase(&common_trait.value),
        common_trait.rest.rate().map_or_else(String::new, format_percent)
    );
    Block::Callout(CalloutKind::Finding, text)
}

fn part_blocks(report: &ValueReport, icp_part: IcpPart) -> Vec<Block> {
    let (title, absent) = match icp_part {
        IcpPart::ValuableProblem => (
            "A valuable problem to solve",
            "No attribute about the customers' problem distinguishes the best from the others. Ask the best what they get out \
             of the product.",
        ),
        IcpPart::AbilityToSolve => (
            "Can they solve it?",
            "No attribute about skills, knowledge or processes distinguishes the best from the others. Ask the best what \
             they did themselves to succeed.",
        ),
        IcpPart::GrowthPotential => {
            ("Can they grow?", "No attribute about growth distinguishes the best from the others.")
        }
        IcpPart::WhoTheyAre => ("Who they are", "No fact about the companies distinguishes the best from the others."),
    };
    let traits: Vec<&CommonTrait> =
        report.common.traits.iter().filter(|common_trait| common_trait.part == icp_part).collect();
    let mut blocks = vec![Block::Heading(3, title.to_owned())];
    blocks.push(if traits.is_empty() { missing(absent) } else { Block::Table(table(title, &traits)) });
    if icp_part == IcpPart::GrowthPotential {
        blocks.extend(potential(&report.growth));
    }
    blocks
}

fn table(caption: &str, traits: &[&CommonTrait]) -> Table {
    let columns = [
        ColumnHead::text("Attribute"),
        ColumnHead::text("Value"),
        ColumnHead::figure("Of the best"),
        ColumnHead::figure("Of the others"),
    ];
    let mut columns = columns.to_vec();
    columns.push(ColumnHead::figure("Times as often"));
    let row = |shown: &&CommonTrait| {
        let (low, high) = shown.interval;
        let lift = format!("{}× (95% {} to {})", format_number(shown.lift), format_number(low), format_number(high));
        let faint = shown.best.is_faint();
        let figures = [proportion_text(shown.best), proportion_text(shown.rest), lift]
            .map(|text| TableCell { text, is_faint: faint });
        [TableCell::from(shown.attribute.to_string()), TableCell::from(shown.value.as_str())]
            .into_iter()
            .chain(figures)
            .collect()
    };
    Table { caption: caption.to_owned(), columns, rows: traits.iter().map(row).collect() }
}

fn potential(growth: &GrowthPotential) -> Vec<Block> {
    let mut sentences = Vec::new();
    if growth.growing.total > 0 {
        let change = growth.growth.map(|found| {
            let period =
                format!("over {} quarters ({})", growth.quarters, plural(growth.complete, "customer", "customers"));
            format!(" Their spending changed by {} {period}.", interval_text(found.value, found.interval))
        });
        let text = format!(
            "Of the best customers, {} spend more than in their first quarter.",
            proportion_text(growth.growing)
        );
        sentences.push(Block::Text(text + &change.unwrap_or_default()));
    } else {
        sentences.push(missing("Whether the best still grow. Map what customers spent in their quarters as `spend`."));
    }
    if let Some(used) = growth.use_cases {
        let room = if used < growth.use_cases_in_all as f64 { ": the others are room to grow" } else { "" };
        sentences.push(Block::Text(format!(
            "The best customers have on average {} of the {} that customers have (known for {} of the best){room}.",
            format_number(used),
            plural(growth.use_cases_in_all, "use case", "use cases"),
            format_count(growth.with_use_cases)
        )));
    } else {
        sentences.push(missing("How many more use cases the best could have. Map `use_case`."));
    }
    sentences
}
