//! Report inputs of fictional companies.

use std::io::Cursor;

use jiff::Timestamp;
use sweetspot_core::{
    Account, AccountTable, Attribution, Column, ColumnData, Condition, Customers, Date, Definition, Digest,
    ExclusionRule, Hypothesis, Outcome, OutcomeStatus, PondMapSectionKind, Severity, Test, Value, ValueRef,
};
use sweetspot_ingest::{Mapping, Source, read_customers, synth};
use sweetspot_model::{NoProgress, Scorer, TrainingSpec, train};
use sweetspot_report::ReportInput;

/// The day of every document.
pub(crate) const TODAY: Date = Date { days: 20_600 };

/// The demo company with this many customers.
pub(crate) fn company(customers: usize) -> Customers {
    let mapping = Mapping::parse(synth::MAPPING, "made-up accounts").unwrap();
    let text = synth::customers(1, customers);
    read_customers(Source::new("made-up.csv", Cursor::new(text)), &mapping).unwrap().customers
}

/// Customers with one attribute, with an outcome each.
pub(crate) fn customers_with_texts(name: &str, rows: &[(&str, Outcome)]) -> Customers {
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

/// An outcome with this status and no other fields.
pub(crate) fn outcome_with_status(status: OutcomeStatus) -> Outcome {
    Outcome { status: Some(status), ..Outcome::default() }
}

/// Trained on these customers, with this definition.
pub(crate) fn trained_input(customers: Customers, definition: Definition, spec: &TrainingSpec) -> ReportInput {
    let model = train(spec, &customers, Digest::new(b"made up"), &NoProgress).unwrap();
    let scorer = Scorer::compile(&model).unwrap();
    let version = "workspaces/w/models/m/versions/1".to_owned();
    ReportInput::new(version, model, &scorer, customers, definition, TODAY).unwrap()
}

/// Trained with the default spec.
pub(crate) fn default_input(customers: Customers) -> ReportInput {
    trained_input(customers, Definition::default(), &TrainingSpec::default())
}

/// No customers, and one hypothesis.
pub(crate) fn hypothesis_only_input() -> ReportInput {
    let spec = TrainingSpec { hypotheses: vec![hypothesis("sap", "tools", 3.0)], ..TrainingSpec::default() };
    trained_input(Customers::default(), Definition::default(), &spec)
}

/// A hypothesis about one item.
pub(crate) fn hypothesis(id: &str, attribute: &str, odds_ratio: f64) -> Hypothesis {
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

/// Stated by Ann on 1970-01-01, with an optional expiry day.
pub(crate) fn statement_by_ann(until: Option<i32>) -> Attribution {
    let expires = until.map(|days| Timestamp::from_second(i64::from(days) * 86_400).unwrap());
    Attribution {
        author: "Ann".to_owned(),
        stated_at: Timestamp::UNIX_EPOCH,
        reason: "never bought".to_owned(),
        expires,
    }
}

/// An exclusion rule for accounts with few employees.
pub(crate) fn exclusion_rule(severity: Severity, until: Option<i32>) -> ExclusionRule {
    ExclusionRule {
        id: format!("small-{}", severity.as_str()),
        statement: String::new(),
        when: Condition { attribute: "employees".to_owned(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity,
        section: PondMapSectionKind::AccountProfile,
        attribution: statement_by_ann(until),
    }
}

/// The account of one row.
pub(crate) fn account(customers: &Customers, row: usize) -> Account {
    let columns = customers.accounts().columns().iter();
    let values = columns.filter_map(|column| Some((column.name.clone(), to_owned_value(column.data.get(row)?))));
    Account { id: customers.accounts().ids().get(row).unwrap().to_owned(), attributes: values.collect() }
}

fn to_owned_value(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(number),
        ValueRef::Text(text) => Value::Text(text.to_owned()),
        ValueRef::Flag(flag) => Value::Flag(flag),
        ValueRef::List(items) => Value::List(items.into_iter().map(str::to_owned).collect()),
        ValueRef::Date(day) => Value::Date(day),
    }
}
