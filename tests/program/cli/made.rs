//! Tables of made-up accounts, out of small seeded generators, and the cells they are written in.

/// A stream of chance that is the same everywhere (`SplitMix64`).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
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

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    /// Whether something of these log-odds happens.
    pub(crate) fn happens(&mut self, log_odds: f64) -> bool {
        self.unit() < 1.0 / (1.0 + (-log_odds).exp())
    }
}

/// A header and rows.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|&name| name.to_owned()).collect(), rows: Vec::new() }
    }

    /// The table that this text holds.
    pub(crate) fn read(text: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut rows = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect());
        Self { header: rows.next().unwrap(), rows: rows.collect() }
    }

    pub(crate) fn place(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap()
    }

    pub(crate) fn column(&self, column: &str) -> Vec<&str> {
        let place = self.place(column);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// Without this column.
    pub(crate) fn without(mut self, column: &str) -> Self {
        let place = self.place(column);
        self.header.remove(place);
        self.rows.iter_mut().for_each(|row| drop(row.remove(place)));
        self
    }

    /// With another column at the end.
    pub(crate) fn with(mut self, column: &str, mut cell: impl FnMut(usize) -> String) -> Self {
        self.header.push(column.to_owned());
        self.rows.iter_mut().enumerate().for_each(|(index, row)| row.push(cell(index)));
        self
    }

    /// With every cell of this column written otherwise.
    pub(crate) fn rewritten(mut self, column: &str, cell: impl Fn(usize, &str) -> String) -> Self {
        let place = self.place(column);
        self.rows.iter_mut().enumerate().for_each(|(index, row)| row[place] = cell(index, &row[place]));
        self
    }

    pub(crate) fn renamed(mut self, column: &str, name: &str) -> Self {
        let place = self.place(column);
        name.clone_into(&mut self.header[place]);
        self
    }

    /// As text, with this delimiter and line end.
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

/// Customers to learn from, and held-out prospects with what would have become of them.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) customers: Table,
    pub(crate) prospects: Table,
    pub(crate) truth: Vec<bool>,
}

const SECTORS: [(&str, f64); 6] =
    [("Fintech", 1.2), ("Retail", -0.8), ("Mining", -1.2), ("Health", 0.6), ("Logistics", 0.0), ("Media", 0.2)];

const TOOLS: [(&str, f64); 4] = [("SAP", 0.9), ("Slack", 0.0), ("Oracle", -0.7), ("Jira", 0.3)];

/// Accounts with `id, sector, employees, remote, tools, founded, region, status`; all but the region tell something.
pub(crate) fn story(seed: u64, customers: usize, prospects: usize, base: f64) -> Story {
    let mut chance = Chance(seed);
    let (customers, _) = accounts(&mut chance, "c", customers, base);
    let (prospects, truth) = accounts(&mut chance, "p", prospects, base);
    Story { customers, prospects: prospects.without("status"), truth }
}

fn accounts(chance: &mut Chance, prefix: &str, count: usize, base: f64) -> (Table, Vec<bool>) {
    let mut table = Table::new(&["id", "sector", "employees", "remote", "tools", "founded", "region", "status"]);
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

/// How often a prospect that was won has a higher score than one that was not.
pub(crate) fn auc(scores: &[f64], truth: &[bool]) -> f64 {
    let of = |wanted: bool| scores.iter().zip(truth).filter(move |(_, won)| **won == wanted).map(|(score, _)| *score);
    let mut better = 0.0;
    for won in of(true) {
        better +=
            of(false).map(|lost| if won > lost { 1.0 } else { f64::from(u8::from(won == lost)) / 2.0 }).sum::<f64>();
    }
    better / (of(true).count() * of(false).count()) as f64
}

/// A mapping for [`story`], with what is to be said before its tables.
pub(crate) fn mapping(top: &str) -> String {
    format!("{top}\n{OUTCOME}")
}

/// What [`story`] has, as a mapping says it.
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
