//! Rows that cannot be used do not stop the others.

use crate::cli::support::Bench;

/// The list of prospects with a row in the middle that has one cell too many.
fn spoil(bench: &Bench, name: &str) -> usize {
    let mut lines = bench.lines(name);
    let spoilt = format!("{},and,more,cells,than,columns", lines[2]);
    lines.insert(3, spoilt);
    bench.write("spoilt.csv", &lines.join("\n"));
    lines.len() - 2
}

#[test]
fn the_rest_is_scored_and_the_reject_listed() {
    let bench = Bench::trained();
    let usable = spoil(&bench, "prospects.csv");
    let run = bench.ok("score spoilt.csv --mapping mapping.toml -o out.csv --rejects rejects.csv");
    run.says("1 row rejected").says("rejects.csv");
    assert_eq!(bench.lines("out.csv").len() - 1, usable);
    let rejects = bench.lines("rejects.csv");
    assert_eq!(rejects[0], "row,id,reason,description");
    assert!(rejects.len() == 2 && rejects[1].starts_with("3,"), "{rejects:?}");
}

#[test]
fn without_a_file_they_are_shown() {
    let bench = Bench::trained();
    spoil(&bench, "prospects.csv");
    bench.ok("score spoilt.csv --mapping mapping.toml -o out.csv -q").says("1 row rejected").says("row 3");
}

#[test]
fn a_zero_byte_costs_its_row_and_is_told_with_its_place() {
    let bench = Bench::trained();
    let mut lines = bench.lines("prospects.csv");
    lines[2].push('\0');
    bench.write("zero.csv", &lines.join("\n"));
    let column = lines[0].matches(',').count() + 1;
    let run = bench.ok("score zero.csv --mapping mapping.toml -o out.csv");
    run.says("1 row rejected")
        .says("row 2: byte ")
        .says(&format!("of the cell in column {column} of the row on line 3"));
    run.says("is zero: remove it").says("[ZERO_BYTE]");
    assert_eq!(bench.lines("out.csv").len(), lines.len() - 1);
}

#[test]
fn customers_are_rejected_in_the_same_way() {
    let bench = Bench::new();
    let usable = spoil(&bench, "customers.csv");
    let run = bench.ok("import spoilt.csv --mapping mapping.toml --rejects rejects.csv --json");
    assert_eq!(run.json()["accounts"], usable);
    assert_eq!(bench.lines("rejects.csv").len(), 2);
}

#[test]
fn a_list_of_nothing_but_rejects_is_rejected_and_they_are_listed() {
    let bench = Bench::trained();
    let lines = bench.lines("prospects.csv");
    bench.write("bad.csv", &format!("{}\n{},a,b,c,d,e,f\n", lines[0], lines[1]));
    bench
        .ends("score bad.csv --mapping mapping.toml -o out.csv --rejects rejects.csv", 3)
        .says("every row is rejected");
    assert_eq!(bench.lines("rejects.csv").len(), 2);
    assert!(!bench.path("out.csv").exists());
}

#[test]
fn rows_that_only_the_services_find_wrong_are_rejected_alone_or_among_others() {
    let bench = Bench::trained();
    let text = bench.read("prospects.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let place = header.iter().position(|name| name == "technologies").unwrap();
    let many: Vec<_> = (0..300).map(|item| item.to_string()).collect();
    // One within the first request, one alone in the last.
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
