//! The three axes of an ideal customer (pays a lot, demands little, is easy to work with), as text and as a table.

use super::{missing, proportion_text};
use crate::value::{GoodCustomer, IdealAxes, ValueReport};
use crate::{Block, CalloutKind, ColumnHead, Proportion, Table, TableCell, format_count, format_percent, plural};

/// The three axes.
pub(super) fn section(report: &ValueReport) -> Vec<Block> {
    let axes = &report.axes;
    let mut section = vec![Block::Heading(2, "Pays a lot, demands little, easy to work with".to_owned())];
    if axes.known_axis_count() == 0 {
        section.push(missing("No customer has revenue."));
        return section;
    }
    section.push(Block::Callout(CalloutKind::Finding, finding(axes)));
    section.push(Block::Text(format!(
        "Pays a lot: the top {} by revenue. Demands little and easy to work with: at least as good as half of the customers with data.",
        format_percent(report.top_share)
    )));
    section.push(Block::Table(known_table(axes)));
    section.extend(unknown_axes(axes).into_iter().map(missing));
    section.push(Block::Text(ideal_sentence(axes)));
    if !axes.good_customers.is_empty() {
        section.push(Block::Table(good_customer_table(axes)));
    }
    let more = axes.good.part.saturating_sub(axes.good_customers.len() as u64);
    if more > 0 {
        section.push(Block::Text(format!("And {} more.", format_count(more))));
    }
    section
}

fn finding(axes: &IdealAxes) -> String {
    let on = match axes.known_axis_count() {
        3 => "all three axes",
        2 => "both axes that have data",
        _ => "the one axis that has data",
    };
    if axes.good.total == 0 {
        return format!("No customer has values on {on}.");
    }
    let are = if axes.good.part == 1 { "is" } else { "are" };
    format!(
        "{} {are} good on {on}, out of {} there.",
        plural(axes.good.part, "customer", "customers"),
        plural(axes.good.total, "customer with values", "customers with values")
    )
}

fn known_table(axes: &IdealAxes) -> Table {
    let demands =
        if axes.is_demand_in_hours { "hours relative to revenue" } else { "cost to serve relative to revenue" };
    let easy = if axes.is_ease_from_advocacy { "advocacy" } else { "ease of work" };
    let row = |name: &str, measure: &str, known: u64| {
        vec![
            TableCell::from(name),
            TableCell::from(measure),
            TableCell { text: format_count(known), is_faint: known < 10 },
        ]
    };
    Table {
        caption: "Customers with data on each axis".to_owned(),
        columns: vec![ColumnHead::text("Axis"), ColumnHead::text("Measured by"), ColumnHead::figure("Customers")],
        rows: vec![
            row("Pays a lot", "revenue", axes.pays_known),
            row("Demands little", demands, axes.demands_known),
            row("Easy to work with", easy, axes.ease_known),
        ],
    }
}

fn unknown_axes(axes: &IdealAxes) -> Vec<&'static str> {
    let demands = "Who demands little. Map the cost to serve, or the hours of support and customer success.";
    let easy = "Who is easy to work with. Map `ease_of_work` or `advocacy`, from 0 to 10.";
    let unknown = [(axes.demands_known, demands), (axes.ease_known, easy)];
    unknown.into_iter().filter(|(known, _)| *known == 0).map(|(_, text)| text).collect()
}

fn ideal_sentence(axes: &IdealAxes) -> String {
    let share_text =
        |share: Proportion| if share.total > 0 { proportion_text(share) } else { "not yet known".to_owned() };
    format!(
        "Ideal by the label policy: among those that are good there, {}; among the others, {}.",
        share_text(axes.good_ideal),
        share_text(axes.other_ideal)
    )
}

fn good_customer_table(axes: &IdealAxes) -> Table {
    let place = |place: Option<f64>| {
        place.map_or_else(|| TableCell::from("not yet known"), |place| TableCell::from(format_percent(place)))
    };
    let row = |customer: &GoodCustomer| {
        let percentiles = customer.percentiles;
        vec![
            TableCell::from(customer.name.as_str()),
            place(percentiles.revenue),
            place(percentiles.low_demand),
            place(percentiles.ease),
        ]
    };
    Table {
        caption: "Customers that are good on every axis with data: the share of customers that each one outranks"
            .to_owned(),
        columns: vec![
            ColumnHead::text("Customer"),
            ColumnHead::figure("Pays"),
            ColumnHead::figure("Demands little"),
            ColumnHead::figure("Easy to work with"),
        ],
        rows: axes.good_customers.iter().map(row).collect(),
    }
}
