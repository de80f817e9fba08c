use super::*;
use crate::domain::{Condition, PondSection, Severity, Spiced, Test};

fn gates(text: &str) -> Result<Vec<Gate>, StatedError> {
    parse(text, "g.toml", "gate", &gate::KEYS, gate::gate)
}

fn findings(text: &str) -> Result<Vec<Finding>, StatedError> {
    parse(text, "f.toml", "finding", &finding::KEYS, finding::finding)
}

#[test]
fn a_gate_is_read_whole() {
    let text = "[[gate]]\nid = \"small\"\nwhen = { attribute = \"employees\", below = 20 }\nseverity = \"out\"\n\
                section = \"needs\"\nauthor = \"Ann\"\nreason = \"never bought\"\nexpires = 1970-01-02\n";
    let gate = gates(text).unwrap().remove(0);
    let test = Test::Range { gte: None, lt: Some(20.0) };
    assert_eq!(gate.when, Condition { attribute: "employees".into(), test });
    assert_eq!((gate.severity, gate.section), (Severity::Out, PondSection::Needs));
    assert_eq!((gate.by.author.as_str(), gate.by.expires.unwrap().as_second()), ("Ann", 86_400));
}

#[test]
fn a_finding_needs_an_id_and_a_text() {
    let text = "[[finding]]\nid = \"f\"\ntext = \"They need it by May.\"\nspiced = \"critical-event\"\n";
    assert_eq!(findings(text).unwrap()[0].spiced, Some(Spiced::CriticalEvent));
    let wrong = "[[finding]]\nspiced = \"event\"\ntxt = \"x\"\n";
    let message = findings(wrong).unwrap_err().to_string();
    for part in
        ["unknown key \"txt\"", "finding 1 has no id", "finding 1 has no text", "spiced of finding 1 is \"event\""]
    {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}

#[test]
fn what_cannot_be_held_is_told() {
    let text = "[[gate]]\nid = \"\"\nwhen = { attribute = \"a\", flag = true }\nseverity = \"caution\"\n";
    assert!(gates(text).unwrap_err().to_string().contains("gate 1: id: it has 1 to 64 bytes"));
    assert!(gates("").unwrap_err().to_string().contains("it holds no [[gate]]"));
    assert!(gates("[[gate]]\nid = \"a\"\n").unwrap_err().to_string().contains("no severity"));
    assert!(matches!(gates("= 1"), Err(StatedError::Syntax { .. })));
}
