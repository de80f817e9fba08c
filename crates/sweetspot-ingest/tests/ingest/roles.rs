//! The roles in a proposed mapping of columns that are not attributes: names of accounts, dates and amounts of the
//! deal, keys of places, and products of outcomes.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::io::Cursor;

use sweetspot_core::OutcomeStatus;
use sweetspot_ingest::{AttributeSelection, ColumnRole, FileProfile, Mapping, Source, profile, read_customers};

/// Returns a header and numbered rows.
fn table(header: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    (0..rows).for_each(|number| writeln!(text, "{}", row(number)).unwrap());
    text
}

/// Returns a pseudorandom number in 0..below (splitmix64).
fn pseudo_random(number: usize, salt: u64, below: u64) -> u64 {
    let mut mixed =
        (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(salt.wrapping_mul(0xD1B5_4A32));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) % below
}

fn stage(won: bool) -> &'static str {
    if won { "Closed Won" } else { "Closed Lost" }
}

fn source(text: &str) -> Source {
    Source::new("t.csv", Cursor::new(text.to_owned()))
}

/// Returns the profile. The proposed mapping must be able to read the file.
#[track_caller]
fn propose(text: &str) -> FileProfile {
    let profile = profile(source(text), None).unwrap();
    let mapping = Mapping::parse(&profile.mapping_toml, "proposed").unwrap();
    assert_eq!(mapping, profile.mapping, "{}", profile.mapping_toml);
    let history = read_customers(source(text), &mapping).unwrap();
    mapping.label.label(&history.customers).unwrap();
    profile
}

fn attributes(profile: &FileProfile) -> Vec<&str> {
    match &profile.mapping.attributes {
        AttributeSelection::Listed(columns) => columns.iter().map(String::as_str).collect(),
        AttributeSelection::Auto { .. } => Vec::new(),
    }
}

fn role(profile: &FileProfile, name: &str) -> ColumnRole {
    profile.columns.iter().find(|column| column.name == name).unwrap().role
}

fn group(profile: &FileProfile) -> Option<&str> {
    profile.mapping.outcome.group.as_deref()
}

fn notes(profile: &FileProfile) -> String {
    profile.notes.join("\n")
}

/// Returns contacts of companies. `agrees` sets whether contacts of a company share their outcome.
fn contacts(companies: usize, agrees: bool) -> String {
    table("Contact ID,Company Name,Industry,Employees,Stage", companies * 3, |row| {
        let company = row % companies;
        let won = pseudo_random(if agrees { company } else { row }, 1, 2) == 0;
        let industry = ["food", "steel", "energy"].get(pseudo_random(company, 2, 3) as usize).unwrap();
        format!("c{row},Firm {company},{industry},{},{}", pseudo_random(company, 3, 5000), stage(won))
    })
}

#[test]
fn a_company_whose_contacts_end_alike_is_the_group() {
    let profile = propose(&contacts(300, true));
    assert_eq!((profile.mapping.id.as_deref(), group(&profile)), (Some("Contact ID"), Some("Company Name")));
    assert_eq!(attributes(&profile), ["Industry", "Employees"]);
    assert_eq!(role(&profile, "Company Name"), ColumnRole::Group);
    let why = "300 companies have 900 rows, and their outcomes agree more than chance explains (1.00)";
    assert!(notes(&profile).contains(why), "{}", notes(&profile));
    insta::assert_snapshot!(profile.mapping_toml);
    // Twenty companies are found as well, although one attribute nearly identifies them.
    assert_eq!(group(&propose(&contacts(20, true))), Some("Company Name"));
}

#[test]
fn companies_whose_contacts_end_as_chance_has_it_are_named_and_no_group() {
    let profile = propose(&contacts(300, false));
    assert_eq!(group(&profile), None);
    assert_eq!(attributes(&profile), ["Industry", "Employees"]);
    assert!(notes(&profile).contains("\"Company Name\" names 300 companies"), "{}", notes(&profile));
}

#[test]
fn no_table_without_an_effect_of_companies_has_a_group() {
    // Industries differ, and so would companies if the industry were not taken into account.
    for salt in 0..60 {
        let text = table("id,Company,Industry,Stage", 600, |row| {
            let company = row % 200;
            let rate = [15, 50, 85][company % 3];
            let won = pseudo_random(row, 100 + salt, 100) < rate;
            format!("c{row},Firm {company},{},{}", ["food", "steel", "energy"][company % 3], stage(won))
        });
        assert_eq!(group(&propose(&text)), None, "{salt}");
    }
}

#[test]
fn a_given_mapping_without_the_group_is_reported_of_it() {
    let text = contacts(300, true);
    let given = "id = \"Contact ID\"\nattributes = [\"Industry\"]\n[outcome]\nstatus = { column = \"Stage\", won = [\"Closed Won\"], lost = [\"Closed Lost\"] }\n";
    let given = Mapping::parse(given, "given").unwrap();
    let profile = profile(source(&text), Some(&given)).unwrap();
    assert_eq!(profile.mapping, given);
    assert!(notes(&profile).contains("add group = \"Company Name\" under [outcome]"), "{}", notes(&profile));
}

#[test]
fn places_industries_and_prices_are_no_groups() {
    // Each has its own effect on the outcome, as strong as that of an account.
    for (name, levels) in [("City", 150), ("Country", 12), ("Industry", 25), ("List price", 60), ("Product", 200)] {
        let text = table(&format!("id,{name},size,Stage"), 900, |row| {
            let level = pseudo_random(row, 5, levels) as usize;
            let won = pseudo_random(row, 6, 100) < if pseudo_random(level, 7, 2) == 0 { 20 } else { 80 };
            format!(
                "o{row},{}{level},{},{}",
                if name == "List price" { "1" } else { "x" },
                pseudo_random(row, 8, 9),
                stage(won)
            )
        });
        let profile = propose(&text);
        assert_eq!(group(&profile), None, "{name}");
        assert!(attributes(&profile).contains(&name), "{name}: {:?}", attributes(&profile));
    }
}

#[test]
fn another_text_is_a_group_only_on_strong_evidence() {
    let deals = |agrees: bool| {
        table("id,Payer,size,Stage", 900, |row| {
            let payer = row % 300;
            let won = pseudo_random(if agrees { payer } else { row }, 11, 2) == 0;
            format!("o{row},Firm {payer},{},{}", pseudo_random(row, 8, 9), stage(won))
        })
    };
    assert_eq!(group(&propose(&deals(true))), Some("Payer"));
    let independent = propose(&deals(false));
    assert_eq!((group(&independent), attributes(&independent)), (None, vec!["Payer", "size"]));
}

#[test]
fn an_account_id_that_repeats_beside_a_row_id_is_a_group_and_no_attribute() {
    let text = table("Opportunity ID,Account ID,size,Stage", 400, |row| {
        format!("o{row},{},{},{}", 7000 + row % 130, pseudo_random(row, 1, 9), stage(pseudo_random(row, 2, 2) == 0))
    });
    let profile = propose(&text);
    assert_eq!((profile.mapping.id.as_deref(), group(&profile)), (Some("Opportunity ID"), Some("Account ID")));
    assert_eq!(attributes(&profile), ["size"]);
    assert!(notes(&profile).contains("130 accounts have 400 rows: the rows of one"), "{}", notes(&profile));
}

#[test]
fn the_only_id_that_repeats_is_id_and_group() {
    let text = table("Customer ID,size,Stage", 400, |row| {
        format!("k{},{},{}", row % 130, pseudo_random(row, 1, 9), stage(pseudo_random(row, 2, 2) == 0))
    });
    let profile = propose(&text);
    assert_eq!((profile.mapping.id.as_deref(), group(&profile)), (Some("Customer ID"), Some("Customer ID")));
    assert_eq!(attributes(&profile), ["size"]);
    let history = read_customers(source(&text), &profile.mapping).unwrap();
    assert_eq!(history.customers.accounts().rows(), 400);
    let groups = (0..400)
        .filter_map(|row| history.customers.outcomes().get(row).group)
        .collect::<std::collections::HashSet<_>>();
    assert_eq!(groups.len(), 130);
}

#[test]
fn ids_that_a_spreadsheet_rounded_are_neither() {
    let text = table("Account ID,Name,size,Stage", 400, |row| {
        format!(
            "{}000,Firm {row},{},{}",
            1_234_567_890_123_450_u64 + row as u64 / 4,
            pseudo_random(row, 1, 9),
            stage(row % 3 == 0)
        )
    });
    let profile = propose(&text);
    assert_eq!((profile.mapping.id.as_deref(), group(&profile)), (Some("Name"), None));
    assert_eq!(attributes(&profile), ["size"]);
    assert!(
        notes(&profile).contains("\"Account ID\" has 100 ids in 400 rows: they repeat, and look rounded"),
        "{}",
        notes(&profile)
    );
}

#[test]
fn addresses_of_one_company_are_reported_and_mailboxes_are_not() {
    let people = |host: fn(usize) -> String| {
        table("id,Email,size,Stage", 600, |row| {
            let firm = row % 150;
            format!(
                "p{row},p{row}@{},{},{}",
                host(firm),
                pseudo_random(row, 1, 9),
                stage(pseudo_random(firm, 2, 2) == 0)
            )
        })
    };
    let profile = propose(&people(|firm| format!("firm{firm}.example")));
    assert_eq!(group(&profile), None);
    assert!(notes(&profile).contains("\"Email\" has addresses of 150 domains"), "{}", notes(&profile));
    assert!(propose(&people(|_| "gmail.com".to_owned())).notes.is_empty());
}

#[test]
fn days_of_the_deal_are_left_out_and_days_of_the_customer_are_not() {
    let text = table("id,engage_date,Created Date,founded on,Stage", 200, |row| {
        let day = |salt| {
            format!(
                "20{:02}-0{}-1{}",
                pseudo_random(row, salt, 20),
                1 + pseudo_random(row, salt + 1, 9),
                pseudo_random(row, salt + 2, 9)
            )
        };
        format!("o{row},{},{},{},{}", day(1), day(4), day(7), stage(row % 3 == 0))
    });
    let profile = propose(&text);
    assert_eq!(attributes(&profile), ["founded on"]);
    for name in ["engage_date", "Created Date"] {
        assert_eq!(role(&profile, name), ColumnRole::DealDate);
    }
    assert!(profile.mapping_toml.contains("outcome.since"), "{}", profile.mapping_toml);
    let given = "id = \"id\"\nattributes = [\"engage_date\"]\n";
    let kept = sweetspot_ingest::profile(source(&text), Some(&Mapping::parse(given, "given").unwrap())).unwrap();
    assert_eq!(role(&kept, "engage_date"), ColumnRole::Attribute, "a listed column is an attribute");
}

#[test]
fn keys_of_places_are_left_out_and_places_are_not() {
    let text = table("id,City,Zip Code,Lat Long,Latitude,lon,How long,Stage", 200, |row| {
        let (place, hours) = (pseudo_random(row, 1, 40), pseudo_random(row, 2, 9));
        format!(
            "o{row},City {place},9{place:04},\"{place}.5, -1{place}\",{place}.5,-1{place},{hours},{}",
            stage(row % 3 == 0)
        )
    });
    let profile = propose(&text);
    assert_eq!(attributes(&profile), ["City", "How long"]);
    for name in ["Zip Code", "Lat Long", "Latitude", "lon"] {
        assert_eq!(role(&profile, name), ColumnRole::PlaceKey, "{name}");
    }
}

#[test]
fn what_is_made_of_outcomes_is_left_out_by_its_numbers() {
    let text = table("id,Tenure Months,charge,paid,discount,bonus,fee,CLTV,Churned", 400, |row| {
        let (tenure, charge, value) =
            (1 + pseudo_random(row, 1, 70), 20 + pseudo_random(row, 2, 100), 500 + pseudo_random(row, 3, 4000));
        let paid = tenure * charge + pseudo_random(row, 4, 3);
        let (discount, bonus, fee) = (pseudo_random(row, 5, 50), value / 10, charge * 12);
        let churned = if pseudo_random(row, 6, 3) == 0 { "yes" } else { "no" };
        format!("c{row},{tenure},{charge},{paid},{discount},{bonus},{fee},{value},{churned}")
    });
    let profile = propose(&text);
    let reason = |name: &str| profile.columns.iter().find(|column| column.name == name).unwrap().reason.clone();
    assert_eq!((role(&profile, "paid"), role(&profile, "bonus")), (ColumnRole::Derived, ColumnRole::Derived));
    assert!(reason("paid").contains("product of \"Tenure Months\""), "{}", reason("paid"));
    assert!(reason("bonus").contains("goes with \"CLTV\""), "{}", reason("bonus"));
    // A multiple of something known before the sale is not a leak.
    assert!(
        ["charge", "discount", "fee"].iter().all(|name| attributes(&profile).contains(name)),
        "{:?}",
        attributes(&profile)
    );
}

#[test]
fn a_few_giants_make_no_product() {
    // All numbers of the largest account are far above those of the others, which are unrelated.
    let text = table("id,employees,offices,CLTV,Churned", 400, |row| {
        let size = |salt, below| if row == 7 { below * 2000 } else { 1 + pseudo_random(row, salt, below) };
        let churned = if pseudo_random(row, 6, 3) == 0 { "yes" } else { "no" };
        format!("c{row},{},{},{},{churned}", size(1, 500), size(2, 40), size(3, 9000))
    });
    assert_eq!(attributes(&propose(&text)), ["employees", "offices"]);
}

fn deals(amount: impl Fn(usize) -> String, header: &str) -> FileProfile {
    propose(&table(header, 200, |row| {
        format!("o{row},{},{},{}", pseudo_random(row, 1, 9), amount(row), stage(pseudo_random(row, 2, 3) == 0))
    }))
}

#[test]
fn the_amount_of_a_deal_is_called_so() {
    let profile = deals(|row| (100 + pseudo_random(row, 3, 900)).to_string(), "id,size,Opportunity Amount USD,Stage");
    let outcome = &profile.mapping.outcome;
    assert_eq!((outcome.value.as_deref(), outcome.currency.as_deref()), (Some("Opportunity Amount USD"), Some("USD")));
    assert!(profile.mapping_toml.contains("the amount of one deal, not lifetime revenue"), "{}", profile.mapping_toml);
    let notes = notes(&profile);
    assert!(notes.contains("not what a customer brought in over its life"), "{notes}");
    assert!(notes.contains("lost rows have an amount in \"Opportunity Amount USD\""), "{notes}");
    // The column contains what its name says: the lifetime value.
    let profile = deals(|row| (100 + pseudo_random(row, 3, 900)).to_string(), "id,size,CLTV,Stage");
    assert!(!profile.notes.iter().any(|note| note.contains("value = ")), "{:?}", profile.notes);
}

#[test]
fn amounts_in_several_currencies_are_no_value() {
    let code = |row| ["EUR", "USD", "JPY"][pseudo_random(row, 4, 3) as usize];
    let beside = |row| format!("{},{}", 100 + pseudo_random(row, 3, 900), code(row));
    let profile = deals(beside, "id,size,Amount,Currency,Stage");
    let outcome = &profile.mapping.outcome;
    assert_eq!((outcome.value.as_deref(), outcome.currency.as_deref()), (None, None));
    assert_eq!(attributes(&profile), ["size"]);
    assert_eq!(role(&profile, "Currency"), ColumnRole::Currency);
    assert!(notes(&profile).contains("\"Amount\" has amounts in several currencies"), "{}", notes(&profile));
    insta::assert_snapshot!(profile.mapping_toml);
    let signed =
        |row: usize| format!("{}{}", if row.is_multiple_of(2) { "$" } else { "€" }, 100 + pseudo_random(row, 3, 900));
    let profile = deals(signed, "id,size,Amount,Stage");
    assert_eq!(profile.mapping.outcome.value, None);
    assert!(notes(&profile).contains("EUR (100 rows), USD (100 rows)"), "{}", notes(&profile));
    // A single currency is not a problem.
    let profile = deals(|row| format!("{},EUR", 100 + pseudo_random(row, 3, 900)), "id,size,Amount,Currency,Stage");
    let outcome = &profile.mapping.outcome;
    assert_eq!((outcome.value.as_deref(), outcome.currency.as_deref()), (Some("Amount"), Some("EUR")));
}

#[test]
fn na_among_codes_is_a_code() {
    let region = |row| ["EMEA", "APAC", "NA"][pseudo_random(row, 4, 3) as usize];
    let text = table("id,Region,Stage", 200, |row| format!("o{row},{},{}", region(row), stage(row % 3 == 0)));
    let profile = propose(&text);
    assert_eq!(profile.mapping.missing, [""]);
    assert!(notes(&profile).contains("NA is read as a code like the others in \"Region\""), "{}", notes(&profile));
    // Among numbers, it means missing, which is reported.
    let size = |row: usize| if row.is_multiple_of(9) { "NA".to_owned() } else { row.to_string() };
    let text = table("id,Region,size,Stage", 200, |row| {
        format!("o{row},{},{},{}", region(row), size(row), stage(row % 3 == 0))
    });
    let profile = propose(&text);
    assert_eq!(profile.mapping.missing, ["", "NA"]);
    assert_eq!(profile.mapping.columns["Region"].not_missing, ["NA"]);
    let said = "NA is read as a code like the others in \"Region\", and counts as missing in other columns";
    assert!(notes(&profile).contains(said), "{}", notes(&profile));
    let history = read_customers(source(&text), &profile.mapping).unwrap();
    let column = |name: &str| &history.customers.accounts().column(name).unwrap().data;
    let known = |name: &str| (0..200).filter(|row| column(name).get(*row).is_some()).count();
    assert_eq!((known("Region"), known("size")), (200, 200 - 200_usize.div_ceil(9)));
}

#[test]
fn open_deals_are_neither_won_nor_lost() {
    let stages = ["Closed won (Sales)", "Closed lost (Sales)", "Contract sent (Sales)", "Prospecting", "Proposal"];
    let text =
        table("id,size,Deal Stage", 200, |row| format!("o{row},{},{}", pseudo_random(row, 1, 9), stages[row % 5]));
    let status = propose(&text).mapping.outcome.status.unwrap();
    assert_eq!((status.won.len(), status.lost.len(), status.column.as_str()), (1, 1, "Deal Stage"));

    for (won, closed) in [("IsWon", "IsClosed"), ("ISWON", "ISCLOSED")] {
        let text = table(&format!("id,size,{won},{closed}"), 200, |row| {
            format!("o{row},{},{},{}", pseudo_random(row, 1, 9), row % 4 == 0, row % 4 < 2)
        });
        let profile = propose(&text);
        assert_eq!(attributes(&profile), ["size"], "{won}");
        let history = read_customers(source(&text), &profile.mapping).unwrap();
        let count = |status| (0..200).filter(|row| history.customers.outcomes().get(*row).status == status).count();
        assert_eq!([Some(OutcomeStatus::Won), Some(OutcomeStatus::Lost), None].map(count), [50, 50, 100], "{won}");
    }
}
