//! Tables and customers, and the errors of inconsistent parts.

use sweetspot_core::{
    AccountTable, AttributeKind, Column, ColumnData, Customers, CustomersError, Date, Outcome, TableError, Texts,
    ValueRef,
};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn ids(ids: &[&str]) -> Texts {
    ids.iter().collect()
}

fn column(name: &str, data: ColumnData) -> Column {
    Column { name: name.to_owned(), data }
}

fn categories(codes: Vec<Option<u32>>) -> ColumnData {
    ColumnData::Categories { dictionary: texts(&["red", "blue"]), codes: codes.into() }
}

fn lists(rows: Vec<Option<Vec<u32>>>) -> ColumnData {
    ColumnData::Lists { dictionary: texts(&["red", "blue"]), rows: rows.into() }
}

fn one_of_each() -> Vec<ColumnData> {
    vec![
        ColumnData::Numbers(vec![Some(1.5), None].into()),
        categories(vec![Some(1), None]),
        ColumnData::Flags(vec![Some(false), None].into()),
        lists(vec![Some(vec![1, 0]), None]),
        ColumnData::Dates(vec![Some(Date { days: 3 }), None].into()),
    ]
}

#[test]
fn a_table_returns_the_columns_it_was_built_from() {
    let columns: Vec<Column> =
        AttributeKind::ALL.into_iter().zip(one_of_each()).map(|(kind, data)| column(kind.as_str(), data)).collect();
    let table = AccountTable::new(ids(&["a", "b"]), columns.clone()).unwrap();
    assert_eq!((table.rows(), table.ids()), (2, &ids(&["a", "b"])));
    assert_eq!(table.columns(), columns);
    for kind in AttributeKind::ALL {
        let column = table.column(kind.as_str()).unwrap();
        assert_eq!((column.data.kind(), column.data.len(), column.data.is_empty()), (kind, 2, false));
    }
    assert_eq!(table.column("Number"), None, "names are compared exactly");
    assert_eq!(AccountTable::new(Texts::default(), vec![]).unwrap(), AccountTable::default());
}

#[test]
fn values_are_read_by_row() {
    let expected = [
        ValueRef::Number(1.5),
        ValueRef::Text("blue"),
        ValueRef::Flag(false),
        ValueRef::List(vec!["blue", "red"]),
        ValueRef::Date(Date { days: 3 }),
    ];
    for (data, expected) in one_of_each().into_iter().zip(expected) {
        assert_eq!(data.get(0), Some(expected));
        assert_eq!(data.get(1), None, "missing");
        assert_eq!(data.get(2), None, "the row does not exist");
    }
    assert_eq!(lists(vec![Some(vec![])]).get(0), Some(ValueRef::List(vec![])), "an empty list is not missing");
}

#[test]
fn ids_and_names_are_unique() {
    let error = AccountTable::new(ids(&["a", "b", "c", "b", "a"]), vec![]).unwrap_err();
    assert_eq!(error, TableError::DuplicateId { id: "b".to_owned() });
    assert!(error.to_string().contains("\"b\" appears twice"), "{error}");
    let flags = || column("f", ColumnData::Flags(vec![None].into()));
    let error = AccountTable::new(ids(&["a"]), vec![flags(), flags()]).unwrap_err();
    assert_eq!(error, TableError::DuplicateColumn { column: "f".to_owned() });
    assert!(AccountTable::new(ids(&["a", "A", " a"]), vec![]).is_ok(), "ids are compared exactly");
}

#[test]
fn every_column_is_as_long_as_the_ids() {
    for data in one_of_each() {
        for rows in [&["a"][..], &["a", "b", "c"], &[]] {
            let error = AccountTable::new(ids(rows), vec![column("c", data.clone())]).unwrap_err();
            assert_eq!(error, TableError::Length { column: "c".to_owned(), found: 2, rows: rows.len() });
            assert!(error.to_string().contains(&format!("2 values for {} accounts", rows.len())), "{error}");
        }
    }
}

#[test]
fn unusable_values_are_found_by_row() {
    let number = |number| ColumnData::Numbers(vec![Some(0.0), None, Some(number)].into());
    for (data, row) in [
        (number(f64::NAN), 2),
        (number(f64::INFINITY), 2),
        (number(f64::NEG_INFINITY), 2),
        (categories(vec![None, Some(2), Some(9)]), 1),
        (categories(vec![Some(u32::MAX), None, None]), 0),
        (lists(vec![Some(vec![]), Some(vec![0, 1]), Some(vec![0, 2])]), 2),
    ] {
        let error = AccountTable::new(ids(&["a", "b", "c"]), vec![column("c", data)]).unwrap_err();
        assert_eq!(error, TableError::Value { column: "c".to_owned(), row });
        assert!(error.to_string().contains("codes must point into the dictionary"), "{error}");
    }
    let extremes = ColumnData::Numbers(vec![Some(f64::MAX), Some(f64::MIN_POSITIVE), Some(-0.0)].into());
    assert!(AccountTable::new(ids(&["a", "b", "c"]), vec![column("c", extremes)]).is_ok());
}

#[test]
fn every_account_has_one_outcome_with_finite_amounts() {
    let table = || AccountTable::new(ids(&["a", "b"]), vec![]).unwrap();
    for outcomes in [0, 1, 3] {
        let error = Customers::new(table(), vec![Outcome::default(); outcomes].into(), None).unwrap_err();
        assert_eq!(error, CustomersError::Length { outcomes, accounts: 2 });
        assert!(error.to_string().contains(&format!("{outcomes} outcomes for 2 accounts")), "{error}");
    }
    for set in [
        (|outcome, amount| outcome.value = amount) as fn(&mut Outcome, Option<f64>),
        |outcome, amount| outcome.cost_to_serve = amount,
        |outcome, amount| outcome.cost_to_acquire = amount,
    ] {
        for amount in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut outcomes = vec![Outcome::default(); 2];
            set(&mut outcomes[1], Some(amount));
            let error = Customers::new(table(), outcomes.into(), None).unwrap_err();
            assert_eq!(error, CustomersError::NotFinite { id: "b".to_owned() });
            assert!(error.to_string().contains("account \"b\""), "{error}");
        }
    }
    let customers = Customers::new(table(), vec![Outcome::default(); 2].into(), Some("CHF".to_owned())).unwrap();
    assert_eq!((customers.accounts().rows(), customers.outcomes().len()), (2, 2));
    assert_eq!(customers.currency(), Some("CHF"));
}
