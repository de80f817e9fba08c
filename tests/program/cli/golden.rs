//! What people read, as it stands on the screen, and never wider than that.

use crate::cli::made::{ATTRIBUTES, mapping, story};
use crate::cli::support::{Bench, Run};

/// A store with two versions, the first live, of a story that never changes.
fn bench() -> Bench {
    let bench = Bench::empty();
    let story = story(101, 400, 30, -0.4);
    bench.write("map.toml", &mapping(ATTRIBUTES));
    bench.write("c.csv", &story.customers.csv());
    bench.write("p.csv", &story.prospects.csv());
    bench
}

fn trained() -> Bench {
    let bench = bench();
    bench.ok("train c.csv --mapping map.toml --promote");
    bench
}

/// Columns of a terminal that a text takes.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}')
    };
    let nothing = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}');
    text.chars().map(|c| if wide(c) { 2 } else { usize::from(!nothing(c)) }).sum()
}

#[track_caller]
fn narrow(text: &str) {
    let long: Vec<_> = text.lines().filter(|line| width(line) > 80).collect();
    assert!(long.is_empty(), "wider than 80 columns: {long:#?}");
}

/// Both streams, with what is another every time written as one word.
fn page(run: &Run) -> String {
    narrow(&run.stdout);
    narrow(&run.stderr);
    format!("{}--- stderr ---\n{}", settled(&run.stdout), settled(&run.stderr))
}

/// Days and times as `DAY` and `TIME`, and figures beyond the tenth left out.
fn settled(text: &str) -> String {
    let mut settled = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (word, taken) = match (time(rest), digits) {
            (Some(taken), _) => (if taken > 10 { "TIME" } else { "DAY" }, taken),
            (None, 0) => (&rest[..c.len_utf8()], c.len_utf8()),
            (None, digits) => (&rest[..digits.min(10)], digits),
        };
        settled.push_str(word);
        rest = &rest[taken..];
    }
    settled
}

/// How long the day or time of this century is with which the text begins.
fn time(text: &str) -> Option<usize> {
    let shaped = |shape: &str| {
        let fits = |(c, s): (u8, u8)| if s == b'9' { c.is_ascii_digit() } else { c == s };
        text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits)
    };
    ["2099-99-99T99:99:99Z", "2099-99-99"].into_iter().find(|shape| shaped(&shape.replace("20", "29"))).map(str::len)
}

#[test]
fn training() {
    insta::assert_snapshot!(page(&bench().ok("train c.csv --mapping map.toml")));
    insta::assert_snapshot!("training_promoted", page(&bench().ok("train c.csv --mapping map.toml --promote -q")));
}

#[test]
fn scoring() {
    let bench = bench();
    bench.ok("train c.csv --mapping map.toml");
    let unpromoted = bench.ok("score p.csv --mapping map.toml -o out.csv");
    insta::assert_snapshot!("scoring_with_the_candidate", page(&unpromoted));
    bench.ok("model promote");
    insta::assert_snapshot!(page_of_any_width(&bench.ok("score p.csv --mapping map.toml --top 6")));
    let run = bench.ok("score p.csv --mapping map.toml --tier A,B -o out.csv");
    insta::assert_snapshot!("scoring_into_a_file", page(&run));
}

/// Lists for programs are as wide as they need to be.
fn page_of_any_width(run: &Run) -> String {
    format!("{}--- stderr ---\n{}", settled(&run.stdout), settled(&run.stderr))
}

#[test]
fn explaining() {
    let bench = trained();
    insta::assert_snapshot!(page(&bench.ok("explain p.csv --mapping map.toml --id p3")));
    bench.write("odd.csv", "id,sector,employees,remote,tools\nodd,Space,9000000,maybe,\"SAP; Abacus\"\n");
    insta::assert_snapshot!("explaining_an_odd_one", page(&bench.ok("explain odd.csv --id odd")));
}

/// What is believed of a story: rightly, wrongly, and of what nobody knows.
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
    let bench = bench();
    bench.write("beliefs.toml", BELIEFS);
    insta::assert_snapshot!("believing_without_customers", page(&bench.ok("train --hypotheses beliefs.toml")));
    let run = bench.ok("train c.csv --mapping map.toml --hypotheses beliefs.toml --promote");
    insta::assert_snapshot!(page(&run));
    insta::assert_snapshot!("believing_explained", page(&bench.ok("explain p.csv --mapping map.toml --id p3")));
}

#[test]
fn versions() {
    let bench = trained();
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
    let bench = bench();
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
    let story = story(102, 400, 10, -0.4);
    let name = "とても長い列の名前でとても長い列の名前";
    let wide = |_: usize, text: &str| format!("{text}日本語の会社名日本語の会社名日本語の会社名{text}");
    let table = |table: crate::cli::made::Table| table.rewritten("sector", wide).renamed("sector", name);
    bench.write("map.toml", &mapping(&ATTRIBUTES.replace("sector", name)));
    bench.write("c.csv", &table(story.customers).csv());
    bench.write("p.csv", &table(story.prospects).csv());
    narrow(&bench.ok("train c.csv --mapping map.toml --promote").stdout);
    for line in ["model show", "model list", "model history", "explain p.csv --mapping map.toml --id p1"] {
        narrow(&bench.ok(line).stdout);
    }
    let checked = bench.ok("data check c.csv --mapping map.toml").stdout;
    narrow(&checked);
}
