//! Who pays a lot, demands little and is easy to work with, in words and as a table.

use super::{missing, part};
use crate::value::{Axes, Standing, ValueReport};
use crate::{Block, Cell, Head, Share, Table, Tone, count, percent, plural};

/// The three axes.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let axes = &report.axes;
    let mut section = vec![Block::Heading(2, "Pays a lot, demands little, easy to work with".to_owned())];
    if axes.with_data() == 0 {
        section.push(missing("No customer has revenue."));
        return section;
    }
    section.push(Block::Told(Tone::Finding, finding(axes)));
    section.push(Block::Text(format!(
        "Pays a lot: the top {} by revenue. Demands little and easy to work with: at least as good as half of the customers with data.",
        percent(report.top_share)
    )));
    section.push(Block::Table(known(axes)));
    section.extend(unknown(axes).into_iter().map(missing));
    section.push(Block::Text(ideal(axes)));
    if !axes.standings.is_empty() {
        section.push(Block::Table(standings(axes)));
    }
    let more = axes.good.part.saturating_sub(axes.standings.len() as u64);
    if more > 0 {
        section.push(Block::Text(format!("And {} more.", count(more))));
    }
    section
}

fn finding(axes: &Axes) -> String {
    let on = match axes.with_data() {
        3 => "all three axes",
        2 => "both axes that have data",
        _ => "the one axis that has data",
    };
    if axes.good.of == 0 {
        return format!("No customer has values on {on}.");
    }
    let are = if axes.good.part == 1 { "is" } else { "are" };
    format!(
        "{} {are} good on {on}, out of {} there.",
        plural(axes.good.part, "customer", "customers"),
        plural(axes.good.of, "customer with values", "customers with values")
    )
}

fn known(axes: &Axes) -> Table {
    let demands = if axes.demands_by_hours { "hours relative to revenue" } else { "cost to serve relative to revenue" };
    let easy = if axes.easy_by_advocacy { "advocacy" } else { "ease of work" };
    let row = |name: &str, by: &str, known: u64| {
        vec![Cell::from(name), Cell::from(by), Cell { text: count(known), faint: known < 10 }]
    };
    Table {
        caption: "Customers with data on each axis".to_owned(),
        columns: vec![Head::text("Axis"), Head::text("Measured by"), Head::figure("Customers")],
        rows: vec![
            row("Pays a lot", "revenue", axes.pays_known),
            row("Demands little", demands, axes.demands_known),
            row("Easy to work with", easy, axes.easy_known),
        ],
    }
}

fn unknown(axes: &Axes) -> Vec<&'static str> {
    let demands = "Who demands little. Map the cost to serve, or the hours of support and customer success.";
    let easy = "Who is easy to work with. Map `ease_of_work` or `advocacy`, from 0 to 10.";
    let unknown = [(axes.demands_known, demands), (axes.easy_known, easy)];
    unknown.into_iter().filter(|(known, _)| *known == 0).map(|(_, text)| text).collect()
}

fn ideal(axes: &Axes) -> String {
    let told = |share: Share| if share.of > 0 { part(share) } else { "not yet known".to_owned() };
    format!(
        "Ideal by the label policy: among those that are good there, {}; among the others, {}.",
        told(axes.good_ideal),
        told(axes.other_ideal)
    )
}

fn standings(axes: &Axes) -> Table {
    let place =
        |place: Option<f64>| place.map_or_else(|| Cell::from("not yet known"), |place| Cell::from(percent(place)));
    let row = |one: &Standing| {
        let at = one.percentiles;
        vec![Cell::from(one.name.as_str()), place(at.pays), place(at.demands_little), place(at.easy)]
    };
    Table {
        caption: "Customers that are good on every axis with data: the share of customers that each one outranks"
            .to_owned(),
        columns: vec![
            Head::text("Customer"),
            Head::figure("Pays"),
            Head::figure("Demands little"),
            Head::figure("Easy to work with"),
        ],
        rows: axes.standings.iter().map(row).collect(),
    }
}
