//! The profile of a file: what is proposed for the usual shapes of tables.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::io::Cursor;

use sweetspot_core::{AttributeKind, Digest, LabelPreset, ReviewField};
use sweetspot_ingest::{
    AttributeSelection, ColumnRole, FileProfile, Mapping, Source, StatusColumn, profile, read_customers,
};
use sweetspot_model::{NoProgress, TrainingSpec, train};

/// Returns sixty rows below a header. `{}` in a cell is replaced by the row number.
fn table(header: &str, rows: &[&str]) -> String {
    table_of(60, header, rows)
}

fn table_of(count: usize, header: &str, rows: &[&str]) -> String {
    let mut text = format!("{header}\n");
    for (number, row) in rows.iter().cycle().take(count).enumerate() {
        writeln!(text, "{}", row.replace("{}", &number.to_string())).unwrap();
    }
    text
}

fn source(text: &str) -> Source {
    Source::new("t.csv", Cursor::new(text.to_owned()))
}

fn propose(text: &str) -> FileProfile {
    let profile = profile(source(text), None).unwrap();
    // The proposal must be valid without changes.
    let mapping = Mapping::parse(&profile.mapping_toml, "proposed").unwrap();
    assert_eq!(mapping, profile.mapping);
    let history = read_customers(source(text), &mapping).unwrap();
    mapping.label.label(&history.customers).unwrap();
    profile
}

fn status(column: &str, won: &[&str], lost: &[&str], churned: &[&str]) -> StatusColumn {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    StatusColumn { column: column.to_owned(), won: texts(won), lost: texts(lost), churned: texts(churned) }
}

fn listed_attributes(profile: &FileProfile) -> Vec<&str> {
    match &profile.mapping.attributes {
        AttributeSelection::Listed(columns) => columns.iter().map(String::as_str).collect(),
        AttributeSelection::Auto { .. } => Vec::new(),
    }
}

#[test]
fn outcomes_are_found_by_name_and_text() {
    for (header, rows, expected, policy) in [
        (
            "id,sector,deal_stage",
            ["o{},a,Won", "o{},b,Lost", "o{},b,Engaging"],
            Some(status("deal_stage", &["Won"], &["Lost"], &[])),
            LabelPreset::Won,
        ),
        ("id,job,y", ["{},a,yes", "{},b,no", "{},b,no"], Some(status("y", &["yes"], &["no"], &[])), LabelPreset::Won),
        (
            "id,job,Converted",
            ["{},a,0", "{},b,1", "{},b,0"],
            Some(status("Converted", &["1"], &["0"], &[])),
            LabelPreset::Won,
        ),
        (
            "id,plan,Churn Label",
            ["{},a,Yes", "{},b,No", "{},b,No"],
            Some(status("Churn Label", &["No"], &[], &["Yes"])),
            LabelPreset::Retained,
        ),
        (
            "id,plan,Churn Value,Churn Label",
            ["{},a,1,Yes", "{},b,0,No", "{},b,0,No"],
            Some(status("Churn Label", &["No"], &[], &["Yes"])),
            LabelPreset::Retained,
        ),
        (
            "id,plan,renewed",
            ["{},a,true", "{},b,false", "{},c,true"],
            Some(status("renewed", &["true"], &[], &["false"])),
            LabelPreset::Retained,
        ),
        (
            "id,plan,Account",
            ["{},a,Closed Won", "{},b,Closed Lost", "{},c,Cancelled"],
            Some(status("Account", &["Closed Won"], &["Closed Lost"], &["Cancelled"])),
            LabelPreset::Ideal,
        ),
        ("id,plan,status", ["{},a,active", "{},b,active", "{},c,active"], None, LabelPreset::Ideal),
        ("id,plan,member", ["{},a,yes", "{},b,no", "{},c,yes"], None, LabelPreset::Ideal),
    ] {
        let profile = propose(&table(header, &rows));
        assert_eq!(profile.mapping.outcome.status, expected, "{header}");
        assert_eq!(profile.mapping.label.preset, policy, "{header}");
        assert_eq!(profile.mapping.id.as_deref(), Some("id"), "{header}");
    }
}

#[test]
fn amounts_days_and_reasons_are_found_by_name() {
    let header =
        "Customer Name,Industry,Company Size - Revenue,Total won value,Support Cost,CAC,Client since when,Churn Reason";
    let rows = [
        "Firm {},a,1{},2{},3{},4{},2026-01-12,price",
        "Firm {},b,2{},3{},5{},6{},2026-01-02,",
        "Firm {},b,2{},2{},3{},4{},2026-01-12,price",
        "Firm {},a,1{},3{},5{},6{},2026-01-02,",
    ];
    let profile = propose(&table(header, &rows));
    let outcome = &profile.mapping.outcome;
    assert_eq!(profile.mapping.id.as_deref(), Some("Customer Name"));
    assert_eq!(outcome.value.as_deref(), Some("Total won value"));
    assert_eq!(outcome.cost_to_serve.as_deref(), Some("Support Cost"));
    assert_eq!(outcome.cost_to_acquire.as_deref(), Some("CAC"));
    assert_eq!(outcome.since.as_deref(), Some("Client since when"));
    assert_eq!(outcome.reason.as_deref(), Some("Churn Reason"));
    assert_eq!(listed_attributes(&profile), ["Industry", "Company Size - Revenue"]);
}

#[test]
fn missing_markers_are_recognised_where_they_occur() {
    let profile = propose(&table("id,plan,seats,y", &["{},Select,{},yes", "{},a,N/A,no", "{},b,{},no", "{},-,{},yes"]));
    assert_eq!(profile.mapping.missing, ["", "-", "N/A", "Select"]);
    let seats = &profile.columns[2];
    assert_eq!((seats.kind, seats.distinct), (AttributeKind::Number, 45));
    assert!((seats.present - 0.75).abs() < 1e-9);
    assert_eq!(profile.columns[1].examples, ["a", "b"]);
}

#[test]
fn leaks_are_left_out_with_a_word() {
    let rows = ["{},a,1,no,,{}", "{},b,2,yes,price,{}", "{},c,1,no,,{}", "{},a,2,yes,late,{}", "{},b,1,no,,{}"];
    let header = "id,plan,Churn Score,Churned,remark,Zip Code";
    let few = propose(&table(header, &rows));
    assert_eq!(listed_attributes(&few), ["plan", "remark"], "training keeps it, too: a few rows prove nothing");
    assert!(
        few.mapping_toml.contains("# category; suspiciously good: alone it predicts better"),
        "{}",
        few.mapping_toml
    );
    let profile = propose(&table_of(300, header, &rows));
    assert_eq!(listed_attributes(&profile), ["plan"]);
    let column = |name: &str| profile.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(column("Churn Score").leak.as_deref(), Some("its name refers to the outcome"));
    let written_after =
        "it is filled in for 120 customers, all of them churned, as what is written after the outcome is";
    assert_eq!(column("remark").leak.as_deref(), Some(written_after));
    assert_eq!(column("Churned").role, ColumnRole::Outcome);
    insta::assert_snapshot!(profile.mapping_toml);
}

/// Attributes that separate won and lost deals in several ways are proposed if and only if training keeps them.
#[test]
fn a_proposal_keeps_what_training_keeps() {
    for (count, kept_count) in [(60, 6), (1_000, 2)] {
        let mut text = "id,sector,tier,partner,region,seats,plan,stage\n".to_owned();
        for row in 0..count {
            // Adjacent rows share nothing but their outcome.
            let (lot, won) = (row * 7_919 % 997, row % 2 == 0);
            let tier = if won { "gold" } else { "basic" };
            // Correct for all but one in thirty.
            let region = if won == (row % 30 != 7) { "north" } else { "south" };
            // Present for half of the won deals only.
            let partner = if won && row % 4 == 0 { ["SAP", "IBM"][row / 4 % 2] } else { "" };
            let seats = if won { 500 + lot } else { lot % 400 };
            let plan = if (won && lot % 3 > 0) || lot % 5 == 0 { "team" } else { "solo" };
            let (sector, stage) = (["a", "b", "c"][lot % 3], if won { "Won" } else { "Lost" });
            writeln!(text, "k{row:04},{sector},{tier},{partner},{region},{seats},{plan},{stage}").unwrap();
        }
        let proposed = propose(&text);
        let all = ["sector", "tier", "partner", "region", "seats", "plan"].map(str::to_owned).to_vec();
        let mapping = Mapping { attributes: AttributeSelection::Listed(all), ..proposed.mapping.clone() };
        let history = read_customers(source(&text), &mapping).unwrap();
        let spec = TrainingSpec { label_policy: mapping.label, independent_rows: true, ..TrainingSpec::default() };
        let artifact = train(&spec, &history.customers, Digest::new(b"made up"), &NoProgress).unwrap();
        let kept: Vec<String> = artifact.attributes().into_iter().map(|one| one.attribute).collect();
        assert_eq!(listed_attributes(&proposed), kept, "{count} rows: {:?}", artifact.warnings());
        assert_eq!(kept.len(), kept_count, "{count} rows: {kept:?}");
        for column in proposed.columns.iter().filter(|column| kept.contains(&column.name)) {
            let warned =
                artifact.warnings().iter().any(|one| one.starts_with(&format!("attribute {:?} may", column.name)));
            assert_eq!(column.caution.is_some(), warned, "{count} rows: {column:?}");
        }
        let comment = "suspiciously good: alone it predicts better than what is known\n    # beforehand usually does (AUC 1.000)\n    \"tier\",";
        let tier = proposed.mapping_toml.contains(comment);
        assert_eq!(tier, count == 60, "{}", proposed.mapping_toml);
    }
}

#[test]
fn what_training_would_refuse_is_reported_beforehand_and_what_it_would_keep_is_kept() {
    // Only the tier determines the outcome, and its name does not suggest that.
    let rows = ["{},a,gold,no", "{},b,basic,yes", "{},a,gold,no", "{},b,gold,no", "{},a,basic,yes"];
    let few = propose(&table("id,plan,tier,Churned", &rows));
    assert_eq!(listed_attributes(&few), ["plan", "tier"], "sixty rows do not prove that it is a leak");
    let caution = few.columns[2].caution.as_deref().unwrap_or_default();
    assert!(caution.starts_with("alone it predicts better") && few.columns[2].leak.is_none(), "{caution}");
    let many = (0..300).map(|row| rows[row % 5].replace("{}", &row.to_string()) + "\n").collect::<String>();
    let many = propose(&format!("id,plan,tier,Churned\n{many}"));
    assert_eq!(listed_attributes(&many), ["plan"]);
    let leak = many.columns[2].leak.as_deref().unwrap_or_default();
    assert!(leak.starts_with("alone it separates ideal customers from others almost without error"), "{leak}");
}

#[test]
fn a_given_mapping_is_kept() {
    let text = table("key,plan,Result", &["{},a,x", "{},b,y", "{},unknown,y"]);
    let given = "id = \"key\"\nattributes = \"auto\"\n[outcome]\nstatus = { column = \"Result\", won = [\"x\"], lost = [\"y\"] }\n";
    let given = Mapping::parse(given, "given").unwrap();
    let profile = profile(source(&text), Some(&given)).unwrap();
    assert_eq!(profile.mapping, given);
    let verdicts: Vec<ColumnRole> = profile.columns.iter().map(|column| column.role).collect();
    assert_eq!(verdicts, [ColumnRole::Id, ColumnRole::Attribute, ColumnRole::Outcome]);
    assert!(profile.columns[1].examples.contains(&"unknown".to_owned()));
    let wrong = Mapping::parse("attributes = [\"plam\"]", "wrong").unwrap();
    let error = sweetspot_ingest::profile(source(&text), Some(&wrong)).unwrap_err();
    assert!(error.to_string().contains("did you mean \"plan\""), "{error}");
}

#[test]
fn bad_rows_are_counted() {
    let profile = propose(&format!("{}o,o,p,s\n", table("id,plan,y", &["{},a,yes", "{},b,no", "{},c,no"])));
    assert_eq!((profile.rows, profile.rejected, profile.rejects[0].row), (60, 1, 61));
    let error = sweetspot_ingest::profile(source("id,plan\n"), None).unwrap_err();
    assert!(error.to_string().contains("nothing below the header"), "{error}");
}

/// The headings of the review template, as printed there.
const TEMPLATE: &str = "Customer Name,Industry,Location,Use Case,Contract Details,Deal Size,Active vs One Time,Client since when,Current Status,Amount of product useage by customer,Company Size - Revenue,Company Size - # of employees,# of Decision makers,Title/Department of Decision makers,Title/department of Influencer,Notes";

#[test]
fn the_template_of_an_account_review_is_recognised_as_it_is() {
    use ReviewField::{
        Contract, DealSize, DecisionMakerTitles, DecisionMakers, Employees, Industry, InfluencerTitles, Location, Name,
        Notes, Recurring, Revenue, Usage, UseCase,
    };
    let rows = [
        "Firm {},food,DE,plan; count,{} orders,1{},Active,2024-01-02,Active,,1{},2{},,,,first {}",
        "Firm {},steel,FR,plan,{} orders,2{},Active,2023-01-02,Churned,,2{},3{},,,,other {}",
        "Firm {},steel,FR,plan,{} orders,2{},Active,2023-01-02,Active,,2{},3{},,,,other {}",
        "Firm {},food,DE,plan,{} orders,2{},Active,2023-01-02,Churned,,1{},2{},,,,other {}",
    ];
    let profile = propose(&table(TEMPLATE, &rows));
    let outcome = &profile.mapping.outcome;
    assert_eq!(outcome.since.as_deref(), Some("Client since when"));
    assert_eq!(outcome.status, Some(status("Current Status", &["Active"], &[], &["Churned"])));
    let fields: Vec<ReviewField> = profile.mapping.review.keys().copied().collect();
    let expected = [
        Name,
        Industry,
        Location,
        UseCase,
        Contract,
        DealSize,
        Recurring,
        Usage,
        Revenue,
        Employees,
        DecisionMakers,
        DecisionMakerTitles,
        InfluencerTitles,
        Notes,
    ];
    assert_eq!(fields, expected);
    assert_eq!(
        listed_attributes(&profile),
        ["Industry", "Location", "Company Size - Revenue", "Company Size - # of employees"],
        "a column known only after the sale is not an attribute"
    );
    insta::assert_snapshot!(profile.mapping_toml);
}

#[test]
fn other_names_of_a_review_are_recognised_too() {
    let header = "company_name,ARR,Annual revenue,Win reason,Churn Reason,spend_q1,Spend Q2,headcount,renewed";
    let rows = ["Firm {},1{},2{},price,,3{},4{},5{},yes", "Firm {},2{},2{},people,gone,3{},4{},5{},no"];
    let profile = propose(&table(header, &rows));
    let column = |field: ReviewField| profile.mapping.review.get(&field).map(String::as_str);
    for (field, expected) in [
        (ReviewField::Name, "company_name"),
        (ReviewField::DealSize, "ARR"),
        (ReviewField::Revenue, "Annual revenue"),
        (ReviewField::WinReason, "Win reason"),
        (ReviewField::ChurnReason, "Churn Reason"),
        (ReviewField::Spend(1), "spend_q1"),
        (ReviewField::Spend(2), "Spend Q2"),
        (ReviewField::Employees, "headcount"),
    ] {
        assert_eq!(column(field), Some(expected));
    }
    assert_eq!(profile.mapping.outcome.value.as_deref(), Some("ARR"));
    assert_eq!(profile.mapping.outcome.reason.as_deref(), Some("Churn Reason"));
}

#[test]
fn customers_who_all_stayed_are_distinguished_by_their_value() {
    let rows = ["Firm {},a,active,1{}", "Firm {},b,active,2{}"];
    let profile = propose(&table("name,sector,Current Status,Total won value", &rows));
    assert_eq!(profile.mapping.outcome.status, Some(status("Current Status", &["active"], &[], &[])));
    assert_eq!(profile.mapping.label.preset, LabelPreset::Ideal);
}

/// There are more rows than are stored: a property of only the last ones is found as well.
#[test]
fn the_last_rows_of_a_long_file_count() {
    const ROWS: u32 = 120_000;
    let mut text = String::from("id,amount,plan,y\n");
    for row in 0..ROWS {
        let amount = if row < ROWS - 1_000 { format!("{}", row % 977) } else { format!("\"{},5\"", row % 977) };
        let plan = if row < ROWS - 5 { ["a", "b"][row as usize % 2] } else { "late" };
        let outcome = if row % 3 == 0 { "yes" } else { "no" };
        writeln!(text, "{row},{},{plan},{outcome}", if row % 1_000 == 999 { "N/A" } else { &amount }).unwrap();
    }
    let profile = propose(&text);
    let [_, amount, plan, _] = profile.columns.as_slice() else { panic!("{:?}", profile.columns) };
    assert_eq!(profile.rows, u64::from(ROWS));
    assert_eq!(amount.kind, AttributeKind::Number);
    assert!(amount.reading.contains("comma"), "{}", amount.reading);
    assert!((amount.present - 0.999).abs() < 1e-9, "{}", amount.present);
    assert_eq!((amount.distinct, plan.distinct), (977 * 2, 3));
}
