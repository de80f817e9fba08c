//! Figures computed by hand, and reviews without data.

use std::sync::OnceLock;

use proptest::prelude::*;
use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnData, Customers, Definition, Digest, LabelPolicy, LabelPreset, Outcome,
    OutcomeStatus,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use super::*;

fn texts(values: &[&str]) -> ColumnData {
    let dictionary: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
    let codes = values.iter().enumerate().map(|(row, text)| (!text.is_empty()).then_some(row as u32));
    ColumnData::Categories { dictionary, codes: codes.collect() }
}

/// Lists of single letters.
fn lists(values: &[&str]) -> ColumnData {
    let dictionary = ('a'..='z').map(String::from).collect();
    let codes = |text: &str| text.bytes().map(|letter| u32::from(letter - b'a')).collect::<Vec<_>>();
    let rows = values.iter().map(|text| (!text.is_empty()).then(|| codes(text)));
    ColumnData::Lists { dictionary, rows: rows.collect() }
}

fn numbers(values: &[f64]) -> ColumnData {
    ColumnData::Numbers(values.iter().map(|number| number.is_finite().then_some(*number)).collect())
}

/// A model whose policy labels staying customers as ideal.
fn model() -> &'static ModelArtifact {
    static MODEL: OnceLock<ModelArtifact> = OnceLock::new();
    MODEL.get_or_init(|| {
        let status = |row: usize| if (row / 2).is_multiple_of(3) { OutcomeStatus::Churned } else { OutcomeStatus::Won };
        let outcomes = (0..60).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
        let sectors: Vec<&str> = (0..60).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
        let column = Column { name: "sector".into(), data: texts(&sectors) };
        let customers = customers(vec![column], outcomes);
        let label_policy = LabelPolicy { preset: LabelPreset::Retained, ..LabelPolicy::default() };
        train(&TrainingSpec { label_policy, ..TrainingSpec::default() }, &customers, Digest::new(b""), &NoProgress)
            .unwrap()
    })
}

fn customers(columns: Vec<Column>, outcomes: Vec<Outcome>) -> Customers {
    let ids: Vec<String> = (0..outcomes.len()).map(|row| format!("c-{row}")).collect();
    Customers::new(AccountTable::new(ids.into(), columns).unwrap(), outcomes.into(), Some("EUR".into())).unwrap()
}

fn input(columns: Vec<Column>, outcomes: Vec<Outcome>, told: Vec<(ReviewField, ColumnData)>) -> ReportInput {
    let mut review = AccountReviews::default();
    for (field, values) in told {
        review.set(field, values);
    }
    let customers = customers(columns, outcomes).with_review(review).unwrap();
    let (model, scorer) = (model().clone(), Scorer::compile(model()).unwrap());
    let version = "workspaces/w/models/m/versions/1".to_owned();
    ReportInput::new(version, model, &scorer, customers, Definition::default(), Date { days: 20_000 }).unwrap()
}

fn outcome(status: OutcomeStatus, value: f64, since: i32) -> Outcome {
    Outcome { status: Some(status), value: Some(value), since: Some(Date { days: since }), ..Outcome::default() }
}

/// Six accounts: three current customers, two churned, one that never bought.
fn six_accounts() -> ReportInput {
    let outcomes = vec![
        outcome(OutcomeStatus::Won, 600.0, 20_000 - 731),
        outcome(OutcomeStatus::Won, 200.0, 20_000 - 1461),
        outcome(OutcomeStatus::Won, 100.0, 20_000 - 2922),
        Outcome { reason: Some("price".into()), ..outcome(OutcomeStatus::Churned, 100.0, 18_000) },
        outcome(OutcomeStatus::Churned, 0.0, 18_000),
        Outcome { status: Some(OutcomeStatus::Lost), ..Outcome::default() },
    ];
    let nan = f64::NAN;
    let told = vec![
        (ReviewField::Name, texts(&["Ann", "Bob", "Cy", "Di", "=1+1", "Flo"])),
        (ReviewField::Industry, texts(&["food", "food", "steel", "food", "", "steel"])),
        (ReviewField::UseCase, lists(&["ab", "a", "b", "a", "", "c"])),
        (ReviewField::DealSize, numbers(&[10.0, 20.0, 30.0, 40.0, nan, 1e6])),
        (ReviewField::Employees, numbers(&[5.0, 49.0, 50.0, 5000.0, nan, 3.0])),
        (ReviewField::DecisionMakers, numbers(&[1.0, 2.0, 3.0, nan, nan, 9.0])),
        (ReviewField::DecisionMakerTitles, lists(&["x", "xy", "", "y", "x", "z"])),
        (ReviewField::WinReason, texts(&["fit", "fit", "price", "", "", "lost"])),
    ];
    let sectors = Column { name: "sector".into(), data: texts(&["a", "a", "a", "b", "b", "b"]) };
    input(vec![sectors], outcomes, told)
}

#[test]
fn figures_are_those_counted_by_hand() {
    let review = AccountReview::new(&six_accounts());
    assert_eq!((review.accounts, review.customers), (6, 5));
    let food = &review.industries.levels[0];
    assert_eq!((food.name.as_str(), food.customers), ("food", Proportion { part: 3, total: 4 }));
    assert_eq!((food.ideal, food.value, food.value_share), (Proportion { part: 2, total: 3 }, Some(900.0), Some(0.9)));
    assert_eq!(review.industries.answered, Proportion { part: 4, total: 5 });
    let deals = review.deals.unwrap();
    assert_eq!(
        (deals.customers, deals.total, deals.average, deals.median),
        (4, 100.0, 25.0, 25.0),
        "lost accounts do not count"
    );
    let bands: Vec<(&str, u64)> =
        review.employees.bands.levels.iter().map(|level| (level.name.as_str(), level.customers.part)).collect();
    assert_eq!(bands, [("fewer than 10", 1), ("10 to 49", 1), ("50 to 249", 1), ("5,000 or more", 1)]);
    let standing = &review.status_counts;
    assert_eq!((standing.active, standing.churned, standing.lost, standing.unknown), (3, 2, 1, 0));
    assert_eq!(
        (standing.churn, standing.churn_reasons.answered),
        (Proportion { part: 2, total: 5 }, Proportion { part: 1, total: 2 })
    );
    let years = review.tenure.years.unwrap();
    assert_eq!((years.customers, years.median), (3, 4.0), "churned customers have no known end date");
    assert_eq!(review.tenure.by_year.last().map(|year| year.customers), Some(1));
    assert_eq!(review.committee.several_decision_makers, Proportion { part: 2, total: 3 });
    let first = review.committee.decision_maker_titles.top().unwrap();
    assert_eq!((first.name.as_str(), first.share), ("x", Proportion { part: 3, total: 4 }));
    assert_eq!(review.win_reasons.top().unwrap().share, Proportion { part: 2, total: 3 });
}

#[test]
fn customer_groups_have_their_most_common_use_case_and_its_concentration() {
    let groups = AccountReview::new(&six_accounts()).groups;
    assert_eq!((groups.grouped_by, groups.count, groups.differing_count), (GroupedBy::Industry, 2, 1));
    let [food, steel] = &groups.groups[..] else { unreachable!("there are two") };
    let case = food.use_case.as_ref().unwrap();
    assert_eq!((case.name.as_str(), case.share), ("a", Proportion { part: 3, total: 3 }));
    // Three mentions of a and one of b.
    assert_eq!((food.concentration, steel.concentration), (Some(0.625), Some(1.0)));
    assert_eq!(steel.customers, 1, "accounts that never bought are in no group");
}

#[test]
fn gaps_name_the_question_that_stays_open() {
    let review = AccountReview::new(&six_accounts());
    let gap = |field| *review.gaps.iter().find(|gap| gap.field == field).unwrap();
    assert_eq!((gap("usage").answered, gap("usage").question_number), (Proportion { part: 0, total: 5 }, 11));
    assert_eq!(gap("deal size").answered, Proportion { part: 4, total: 5 });
    assert_eq!(gap("churn reason").answered, Proportion { part: 1, total: 2 }, "only churned customers have one");
    assert!(review.gaps.is_sorted_by_key(|gap| gap.question_number));
}

#[test]
fn a_table_has_every_heading_and_what_the_outcome_tells() {
    let input = six_accounts();
    let table = ReviewTable::new(&input);
    let row = table.row(3).unwrap();
    assert_eq!((row.account_id.as_str(), row.cells.len()), ("c-3", HEADINGS.len()));
    assert_eq!((row.cells[0].as_str(), row.cells[7].as_str(), row.cells[8].as_str()), ("Di", "2019-04-14", "churned"));
    assert_eq!(row.cells[17], "price");
    assert_eq!(table.row(6), None);
}

/// The page as plain lines.
fn lines(review: &AccountReview) -> String {
    blocks(review).into_iter().map(block_text).collect::<Vec<_>>().concat()
}

fn block_text(block: Block) -> String {
    match block {
        Block::Heading(level, text) => format!("\n{} {text}\n", "#".repeat(level.into())),
        Block::Text(text) => format!("{text}\n"),
        Block::Callout(tone, text) => format!("{tone:?}: {text}\n"),
        Block::List(items) => items.iter().map(|item| format!("- {item}\n")).collect::<Vec<_>>().concat(),
        Block::Table(Table { caption, columns, rows }) => {
            assert!(rows.iter().all(|row| row.len() == columns.len()), "{caption}");
            let heads: Vec<&str> = columns.iter().map(|head| head.name.as_str()).collect();
            let row = |row: &Vec<TableCell>| {
                let text =
                    |cell: &TableCell| if cell.is_faint { format!("({})", cell.text) } else { cell.text.clone() };
                format!("  {}\n", row.iter().map(text).collect::<Vec<_>>().join(" | "))
            };
            let rows: Vec<String> = rows.iter().map(row).collect();
            format!("[{caption}]\n  {}\n{}", heads.join(" | "), rows.concat())
        }
        Block::Chart(_) | Block::Cards(_) | Block::Pond(_) | Block::Panels(_) | Block::RateBars(_) => {
            unreachable!("a review has none")
        }
    }
}

#[test]
fn the_page_of_six_accounts() {
    insta::assert_snapshot!(lines(&AccountReview::new(&six_accounts())));
}

#[test]
fn where_nothing_is_reported_the_page_says_so_calmly() {
    let won = Outcome { status: Some(OutcomeStatus::Won), ..Outcome::default() };
    let sector = Column { name: "plan".into(), data: texts(&["a"; 20]) };
    let review = AccountReview::new(&input(vec![sector], vec![won; 20], vec![]));
    insta::assert_snapshot!(lines(&review));
    let none = AccountReview::new(&input(vec![], vec![], vec![]));
    assert!(lines(&none).contains("There are no accounts yet"));
}

#[test]
fn attributes_stand_in_for_a_review() {
    let column = |name: &str, data| Column { name: name.into(), data };
    let columns = vec![column("Country", texts(&["DE", "DE"])), column("# of employees", numbers(&[7.0, 9.0]))];
    let won = Outcome { status: Some(OutcomeStatus::Won), ..Outcome::default() };
    let review = AccountReview::new(&input(columns, vec![won; 2], vec![]));
    assert_eq!(review.places.levels[0].customers, Proportion { part: 2, total: 2 });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn parts_add_up(rows in prop::collection::vec((0..4_usize, 0..4_usize, -100..1000_i32), 1..60)) {
        let status = [None, Some(OutcomeStatus::Won), Some(OutcomeStatus::Lost), Some(OutcomeStatus::Churned)];
        let outcomes = rows.iter().map(|(_, at, value)| Outcome { status: status[*at], value: Some((*value).into()), ..Outcome::default() });
        let industries: Vec<&str> = rows.iter().map(|(industry, ..)| ["", "a", "b", "c"][*industry]).collect();
        let input = input(vec![], outcomes.collect(), vec![(ReviewField::Industry, texts(&industries))]);
        let review = AccountReview::new(&input);
        let levels = &review.industries.levels;
        prop_assert_eq!(levels.iter().map(|level| level.customers.part).sum::<u64>(), review.industries.answered.part);
        prop_assert_eq!(review.industries.answered.total, review.customers);
        prop_assert!(levels.is_sorted_by_key(|level| std::cmp::Reverse(level.customers.part)));
        let standing = &review.status_counts;
        prop_assert_eq!(standing.active + standing.churned + standing.lost + standing.unknown, review.accounts);
        prop_assert!(!blocks(&review).is_empty());
    }
}
