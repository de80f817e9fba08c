//! Wrong invocations: the code, a message that helps, and nothing left behind.

use crate::cli::support::Bench;

/// A folder with inputs that are wrong in one way each.
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

/// Runs each line: its code, its words, no output file, and nothing new in the folder.
fn refused(bench: &Bench, lines: &[(&str, i32, &[&str])]) {
    let before = bench.names();
    for (line, code, words) in lines {
        let run = bench.run(line);
        assert_eq!(run.code, Some(*code), "{line}\n{}{}", run.stdout, run.stderr);
        for word in *words {
            assert!(run.stderr.contains(word), "{line}: {word:?} is not in:\n{}", run.stderr);
        }
        assert!(run.stdout.is_empty(), "{line}: {}", run.stdout);
        assert!(!run.stderr.contains("panicked"), "{line}: {}", run.stderr);
        assert_eq!(bench.names(), before, "{line}");
    }
}

#[test]
fn mappings_that_do_not_make_sense() {
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
    refused(&bench, &table);
    bench.ends("import customers.csv --mapping typo.toml", 3).says("atributes");
    bench.ends("score prospects.csv --mapping typo.toml -o out.csv", 3).says("atributes");
    bench.ends("data check customers.csv --mapping typo.toml -o out.toml", 3).says("atributes");
    assert!(!bench.path("out.toml").exists() && !bench.path("sweetspot-data").exists());
}

#[test]
fn files_that_cannot_be_read() {
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
        // A header alone can be checked.
        let wanted = lines.iter().filter(|line| !(line.starts_with("data") && file == "header.csv"));
        refused(&bench, &wanted.map(|line| (line.as_str(), 3, words)).collect::<Vec<_>>());
    }
    let line = "train other.csv --mapping mapping.toml";
    refused(&bench, &[(line, 3, &["other.csv", "company_id", "name", "size"])]);
}

#[test]
fn lists_that_cannot_be_scored() {
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
        refused(&bench, &[(line.as_str(), *code, words)]);
    }
}

#[test]
fn trainings_that_cannot_be() {
    let bench = bench(Bench::new());
    refused(
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
            ("train customers.csv --mapping mapping.toml --server https://a.test", 2, &["http://"]),
        ],
    );
    let run = bench.ends("train few.csv --mapping mapping.toml --promote", 64 + 9);
    run.says("at least").says("add customers").says("[");
    let run = bench.ends("train customers.csv --mapping mapping.toml --exclude regoin", 64 + 3);
    run.says("regoin").says("region");
    // The customers are kept as a version of the dataset, and there is no version of a model.
    assert_eq!(bench.ok("model list --json").json(), serde_json::json!([]));
    bench.ok("train --mapping mapping.toml --dataset-version 2");
}

#[test]
fn outputs_that_cannot_be_written_change_nothing() {
    let bench = bench(Bench::trained());
    std::fs::create_dir(bench.path("folder")).unwrap();
    let before = bench.ok("model list --json").stdout;
    let score = "score prospects.csv --mapping mapping.toml";
    for line in [format!("{score} -o folder"), format!("{score} -o none/out.csv"), "model show -o none/x.json".into()] {
        refused(&bench, &[(&line, 1, &["cannot write"])]);
    }
    assert_eq!(bench.ok("model list --json").stdout, before);
    assert_eq!(std::fs::read_dir(bench.path("folder")).unwrap().count(), 0);
}

#[test]
fn a_store_in_use_or_broken_is_told() {
    let bench = bench(Bench::trained());
    let server = bench.serve();
    let run = bench.ends("model list", 1);
    run.says("sweetspot-data").says("--server");
    drop(server);
    bench.ok("model list");
    bench.write("plain", "not a folder");
    bench.ends("model list --store plain", 1).says("plain");
    assert_eq!(bench.read("plain"), "not a folder");
}
