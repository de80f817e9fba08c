//! From a file to scores, whatever the file is written like.

use std::io::Write as _;

use crate::cli::made::{ATTRIBUTES, Chance, Story, mapping, story};
use crate::cli::scored::{learned, path, ranks};
use crate::cli::support::Bench;

const NAMES: [&str; 6] = ["sector", "employees", "remote", "tools", "founded", "region"];

fn bench(top: &str) -> Bench {
    let bench = Bench::empty();
    bench.write("map.toml", &mapping(top));
    bench
}

#[test]
fn delimiters_are_found_and_change_no_score() {
    let story = story(1, 400, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    let expected = learned(&plain, &story, "id");
    expected.about(&NAMES);
    for delimiter in [b';', b'\t', b'|'] {
        let bench = bench(ATTRIBUTES);
        bench.write("c.txt", &story.customers.text(delimiter, csv::Terminator::CRLF));
        bench.write("p.txt", &story.prospects.text(delimiter, csv::Terminator::Any(b'\n')));
        path(&bench, "c.txt", "p.txt", &story.prospects.column("id"));
        assert_eq!(bench.read("out.csv"), plain.read("out.csv"), "{:?}", delimiter as char);
    }
}

#[test]
fn packed_files_with_a_mark_and_windows_lines_change_no_score() {
    let story = story(2, 400, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    learned(&plain, &story, "id");
    let bench = bench(ATTRIBUTES);
    for (name, table) in [("c.csv.gz", &story.customers), ("p.csv.gz", &story.prospects)] {
        let text = format!("\u{feff}{}", table.text(b',', csv::Terminator::CRLF));
        let file = std::fs::File::create(bench.path(name)).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap();
    }
    path(&bench, "c.csv.gz", "p.csv.gz", &story.prospects.column("id"));
    assert_eq!(bench.read("out.csv"), plain.read("out.csv"));
}

#[test]
fn quotes_and_line_breaks_within_cells_are_part_of_them() {
    let Story { customers, prospects, truth } = story(3, 400, 300, -0.5);
    let hard = |_: usize, text: &str| format!("the \"{text}\",\nsays; a, b");
    let story =
        Story { customers: customers.rewritten("sector", hard), prospects: prospects.rewritten("sector", hard), truth };
    let bench = bench(ATTRIBUTES);
    let scored = learned(&bench, &story, "id");
    scored.about(&NAMES);
    assert!(scored.reasons.iter().flatten().any(|(text, _)| text.contains("\"Fintech\"")));
}

#[test]
fn other_markers_of_missing_are_missing() {
    let Story { customers, prospects, truth } = story(4, 500, 300, -0.5);
    let plain = bench(ATTRIBUTES);
    let gone = |index: usize, text: &str| if index.is_multiple_of(3) { String::new() } else { text.to_owned() };
    let empty = Story {
        customers: customers.rewritten("sector", gone).rewritten("employees", gone),
        prospects: prospects.rewritten("sector", gone).rewritten("employees", gone),
        truth,
    };
    let expected = learned(&plain, &empty, "id");
    let marked = |index: usize, text: &str| match text {
        "" => ["?", "Unknown", "n/a", "-"][index % 4].to_owned(),
        _ => text.to_owned(),
    };
    let bench = bench(&format!("missing = [\"?\", \"Unknown\", \"n/a\", \"-\"]\n{ATTRIBUTES}"));
    let story = Story {
        customers: empty.customers.rewritten("sector", marked).rewritten("employees", marked),
        prospects: empty.prospects.rewritten("sector", marked).rewritten("employees", marked),
        truth: empty.truth,
    };
    assert_eq!(learned(&bench, &story, "id").probabilities, expected.probabilities);
    assert_eq!(bench.read("out.csv"), plain.read("out.csv"));
}

#[test]
fn rows_without_an_id_are_called_by_their_numbers() {
    let Story { customers, prospects, truth } = story(5, 400, 250, -0.5);
    let bench = bench(&ATTRIBUTES.replace("id = \"id\"\n", ""));
    bench.write("c.csv", &customers.without("id").csv());
    bench.write("p.csv", &prospects.without("id").csv());
    let ids: Vec<_> = (1..=250).map(|number| format!("row-{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let (_, scored) = path(&bench, "c.csv", "p.csv", &ids);
    assert_eq!(scored.id_header, "row");
    ranks(&scored, &truth);
    let explained = bench.ok("explain p.csv --mapping map.toml --id row-7 --json").json();
    assert_eq!(explained["probability"].as_f64().unwrap(), scored.probabilities[6]);
    bench.ends("explain p.csv --mapping map.toml --id p7", 3).says("row-1, row-2");
}

#[test]
fn ids_that_repeat_are_kept_as_they_are() {
    let Story { customers, prospects, truth } = story(6, 400, 250, -0.5);
    let shared = |index: usize, _: &str| format!("a{}", index / 2);
    let story =
        Story { customers: customers.rewritten("id", shared), prospects: prospects.rewritten("id", shared), truth };
    let bench = bench(ATTRIBUTES);
    learned(&bench, &story, "id");
    let again = bench.ok("import c.csv --mapping map.toml --json");
    assert_eq!(again.json()["accounts"], 400);
    again.says("200 rows repeat an id");
}

#[test]
fn eighty_five_customers_are_enough_for_strong_signals() {
    let mut story = story(7, 85, 400, -0.3);
    let best = |row: &[String]| row[1] == "Fintech" || row[3] == "yes";
    for (index, row) in story.customers.rows.iter_mut().enumerate() {
        let ideal = best(row) != (index % 8 == 0);
        row[7] = if ideal { "won" } else { "lost" }.to_owned();
    }
    story.truth = story.prospects.rows.iter().map(|row| best(row)).collect();
    let bench = bench(ATTRIBUTES);
    learned(&bench, &story, "id");
    assert_eq!(bench.ok("model list --json").json()[0]["evaluation"]["rows"], 85);
}

#[test]
fn one_in_a_hundred_is_found_and_not_overrated() {
    let mut story = story(8, 5_000, 3_000, -5.6);
    let won = story.customers.column("status").iter().filter(|status| **status == "won").count();
    assert!((30..=80).contains(&won), "{won} of 5000 won");
    let mut chance = Chance(80);
    story.customers.rows.iter_mut().for_each(|row| row[6] = format!("r{}", chance.below(5)));
    let bench = bench(ATTRIBUTES);
    let scored = learned(&bench, &story, "id");
    let mean = scored.probabilities.iter().sum::<f64>() / scored.probabilities.len() as f64;
    let rate = won as f64 / 5_000.0;
    assert!(mean > rate / 3.0 && mean < rate * 3.0, "mean {mean} of a rate of {rate}");
}

#[test]
fn the_pieces_of_a_long_list_are_in_order() {
    let story = story(9, 300, 1_777, -0.3);
    let bench = bench(ATTRIBUTES);
    let scored = learned(&bench, &story, "id");
    bench.ok("score p.csv --mapping map.toml -o top.csv --top 1777");
    let mut best = crate::cli::scored::Scored::read(&bench.read("top.csv")).probabilities;
    assert!(best.is_sorted_by(|a, b| a >= b));
    let mut all = scored.probabilities;
    all.sort_by(f64::total_cmp);
    best.reverse();
    assert_eq!(best, all);
}

/// The table as JSON Lines, its empty cells left out.
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
    let expected = crate::cli::scored::Scored::read(&bench.read("out.csv"));
    bench.write("customers.ndjson", &json_lines(&bench.read("customers.csv")));
    bench.write("prospects.ndjson", &json_lines(&bench.read("prospects.csv")));
    let customers = bench.lines("customers.csv").len() - 1;
    assert_eq!(bench.ok("import customers.ndjson --mapping mapping.toml --json").json()["accounts"], customers);
    bench.ok("data check customers.ndjson -o proposed.toml");
    bench.ok("score prospects.ndjson --mapping mapping.toml -o out.ndjson");
    let scores: Vec<serde_json::Value> =
        bench.lines("out.ndjson").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = scores.iter().map(|score| score["id"].as_str().unwrap()).collect();
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
    bench.ok("score other.csv -o other.out.csv").says("columns are matched");
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
        bench.ends(line, 3).says("no column of wrong.csv is an attribute of the model");
    }
}

#[test]
fn no_table_that_is_written_holds_a_formula() {
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
fn what_cannot_be_found_out_is_set() {
    let bench = Bench::empty();
    let rows =
        (0..40).map(|number| format!("A{number},{},{}", number * 7, ["won", "lost"][number % 2])).collect::<Vec<_>>();
    bench.write("report.csv", &format!("1,2,3\nid,size,status\n{}\n", rows.join("\n")));
    let run = bench.ok("data check report.csv --header-row 2 -o map.toml");
    run.says("the header is row 2");
    assert!(bench.read("map.toml").contains("header_row = 2"));
    assert_eq!(bench.ok("import report.csv --mapping map.toml --json").json()["accounts"], 40);
    bench.ends("data check report.csv --header-row 0", 2).says("--header-row is 0");
    bench.ends("data check report.csv --encoding utf-9", 2).says("--encoding is \"utf-9\"");
    bench.write("prose.txt", "Dear all,\nplease find the list attached\n");
    bench.ends("data check prose.txt", 3).says("not a table");
}
