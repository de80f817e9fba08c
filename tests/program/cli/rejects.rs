//! Rejected rows do not affect the others.

use crate::cli::support::Bench;

/// Writes the list of prospects with a row in the middle that has one cell too many.
fn write_spoiled(bench: &Bench, name: &str) -> usize {
    let mut lines = bench.lines(name);
    let spoilt = format!("{},and,more,cells,than,columns", lines[2]);
    lines.insert(3, spoilt);
    bench.write("spoilt.csv", &lines.join("\n"));
    lines.len() - 2
}

#[test]
fn valid_rows_are_scored_and_the_reject_is_listed() {
    let bench = Bench::trained();
    let usable = write_spoiled(&bench, "prospects.csv");
    let run = bench.ok("score spoilt.csv --mapping mapping.toml -o out.csv --rejects rejects.csv");
    run.assert_stderr("1 row rejected").assert_stderr("rejects.csv");
    assert_eq!(bench.lines("out.csv").len() - 1, usable);
    let rejects = bench.lines("rejects.csv");
    assert_eq!(rejects[0], "row,id,reason,description");
    assert!(rejects.len() == 2 && rejects[1].starts_with("3,"), "{rejects:?}");
}

#[test]
fn rejects_are_printed_without_a_rejects_file() {
    let bench = Bench::trained();
    write_spoiled(&bench, "prospects.csv");
    bench
        .ok("score spoilt.csv --mapping mapping.toml -o out.csv -q")
        .assert_stderr("1 row rejected")
        .assert_stderr("row 3");
}

#[test]
fn a_zero_byte_rejects_its_row_and_is_reported_with_its_row_number() {
    let bench = Bench::trained();
    let mut lines = bench.lines("prospects.csv");
    lines[2].push('\0');
    bench.write("zero.csv", &lines.join("\n"));
    let column = lines[0].matches(',').count() + 1;
    let run = bench.ok("score zero.csv --mapping mapping.toml -o out.csv");
    run.assert_stderr("1 row rejected")
        .assert_stderr("row 2: byte ")
        .assert_stderr(&format!("of the cell in column {column} of the row on line 3"));
    run.assert_stderr("is zero: remove it").assert_stderr("[ZERO_BYTE]");
    assert_eq!(bench.lines("out.csv").len(), lines.len() - 1);
}

#[test]
fn invalid_customers_are_rejected_like_prospects() {
    let bench = Bench::new();
    let usable = write_spoiled(&bench, "customers.csv");
    let run = bench.ok("import spoilt.csv --mapping mapping.toml --rejects rejects.csv --json");
    assert_eq!(run.json()["accounts"], usable.to_string());
    assert_eq!(bench.lines("rejects.csv").len(), 2);
}

#[test]
fn a_list_of_only_rejects_is_refused_and_its_rejects_are_listed() {
    let bench = Bench::trained();
    let lines = bench.lines("prospects.csv");
    bench.write("bad.csv", &format!("{}\n{},a,b,c,d,e,f\n", lines[0], lines[1]));
    bench
        .exits_with("score bad.csv --mapping mapping.toml -o out.csv --rejects rejects.csv", 3)
        .assert_stderr("every row is rejected");
    assert_eq!(bench.lines("rejects.csv").len(), 2);
    assert!(!bench.path("out.csv").exists());
}

#[test]
fn rows_that_the_server_rejects_are_rejected_individually() {
    let bench = Bench::trained();
    let text = bench.read("prospects.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = header.iter().position(|name| name == "technologies").unwrap();
    let many: Vec<_> = (0..300).map(|item| item.to_string()).collect();
    // One in the first request, one alone in the last.
    for (name, rows, wrong) in [("among.csv", 20_usize, 4_usize), ("alone.csv", 501, 500)] {
        let mut writer = csv::Writer::from_path(bench.path(name)).unwrap();
        writer.write_record(&header).unwrap();
        for (position, record) in csv::Reader::from_reader(text.as_bytes()).records().take(rows).enumerate() {
            let mut record: Vec<_> = record.unwrap().iter().map(str::to_owned).collect();
            if position == wrong {
                record[place] = many.join(";");
            }
            writer.write_record(&record).unwrap();
        }
        writer.flush().unwrap();
        bench.ok(&format!("score {name} --mapping mapping.toml -o out.csv --rejects rejects.csv"));
        assert_eq!(bench.lines("out.csv").len(), rows, "{name}");
        let rejects = bench.lines("rejects.csv");
        assert!(rejects.len() == 2 && rejects[1].starts_with(&format!("{},", wrong + 1)), "{rejects:?}");
        assert!(rejects[1].contains("LIST_TOO_LONG"), "{rejects:?}");
    }
}
