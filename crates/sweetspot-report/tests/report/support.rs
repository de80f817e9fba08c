//! Evidence of made-up companies.

use std::io::Cursor;

use jiff::Timestamp;
use sweetspot_core::{
    Account, AccountTable, Column, ColumnData, Condition, Customers, Date, Definition, Digest, Gate, Hypothesis,
    Outcome, PondSection, Severity, Statement, Status, Test, Value, ValueRef,
};
use sweetspot_ingest::{Mapping, Source, read_customers, synth};
use sweetspot_model::{Scorer, TrainingSpec, Unattended, train};
use sweetspot_report::Evidence;

/// The day of every document.
pub(crate) const TODAY: Date = Date { days: 20_600 };

/// The demonstration's company with so many customers.
pub(crate) fn company(customers: usize) -> Customers {
    let mapping = Mapping::parse(synth::MAPPING, "made-up accounts").unwrap();
    let text = synth::customers(1, customers);
    read_customers(Source::new("made-up.csv", Cursor::new(text)), &mapping).unwrap().customers
}

/// Customers of whom one attribute is known, with an outcome each.
pub(crate) fn with_texts(name: &str, rows: &[(&str, Outcome)]) -> Customers {
    let mut dictionary: Vec<String> = Vec::new();
    let codes = rows.iter().map(|(text, _)| {
        let known = dictionary.iter().position(|one| one == text);
        let code = known.unwrap_or_else(|| {
            dictionary.push((*text).to_owned());
            dictionary.len() - 1
        });
        Some(u32::try_from(code).unwrap())
    });
    let codes = codes.collect();
    let column = Column { name: name.to_owned(), data: ColumnData::Categories { dictionary, codes } };
    let ids = (0..rows.len()).map(|row| format!("c{row}")).collect();
    let outcomes: Vec<Outcome> = rows.iter().map(|(_, outcome)| outcome.clone()).collect();
    Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes.into(), None).unwrap()
}

/// An outcome of this status and nothing else.
pub(crate) fn only(status: Status) -> Outcome {
    Outcome { status: Some(status), ..Outcome::default() }
}

/// Trained on these customers, with what people agree on.
pub(crate) fn evidence_of(customers: Customers, definition: Definition, spec: &TrainingSpec) -> Evidence {
    let model = train(spec, &customers, Digest::of(b"made up"), &Unattended).unwrap();
    let scorer = Scorer::compile(&model).unwrap();
    let version = "workspaces/w/models/m/versions/1".to_owned();
    Evidence::new(version, model, &scorer, customers, definition, TODAY).unwrap()
}

/// Trained with the defaults.
pub(crate) fn evidence(customers: Customers) -> Evidence {
    evidence_of(customers, Definition::default(), &TrainingSpec::default())
}

/// No customers at all: one belief.
pub(crate) fn believed() -> Evidence {
    let spec = TrainingSpec { hypotheses: vec![belief("sap", "tools", 3.0)], ..TrainingSpec::default() };
    evidence_of(Customers::default(), Definition::default(), &spec)
}

/// A belief on one item.
pub(crate) fn belief(id: &str, attribute: &str, odds_ratio: f64) -> Hypothesis {
    Hypothesis {
        id: id.to_owned(),
        statement: String::new(),
        when: Condition { attribute: attribute.to_owned(), test: Test::AnyOf(vec!["SAP".to_owned()]) },
        odds_ratio,
        confidence_customers: 20.0,
        author: "Ann".to_owned(),
        expires: None,
    }
}

/// Said by Ann on the first day of 1970, until a day if any.
pub(crate) fn by_ann(until: Option<i32>) -> Statement {
    let expires = until.map(|days| Timestamp::from_second(i64::from(days) * 86_400).unwrap());
    Statement { author: "Ann".to_owned(), stated: Timestamp::UNIX_EPOCH, reason: "never bought".to_owned(), expires }
}

/// A rule against accounts with few employees.
pub(crate) fn gate(severity: Severity, until: Option<i32>) -> Gate {
    Gate {
        id: format!("small-{}", severity.word()),
        statement: String::new(),
        when: Condition { attribute: "employees".to_owned(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity,
        section: PondSection::AccountProfile,
        by: by_ann(until),
    }
}

/// The account of one row.
pub(crate) fn account(customers: &Customers, row: usize) -> Account {
    let columns = customers.accounts().columns().iter();
    let values = columns.filter_map(|column| Some((column.name.clone(), owned(column.data.get(row)?))));
    Account { id: customers.accounts().ids().get(row).unwrap().to_owned(), attributes: values.collect() }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(number),
        ValueRef::Text(text) => Value::Text(text.to_owned()),
        ValueRef::Flag(flag) => Value::Flag(flag),
        ValueRef::List(items) => Value::List(items.into_iter().map(str::to_owned).collect()),
        ValueRef::Date(day) => Value::Date(day),
    }
}
