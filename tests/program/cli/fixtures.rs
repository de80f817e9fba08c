//! Tables of generated accounts, from small seeded generators, and the formats of their cells.

/// A random number generator with the same output everywhere (`SplitMix64`).
pub(crate) struct TestRng(pub(crate) u64);

impl TestRng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a uniform number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    /// Returns true with the probability of these log-odds.
    pub(crate) fn happens(&mut self, log_odds: f64) -> bool {
        self.unit() < 1.0 / (1.0 + (-log_odds).exp())
    }
}

/// A header and rows.
#[derive(Clone, Debug)]
pub(crate) struct TestTable {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl TestTable {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|&name| name.to_owned()).collect(), rows: Vec::new() }
    }

    /// Parses a table from CSV text.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect());
        Self { header: rows.next().unwrap(), rows: rows.collect() }
    }

    pub(crate) fn column_index(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap()
    }

    pub(crate) fn column(&self, column: &str) -> Vec<&str> {
        let place = self.column_index(column);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// Removes this column.
    pub(crate) fn without_column(mut self, column: &str) -> Self {
        let place = self.column_index(column);
        self.header.remove(place);
        self.rows.iter_mut().for_each(|row| drop(row.remove(place)));
        self
    }

    /// Adds a column at the end.
    pub(crate) fn with_column(mut self, column: &str, mut cell: impl FnMut(usize) -> String) -> Self {
        self.header.push(column.to_owned());
        self.rows.iter_mut().enumerate().for_each(|(index, row)| row.push(cell(index)));
        self
    }

    /// Maps every cell of this column.
    pub(crate) fn map_column(mut self, column: &str, cell: impl Fn(usize, &str) -> String) -> Self {
        let place = self.column_index(column);
        self.rows.iter_mut().enumerate().for_each(|(index, row)| row[place] = cell(index, &row[place]));
        self
    }

    pub(crate) fn rename_column(mut self, column: &str, name: &str) -> Self {
        let place = self.column_index(column);
        name.clone_into(&mut self.header[place]);
        self
    }

    /// Formats the table with this delimiter and line end.
    pub(crate) fn text(&self, delimiter: u8, ending: csv::Terminator) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(ending).from_writer(Vec::new());
        writer.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    pub(crate) fn csv(&self) -> String {
        self.text(b',', csv::Terminator::Any(b'\n'))
    }
}

/// Customers to learn from, and held-out prospects with their true outcomes.
#[derive(Clone, Debug)]
pub(crate) struct SyntheticData {
    pub(crate) customers: TestTable,
    pub(crate) prospects: TestTable,
    pub(crate) truth: Vec<bool>,
}

const SECTORS: [(&str, f64); 6] =
    [("Fintech", 1.2), ("Retail", -0.8), ("Mining", -1.2), ("Health", 0.6), ("Logistics", 0.0), ("Media", 0.2)];

const TOOLS: [(&str, f64); 4] = [("SAP", 0.9), ("Slack", 0.0), ("Oracle", -0.7), ("Jira", 0.3)];

/// Generates accounts with `id, sector, employees, remote, tools, founded, region, status`; all but the region are
/// predictive.
pub(crate) fn synthetic_data(seed: u64, customers: usize, prospects: usize, base: f64) -> SyntheticData {
    let mut chance = TestRng(seed);
    let (customers, _) = accounts(&mut chance, "c", customers, base);
    let (prospects, truth) = accounts(&mut chance, "p", prospects, base);
    SyntheticData { customers, prospects: prospects.without_column("status"), truth }
}

fn accounts(chance: &mut TestRng, prefix: &str, count: usize, base: f64) -> (TestTable, Vec<bool>) {
    let mut table = TestTable::new(&["id", "sector", "employees", "remote", "tools", "founded", "region", "status"]);
    let mut truth = Vec::new();
    for number in 1..=count {
        let (sector, mut log_odds) = SECTORS[chance.below(SECTORS.len())];
        let employees = 5 + (chance.unit() * chance.unit() * 4_000.0) as u32;
        let remote = chance.unit() < 0.5;
        let tools: Vec<_> = TOOLS.iter().filter(|_| chance.unit() < 0.4).collect();
        let founded = format!("{}-0{}-15", 1990 + chance.below(30), 1 + chance.below(9));
        log_odds += base + (f64::from(employees) / 500.0).ln() * 0.6 + if remote { 0.5 } else { -0.5 };
        log_odds += tools.iter().map(|(_, effect)| effect).sum::<f64>();
        let won = chance.happens(log_odds);
        truth.push(won);
        table.rows.push(vec![
            format!("{prefix}{number}"),
            sector.to_owned(),
            employees.to_string(),
            if remote { "yes" } else { "no" }.to_owned(),
            tools.iter().map(|(tool, _)| *tool).collect::<Vec<_>>().join("; "),
            founded,
            ["North", "South", "East"][chance.below(3)].to_owned(),
            if won { "won" } else { "lost" }.to_owned(),
        ]);
    }
    (table, truth)
}

/// Returns the probability that a prospect that was won has a higher score than one that was not.
pub(crate) fn auc(scores: &[f64], truth: &[bool]) -> f64 {
    let of = |wanted: bool| scores.iter().zip(truth).filter(move |(_, won)| **won == wanted).map(|(score, _)| *score);
    let mut better = 0.0;
    for won in of(true) {
        better +=
            of(false).map(|lost| if won > lost { 1.0 } else { f64::from(u8::from(won == lost)) / 2.0 }).sum::<f64>();
    }
    better / (of(true).count() * of(false).count()) as f64
}

/// Returns a mapping for [`synthetic_data`], with `top` before its tables.
pub(crate) fn mapping_toml(top: &str) -> String {
    format!("{top}\n{OUTCOME}")
}

/// The attributes of [`synthetic_data`], as in a mapping.
pub(crate) const ATTRIBUTES: &str = r#"
id = "id"
attributes = ["sector", "employees", "remote", "tools", "founded", "region"]
list = ["tools"]
"#;

const OUTCOME: &str = r#"
[outcome]
status = { column = "status", won = ["won"], lost = ["lost"] }
[label]
policy = "won"
"#;
