//! Parses the scored list, and checks it as a user would.

use crate::cli::fixtures::{SyntheticData, TestTable, auc};
use crate::cli::support::{Bench, Run};

/// The columns of `out.csv`.
pub(crate) struct ScoreTable {
    pub(crate) id_header: String,
    pub(crate) ids: Vec<String>,
    pub(crate) probabilities: Vec<f64>,
    pub(crate) reasons: Vec<Vec<(String, f64)>>,
    pub(crate) versions: Vec<String>,
}

impl ScoreTable {
    /// Parses a scored list and checks the properties of all lists.
    pub(crate) fn read(text: &str) -> Self {
        let table = TestTable::read(text);
        let columns = "score probability low high data_support tier pond_side segment expected_value coverage reasons model_version";
        assert_eq!(table.header[1..].join(" "), columns);
        let mut scored = Self {
            id_header: strip_guard(&table.header[0]).to_owned(),
            ids: Vec::new(),
            probabilities: Vec::new(),
            reasons: Vec::new(),
            versions: Vec::new(),
        };
        for row in &table.rows {
            let probability: f64 = row[2].parse().unwrap();
            assert!(probability > 0.0 && probability < 1.0, "{row:?}");
            let score: f64 = row[1].parse().unwrap();
            assert_eq!(score, (probability * 100.0).round().clamp(1.0, 99.0), "{row:?}");
            let [low, high] = [3, 4].map(|column| row[column].parse::<f64>().unwrap());
            assert!(low <= probability + 5e-5 && probability <= high + 5e-5, "{row:?}");
            assert!(["sufficient", "thin", "none"].contains(&row[5].as_str()), "{row:?}");
            assert!(["A", "B", "C", "D"].contains(&row[6].as_str()), "{row:?}");
            assert!(["IN", "OUT"].contains(&row[7].as_str()), "{row:?}");
            assert!(row[9].is_empty() || row[9].parse::<f64>().unwrap().is_finite(), "{row:?}");
            assert!((0.0..=1.0).contains(&row[10].parse::<f64>().unwrap()), "{row:?}");
            scored.ids.push(strip_guard(&row[0]).to_owned());
            scored.probabilities.push(probability);
            scored.reasons.push(reasons(strip_guard(&row[11])));
            scored.versions.push(row[12].clone());
        }
        scored
    }

    /// Asserts that every reason is about one of these attributes.
    pub(crate) fn assert_attributes(&self, attributes: &[&str]) {
        for (text, _) in self.reasons.iter().flatten() {
            let known = attributes.iter().any(|name| text.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')));
            assert!(known, "{text:?} is about none of {attributes:?}");
        }
    }
}

/// Removes the apostrophe that protects against spreadsheet formulas.
pub(crate) fn strip_guard(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])).unwrap_or(cell)
}

/// Parses `attribute=value:+0.42; …` into texts and figures; a text that contains a separator is quoted.
pub(crate) fn reasons(cell: &str) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    let (mut text, mut figure, mut quoted) = (String::new(), None, false);
    for (at, c) in cell.char_indices() {
        match (c, &mut figure) {
            (';', Some(from)) => {
                found.push((std::mem::take(&mut text), cell[*from..at].parse().unwrap()));
                figure = None;
            }
            (_, Some(_)) => {}
            (':', None) if !quoted => figure = Some(at + 1),
            (' ', None) if text.is_empty() && !quoted => {}
            ('"', None) => {
                // The second of two quotes is the literal one.
                if !quoted && cell[..at].ends_with('"') {
                    text.push('"');
                }
                quoted = !quoted;
            }
            (c, None) => text.push(c),
        }
    }
    found.extend(figure.map(|from| (text.clone(), cell[from..].parse().unwrap())));
    assert!(!quoted && (figure.is_some() || cell.is_empty()), "{cell:?} holds half a reason");
    found
}

/// Trains on `customers`, promotes, scores `prospects` into `out.csv`, and checks the list against the file's ids.
pub(crate) fn train_and_score(bench: &Bench, customers: &str, prospects: &str, ids: &[&str]) -> (Run, ScoreTable) {
    let train = bench.ok(&format!("train {customers} --mapping map.toml --promote"));
    assert!(train.stdout.contains("versions/1 is now live"), "{}", train.stdout);
    let run = bench.ok(&format!("score {prospects} --mapping map.toml -o out.csv"));
    assert!(!run.stderr.contains("rejected"), "{}", run.stderr);
    run.assert_stderr(&format!("scored {} accounts", ids.len()));
    let scored = ScoreTable::read(&bench.read("out.csv"));
    assert_eq!(scored.ids, ids);
    assert!(scored.versions.iter().all(|name| name == "workspaces/default/models/default/versions/1"));
    assert!(scored.reasons.iter().all(|reasons| reasons.len() <= 3));
    (train, scored)
}

/// Does the same with generated data as plain CSV, and asserts that the scores separate won prospects from others.
pub(crate) fn train_story(bench: &Bench, story: &SyntheticData, id: &str) -> ScoreTable {
    bench.write("c.csv", &story.customers.csv());
    bench.write("p.csv", &story.prospects.csv());
    let (_, scored) = train_and_score(bench, "c.csv", "p.csv", &story.prospects.column(id));
    assert_eq!(scored.id_header, id);
    assert_ranking(&scored, &story.truth);
    scored
}

/// Asserts that the scores separate won prospects from others.
#[track_caller]
pub(crate) fn assert_ranking(scored: &ScoreTable, truth: &[bool]) {
    let auc = auc(&scored.probabilities, truth);
    assert!(auc > 0.6, "AUC {auc}");
}
