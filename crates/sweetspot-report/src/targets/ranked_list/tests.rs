use proptest::prelude::*;
use prost::Message as _;
use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Date, Definition, Outcome, OutcomeStatus, Value};
use sweetspot_model::ModelArtifact;
use sweetspot_stored::example;

use super::*;
use crate::targets::{ShiftSize, TargetDocument, blocks};
use crate::{Block, Chart, ChartKind};

fn customers(rows: usize) -> Customers {
    let employees = (0..rows).map(|row| Some((row * 7 % 90) as f64)).collect();
    let columns = vec![Column { name: "employees".to_owned(), data: ColumnData::Numbers(employees) }];
    let status = |row: usize| if row.is_multiple_of(3) { OutcomeStatus::Lost } else { OutcomeStatus::Won };
    let outcomes = (0..rows).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() });
    let table = AccountTable::new((0..rows).map(|row| format!("c{row}")).collect(), columns).unwrap();
    Customers::new(table, outcomes.collect(), None).unwrap()
}

fn input(rows: usize) -> (ReportInput, Scorer) {
    let model = ModelArtifact::from_bytes(&example::artifact().encode_to_vec()).unwrap();
    let scorer = Scorer::compile(&model).unwrap();
    let (definition, as_of) = (Definition::default(), Date { days: 20_000 });
    (ReportInput::new("v".to_owned(), model, &scorer, customers(rows), definition, as_of).unwrap(), scorer)
}

fn account(number: usize, employees: f64) -> Account {
    let attributes = [("employees".to_owned(), Value::Number(employees)), ("remote".to_owned(), Value::Flag(false))];
    Account { id: format!("c{number}"), attributes: attributes.into() }
}

fn list(rows: usize, accounts: &[Account], wanted: &TargetListOptions) -> TargetList {
    let (input, scorer) = input(rows);
    TargetList::new(&input, &scorer, &ExplanationContext::new(&input, &scorer), accounts, wanted)
}

/// The list as a document, for a model of this many customers.
fn document(rows: usize, list: TargetList) -> Vec<Block> {
    blocks(
        &TargetDocument { list, excluded_count: 2, unusable_count: 1, ignored_value_count: 0, warnings: vec![] },
        &input(rows).0,
    )
}

proptest! {
    #[test]
    fn a_ranking_is_a_permutation_and_its_parts_make_the_whole(sizes in prop::collection::vec(0..99_u8, 1..30), skip in 0..30_usize) {
        let accounts: Vec<Account> =
            sizes.iter().enumerate().map(|(number, size)| account(number, f64::from(*size))).collect();
        let wanted = TargetListOptions { top: 100, reasons: 2, tiering: Tiering::Capacity([3, 4, 5]), ..TargetListOptions::default() };
        let whole = list(20, &accounts, &wanted);
        let mut ids: Vec<&str> = whole.targets.iter().map(|target| target.id.as_str()).collect();
        prop_assert!(whole.targets.is_sorted_by(|a, b| a.fit.probability > b.fit.probability
            || a.fit.probability == b.fit.probability && a.id < b.id));
        prop_assert!(whole.targets.iter().all(|one| one.look_alikes.iter().all(|alike| alike.id != one.id)));
        ids.sort_unstable();
        let mut expected: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
        expected.sort_unstable();
        prop_assert_eq!(ids, expected);
        let rest = list(20, &accounts, &TargetListOptions { skip, ..wanted });
        prop_assert_eq!(rest.targets.as_slice(), whole.targets.get(skip..).unwrap_or_default());
        prop_assert_eq!(rest.tiers, whole.tiers);
        prop_assert_eq!(&rest.scores, &whole.scores);
        prop_assert_eq!(whole.scores.counts.iter().sum::<u64>(), whole.accounts);
        prop_assert_eq!(whole.scores.tiers.iter().sum::<u64>(), whole.accounts);
    }
}

#[test]
fn a_target_tells_why_whom_it_is_like_and_what_would_lift_it() {
    let wanted = TargetListOptions { top: 10, reasons: 3, explained_count: 1, ..TargetListOptions::default() };
    let list = list(20, &[account(1, 5.0), account(99, 60.0)], &wanted);
    let [best, other] = list.targets.as_slice() else { panic!("{list:?}") };
    assert_eq!((best.id.as_str(), best.rank, other.id.as_str()), ("c99", 1, "c1"));
    assert!(
        best.look_alikes
            .iter()
            .all(|alike| alike.ideal == Some(true) && alike.shared_values == ["employees: 50 or more"])
    );
    let step = other.next_step.as_ref().unwrap();
    let (tier, least) = other.goal.unwrap();
    assert!(tier < other.tier && step.fit.probability >= least, "{other:?}");
    assert!(list.compared_with_ideal);
    insta::assert_debug_snapshot!(document(20, list));
}

#[test]
fn a_list_of_other_accounts_than_the_customers_is_reported() {
    let accounts: Vec<Account> = (0..200).map(|number| account(number, 5.0)).collect();
    let shifts = list(90, &accounts, &TargetListOptions::default()).shifts;
    let employees = shifts.iter().find(|shift| shift.attribute.key == "employees").unwrap();
    assert_eq!((employees.value.as_str(), employees.size()), ("50 or more", ShiftSize::VeryDifferent));
    assert_eq!((employees.list.part, employees.list.total), (0, 200));
    assert!(shifts.is_sorted_by(|a, b| a.spread * a.index >= b.spread * b.index));
    assert!(list(90, &[], &TargetListOptions::default()).shifts.is_empty());
}

#[test]
fn without_customers_or_accounts_there_is_still_an_answer() {
    let wanted = TargetListOptions { top: 10, ..TargetListOptions::default() };
    let alone = list(0, &[account(1, 5.0)], &wanted);
    assert!(alone.targets.iter().all(|target| target.look_alikes.is_empty()) && !alone.compared_with_ideal);
    let empty = list(20, &[], &wanted);
    assert_eq!((empty.accounts, empty.targets.len(), document(20, empty.clone()).len()), (0, 0, 2));
    assert!(empty.tiers.iter().all(|size| size.accounts == 0 && size.expected_ideal == 0.0));
}

/// The charts of a document.
fn charts(blocks: Vec<Block>) -> Vec<Chart> {
    let chart = |block| if let Block::Chart(chart) = block { Some(*chart) } else { None };
    blocks.into_iter().filter_map(chart).collect()
}

#[test]
fn a_score_is_the_same_in_its_drawing_its_table_and_its_words() {
    let wanted = TargetListOptions { top: 10, explained_count: 3, ..TargetListOptions::default() };
    let accounts: Vec<Account> = (1..6).map(|number| account(number, f64::from(number as u32) * 9.0)).collect();
    let list = list(20, &accounts, &wanted);
    let best: Vec<Fit> = list.targets.iter().take(3).map(|target| target.fit).collect();
    let mut charts = charts(document(20, list));
    let Some(Chart { kind: ChartKind::Strips { strips, .. }, .. }) = charts.pop() else { panic!("{charts:?}") };
    let prospects = strips.last().unwrap();
    assert_eq!((prospects.name.as_str(), prospects.counts.iter().sum::<u64>()), ("This list", 5));
    assert_eq!(charts.len(), 3);
    for (Chart { finding, description, kind, table }, fit) in charts.into_iter().zip(best) {
        let ChartKind::Waterfall { start, steps, .. } = kind else { panic!("{kind:?}") };
        assert_eq!(
            steps.iter().fold(start, |reached, step| reached + step.change),
            fit.log_odds,
            "steps add up exactly"
        );
        assert_eq!(table.rows.len(), steps.len() + 2);
        for (row, step) in table.rows.iter().skip(1).zip(&steps) {
            assert_eq!((&row[0].text, &row[1].text), (&step.name, &step.value_label));
            assert!(description.contains(&format!("{} {}", step.value_label, step.name)), "{description}");
        }
        assert!(finding.contains(&format!(": {} {}", steps[0].value_label, steps[0].name)), "{finding}");
        assert!(steps.iter().any(|step| step.name.ends_with(": missing")), "{steps:?}");
    }
}

#[test]
fn by_no_value_the_document_says_the_order_it_has_and_a_column_of_nothing_is_not_there() {
    let wanted = TargetListOptions { top: 1, order: RankCriterion::ExpectedValue, ..TargetListOptions::default() };
    let told = format!("{:?}", document(20, list(20, &[account(1, 5.0), account(2, 60.0)], &wanted)));
    // No value is known, so the order is by probability.
    assert!(told.contains("most probable first") && told.contains("And 1 more"), "{told}");
    assert!(told.contains("1 row of the list cannot be ranked") && told.contains("2 accounts were left out"), "{told}");
    assert!(!told.contains("\"Expected value\"") && !told.contains("\"Segment\""), "{told}");
}
