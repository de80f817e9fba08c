//! Figures by hand, and what a review says where nothing is known.

use std::sync::OnceLock;

use proptest::prelude::*;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Definition, Digest, LabelPolicy, LabelPreset, Outcome, Review, Status,
};
use sweetspot_model::{ModelArtifact, Scorer, TrainingSpec, Unattended, train};

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

/// A model by whose policy customers who stay are ideal.
fn model() -> &'static ModelArtifact {
    static MODEL: OnceLock<ModelArtifact> = OnceLock::new();
    MODEL.get_or_init(|| {
        let status = |row: usize| if (row / 2).is_multiple_of(3) { Status::Churned } else { Status::Won };
        let outcomes = (0..60).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
        let sectors: Vec<&str> = (0..60).map(|row| if row % 2 == 0 { "a" } else { "b" }).collect();
        let column = Column { name: "sector".into(), data: texts(&sectors) };
        let customers = customers(vec![column], outcomes);
        let label_policy = LabelPolicy { preset: LabelPreset::Retained, ..LabelPolicy::default() };
        train(&TrainingSpec { label_policy, ..TrainingSpec::default() }, &customers, Digest::of(b""), &Unattended)
            .unwrap()
    })
}

fn customers(columns: Vec<Column>, outcomes: Vec<Outcome>) -> Customers {
    let ids: Vec<String> = (0..outcomes.len()).map(|row| format!("c-{row}")).collect();
    Customers::new(AccountTable::new(ids.into(), columns).unwrap(), outcomes.into(), Some("EUR".into())).unwrap()
}

fn evidence(columns: Vec<Column>, outcomes: Vec<Outcome>, told: Vec<(ReviewField, ColumnData)>) -> Evidence {
    let mut review = Review::default();
    for (field, values) in told {
        review.set(field, values);
    }
    let customers = customers(columns, outcomes).with_review(review).unwrap();
    let (model, scorer) = (model().clone(), Scorer::compile(model()).unwrap());
    let version = "workspaces/w/models/m/versions/1".to_owned();
    Evidence::new(version, model, &scorer, customers, Definition::default(), Date { days: 20_000 }).unwrap()
}

fn outcome(status: Status, value: f64, since: i32) -> Outcome {
    Outcome { status: Some(status), value: Some(value), since: Some(Date { days: since }), ..Outcome::default() }
}

/// Six accounts: three who stay, two who left, one who never bought.
fn six() -> Evidence {
    let outcomes = vec![
        outcome(Status::Won, 600.0, 20_000 - 731),
        outcome(Status::Won, 200.0, 20_000 - 1461),
        outcome(Status::Won, 100.0, 20_000 - 2922),
        Outcome { reason: Some("price".into()), ..outcome(Status::Churned, 100.0, 18_000) },
        outcome(Status::Churned, 0.0, 18_000),
        Outcome { status: Some(Status::Lost), ..Outcome::default() },
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
    evidence(vec![sectors], outcomes, told)
}

#[test]
fn figures_are_those_counted_by_hand() {
    let review = AccountReview::of(&six());
    assert_eq!((review.accounts, review.customers), (6, 5));
    let food = &review.industries.levels[0];
    assert_eq!((food.name.as_str(), food.customers), ("food", Share { part: 3, of: 4 }));
    assert_eq!((food.ideal, food.value, food.value_share), (Share { part: 2, of: 3 }, Some(900.0), Some(0.9)));
    assert_eq!(review.industries.told, Share { part: 4, of: 5 });
    let deals = review.deals.unwrap();
    assert_eq!(
        (deals.customers, deals.total, deals.average, deals.median),
        (4, 100.0, 25.0, 25.0),
        "nobody lost counts"
    );
    let bands: Vec<(&str, u64)> =
        review.employees.bands.levels.iter().map(|level| (level.name.as_str(), level.customers.part)).collect();
    assert_eq!(bands, [("fewer than 10", 1), ("10 to 49", 1), ("50 to 249", 1), ("5,000 and more", 1)]);
    let standing = &review.standing;
    assert_eq!((standing.active, standing.churned, standing.lost, standing.unknown), (3, 2, 1, 0));
    assert_eq!((standing.churn, standing.churn_reasons.told), (Share { part: 2, of: 5 }, Share { part: 1, of: 2 }));
    let years = review.tenure.years.unwrap();
    assert_eq!((years.customers, years.median), (3, 4.0), "who left has no known end");
    assert_eq!(review.tenure.by_year.last().map(|year| year.customers), Some(1));
    assert_eq!(review.committee.several, Share { part: 2, of: 3 });
    let first = review.committee.decision_maker_titles.first().unwrap();
    assert_eq!((first.name.as_str(), first.share), ("x", Share { part: 3, of: 4 }));
    assert_eq!(review.win_reasons.first().unwrap().share, Share { part: 2, of: 3 });
}

#[test]
fn segments_tell_their_commonest_use_case_and_how_much_it_stands_for() {
    let segments = AccountReview::of(&six()).segments;
    assert_eq!((segments.by, segments.count, segments.different), (SegmentedBy::Industry, 2, 1));
    let [food, steel] = &segments.segments[..] else { unreachable!("there are two") };
    let case = food.use_case.as_ref().unwrap();
    assert_eq!((case.name.as_str(), case.share), ("a", Share { part: 3, of: 3 }));
    // Three mentions of a and one of b.
    assert_eq!((food.concentration, steel.concentration), (Some(0.625), Some(1.0)));
    assert_eq!(steel.customers, 1, "who never bought is in no segment");
}

#[test]
fn gaps_name_the_question_that_stays_open() {
    let review = AccountReview::of(&six());
    let gap = |field| *review.gaps.iter().find(|gap| gap.field == field).unwrap();
    assert_eq!((gap("usage").told, gap("usage").question), (Share { part: 0, of: 5 }, 11));
    assert_eq!(gap("deal size").told, Share { part: 4, of: 5 });
    assert_eq!(gap("churn reason").told, Share { part: 1, of: 2 }, "only those who left have one");
    assert!(review.gaps.is_sorted_by_key(|gap| gap.question));
}

#[test]
fn a_table_has_every_heading_and_what_the_outcome_tells() {
    let evidence = six();
    let table = ReviewTable::of(&evidence);
    let row = table.row(3).unwrap();
    assert_eq!((row.account_id.as_str(), row.cells.len()), ("c-3", HEADINGS.len()));
    assert_eq!((row.cells[0].as_str(), row.cells[7].as_str(), row.cells[8].as_str()), ("Di", "2019-04-14", "churned"));
    assert_eq!(row.cells[17], "price");
    assert_eq!(table.row(6), None);
}

/// The page as plain lines.
fn lines(review: &AccountReview) -> String {
    blocks(review).into_iter().map(told).collect::<Vec<_>>().concat()
}

fn told(block: Block) -> String {
    match block {
        Block::Heading(level, text) => format!("\n{} {text}\n", "#".repeat(level.into())),
        Block::Text(text) => format!("{text}\n"),
        Block::Told(tone, text) => format!("{tone:?}: {text}\n"),
        Block::List(items) => items.iter().map(|item| format!("- {item}\n")).collect::<Vec<_>>().concat(),
        Block::Table(Table { caption, columns, rows }) => {
            assert!(rows.iter().all(|row| row.len() == columns.len()), "{caption}");
            let heads: Vec<&str> = columns.iter().map(|head| head.name.as_str()).collect();
            let row = |row: &Vec<Cell>| {
                let text = |cell: &Cell| if cell.faint { format!("({})", cell.text) } else { cell.text.clone() };
                format!("  {}\n", row.iter().map(text).collect::<Vec<_>>().join(" | "))
            };
            let rows: Vec<String> = rows.iter().map(row).collect();
            format!("[{caption}]\n  {}\n{}", heads.join(" | "), rows.concat())
        }
        Block::Chart(_) | Block::Cards(_) | Block::Pond(_) => unreachable!("a review has none"),
    }
}

#[test]
fn the_page_of_six_accounts() {
    insta::assert_snapshot!(lines(&AccountReview::of(&six())));
}

#[test]
fn where_nothing_is_told_the_page_says_so_calmly() {
    let won = Outcome { status: Some(Status::Won), ..Outcome::default() };
    let sector = Column { name: "plan".into(), data: texts(&["a"; 20]) };
    let review = AccountReview::of(&evidence(vec![sector], vec![won; 20], vec![]));
    insta::assert_snapshot!(lines(&review));
    let none = AccountReview::of(&evidence(vec![], vec![], vec![]));
    assert!(lines(&none).contains("There are no accounts yet"));
}

#[test]
fn attributes_stand_in_for_a_review() {
    let column = |name: &str, data| Column { name: name.into(), data };
    let columns = vec![column("Country", texts(&["DE", "DE"])), column("# of employees", numbers(&[7.0, 9.0]))];
    let won = Outcome { status: Some(Status::Won), ..Outcome::default() };
    let review = AccountReview::of(&evidence(columns, vec![won; 2], vec![]));
    assert_eq!(review.places.levels[0].customers, Share { part: 2, of: 2 });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn parts_add_up(rows in prop::collection::vec((0..4_usize, 0..4_usize, -100..1000_i32), 1..60)) {
        let status = [None, Some(Status::Won), Some(Status::Lost), Some(Status::Churned)];
        let outcomes = rows.iter().map(|(_, at, value)| Outcome { status: status[*at], value: Some((*value).into()), ..Outcome::default() });
        let industries: Vec<&str> = rows.iter().map(|(industry, ..)| ["", "a", "b", "c"][*industry]).collect();
        let evidence = evidence(vec![], outcomes.collect(), vec![(ReviewField::Industry, texts(&industries))]);
        let review = AccountReview::of(&evidence);
        let levels = &review.industries.levels;
        prop_assert_eq!(levels.iter().map(|level| level.customers.part).sum::<u64>(), review.industries.told.part);
        prop_assert_eq!(review.industries.told.of, review.customers);
        prop_assert!(levels.is_sorted_by_key(|level| std::cmp::Reverse(level.customers.part)));
        let standing = &review.standing;
        prop_assert_eq!(standing.active + standing.churned + standing.lost + standing.unknown, review.accounts);
        prop_assert!(!blocks(&review).is_empty());
    }
}
