use std::path::Path;

use sweetspot_core::{Condition, Test};

use super::*;

fn problems(text: &str) -> Vec<String> {
    match parse_hypotheses(text, "beliefs.toml").unwrap_err() {
        DefinitionFileError::Settings { problems, .. } => problems,
        other @ (DefinitionFileError::Read { .. }
        | DefinitionFileError::TooLarge { .. }
        | DefinitionFileError::Syntax { .. }) => {
            panic!("{other}")
        }
    }
}

#[test]
fn every_form_of_a_hypothesis_is_parsed() {
    let one = |when: &str| {
        let text = format!("[[hypothesis]]\nid = \"h\"\nodds_ratio = 2\nconfidence_customers = 1.5\nwhen = {when}\n");
        parse_hypotheses(&text, "t").unwrap().remove(0).when
    };
    for (when, test) in [
        ("{ attribute = \"a\", any_of = [\"x\", \"y\"] }", Test::AnyOf(vec!["x".into(), "y".into()])),
        ("{ attribute = \"a\", at_least = 50 }", Test::Range { gte: Some(50.0), lt: None }),
        ("{ attribute = \"a\", at_least = 1.5, below = 2 }", Test::Range { gte: Some(1.5), lt: Some(2.0) }),
        ("{ attribute = \"a\", below = 1970-01-11 }", Test::Range { gte: None, lt: Some(10.0) }),
        ("{ attribute = \"a\", present = false }", Test::Present(false)),
        ("{ attribute = \"a\", flag = true }", Test::Flag(true)),
    ] {
        assert_eq!(one(when), Condition { attribute: "a".into(), test }, "{when}");
    }
    let whole = "[[hypothesis]]\nid = \" h \"\nstatement = \"They buy.\"\nauthor = \"ann\"\nexpires = 1970-01-03\nodds_ratio = 0.5\n\
                 confidence_customers = 30\nwhen = { attribute = \"Zu\u{308}g\", flag = false }\n";
    let read = parse_hypotheses(whole, "t").unwrap().remove(0);
    assert_eq!((read.id.as_str(), read.statement.as_str(), read.author.as_str()), ("h", "They buy.", "ann"));
    assert_eq!((read.odds_ratio, read.confidence_customers, read.when.attribute.as_str()), (0.5, 30.0, "Züg"));
    assert_eq!(read.expires.unwrap().as_second(), 2 * 86_400);
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let text = "author = \"x\"\n[[hypothesis]]\nod_ratio = 2\nwhen = { atribute = \"a\" }\n\
                [[hypothesis]]\nid = \"h\"\nodds_ratio = \"2\"\nconfidence_customers = 3\nexpires = \"2027-03-01\"\n\
                when = { attribute = \"a\", flag = true, present = true }\n\
                [[hypothesis]]\nwhen = { attribute = \"a\", at_least = \"01/03/2024\" }\n";
    let found = problems(text);
    for expected in [
        "unknown key \"author\" in the file; known are hypothesis",
        "unknown key \"od_ratio\" in hypothesis 1 (did you mean \"odds_ratio\"?)",
        "hypothesis 1 has no id",
        "hypothesis 1 has no odds_ratio",
        "unknown key \"atribute\" in when of hypothesis 1 (did you mean \"attribute\"?)",
        "when of hypothesis 1 requires exactly one test",
        "odds_ratio of hypothesis \"h\" must be a number",
        "expires of hypothesis \"h\" must be a date such as 2027-03-01, without quotes",
        "when of hypothesis \"h\" requires exactly one test",
        "at_least of when of hypothesis 3 must be a number or a date such as 2015-01-01, without quotes: write 2024-01-03 or 2024-03-01",
    ] {
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{expected} is not in {found:#?}");
    }
}

#[test]
fn bounds_and_doubles_are_reported_with_their_hypothesis() {
    let one = "[[hypothesis]]\nid = \"h\"\nodds_ratio = 5000\nconfidence_customers = 3\nwhen = { attribute = \"a\", flag = true }\n";
    let found = problems(&one.repeat(2));
    assert!(found[0].starts_with("hypothesis \"h\": odds_ratio: 5000 is not between"), "{found:#?}");
    assert!(found.iter().any(|problem| problem.contains("when: hypothesis \"h\" is about the same accounts")));
    assert_eq!(problems("").len(), 1);
    assert_eq!(problems("hypothesis = 3").len(), 1);
    assert_eq!(problems("hypothesis = [3]")[0], "hypothesis 1 is not a table: begin it with [[hypothesis]]");
}

#[test]
fn what_is_no_toml_is_reported_with_its_line() {
    let error = parse_hypotheses("a = 1\nb = = 2\n", "beliefs.toml").unwrap_err();
    assert!(error.to_string().starts_with("the file of hypotheses beliefs.toml is wrong in line 2: "), "{error}");
    let missing = read_hypotheses(Path::new("/nonexistent/beliefs.toml")).unwrap_err();
    assert!(matches!(missing, DefinitionFileError::Read { .. }), "{missing}");
}
