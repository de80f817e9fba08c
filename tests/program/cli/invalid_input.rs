//! Invalid invocations: the exit code, a helpful message, and no files left behind.

use crate::cli::support::Bench;

/// Adds inputs that are each invalid in one way.
fn bench(bench: Bench) -> Bench {
    let mapping = bench.read("mapping.toml");
    let with = |name: &str, from: &str, to: &str| {
        assert!(mapping.contains(from), "{from}");
        bench.write(name, &mapping.replace(from, to));
    };
    with("typo.toml", "attributes", "atributes");
    with("syntax.toml", "id = \"company_id\"", "id = company_id");
    with("two.toml", "\"industry\",", "\"industry\", \"industry\",");
    with("leak.toml", "\"industry\",", "\"industry\", \"status\",");
    with("policy.toml", "\"ideal\"", "\"idael\"");
    with("share.toml", "share = 0.4", "share = 1.4");
    with("both.toml", "share = 0.4", "share = 0.4\nvalue_at_least = 5");
    with("currency.toml", "\"EUR\"", "\"euro\"");
    with("column.toml", "\"industry\"", "\"industri\"");
    with("custom.toml", "\"ideal\"", "\"custom\"");
    with("kind.toml", "list = [\"technologies\"]", "list = [\"technologies\"]\nnumeric = [\"technologies\"]");
    bench.write("empty.csv", "");
    bench.write("header.csv", &format!("{}\n", bench.lines("customers.csv")[0]));
    bench.write("twice.csv", "a,b,a\n1,2,3\n");
    bench.write("few.csv", &bench.lines("customers.csv")[..5].join("\n"));
    bench.write("other.csv", "name,size\nAcme,3\n");
    std::fs::write(bench.path("mac.csv"), b"id,name\n1,M\x87laga\n2,K\x9aln\n").unwrap();
    std::fs::write(bench.path("sheet.csv"), b"PK\x03\x04\x14\x00").unwrap();
    std::fs::write(bench.path("cut.csv.gz"), [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b]).unwrap();
    bench
}

/// Runs each line, and asserts its exit code, its message, no output file, and no new file in the folder.
fn assert_refused(bench: &Bench, lines: &[(&str, i32, &[&str])]) {
    let before = bench.file_names();
    for (line, code, words) in lines {
        let run = bench.run(line);
        assert_eq!(run.code, Some(*code), "{line}\n{}{}", run.stdout, run.stderr);
        for word in *words {
            assert!(run.stderr.contains(word), "{line}: {word:?} is not in:\n{}", run.stderr);
        }
        assert!(run.stdout.is_empty(), "{line}: {}", run.stdout);
        assert!(!run.stderr.contains("panicked"), "{line}: {}", run.stderr);
        assert_eq!(bench.file_names(), before, "{line}");
    }
}

#[test]
fn invalid_mappings_are_refused() {
    let bench = bench(Bench::new());
    let train = |mapping: &str| format!("train customers.csv --mapping {mapping}");
    let lines: [(&str, &[&str]); 13] = [
        ("typo.toml", &["typo.toml", "atributes", "did you mean", "attributes"]),
        ("syntax.toml", &["syntax.toml", "line 1"]),
        ("two.toml", &["two.toml", "industry", "twice"]),
        ("leak.toml", &["status", "both an attribute and", "before the sale"]),
        ("policy.toml", &["idael", "did you mean", "known are"]),
        ("share.toml", &["share", "1.4", "below 1"]),
        ("both.toml", &["label.share", "label.value_at_least", "keep one"]),
        ("currency.toml", &["outcome.currency", "euro", "three capital letters"]),
        ("column.toml", &["customers.csv", "industri", "did you mean", "industry"]),
        ("custom.toml", &["custom", "[label.weights]"]),
        ("kind.toml", &["technologies", "two kinds", "choose one"]),
        ("nowhere.toml", &["nowhere.toml"]),
        (".", &["the mapping . is a directory"]),
    ];
    let owned: Vec<_> = lines.iter().map(|(mapping, words)| (train(mapping), *words)).collect();
    let table: Vec<(&str, i32, &[&str])> = owned.iter().map(|(line, words)| (line.as_str(), 3, *words)).collect();
    assert_refused(&bench, &table);
    bench.exits_with("import customers.csv --mapping typo.toml", 3).assert_stderr("atributes");
    bench.exits_with("score prospects.csv --mapping typo.toml -o out.csv", 3).assert_stderr("atributes");
    bench.exits_with("data check customers.csv --mapping typo.toml -o out.toml", 3).assert_stderr("atributes");
    assert!(!bench.path("out.toml").exists() && !bench.path("sweetspot-data").exists());
}

#[test]
fn unreadable_files_are_refused() {
    let bench = bench(Bench::new());
    for (file, words) in [
        ("missing.csv", ["missing.csv", "check that it exists"]),
        ("empty.csv", ["empty.csv is empty", "first line must name the columns"]),
        ("header.csv", ["header.csv", "nothing below the header"]),
        ("twice.csv", ["more than one column called \"a\"", "a name of its own"]),
        ("mac.csv", ["mac.csv is neither UTF-8 nor Windows-1252", "set encoding in the mapping"]),
        ("sheet.csv", ["sheet.csv is not a readable .xlsx workbook", "save it again"]),
        ("cut.csv.gz", ["cut.csv.gz", "damaged or truncated"]),
        (".", [". is a directory", "name a file in it"]),
    ] {
        let lines = [
            format!("train {file} --mapping mapping.toml --promote"),
            format!("import {file} --mapping mapping.toml"),
            format!("data check {file} -o out.toml"),
        ];
        let words: &[&str] = &words;
        // `data check` accepts a file with a header alone.
        let wanted = lines.iter().filter(|line| !(line.starts_with("data") && file == "header.csv"));
        assert_refused(&bench, &wanted.map(|line| (line.as_str(), 3, words)).collect::<Vec<_>>());
    }
    let line = "train other.csv --mapping mapping.toml";
    assert_refused(&bench, &[(line, 3, &["other.csv", "company_id", "name", "size"])]);
}

#[test]
fn invalid_lists_are_refused() {
    let bench = bench(Bench::trained());
    let score = |rest: &str| format!("score {rest} -o out.csv");
    let lines = [
        (score("missing.csv --mapping mapping.toml"), 3, ["missing.csv", "check that it exists"]),
        (score("empty.csv --mapping mapping.toml"), 3, ["empty.csv is empty", "first line"]),
        (score("twice.csv"), 3, ["more than one column", "\"a\""]),
        (score("other.csv --mapping mapping.toml"), 3, ["company_id", "other.csv"]),
        (score("sheet.csv"), 3, ["sheet.csv", "not a readable .xlsx workbook"]),
        (score("cut.csv.gz"), 3, ["cut.csv.gz", "truncated"]),
        (score("prospects.csv --mapping mapping.toml --top=-1"), 2, ["--top", "-1"]),
        (score("prospects.csv --mapping mapping.toml --top many"), 2, ["--top", "many"]),
        (score("prospects.csv --mapping mapping.toml --reasons x"), 2, ["--reasons", "x"]),
        (score("prospects.csv --mapping mapping.toml --min-coverage 1.5"), 2, ["--min-coverage", "1.5"]),
        (
            score("prospects.csv --mapping mapping.toml --min-probability nan"),
            2,
            ["--min-probability is NaN", "between 0 and 1"],
        ),
        (score("prospects.csv --mapping mapping.toml --tier A,E"), 2, ["--tier", "E"]),
        (score("prospects.csv --mapping mapping.toml --store other"), 1, ["no store", "other"]),
        (score("prospects.csv --mapping mapping.toml --workspace A_B"), 2, ["workspace", "A_B"]),
        (score("prospects.csv --mapping mapping.toml --model m/n"), 2, ["model", "m/n"]),
        (score("prospects.csv other.csv"), 2, ["other.csv", "unexpected"]),
        ("explain prospects.csv --mapping mapping.toml".into(), 2, ["--id", "required"]),
        ("explain prospects.csv --mapping mapping.toml --id ?".into(), 3, ["no account", "company_id"]),
    ];
    for (line, code, words) in &lines {
        assert_refused(&bench, &[(line.as_str(), *code, words)]);
    }
}

#[test]
fn invalid_trainings_are_refused() {
    let bench = bench(Bench::new());
    assert_refused(
        &bench,
        &[
            ("train", 1, &["there is no store at", "sweetspot-data"]),
            ("train customers.csv", 2, &["--mapping"]),
            ("train customers.csv --mapping mapping.toml --seed=-1", 2, &["--seed"]),
            ("train customers.csv --mapping mapping.toml --share 0", 2, &["share", "above 0"]),
            ("train customers.csv --mapping mapping.toml --share 0.1 --value-at-least 3", 2, &["--value-at-least"]),
            ("train customers.csv --mapping mapping.toml --value-at-least inf", 2, &["value_at_least", "finite"]),
            ("train customers.csv --mapping mapping.toml --label idael", 2, &["idael", "ideal"]),
            ("train customers.csv --mapping mapping.toml --dataset A", 2, &["dataset", "\"A\"", "a-z"]),
            ("train customers.csv --mapping mapping.toml --promote --override signal", 2, &["--reason"]),
            ("train customers.csv --mapping mapping.toml --server ftp://a.test", 2, &["http[s]://"]),
        ],
    );
    let run = bench.exits_with("train few.csv --mapping mapping.toml --promote", 64 + 9);
    run.assert_stderr("at least").assert_stderr("add customers").assert_stderr("[");
    let run = bench.exits_with("train customers.csv --mapping mapping.toml --exclude regoin", 64 + 3);
    run.assert_stderr("regoin").assert_stderr("region");
    // The customers are kept as a version of the dataset, but there is no version of a model.
    assert_eq!(bench.ok("model list --json").json(), serde_json::json!([]));
    bench.ok("train --mapping mapping.toml --dataset-version 2");
}

#[test]
fn unwritable_outputs_change_nothing() {
    let bench = bench(Bench::trained());
    std::fs::create_dir(bench.path("folder")).unwrap();
    let before = bench.ok("model list --json").stdout;
    let score = "score prospects.csv --mapping mapping.toml";
    for line in [format!("{score} -o folder"), format!("{score} -o none/out.csv"), "model show -o none/x.json".into()] {
        assert_refused(&bench, &[(&line, 1, &["cannot write"])]);
    }
    assert_eq!(bench.ok("model list --json").stdout, before);
    assert_eq!(std::fs::read_dir(bench.path("folder")).unwrap().count(), 0);
}

#[test]
fn a_locked_or_broken_store_is_reported() {
    let bench = bench(Bench::trained());
    let server = bench.serve();
    let run = bench.exits_with("model list", 1);
    run.assert_stderr("sweetspot-data").assert_stderr("--server");
    drop(server);
    bench.ok("model list");
    bench.write("plain", "not a folder");
    bench.exits_with("model list --store plain", 1).assert_stderr("plain");
    assert_eq!(bench.read("plain"), "not a folder");
}
