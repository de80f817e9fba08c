//! Lists of prospects: exclusions, copied columns, and notes on their columns.

use serde_json::Value;

use crate::cli::support::Bench;

const SCORE: &str = "score prospects.csv --mapping mapping.toml";

/// The records of a CSV text, by column name.
struct CsvTable {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl CsvTable {
    fn parse(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = texts(reader.headers().unwrap());
        Self { header, rows: reader.records().map(|record| texts(&record.unwrap())).collect() }
    }

    #[track_caller]
    fn column(&self, name: &str) -> Vec<&str> {
        let place = self.header.iter().position(|header| header == name).unwrap();
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    fn ids(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row[0].as_str()).collect()
    }
}

/// The ids of the list in order, and those of some of its rows as files of several formats.
fn bench_with_customers() -> (Bench, Vec<String>) {
    let bench = Bench::trained();
    let list = bench.read("prospects.csv");
    let ids: Vec<String> = CsvTable::parse(&list).column("company_id").iter().map(|id| (*id).to_owned()).collect();
    let crm = |from: usize, to: usize| {
        let rows: Vec<String> = ids[from..to].iter().map(|id| format!("Name,=\"{id}\",x\n")).collect();
        rows.concat()
    };
    bench.write("crm.csv", &format!("name,company_id,city\n{}Name,stranger,x\n,{},\n", crm(0, 10), ids[10]));
    bench.write("deals.csv", &format!("Deal;Account ID;Stage\n{}", crm(8, 20).replace(',', ";")));
    bench.write("plain.txt", &format!("{}\n  {}  \n", ids[1], ids[2]));
    bench.write("other.jsonl", &format!("{{\"key\": {:?}, \"id\": \"x\"}}\n", ids[5]));
    (bench, ids)
}

#[test]
fn accounts_with_ids_in_excluded_files_are_omitted() {
    let (bench, ids) = bench_with_customers();
    let all = CsvTable::parse(&bench.ok(SCORE).stdout);
    for (exclude, left, said) in [
        ("--exclude crm.csv", &ids[11..], "11 of 1203 rows are in crm.csv and left out"),
        ("--exclude crm.csv#Company-ID", &ids[11..], "11 of 1203 rows are in crm.csv#Company-ID and left out"),
        (
            "--exclude crm.csv --exclude deals.csv",
            &ids[20..],
            "20 of 1203 rows are left out: 11 in crm.csv, 9 in deals.csv",
        ),
    ] {
        let run = bench.ok(&format!("{SCORE} {exclude}"));
        run.assert_stderr(said).assert_stderr(&format!("scored {} accounts", left.len()));
        let scored = CsvTable::parse(&run.stdout);
        assert_eq!(scored.ids(), left, "{exclude}");
        assert_eq!(scored.rows, all.rows[all.rows.len() - left.len()..], "{exclude}");
        // Exclusions also apply to targets.
        let targets = bench.ok(&format!("targets prospects.csv --mapping mapping.toml {exclude} --top 10000 -o t.csv"));
        targets.assert_stderr(said);
        let mut ranked: Vec<String> =
            CsvTable::parse(&bench.read("t.csv")).column("id").iter().map(|id| (*id).to_owned()).collect();
        let mut left = left.to_vec();
        ranked.sort();
        left.sort();
        assert_eq!(ranked, left, "{exclude}");
    }
    let run = bench.ok(&format!("{SCORE} --exclude plain.txt --exclude other.jsonl#key"));
    run.assert_stderr("3 of 1203 rows are left out: 2 in plain.txt, 1 in other.jsonl#key");
    let quiet = bench.ok(&format!("{SCORE} --exclude crm.csv --quiet -o out.csv"));
    assert_eq!(quiet.stderr, "");
    // Without a mapping, the first column with a name such as id is used.
    bench.ok("score prospects.csv --exclude crm.csv#company_id").assert_stderr("11 of 1203 rows");
    bench.ok("score prospects.csv --exclude deals.csv").assert_stderr("12 of 1203 rows");
}

#[test]
fn implausible_exclusions_are_refused_or_warned_about() {
    let (bench, ids) = bench_with_customers();
    bench
        .ok(&format!("{SCORE} --exclude other.jsonl"))
        .assert_stderr("warning: other.jsonl leaves no row out: compare its column \"id\" (1 id)");
    bench.exits_with(&format!("{SCORE} --exclude none.csv"), 3).assert_stderr("none.csv cannot be opened");
    bench.exits_with(&format!("{SCORE} --exclude crm.csv#compani_id"), 3).assert_stderr("did you mean \"company_id\"?");
    bench.write("names.csv", "name,city\nAnn,Bern\n");
    bench
        .exits_with(&format!("{SCORE} --exclude names.csv"), 3)
        .assert_stderr("names.csv#COLUMN")
        .assert_stderr("\"name\", \"city\"");
    bench.write("torn.csv", &format!("id,name,city\n{},a,b,c,d\n{},a,b\n", ids[0], ids[1]));
    bench
        .ok(&format!("{SCORE} --exclude torn.csv"))
        .assert_stderr("warning: 1 row of torn.csv cannot be read")
        .assert_stderr("1 of 1203 rows is in torn.csv");
    // If all prospects are excluded, the list is empty.
    bench.write("all.csv", &bench.read("prospects.csv"));
    let run = bench.ok(&format!("{SCORE} --exclude all.csv"));
    run.assert_stderr("1203 of 1203 rows are in all.csv").assert_stderr("scored 0 accounts");
    assert_eq!(run.stdout.lines().count(), 1);
    bench
        .exits_with("targets prospects.csv --mapping mapping.toml --exclude all.csv", 3)
        .assert_stderr("left out by --exclude");
}

#[test]
fn columns_of_the_list_are_copied_to_the_output() {
    let bench = Bench::trained();
    let header = "id,Company Name,score,industry,Website,Employees\n";
    let rows = "a-1,\"Ann, Ben & Co\",high,software, www.a.example ,250\na-2,=1+1,,retail,,\na-3,'s-Hof,low,\"soft\nware\",-5,9\n";
    bench.write("list.csv", &format!("{header}{rows}"));
    let plain = CsvTable::parse(&bench.ok("score list.csv").stdout);
    let run = bench.ok("score list.csv --keep Website,score --keep Employees");
    run.assert_stderr("note: column \"score\" is kept as \"input_score\"");
    let kept = CsvTable::parse(&run.stdout);
    assert_eq!(kept.header[..13], plain.header[..]);
    assert_eq!(kept.header[13..], ["Website", "input_score", "Employees"]);
    assert!(kept.rows.iter().zip(&plain.rows).all(|(kept, plain)| kept[..13] == plain[..]));
    assert_eq!(kept.column("Website"), ["www.a.example", "", "-5"]);
    assert_eq!(kept.column("input_score"), ["high", "", "low"]);
    assert_eq!(kept.column("Employees"), ["250", "", "9"]);
    let mut command = bench.command("score list.csv --top 2 --keep");
    let named = crate::cli::support::Run::from_output(&command.arg("\"Company Name\",industry").output().unwrap());
    let kept = CsvTable::parse(&named.stdout);
    assert_eq!(kept.rows.len(), 2);
    for (id, name) in kept.ids().into_iter().zip(kept.column("Company Name")) {
        let expected = [("a-1", "Ann, Ben & Co"), ("a-2", "'=1+1"), ("a-3", "'s-Hof")];
        assert!(expected.contains(&(id, name)), "{id} {name}");
    }
    let lines = bench.ok("score list.csv --keep score,Employees --json").stdout;
    let values: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(values.iter().map(|value| value["columns"]["score"].clone()).collect::<Vec<_>>(), ["high", "", "low"]);
    assert!(values.iter().all(|value| value["score"].is_number()) && values[0]["columns"]["Employees"] == "250");
}

#[test]
fn columns_of_the_list_are_copied_to_targets() {
    let bench = Bench::trained();
    bench.write("list.csv", "id,Name,rank,industry\na-1,Ann,first,software\na-1,Ben,,retail\na-3,@Cem,x,logistics\n");
    bench
        .ok("targets list.csv --keep Name,rank -o t.csv")
        .assert_stderr("note: column \"rank\" is kept as \"input_rank\"");
    let table = CsvTable::parse(&bench.read("t.csv"));
    assert_eq!(table.header[15..], ["Name", "input_rank"]);
    let mut found: Vec<_> =
        table.column("id").into_iter().zip(table.column("Name")).zip(table.column("input_rank")).collect();
    found.sort_unstable();
    assert_eq!(found, [(("a-1", "Ann"), "first"), (("a-1", "Ben"), ""), (("a-3", "'@Cem"), "x")]);
    let lines = bench.ok("targets list.csv --keep Name --json").stdout;
    let names: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["columns"]["Name"].clone()).collect();
    assert!(names.len() == 3 && names.iter().all(Value::is_string), "{names:?}");
}

#[test]
fn invalid_keep_options_are_refused() {
    let bench = Bench::trained();
    for command in ["score", "targets"] {
        bench
            .exits_with(&format!("{command} prospects.csv --mapping mapping.toml --keep company_id,industri"), 3)
            .assert_stderr("\"industri\" (did you mean \"industry\"?)");
        bench
            .exits_with(&format!("{command} prospects.csv --keep industry,industry"), 2)
            .assert_stderr("\"industry\" twice");
        bench.exits_with(&format!("{command} prospects.csv --keep industry,,region"), 2).assert_stderr("an empty name");
    }
}

#[test]
fn top_accepts_any_positive_number() {
    let bench = Bench::trained();
    bench.write("long.csv", &sweetspot_ingest::synth::prospects(5, 10_600));
    let mut all = CsvTable::parse(&bench.ok("score long.csv --mapping mapping.toml --reasons 0").stdout).rows;
    all.sort_by(|a, b| b[2].parse::<f64>().unwrap().total_cmp(&a[2].parse().unwrap()));
    for top in [10_500, 4_000_000_000_u32] {
        let line = format!("score long.csv --mapping mapping.toml --reasons 0 --top {top} -o top.csv");
        bench.ok(&line).assert_stderr(&format!("wrote {}", top.min(10_600)));
        let best = CsvTable::parse(&bench.read("top.csv")).rows;
        assert!(best[..] == all[..best.len()] && best.len() == top.min(10_600) as usize, "{top}");
    }
    bench.exits_with("targets prospects.csv --top 10001", 2);
}

#[test]
fn absent_attributes_are_named_with_the_nearest_column() {
    let bench = Bench::trained();
    bench.write("list.csv", "id,Industri,region,notes\na-1,software,dach,x\n");
    let run = bench.ok("score list.csv");
    let said = run.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["warning: list.csv has no column for attributes ", "\"industry\" (is it column \"Industri\"?)"] {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
    let warnings = run.stderr.lines().filter(|line| line.starts_with("warning: ")).count();
    assert_eq!(warnings, 1, "{}", run.stderr);
    assert!(!run.stderr.contains("\"region\" (is"), "{}", run.stderr);
    assert!(!bench.ok("score prospects.csv").stderr.contains("has no column for"));
}

#[test]
fn a_strict_list_rejects_accounts_with_attributes_that_the_model_does_not_know() {
    let bench = Bench::trained();
    bench.write("list.csv", "id,industry,industri\na-1,software,\na-2,software,retail\na-3,retail,\n");
    let run = bench.ok("score list.csv --strict");
    run.assert_stderr("1 row rejected").assert_stderr("UNKNOWN_ATTRIBUTE").assert_stderr("did you mean \"industry\"?");
    assert_eq!(CsvTable::parse(&run.stdout).ids(), ["a-1", "a-3"]);
    assert_eq!(CsvTable::parse(&bench.ok("score list.csv").stdout).ids(), ["a-1", "a-2", "a-3"]);
    bench.ok(&format!("{SCORE} --strict")).assert_stderr("scored 1203 accounts");
}

#[test]
fn exclusion_files_are_read_as_the_format_options_say() {
    let (bench, ids) = bench_with_customers();
    // Without the flags, the first line would name the columns, and a caret would be part of a cell.
    bench.write("odd.txt", &format!("made by CRM\nname^company_id\nM^{}\nN^{}\n", ids[0], ids[1]));
    let flags = "--exclude-delimiter ^ --exclude-header-row 2 --exclude-encoding windows-1250";
    for command in [SCORE, "targets prospects.csv --mapping mapping.toml -o t.csv"] {
        bench
            .ok(&format!("{command} --exclude odd.txt {flags}"))
            .assert_stderr("2 of 1203 rows are in odd.txt and left out");
    }
    bench
        .exits_with(&format!("{SCORE} --exclude odd.txt --exclude-header-row 9"), 3)
        .assert_stderr("which --exclude-header-row names");
    bench
        .exits_with(&format!("{SCORE} --exclude odd.txt --exclude-encoding utf-9"), 2)
        .assert_stderr("--exclude-encoding is \"utf-9\"");
    bench.exits_with(&format!("{SCORE} --exclude-encoding latin1"), 2).assert_stderr("--exclude");
}
