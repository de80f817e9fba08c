//! From a file to scores, for every file format.

use std::io::Write as _;

use crate::cli::fixtures::{ATTRIBUTES, SyntheticData, TestRng, mapping_toml, synthetic_data};
use crate::cli::score_table::{assert_ranking, train_and_score, train_story};
use crate::cli::support::Bench;

const ATTRIBUTE_NAMES: [&str; 6] = ["sector", "employees", "remote", "tools", "founded", "region"];

fn bench(top: &str) -> Bench {
    let bench = Bench::empty();
    bench.write("map.toml", &mapping_toml(top));
    bench
}

#[test]
fn delimiters_are_found_and_change_no_score() {
    let story = synthetic_data(1, 400, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    let expected = train_story(&plain, &story, "id");
    expected.assert_attributes(&ATTRIBUTE_NAMES);
    for delimiter in [b';', b'\t', b'|'] {
        let bench = bench(ATTRIBUTES);
        bench.write("c.txt", &story.customers.text(delimiter, csv::Terminator::CRLF));
        bench.write("p.txt", &story.prospects.text(delimiter, csv::Terminator::Any(b'\n')));
        train_and_score(&bench, "c.txt", "p.txt", &story.prospects.column("id"));
        assert_eq!(bench.read("out.csv"), plain.read("out.csv"), "{:?}", delimiter as char);
    }
}

#[test]
fn gzip_byte_order_mark_and_crlf_change_no_score() {
    let story = synthetic_data(2, 400, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    train_story(&plain, &story, "id");
    let bench = bench(ATTRIBUTES);
    for (name, table) in [("c.csv.gz", &story.customers), ("p.csv.gz", &story.prospects)] {
        let text = format!("\u{feff}{}", table.text(b',', csv::Terminator::CRLF));
        let file = std::fs::File::create(bench.path(name)).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap();
    }
    train_and_score(&bench, "c.csv.gz", "p.csv.gz", &story.prospects.column("id"));
    assert_eq!(bench.read("out.csv"), plain.read("out.csv"));
}

#[test]
fn quotes_and_line_breaks_within_cells_are_part_of_them() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(3, 400, 300, -0.5);
    let hard = |_: usize, text: &str| format!("the \"{text}\",\nsays; a, b");
    let story = SyntheticData {
        customers: customers.map_column("sector", hard),
        prospects: prospects.map_column("sector", hard),
        truth,
    };
    let bench = bench(ATTRIBUTES);
    let scored = train_story(&bench, &story, "id");
    scored.assert_attributes(&ATTRIBUTE_NAMES);
    assert!(scored.reasons.iter().flatten().any(|(text, _)| text.contains("\"Fintech\"")));
}

#[test]
fn other_markers_of_missing_are_missing() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(4, 500, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    let gone = |index: usize, text: &str| if index.is_multiple_of(3) { String::new() } else { text.to_owned() };
    let empty = SyntheticData {
        customers: customers.map_column("sector", gone).map_column("employees", gone),
        prospects: prospects.map_column("sector", gone).map_column("employees", gone),
        truth,
    };
    let expected = train_story(&plain, &empty, "id");
    let marked = |index: usize, text: &str| match text {
        "" => ["?", "Unknown", "n/a", "-"][index % 4].to_owned(),
        _ => text.to_owned(),
    };
    let bench = bench(&format!("missing = [\"?\", \"Unknown\", \"n/a\", \"-\"]\n{ATTRIBUTES}"));
    let story = SyntheticData {
        customers: empty.customers.map_column("sector", marked).map_column("employees", marked),
        prospects: empty.prospects.map_column("sector", marked).map_column("employees", marked),
        truth: empty.truth,
    };
    assert_eq!(train_story(&bench, &story, "id").probabilities, expected.probabilities);
    assert_eq!(bench.read("out.csv"), plain.read("out.csv"));
}

#[test]
fn rows_without_an_id_are_called_by_their_numbers() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(5, 400, 250, -0.5);
    let bench = bench(&ATTRIBUTES.replace("id = \"id\"\n", ""));
    bench.write("c.csv", &customers.without_column("id").csv());
    bench.write("p.csv", &prospects.without_column("id").csv());
    let ids: Vec<_> = (1..=250).map(|number| format!("row-{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let (_, scored) = train_and_score(&bench, "c.csv", "p.csv", &ids);
    assert_eq!(scored.id_header, "row");
    assert_ranking(&scored, &truth);
    let explained = bench.ok("explain p.csv --mapping map.toml --id row-7 --json").json();
    assert_eq!(explained["probability"].as_f64().unwrap(), scored.probabilities[6]);
    bench.exits_with("explain p.csv --mapping map.toml --id p7", 3).assert_stderr("row-1, row-2");
}

#[test]
fn repeated_ids_stay_unchanged() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(6, 400, 250, -0.5);
    let shared = |index: usize, _: &str| format!("a{}", index / 2);
    let story = SyntheticData {
        customers: customers.map_column("id", shared),
        prospects: prospects.map_column("id", shared),
        truth,
    };
    let bench = bench(ATTRIBUTES);
    train_story(&bench, &story, "id");
    let again = bench.ok("import c.csv --mapping map.toml --json");
    assert_eq!(again.json()["accounts"], "400");
    again.assert_stderr("200 rows repeat an id");
}

#[test]
fn eighty_five_customers_are_enough_for_strong_signals() {
    let mut story = synthetic_data(7, 85, 400, -0.3);
    let best = |row: &[String]| row[1] == "Fintech" || row[3] == "yes";
    for (index, row) in story.customers.rows.iter_mut().enumerate() {
        let ideal = best(row) != (index % 8 == 0);
        row[7] = if ideal { "won" } else { "lost" }.to_owned();
    }
    story.truth = story.prospects.rows.iter().map(|row| best(row)).collect();
    let bench = bench(ATTRIBUTES);
    train_story(&bench, &story, "id");
    assert_eq!(bench.ok("model list --json").json()[0]["evaluation"]["rows"], "85");
}

#[test]
fn rare_positives_are_ranked_and_not_overrated() {
    let mut story = synthetic_data(8, 5_000, 3_000, -5.6);
    let won = story.customers.column("status").iter().filter(|status| **status == "won").count();
    assert!((30..=80).contains(&won), "{won} of 5000 won");
    let mut chance = TestRng(80);
    story.customers.rows.iter_mut().for_each(|row| row[6] = format!("r{}", chance.below(5)));
    let bench = bench(ATTRIBUTES);
    let scored = train_story(&bench, &story, "id");
    let mean = scored.probabilities.iter().sum::<f64>() / scored.probabilities.len() as f64;
    let rate = won as f64 / 5_000.0;
    assert!(mean > rate / 3.0 && mean < rate * 3.0, "mean {mean} of a rate of {rate}");
}

#[test]
fn a_long_list_is_scored_in_order() {
    let story = synthetic_data(9, 300, 1_777, -0.3);
    let bench = bench(ATTRIBUTES);
    let scored = train_story(&bench, &story, "id");
    bench.ok("score p.csv --mapping map.toml -o top.csv --top 1777");
    let mut best = crate::cli::score_table::ScoreTable::read(&bench.read("top.csv")).probabilities;
    assert!(best.is_sorted_by(|a, b| a >= b));
    let mut all = scored.probabilities;
    all.sort_by(f64::total_cmp);
    best.reverse();
    assert_eq!(best, all);
}

/// Converts the table to JSON Lines, without empty cells.
fn json_lines(text: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let object = |record: csv::StringRecord| {
        let cells = header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        let object: serde_json::Map<_, _> = cells.map(|(name, cell)| (name.to_owned(), cell.into())).collect();
        format!("{}\n", serde_json::Value::Object(object))
    };
    reader.records().map(|record| object(record.unwrap())).collect()
}

#[test]
fn json_lines_are_read_and_written() {
    let bench = Bench::trained();
    bench.ok("score prospects.csv --mapping mapping.toml -o out.csv");
    let expected = crate::cli::score_table::ScoreTable::read(&bench.read("out.csv"));
    bench.write("customers.ndjson", &json_lines(&bench.read("customers.csv")));
    bench.write("prospects.ndjson", &json_lines(&bench.read("prospects.csv")));
    let customers = bench.lines("customers.csv").len() - 1;
    assert_eq!(
        bench.ok("import customers.ndjson --mapping mapping.toml --json").json()["accounts"],
        customers.to_string()
    );
    bench.ok("data check customers.ndjson -o proposed.toml");
    bench.ok("score prospects.ndjson --mapping mapping.toml -o out.ndjson");
    let scores: Vec<serde_json::Value> =
        bench.lines("out.ndjson").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = scores.iter().map(|score| score["accountId"].as_str().unwrap()).collect();
    let probabilities: Vec<f64> = scores.iter().map(|score| score["probability"].as_f64().unwrap()).collect();
    assert_eq!((ids, probabilities), (expected.ids.iter().map(String::as_str).collect(), expected.probabilities));
    bench.ok("targets prospects.ndjson --mapping mapping.toml -o targets.jsonl --top 3");
    assert!(bench.lines("targets.jsonl").iter().all(|line| line.starts_with('{')));
    bench.ok("export-review -o review.jsonl");
    assert!(bench.lines("review.jsonl")[0].contains("\"Account ID\""));
}

#[test]
fn headings_match_the_model_however_they_are_written() {
    let bench = Bench::trained();
    bench.ok("score prospects.csv -o out.csv");
    let expected = bench.lines("out.csv");
    let (header, rows) =
        bench.read("prospects.csv").split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    bench.write("other.csv", &format!("\u{feff}{}\n{rows}", header.to_uppercase().replace('_', " ")));
    bench.ok("score other.csv -o other.out.csv").assert_stderr("columns are matched");
    assert_eq!(bench.lines("other.out.csv")[1..], expected[1..]);
    bench.write(
        "wrong.csv",
        &format!("{}\n{rows}", header.replace(',', " of it,").replace("company_id of it", "company_id")),
    );
    let last = header.rsplit(',').next().unwrap();
    bench.write("wrong.csv", &bench.read("wrong.csv").replacen(last, "else", 1));
    let id = rows.split(',').next().unwrap();
    let explain = format!("explain wrong.csv --id {id}");
    for line in ["score wrong.csv -o wrong.out.csv", "targets wrong.csv", explain.as_str()] {
        bench.exits_with(line, 3).assert_stderr("no column of wrong.csv is an attribute of the model");
    }
}

#[test]
fn no_written_table_contains_a_formula() {
    let bench = Bench::trained();
    let mut lines = bench.lines("prospects.csv");
    let row = |line: &str, id: &str| format!("\"{id}\",{}", line.split_once(',').unwrap().1);
    lines[1] = row(&lines[1], "=1+1");
    lines[2] = row(&lines[2], "@SUM(A1)");
    lines[3] = format!("{},one,more", row(&lines[3], "+1+cmd|' /C calc'!A0"));
    bench.write("formulas.csv", &lines.join("\n"));
    bench.ok("score formulas.csv --mapping mapping.toml -o out.csv --rejects rejects.csv");
    bench.ok("targets formulas.csv --mapping mapping.toml -o targets.csv");
    for file in ["out.csv", "rejects.csv", "targets.csv"] {
        let text = bench.read(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let is_formula = |cell: &str| cell.starts_with(['=', '@', '+', '-']) && cell.parse::<f64>().is_err();
        assert!(records.iter().flatten().all(|cell| !is_formula(cell)), "{file}: {text}");
    }
    assert!(bench.lines("out.csv")[1].starts_with("'=1+1,"));
}

#[test]
fn file_options_override_detection() {
    let bench = Bench::empty();
    let rows =
        (0..40).map(|number| format!("A{number},{},{}", number * 7, ["won", "lost"][number % 2])).collect::<Vec<_>>();
    bench.write("report.csv", &format!("1,2,3\nid,size,status\n{}\n", rows.join("\n")));
    let run = bench.ok("data check report.csv --header-row 2 -o map.toml");
    run.assert_stderr("the header is row 2");
    assert!(bench.read("map.toml").contains("header_row = 2"));
    assert_eq!(bench.ok("import report.csv --mapping map.toml --json").json()["accounts"], "40");
    bench.exits_with("data check report.csv --header-row 0", 2).assert_stderr("--header-row is 0");
    bench.exits_with("data check report.csv --encoding utf-9", 2).assert_stderr("--encoding is \"utf-9\"");
    bench.write("prose.txt", "Dear all,\nplease find the list attached\n");
    bench.exits_with("data check prose.txt", 3).assert_stderr("not a table");
}
