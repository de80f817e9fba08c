use sweetspot_core::{
    CommentResolution, Condition, ExclusionRule, Finding, Hypothesis, HypothesisEntry, PondMapSectionKind, Severity,
    SpicedPart, Test, Verdict,
};

use super::*;
use crate::{AttributeName, Block, CalloutKind};

fn timestamp(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400).unwrap()
}

fn empty() -> DefinitionView {
    DefinitionView {
        version: "workspaces/w/models/m/versions/1".into(),
        approval: Approval::Draft,
        approved: Vec::new(),
        review_date: None,
        is_review_due: false,
        hypotheses: Vec::new(),
        exclusion_rules: Vec::new(),
        findings: Vec::new(),
        omitted_findings: 0,
        approvals: Vec::new(),
        committee: ApprovalCommittee::default(),
        open_comments: CommentList::default(),
        resolved_comments: CommentList::default(),
        removals: CommentList::default(),
    }
}

fn statement(expires: Option<i64>) -> Attribution {
    Attribution {
        author: "Ann".into(),
        stated_at: timestamp(1),
        reason: "never bought".into(),
        expires: expires.map(timestamp),
    }
}

fn sample_hypothesis() -> HypothesisEntry {
    let hypothesis = Hypothesis {
        id: "h".into(),
        statement: String::new(),
        when: Condition { attribute: "b2b".into(), test: Test::Flag(true) },
        odds_ratio: 2.0,
        confidence_customers: 10.0,
        author: String::new(),
        expires: None,
    };
    HypothesisEntry { hypothesis, stated_at: timestamp(1), reason: String::new() }
}

fn sample_rule() -> ExclusionRule {
    ExclusionRule {
        id: "small".into(),
        statement: String::new(),
        when: Condition { attribute: "employees".into(), test: Test::Range { gte: None, lt: Some(20.0) } },
        severity: Severity::Out,
        section: PondMapSectionKind::AccountProfile,
        attribution: statement(Some(5)),
    }
}

fn cells(view: &DefinitionView) -> Vec<Vec<String>> {
    let table = |block: Block| if let Block::Table(table) = block { Some(table.rows) } else { None };
    let rows = blocks(view).into_iter().filter_map(table).flatten();
    rows.map(|row| row.into_iter().map(|cell| cell.text).collect()).collect()
}

#[test]
fn where_no_one_has_stated_anything_the_page_says_so() {
    let page = blocks(&empty());
    let told = page.iter().any(
        |block| matches!(block, Block::Callout(CalloutKind::Missing, text) if text.starts_with("Nothing has been stated yet")),
    );
    assert!(told, "{page:?}");
}

#[test]
fn the_state_and_the_review_are_reported() {
    let approval = Approval::Approved { actor: "Ann".into(), time: timestamp(3), number: 2 };
    let due = Some(Date { days: 4 });
    let view = DefinitionView { approval, review_date: due, is_review_due: true, ..empty() };
    let page = blocks(&view);
    let state = "This definition was approved by Ann on 1970-01-04, as version 2. \
                 Verdicts are those of workspaces/w/models/m/versions/1.";
    assert_eq!(page[1], Block::Text(state.to_owned()));
    assert_eq!(page[2], Block::Callout(CalloutKind::Caution, "Its review was due on 1970-01-05.".to_owned()));
}

fn attribute(name: &str) -> AttributeName {
    AttributeName::new(name, None, None)
}

#[test]
fn entries_say_who_and_when_and_what_has_expired() {
    let finding = Finding {
        text: "By May.".into(),
        spiced: Some(SpicedPart::CriticalEvent),
        attribution: statement(None),
        ..Finding::default()
    };
    let reason = "its segment \"segment-7\" is not in version 1";
    let orphan = Finding { segment_id: "segment-7".into(), account_id: "a-1".into(), ..finding.clone() };
    let view = DefinitionView {
        hypotheses: vec![HypothesisView::new(&sample_hypothesis(), attribute("b2b"), &[], Date { days: 9 })],
        exclusion_rules: vec![ExclusionRuleView::new(&sample_rule(), attribute("employees"), Date { days: 5 })],
        findings: vec![
            FindingView::new(&finding, None, Date { days: 5 }),
            FindingView::new(&orphan, Some(reason.to_owned()), Date { days: 5 }),
        ],
        ..empty()
    };
    let cells = cells(&view);
    let unknown = "not yet known: this version was trained without it";
    assert_eq!(cells[0], ["b2b yes", "2", "", unknown, "", "an unknown author, 1970-01-02"]);
    let by = "Ann, 1970-01-02: never bought (expired on 1970-01-06)";
    assert_eq!(cells[1], ["employees below 20", "OUT", "Account profile", by]);
    assert_eq!(cells[2], ["By May.", "Critical event", "", "neutral", "", "Ann, 1970-01-02: never bought"]);
    assert_eq!(cells[3][4], format!("a-1, {reason}"));
}

#[test]
fn a_verdict_belongs_to_the_condition_that_was_tested() {
    let held = sample_hypothesis();
    let summary = |test| HypothesisSummary {
        id: "h".into(),
        statement: String::new(),
        author: String::new(),
        when: Condition { attribute: "b2b".into(), test },
        label: String::new(),
        odds_ratio: 2.0,
        confidence_customers: 10.0,
        verdict: Verdict::Supported,
        customers: 8,
        ideal: 4,
        data_effect: None,
        model_effect: sweetspot_core::Effect { log_odds: 0.0, standard_error: 1.0 },
    };
    let day = Date { days: 0 };
    assert!(HypothesisView::new(&held, attribute("b2b"), &[summary(Test::Flag(false))], day).result.is_none());
    let judged = HypothesisView::new(&held, attribute("b2b"), &[summary(Test::Flag(true))], day);
    let view = DefinitionView { hypotheses: vec![judged], ..empty() };
    assert_eq!(cells(&view)[0][3], "supported");
    assert!(cells(&view)[0][4].starts_with("50% of 8 ("));
}

#[test]
fn the_last_versions_are_reported_or_that_there_is_none() {
    let none = blocks(&empty());
    let missing = Block::Callout(CalloutKind::Missing, "No version has been approved yet.".to_owned());
    assert!(none.contains(&missing));
    let version = |number: u64| ApprovedDefinitionVersion {
        number,
        version: number + 40,
        actor: "Ann".into(),
        time: timestamp(3),
        approvals: vec![PersonApproval { actor: "Ann".into(), time: timestamp(3) }],
    };
    let view = DefinitionView { approved: vec![version(12), version(11)], ..empty() };
    assert_eq!(cells(&view), [["12", "Ann", "1970-01-04", "52"], ["11", "Ann", "1970-01-04", "51"]]);
    let page = blocks(&view);
    assert!(page.contains(&Block::Text("10 older ones are left out.".to_owned())) && !page.contains(&missing));
}

fn approval(name: &str, day: i64) -> PersonApproval {
    PersonApproval { actor: name.to_owned(), time: timestamp(day) }
}

#[test]
fn the_committee_and_its_approvals_are_reported() {
    let committee = ApprovalCommittee::new(vec!["Cem".into(), "Ann".into()], 2);
    let in_review = Approval::InReview { actor: "Dan".into(), time: timestamp(1) };
    let view = DefinitionView { committee, approval: in_review, ..empty() };
    let text = |view: &DefinitionView| match &blocks(view)[1..3] {
        [Block::Text(state), Block::Text(committee)] => [state.clone(), committee.clone()],
        other => panic!("{other:?}"),
    };
    let verdicts = "Verdicts are those of workspaces/w/models/m/versions/1.";
    let submitted = "This definition is in review: Dan submitted it on 1970-01-02.";
    let approvers = "Its approvers are Ann and Cem; 2 approvals are required.";
    let none = format!("{submitted} It has 0 of 2 approvals. {verdicts}");
    assert_eq!(text(&view), [none.as_str(), approvers]);
    let one = DefinitionView { approvals: vec![approval("Ann", 2)], ..view.clone() };
    let by_one = format!("{submitted} It has 1 of 2 approvals, by Ann on 1970-01-03. {verdicts}");
    assert_eq!(text(&one), [by_one.as_str(), approvers]);
    let approvals = vec![approval("Ann", 2), approval("Cem", 3)];
    let state = Approval::Approved { actor: "Cem".into(), time: timestamp(3), number: 4 };
    let version = ApprovedDefinitionVersion {
        number: 4,
        version: 9,
        actor: "Cem".into(),
        time: timestamp(3),
        approvals: approvals.clone(),
    };
    let approved = DefinitionView { approvals, approval: state, approved: vec![version], ..view };
    let by_both = "Ann on 1970-01-03 and Cem on 1970-01-04";
    let sentence = format!("This definition was approved by {by_both}, as version 4. {verdicts}");
    assert_eq!(text(&approved)[0], sentence);
    assert_eq!(cells(&approved), [["4", by_both, "1970-01-04", "9"]]);
    let any = DefinitionView { committee: ApprovalCommittee::new(Vec::new(), 3), ..empty() };
    assert_eq!(text(&any)[1], "Any person may approve it; 3 approvals are required.");
}

#[test]
fn open_comments_are_listed_before_resolved_ones_and_removals() {
    let comment = |about: &str| Comment {
        about: about.to_owned(),
        text: "Why?".into(),
        author: "Cem".into(),
        time: timestamp(1),
        ..Comment::default()
    };
    let resolution = CommentResolution { author: "Ann".into(), time: timestamp(2), reason: "Asked.".into() };
    let resolved = Comment { resolution: Some(resolution), ..comment("") };
    let removal = Comment { is_removal: true, ..comment("removed finding may") };
    let list = |comment| CommentList { comments: vec![comment], omitted: 0 };
    let view = DefinitionView {
        open_comments: CommentList { comments: vec![comment("small")], omitted: 2 },
        resolved_comments: list(resolved),
        removals: list(removal),
        ..empty()
    };
    let page = blocks(&view);
    let start = page.iter().position(|block| *block == Block::Heading(2, "Comments".into())).unwrap();
    let list = |line: &str| Block::List(vec![line.to_owned()]);
    let expected = [
        Block::Heading(2, "Comments".into()),
        Block::Text("2 older ones are left out.".into()),
        list("Cem, 1970-01-02 on small: Why?"),
        Block::Heading(2, "Resolved comments".into()),
        list("Cem, 1970-01-02: Why? (resolved by Ann, 1970-01-03: Asked.)"),
        Block::Heading(2, "What was removed".into()),
        list("Cem, 1970-01-02, removed finding may: Why?"),
    ];
    assert_eq!(page[start..], expected);
}

#[test]
fn the_newest_comments_of_a_list_are_shown() {
    let comments: Vec<Comment> =
        (0..MAX_ENTRIES + 3).map(|number| Comment { id: number.to_string(), ..Comment::default() }).collect();
    let list = CommentList::new(comments.iter());
    assert_eq!((list.omitted, list.comments.len(), list.comments[0].id.as_str()), (3, MAX_ENTRIES, "3"));
}
