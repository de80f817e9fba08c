//! From a file to scores, for every kind of column that companies keep.

use crate::cli::fixtures::{ATTRIBUTES, SyntheticData, TestRng, TestTable, mapping_toml, synthetic_data};
use crate::cli::score_table::{ScoreTable, assert_ranking, train_and_score, train_story};
use crate::cli::support::Bench;

fn bench(top: &str) -> Bench {
    let bench = Bench::empty();
    bench.write("map.toml", &mapping_toml(top));
    bench
}

/// Data with one attribute `x`; `cell` returns its cells and whether the account is won.
fn single_attribute_story(
    seed: u64,
    sizes: [usize; 2],
    mut account: impl FnMut(&mut TestRng) -> (String, f64),
) -> SyntheticData {
    let mut chance = TestRng(seed);
    let mut tables = sizes.map(|size| {
        let mut table = TestTable::new(&["id", "x", "status"]);
        for number in 0..size {
            let (cell, log_odds) = account(&mut chance);
            let status = if chance.happens(log_odds) { "won" } else { "lost" };
            table.rows.push(vec![format!("a{number}"), cell, status.to_owned()]);
        }
        table
    });
    let prospects = tables[1].clone();
    let truth = prospects.column("status").iter().map(|status| *status == "won").collect();
    let customers = std::mem::replace(&mut tables[0], TestTable::new(&[]));
    SyntheticData { customers, prospects: prospects.without_column("status"), truth }
}

fn attribute_kind(bench: &Bench, attribute: &str) -> String {
    let card = bench.ok("model show --json").json();
    let attributes = card["attributes"].as_array().unwrap();
    let found = attributes.iter().find(|other| other["attribute"] == attribute);
    found.map_or("none", |found| found["kind"].as_str().unwrap()).to_owned()
}

const ONE_ATTRIBUTE: &str = "id = \"id\"\nattributes = [\"x\"]\n";

#[test]
fn a_category_of_1600_levels_is_pooled_where_it_is_rare() {
    let story = single_attribute_story(21, [4_000, 1_500], |chance| {
        let level = (chance.unit() * chance.unit() * 1_600.0) as usize;
        (format!("City {level}"), if level.is_multiple_of(2) { 1.6 } else { -1.6 })
    });
    let bench = bench(ONE_ATTRIBUTE);
    bench.write("c.csv", &story.customers.csv());
    bench.write("p.csv", &story.prospects.csv());
    bench
        .exits_with("train c.csv --mapping map.toml --promote", 4)
        .assert_stderr("leave_values_out")
        .assert_stderr("unless independent_rows is set");
    bench.ok("train --mapping map.toml --independent-rows --promote");
    bench.ok("score p.csv --mapping map.toml -o out.csv");
    let scored = ScoreTable::read(&bench.read("out.csv"));
    assert_ranking(&scored, &story.truth);
    scored.assert_attributes(&["x"]);
    assert_eq!(attribute_kind(&bench, "x"), "category");
    bench.write("new.csv", "id,x\n1,City 99999\n2,Atlantis\n3,\n");
    bench.ok("score new.csv --mapping map.toml -o new.out.csv");
    let new = ScoreTable::read(&bench.read("new.out.csv"));
    assert_eq!(new.probabilities[0], new.probabilities[1]);
}

#[test]
fn list_attributes_are_learned_by_item() {
    let story = single_attribute_story(22, [600, 400], |chance| {
        let tools: Vec<_> = ["SAP", "Slack", "Jira", "Oracle"].into_iter().filter(|_| chance.unit() < 0.5).collect();
        let effect = if tools.contains(&"SAP") { 1.5 } else { -1.5 };
        (tools.join("|"), effect)
    });
    let bench = bench(&format!("{ONE_ATTRIBUTE}list = [\"x\"]\n"));
    let scored = train_story(&bench, &story, "id");
    assert_eq!(attribute_kind(&bench, "x"), "list");
    assert!(scored.reasons.iter().flatten().any(|(text, figure)| text == "x=SAP" && *figure > 0.3));
}

#[test]
fn dates_in_three_spellings_are_one_kind() {
    let mut turn = 0;
    let story = single_attribute_story(23, [600, 400], |chance| {
        let (year, month, day) = (2000 + chance.below(25), 1 + chance.below(12), 1 + chance.below(28));
        turn += 1;
        let text = match turn % 3 {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{day:02}.{month:02}.{year}"),
            _ => format!("{month}/{day}/{year}"),
        };
        (text, (year as f64 - 2012.0) / 4.0)
    });
    let bench = bench(ONE_ATTRIBUTE);
    train_story(&bench, &story, "id");
    assert_eq!(attribute_kind(&bench, "x"), "date");
    bench.write("same.csv", "id,x\n1,2020-03-02\n2,02.03.2020\n3,3/2/2020\n4,2020/03/02\n5,2020-03-02T10:00:00Z\n");
    bench.ok("score same.csv --mapping map.toml -o same.out.csv");
    let same = ScoreTable::read(&bench.read("same.out.csv")).probabilities;
    assert!(same.iter().all(|probability| *probability == same[0]), "{same:?}");
}

#[test]
fn yes_and_no_in_words_are_one_flag() {
    for (seed, words) in [(24, ["Yes", "no"]), (25, ["TRUE", "False"]), (26, ["y", "N"])] {
        let story = single_attribute_story(seed, [400, 300], |chance| {
            let yes = chance.unit() < 0.5;
            (words[usize::from(!yes)].to_owned(), if yes { 1.2 } else { -1.2 })
        });
        let bench = bench(ONE_ATTRIBUTE);
        train_story(&bench, &story, "id");
        assert_eq!(attribute_kind(&bench, "x"), "flag", "{words:?}");
        bench.write("same.csv", "id,x\n1,yes\n2,true\n3,Y\n4, ON \n");
        bench.ok("score same.csv --mapping map.toml -o same.out.csv");
        let same = ScoreTable::read(&bench.read("same.out.csv")).probabilities;
        assert!(same.iter().all(|probability| *probability == same[0]), "{same:?}");
    }
}

#[test]
fn amounts_as_people_write_them_are_numbers() {
    let mut turn = 0;
    let story = single_attribute_story(27, [600, 400], |chance| {
        let thousands = 1 + chance.below(900);
        turn += 1;
        let text = match turn % 5 {
            0 => format!("$ {thousands},250"),
            1 => format!("{thousands},250.00"),
            2 => format!("€{thousands}250"),
            3 => format!("{thousands}250 %"),
            _ => format!("{thousands}250 USD"),
        };
        (text, (thousands as f64 - 450.0) / 150.0)
    });
    let bench = bench(ONE_ATTRIBUTE);
    train_story(&bench, &story, "id");
    assert_eq!(attribute_kind(&bench, "x"), "number");
    bench.write("same.csv", "id,x\n1,\"1,250\"\n2,$1250\n3,1250 %\n4,\"US$ 1,250.00\"\n5,1.25e3\n");
    bench.ok("score same.csv --mapping map.toml -o same.out.csv");
    let same = ScoreTable::read(&bench.read("same.out.csv")).probabilities;
    assert!(same.iter().all(|probability| *probability == same[0]), "{same:?}");
}

#[test]
fn a_model_of_noise_is_not_promoted_but_scores_with_a_warning() {
    let story = single_attribute_story(28, [400, 200], |chance| (["a", "b", "c"][chance.below(3)].to_owned(), 0.0));
    let bench = bench(ONE_ATTRIBUTE);
    bench.write("c.csv", &story.customers.csv());
    bench.write("p.csv", &story.prospects.csv());
    let run = bench.exits_with("train c.csv --mapping map.toml --promote", 4);
    run.assert_stderr("PROMOTION_CHECK_FAILED").assert_stderr("signal").assert_stderr("override");
    let run = bench.ok("score p.csv --mapping map.toml -o out.csv");
    run.assert_stderr("warning: no version").assert_stderr("using candidate 1");
    let scored = ScoreTable::read(&bench.read("out.csv"));
    assert_eq!(scored.ids, story.prospects.column("id"));
    assert!(scored.versions.iter().all(|version| version.ends_with("/versions/1")));
    bench
        .exits_with("score p.csv --mapping map.toml --version live", 64 + 9)
        .assert_stderr("no live version: promote one")
        .assert_stderr("[NO_LIVE_VERSION]");
}

#[test]
fn constant_and_empty_columns_have_no_effect() {
    let SyntheticData { customers, prospects, truth } = synthetic_data(29, 400, 300, -0.3);
    let story = SyntheticData {
        customers: customers.with_column("planet", |_| "Earth".into()).with_column("fax", |_| String::new()),
        prospects: prospects
            .with_column("planet", |index| ["Earth", "Mars"][index % 2].into())
            .with_column("fax", |_| "1".into()),
        truth,
    };
    let bench = bench(&ATTRIBUTES.replace("\"region\"]", "\"region\", \"planet\", \"fax\"]"));
    let scored = train_story(&bench, &story, "id");
    let telling = |(text, figure): &&(String, f64)| {
        (text.starts_with("planet=") || text.starts_with("fax=")) && figure.abs() > 0.0
    };
    assert_eq!(scored.reasons.iter().flatten().find(telling), None);
}

#[test]
fn an_auto_mapping_finds_the_same_signals() {
    let story = synthetic_data(30, 400, 300, -0.3);
    let bench = bench("id = \"id\"\nattributes = \"auto\"\nexclude = [\"region\"]\n");
    train_story(&bench, &story, "id").assert_attributes(&["sector", "employees", "remote", "tools", "founded"]);
    assert_eq!(
        (attribute_kind(&bench, "region"), attribute_kind(&bench, "employees")),
        ("none".to_owned(), "number".to_owned())
    );
}

#[test]
fn columns_in_another_order_and_some_more_of_them_change_no_score() {
    let story = synthetic_data(31, 400, 300, -0.3);
    let bench = bench(ATTRIBUTES);
    let scored = train_story(&bench, &story, "id");
    let mut turned = story.prospects.clone().with_column("remark", |index| format!("remark {index}"));
    turned.header.reverse();
    turned.rows.iter_mut().for_each(|row| row.reverse());
    bench.write("turned.csv", &turned.csv());
    bench.ok("score turned.csv --mapping map.toml -o turned.out.csv");
    let again = ScoreTable::read(&bench.read("turned.out.csv"));
    assert_eq!(again.probabilities, scored.probabilities);
    assert_ranking(&again, &story.truth);
    let fewer = story.prospects.clone().without_column("sector");
    bench.write("fewer.csv", &fewer.csv());
    bench
        .ok("score fewer.csv --mapping map.toml -o fewer.csv.out")
        .assert_stderr("lacks columns of the mapping: sector");
}

#[test]
fn the_customers_own_file_can_be_scored() {
    let story = synthetic_data(32, 400, 10, -0.3);
    let bench = bench(ATTRIBUTES);
    bench.write("c.csv", &story.customers.csv());
    let (_, scored) = train_and_score(&bench, "c.csv", "c.csv", &story.customers.column("id"));
    let won: Vec<_> = story.customers.column("status").iter().map(|status| *status == "won").collect();
    assert_ranking(&scored, &won);
}
