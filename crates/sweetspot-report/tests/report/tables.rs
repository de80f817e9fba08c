//! Small tables of customers generated from a seed: ordinary and degenerate ones, to find sentences that only hold for
//! the ordinary.

use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
};

/// A pseudorandom stream that is the same on every platform (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct SeededRandom(u64);

impl SeededRandom {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// The data of one customer.
#[derive(Clone, Debug, Default)]
pub(crate) struct CustomerRow {
    pub(crate) industry: Option<usize>,
    pub(crate) employees: Option<f64>,
    pub(crate) remote: Option<bool>,
    pub(crate) founded: Option<i32>,
    pub(crate) outcome: Outcome,
}

/// A table with its label policy.
#[derive(Clone, Debug)]
pub(crate) struct SampleTable {
    pub(crate) rows: Vec<CustomerRow>,
    pub(crate) preset: LabelPreset,
    /// The number of attributes: the industry, then employees, remote and founded.
    attributes: usize,
    currency: Option<&'static str>,
}

pub(crate) const INDUSTRIES: [&str; 5] = ["Fintech", "Retail", "Media", "Mining", "Health"];

/// The distribution of outcomes.
#[derive(Clone, Copy, Debug)]
struct OutcomeShape {
    won: f64,
    churned: f64,
    unknown: f64,
    /// The factor of the industry's and the size's effects on the log-odds of a sale.
    signal: f64,
    valued: f64,
    costed: f64,
    missing: f64,
    /// The recorded value of a lost deal, relative to the amount of a won one.
    lost_amount: f64,
    /// Whether amounts are all equal (`equal`), or distributed around zero (`negative`).
    equal: bool,
    negative: bool,
}

const PLAIN: OutcomeShape = OutcomeShape {
    won: 0.5,
    churned: 0.2,
    unknown: 0.05,
    signal: 1.0,
    valued: 0.8,
    costed: 0.4,
    missing: 0.1,
    lost_amount: 0.0,
    equal: false,
    negative: false,
};

/// An ordinary shape, and shapes that are degenerate in one way each.
const SHAPES: [OutcomeShape; 10] = [
    PLAIN,
    OutcomeShape { signal: 0.0, ..PLAIN },
    OutcomeShape { signal: 6.0, ..PLAIN },
    OutcomeShape { lost_amount: 3.0, ..PLAIN },
    OutcomeShape { valued: 0.0, ..PLAIN },
    OutcomeShape { equal: true, costed: 0.0, ..PLAIN },
    OutcomeShape { negative: true, costed: 1.0, ..PLAIN },
    OutcomeShape { missing: 0.7, unknown: 0.3, ..PLAIN },
    OutcomeShape { won: 0.85, churned: 0.0, unknown: 0.0, valued: 1.0, ..PLAIN },
    OutcomeShape { won: 1.0, churned: 0.3, unknown: 0.0, ..PLAIN },
];

const PRESETS: [LabelPreset; 4] = [LabelPreset::Won, LabelPreset::Ideal, LabelPreset::Retained, LabelPreset::HighValue];

impl SampleTable {
    /// The table of a seed: each shape with each policy in turn.
    pub(crate) fn new(seed: usize) -> Self {
        let mut chance = SeededRandom::new(seed as u64);
        let shape = SHAPES[seed % SHAPES.len()];
        let industries = 1 + chance.below(INDUSTRIES.len());
        let rows = (0..24 + chance.below(140)).map(|_| row(&mut chance, shape, industries)).collect();
        Self {
            rows,
            preset: PRESETS[(seed / SHAPES.len()) % PRESETS.len()],
            attributes: 1 + chance.below(4),
            currency: chance.happens(0.5).then_some("EUR"),
        }
    }

    pub(crate) fn policy(&self) -> LabelPolicy {
        LabelPolicy { preset: self.preset, ..LabelPolicy::default() }
    }

    pub(crate) fn customers(&self) -> Customers {
        let dictionary = INDUSTRIES.map(str::to_owned).to_vec();
        let codes = self.rows.iter().map(|row| row.industry.map(|code| u32::try_from(code).unwrap())).collect();
        let employees: Vec<Option<f64>> = self.rows.iter().map(|row| row.employees).collect();
        let remote: Vec<Option<bool>> = self.rows.iter().map(|row| row.remote).collect();
        let founded: Vec<Option<Date>> = self.rows.iter().map(|row| row.founded.map(|days| Date { days })).collect();
        let column = |name: &str, data| Column { name: name.to_owned(), data };
        let mut columns = vec![
            column("industry", ColumnData::Categories { dictionary, codes }),
            column("employees", ColumnData::Numbers(employees.into())),
            column("remote", ColumnData::Flags(remote.into())),
            column("founded", ColumnData::Dates(founded.into())),
        ];
        columns.truncate(self.attributes);
        let ids = (0..self.rows.len()).map(|row| format!("c{row}")).collect();
        let outcomes: Vec<Outcome> = self.rows.iter().map(|row| row.outcome.clone()).collect();
        let accounts = AccountTable::new(ids, columns).unwrap();
        Customers::new(accounts, outcomes.into(), self.currency.map(str::to_owned)).unwrap()
    }
}

fn row(chance: &mut SeededRandom, shape: OutcomeShape, industries: usize) -> CustomerRow {
    let industry = chance.below(industries);
    let employees = (5.0 + chance.unit() * chance.unit() * 900.0).round();
    let telling = (industry as f64 - 2.0) / 2.0 + (employees / 150.0).ln().clamp(-1.5, 1.5);
    let base = (shape.won / (1.0 - shape.won).max(1e-9)).ln();
    let won = shape.won >= 1.0 || chance.happens(1.0 / (1.0 + (-(base + shape.signal * telling)).exp()));
    let status = match (chance.happens(shape.unknown), won, chance.happens(shape.churned)) {
        (true, ..) => None,
        (false, false, _) => Some(OutcomeStatus::Lost),
        (false, true, true) => Some(OutcomeStatus::Churned),
        (false, true, false) => Some(OutcomeStatus::Won),
    };
    let amount = if shape.equal { 500.0 } else { (100.0 + chance.unit() * 2_000.0).round() };
    let amount = if shape.negative && chance.happens(0.3) { -amount } else { amount };
    let amount = if status == Some(OutcomeStatus::Lost) { amount * shape.lost_amount } else { amount };
    let mut known = |probability: f64, value: f64| chance.happens(probability).then_some(value);
    let value = if shape.valued > 0.0 && status == Some(OutcomeStatus::Lost) && shape.lost_amount > 0.0 {
        Some(amount)
    } else {
        known(shape.valued, amount)
    };
    let (serve, acquire) = (known(shape.costed, amount.abs() * 0.4), known(shape.costed / 2.0, 250.0));
    let since = known(0.8, 0.0).map(|_| Date { days: 19_300 + i32::try_from(chance.below(1_200)).unwrap() });
    let mut present = || !chance.happens(shape.missing);
    let [a, b, c, d] = [present(), present(), present(), present()];
    CustomerRow {
        industry: a.then_some(industry),
        employees: b.then_some(employees),
        remote: c.then_some(employees % 2.0 == 0.0),
        founded: d.then_some(7_000 + employees as i32),
        outcome: Outcome { status, value, cost_to_serve: serve, cost_to_acquire: acquire, since, ..Outcome::default() },
    }
}
