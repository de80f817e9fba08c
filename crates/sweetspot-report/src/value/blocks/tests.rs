use sweetspot_core::{Outcome, OutcomeStatus, ReviewField};

use super::*;
use crate::value::fixtures::{input, numbers, texts, with_attributes, won};
use crate::value::{BadFitCustomers, MoneyAssumptions, ValueOptions};
use crate::{ChartKind, ReportInput};

/// Fifty customers with costs and hours, of which every fifth loses money.
fn render_blocks(input: &ReportInput, question: &ValueOptions) -> Vec<Block> {
    blocks(&ValueReport::new(input, question), &BadFitCustomers::new(input, &question.assumptions))
}

fn customers() -> ReportInput {
    let customer = |row: usize| {
        let value = 1000.0 / (row + 1) as f64;
        let cost = if row % 5 == 4 { value * 2.0 } else { value / 10.0 };
        let status = if row % 7 == 6 { OutcomeStatus::Churned } else { OutcomeStatus::Won };
        Outcome { status: Some(status), cost_to_serve: Some(cost), ..won(value) }
    };
    let pains: Vec<&str> = (0..50).map(|row| if row < 9 { "late <b>invoices</b>" } else { "none" }).collect();
    let industries: Vec<&str> = (0..50).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
    let told = |figure: fn(usize) -> f64| -> Vec<Option<f64>> { (0..50).map(|row| Some(figure(row))).collect() };
    let review = [
        numbers(ReviewField::Spend(1), &told(|row| 100.0 / (row + 1) as f64)),
        numbers(ReviewField::Spend(2), &told(|row| 130.0 / (row + 1) as f64)),
        numbers(ReviewField::EaseOfWork, &told(|row| (row % 11) as f64)),
        numbers(ReviewField::SupportHours, &told(|row| row as f64)),
    ];
    let columns = vec![texts("industry", &industries), texts("pain", &pains)];
    with_attributes((0..50).map(customer).collect(), columns, review)
}

fn all_text(page: &[Block]) -> String {
    format!("{page:?}")
}

#[test]
fn findings_come_first_and_every_section_is_there() {
    let stated = MoneyAssumptions { annual_rate: Some(0.08), hourly_cost: Some(90.0), ..MoneyAssumptions::default() };
    let page = render_blocks(&customers(), &ValueOptions { assumptions: stated, ..ValueOptions::default() });
    let is_finding = |block: &Block| matches!(block, Block::Callout(CalloutKind::Finding, _));
    assert!(page.iter().skip(1).take(3).all(is_finding), "{:?}", page.get(..4));
    let heading = |block: &Block| if let Block::Heading(2, text) = block { Some(text.clone()) } else { None };
    let expected = [
        "Who holds the value",
        "Two kinds of customers",
        "What your best customers have in common",
        "Pays a lot, demands little, easy to work with",
        "Bad-fit customers are a liability",
        "What these figures are based on",
    ];
    assert_eq!(page.iter().filter_map(heading).collect::<Vec<_>>(), expected);
    let told = all_text(&page);
    assert!(told.contains("8% a year, as stated") && told.contains("USD 90, as stated"));
    assert!(told.contains("The best 40 customers earn") && told.contains("10 others cost more than they pay"));
}

#[test]
fn a_page_of_bad_fits() {
    let page = bad_fit::list(&BadFitCustomers::new(&customers(), &MoneyAssumptions::default()), Some("USD"));
    insta::assert_debug_snapshot!(page);
}

#[test]
fn a_page_of_nothing_invents_nothing() {
    for outcomes in [vec![], vec![Outcome::default(); 3], vec![Outcome { value: None, ..won(0.0) }; 30]] {
        let page = render_blocks(&input(outcomes, []), &ValueOptions::default());
        assert!(!page.iter().any(|block| matches!(block, Block::Callout(CalloutKind::Finding, _) | Block::Chart(_))));
        let Some(Block::List(unknown)) = page.last() else { panic!("no list of what is unknown: {page:?}") };
        assert!(unknown.len() >= 4, "{unknown:?}");
        assert!(!all_text(&page).contains("NaN"));
    }
}

#[test]
fn the_pareto_figure_is_reported_whatever_it_is() {
    let finding = |values: Vec<f64>| {
        let outcomes = values.into_iter().map(won).collect();
        let page = render_blocks(&input(outcomes, []), &ValueOptions::default());
        page.iter()
            .find_map(
                |block| if let Block::Callout(CalloutKind::Finding, text) = block { Some(text.clone()) } else { None },
            )
            .unwrap()
    };
    assert!(finding(vec![1.0; 40]).contains("more evenly"));
    assert!(finding([vec![80.0, 80.0], vec![5.0; 8]].concat()).contains("agrees with the 80/20 rule"));
    assert!(finding([vec![1e6], vec![1.0; 9]].concat()).contains("more than 80/20"));
}

#[test]
fn every_row_has_a_cell_a_column_and_every_line_as_many_bounds_as_points() {
    let page = render_blocks(&customers(), &ValueOptions::default());
    for block in &page {
        let table = if let Block::Chart(chart) = block { Some(&chart.table) } else { None };
        let table = if let Block::Table(table) = block { Some(table) } else { table };
        assert!(table.is_none_or(|table| table.rows.iter().all(|row| row.len() == table.columns.len())), "{table:?}");
        if let Block::Chart(chart) = block
            && let ChartKind::Curves { curves, .. } = &chart.kind
        {
            assert!(curves.iter().all(|curve| curve.interval.is_empty() || curve.interval.len() == curve.points.len()));
        }
    }
}
