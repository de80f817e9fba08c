//! The text output as shown on a terminal, never wider than a terminal.

use crate::cli::fixtures::{ATTRIBUTES, mapping_toml, synthetic_data};
use crate::cli::support::{Bench, Run};

/// A store with two versions, the first one live, of data that never changes.
fn demo_bench() -> Bench {
    let bench = Bench::empty();
    let story = synthetic_data(101, 400, 30, -0.4);
    bench.write("map.toml", &mapping_toml(ATTRIBUTES));
    bench.write("c.csv", &story.customers.csv());
    bench.write("p.csv", &story.prospects.csv());
    bench
}

fn trained_bench() -> Bench {
    let bench = demo_bench();
    bench.ok("train c.csv --mapping map.toml --promote");
    bench
}

/// The width of a text on a terminal, in columns.
fn display_width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}')
    };
    let nothing = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}');
    text.chars().map(|c| if wide(c) { 2 } else { usize::from(!nothing(c)) }).sum()
}

#[track_caller]
fn assert_narrow(text: &str) {
    let long: Vec<_> = text.lines().filter(|line| display_width(line) > 80).collect();
    assert!(long.is_empty(), "wider than 80 columns: {long:#?}");
}

/// Returns both streams, with variable parts masked.
fn page(run: &Run) -> String {
    assert_narrow(&run.stdout);
    assert_narrow(&run.stderr);
    format!("{}--- stderr ---\n{}", mask_variable_text(&run.stdout), mask_variable_text(&run.stderr))
}

/// Replaces days and times with `DAY` and `TIME`, and truncates figures after the tenth digit.
fn mask_variable_text(text: &str) -> String {
    let mut settled = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (word, taken) = match (time_length(rest), digits) {
            (Some(taken), _) => (if taken > 10 { "TIME" } else { "DAY" }, taken),
            (None, 0) => (&rest[..c.len_utf8()], c.len_utf8()),
            (None, digits) => (&rest[..digits.min(10)], digits),
        };
        settled.push_str(word);
        rest = &rest[taken..];
    }
    settled
}

/// Returns the length of the day or time of this century at the start of the text.
fn time_length(text: &str) -> Option<usize> {
    let shaped = |shape: &str| {
        let fits = |(c, s): (u8, u8)| if s == b'9' { c.is_ascii_digit() } else { c == s };
        text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    };
    ["2099-99-99T99:99:99Z", "2099-99-99"].into_iter().find(|shape| shaped(&shape.replace("20", "29"))).map(str::len)
}

#[test]
fn training() {
    insta::assert_snapshot!(page(&demo_bench().ok("train c.csv --mapping map.toml")));
    insta::assert_snapshot!("training_promoted", page(&demo_bench().ok("train c.csv --mapping map.toml --promote -q")));
}

#[test]
fn scoring() {
    let bench = demo_bench();
    bench.ok("train c.csv --mapping map.toml");
    let unpromoted = bench.ok("score p.csv --mapping map.toml -o out.csv");
    insta::assert_snapshot!("scoring_with_the_candidate", page(&unpromoted));
    bench.ok("model promote");
    insta::assert_snapshot!(page_of_any_width(&bench.ok("score p.csv --mapping map.toml --top 6")));
    let run = bench.ok("score p.csv --mapping map.toml --tier A,B -o out.csv");
    insta::assert_snapshot!("scoring_into_a_file", page(&run));
}

/// Returns both streams of a list for programs, which may be of any width.
fn page_of_any_width(run: &Run) -> String {
    format!("{}--- stderr ---\n{}", mask_variable_text(&run.stdout), mask_variable_text(&run.stderr))
}

#[test]
fn explaining() {
    let bench = trained_bench();
    insta::assert_snapshot!(page(&bench.ok("explain p.csv --mapping map.toml --id p3")));
    bench.write("odd.csv", "id,sector,employees,remote,tools\nodd,Space,9000000,maybe,\"SAP; Abacus\"\n");
    insta::assert_snapshot!("explaining_an_odd_one", page(&bench.ok("explain odd.csv --id odd")));
}

/// Hypotheses on the data: a true one, a false one, and one without data.
const BELIEFS: &str = r#"[[hypothesis]]
id = "fintech"
statement = "Fintech companies have the problem that we solve, and the money to solve it"
when = { attribute = "sector", any_of = ["fintech"] }
odds_ratio = 3
confidence_customers = 20
author = "Ann"

[[hypothesis]]
id = "remote teams are bad customers"
when = { attribute = "remote", flag = true }
odds_ratio = 0.25
confidence_customers = 40

[[hypothesis]]
id = "board"
when = { attribute = "board seats", at_least = 5, below = 9.5 }
odds_ratio = 1.5
confidence_customers = 10
expires = 2999-01-01
"#;

#[test]
fn believing() {
    let bench = demo_bench();
    bench.write("beliefs.toml", BELIEFS);
    insta::assert_snapshot!("believing_without_customers", page(&bench.ok("train --hypotheses beliefs.toml")));
    let run = bench.ok("train c.csv --mapping map.toml --hypotheses beliefs.toml --promote");
    insta::assert_snapshot!(page(&run));
    insta::assert_snapshot!("believing_explained", page(&bench.ok("explain p.csv --mapping map.toml --id p3")));
}

#[test]
fn versions() {
    let bench = trained_bench();
    bench.ok("train --mapping map.toml --exclude region --seed 4 --promote");
    bench.ok("model rollback --reason it-was-better-before-and-everybody-agreed-that-it-was-so-it-comes-back");
    for (name, line) in
        [("model_list", "model list"), ("model_show", "model show 2"), ("model_history", "model history")]
    {
        insta::assert_snapshot!(name, page(&bench.ok(line)));
    }
}

#[test]
fn checking() {
    let bench = demo_bench();
    let run = bench.ok("data check c.csv");
    insta::assert_snapshot!(page(&run));
    insta::assert_snapshot!("checking_with_a_mapping", page(&bench.ok("data check c.csv --mapping map.toml")));
}

#[test]
fn the_demonstration() {
    insta::assert_snapshot!(page(&Bench::empty().ok("demo")));
}

#[test]
fn what_a_mapping_needs_many_words_for_fits_the_page() {
    let bench = Bench::empty();
    let states = ["won in the spring", "won in the autumn", "lost to a competitor", "lost for want of money", "lost"];
    let row = |row: usize| format!("{},{},{}\n", row % 7, states[row % 5], if row % 5 < 2 { "" } else { "too dear" });
    let rows: String = (0..200).map(row).collect();
    bench.write("c.csv", &format!("size,how it went with them,why we believe that it was lost\n{rows}"));
    let run = bench.ok("data check c.csv");
    insta::assert_snapshot!(page(&run));
    bench.ok("data check c.csv -o map.toml -q");
    bench.ok("data check c.csv --mapping map.toml");
}

#[test]
fn long_and_wide_texts_do_not_widen_the_page() {
    let bench = Bench::empty();
    let story = synthetic_data(102, 400, 10, -0.4);
    let name = "とても長い列の名前でとても長い列の名前";
    let wide = |_: usize, text: &str| format!("{text}日本語の会社名日本語の会社名日本語の会社名{text}");
    let table = |table: crate::cli::fixtures::TestTable| table.map_column("sector", wide).rename_column("sector", name);
    bench.write("map.toml", &mapping_toml(&ATTRIBUTES.replace("sector", name)));
    bench.write("c.csv", &table(story.customers).csv());
    bench.write("p.csv", &table(story.prospects).csv());
    assert_narrow(&bench.ok("train c.csv --mapping map.toml --promote").stdout);
    for line in ["model show", "model list", "model history", "explain p.csv --mapping map.toml --id p1"] {
        assert_narrow(&bench.ok(line).stdout);
    }
    let checked = bench.ok("data check c.csv --mapping map.toml").stdout;
    assert_narrow(&checked);
}
