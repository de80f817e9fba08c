//! The account review: imported reviews are returned as a document and as a table.

use sweetspot_proto::v1;
use tonic::Code;

use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, data};

/// Trains a version with customers that have names, deal sizes and use cases.
async fn train_with_reviews(server: &TestServer) -> String {
    let texts = |texts: Vec<String>| {
        let codes = (0..texts.len() as u32).collect();
        v1::column::Data::Texts(v1::DictionaryColumn { dictionary: texts, codes })
    };
    let lists = v1::column::Data::TextLists(v1::DictionaryListColumn {
        dictionary: vec!["plan".into(), "count".into()],
        codes: (0..400).flat_map(|row| if row % 4 == 0 { vec![0, 1] } else { vec![0] }).collect(),
        offsets: (0..=400_u32).map(|row| row + row.div_ceil(4)).collect(),
    });
    let column = |field: v1::ReviewField, data| {
        let values = Some(v1::Column { data: Some(data), ..Default::default() });
        v1::ReviewColumn { field: field.into(), quarter: 0, values }
    };
    let review = vec![
        column(v1::ReviewField::Name, texts((0..400).map(|row| format!("Firm {row}")).collect())),
        column(
            v1::ReviewField::DealSize,
            v1::column::Data::Numbers(v1::DoubleColumn { values: (0..400).map(f64::from).collect() }),
        ),
        column(v1::ReviewField::UseCase, lists),
    ];
    let message = v1::ImportAccountsRequest { review, ..data::import_request(400) };
    server.dataset().import_accounts(tokio_stream::iter(vec![message])).await.unwrap();
    let run = server.wait(&server.train("").await).await;
    assert!(!run.model_version.is_empty(), "{run:?}");
    run.model_version
}

#[tokio::test]
async fn an_account_review_contains_the_imported_reviews() {
    let server = TestServer::empty().await;
    let version = train_with_reviews(&server).await;
    let request = v1::GetAccountReviewRequest { version: version.clone(), ..Default::default() };
    let review = server.report().get_account_review(request).await.unwrap().into_inner().review.unwrap();
    assert_eq!((review.version, review.accounts), (version, 400));
    let standing = review.standing.unwrap();
    assert_eq!((review.customers, standing.active + standing.lost), (standing.active, 400));
    assert_eq!(review.deals.unwrap().customers, review.customers);
    let first = review.use_cases.unwrap().entries.remove(0);
    assert_eq!((first.name.as_str(), first.share.unwrap().part), ("plan", review.customers));
    assert!(!review.trends.unwrap().trends.is_empty() && !review.rule.is_empty());
}

#[tokio::test]
async fn review_rows_are_listed_in_pages_with_the_headings_of_the_template() {
    let server = TestServer::empty().await;
    let version = train_with_reviews(&server).await;
    let (mut rows, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let request = v1::ListReviewRowsRequest {
            version: version.clone(),
            page_size: 150,
            page_token: token,
            all_columns: false,
        };
        let answer = server.report().list_review_rows(request).await.unwrap().into_inner();
        assert_eq!((answer.headings[0].as_str(), answer.headings.len()), ("Customer Name", 18));
        assert_eq!(answer.resolved_version, version);
        assert!(answer.columns.is_empty() && answer.currency.is_empty() && answer.label_policy.is_none());
        rows.extend(answer.rows);
        (token, pages) = (answer.next_page_token, pages + 1);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((rows.len(), pages), (400, 3));
    let names: Vec<&str> = rows.iter().map(|row| row.cells[0].as_str()).collect();
    assert_eq!((names[0], names[399]), ("Firm 0", "Firm 399"));
    assert!(rows.iter().enumerate().all(|(row, told)| told.account_id == format!("a-{row}") && told.cells.len() == 18));
}

#[tokio::test]
async fn all_columns_of_the_review_are_listed_with_what_an_import_reads_from_them() {
    let server = TestServer::empty().await;
    let version = train_with_reviews(&server).await;
    let request = v1::ListReviewRowsRequest { version, page_size: 1, all_columns: true, ..Default::default() };
    let page = server.report().list_review_rows(request.clone()).await.unwrap().into_inner();
    assert_eq!(page.headings.len(), page.columns.len());
    assert!(page.rows.iter().all(|row| row.cells.len() == page.columns.len()));
    assert_eq!(page.headings[..2], ["Customer Name", "Industry"]);
    assert_eq!(page.label_policy.unwrap().preset(), v1::LabelPreset::Ideal);
    let column = |heading: &str| {
        let place = page.headings.iter().position(|other| other == heading).unwrap_or_else(|| panic!("{heading}"));
        (&page.columns[place], page.rows[0].cells[place].as_str())
    };
    let (deal, cell) = column("Deal Size");
    assert_eq!((deal.review_field(), cell), (v1::ReviewField::DealSize, "0"));
    assert_eq!(column("Current Status").0.outcome(), v1::review_table_column::Outcome::Status);
    let industry = column("Industry").0;
    assert_eq!((industry.repeats.as_str(), industry.review_field()), ("industry", v1::ReviewField::Unspecified));
    let attributes: Vec<u32> = page.columns.iter().map(|column| column.attribute_number).filter(|n| *n > 0).collect();
    assert_eq!(attributes, (1..=attributes.len() as u32).collect::<Vec<_>>());
    assert_eq!(column("industry").0.attribute_kind, "category");
    let next = v1::ListReviewRowsRequest { page_token: page.next_page_token.clone(), ..request };
    let next = server.report().list_review_rows(next).await.unwrap().into_inner();
    assert_eq!((next.columns, next.rows[0].account_id.as_str()), (page.columns, "a-1"));
}

#[tokio::test]
async fn a_review_of_an_invalid_version_or_page_is_refused() {
    let server = TestServer::empty().await;
    let review = async |version: &str| {
        let request = v1::GetAccountReviewRequest { version: version.to_owned(), ..Default::default() };
        server.report().get_account_review(request).await
    };
    assert_refused(review("x").await, Code::InvalidArgument, "INVALID_NAME");
    assert_refused(review(&format!("{MODEL}/versions/1")).await, Code::NotFound, "MODEL_NOT_FOUND");
    let rows = async |version: &str, page_size, page_token: &str| {
        let (version, page_token) = (version.to_owned(), page_token.to_owned());
        server
            .report()
            .list_review_rows(v1::ListReviewRowsRequest { version, page_size, page_token, all_columns: false })
            .await
    };
    assert_refused(rows("x", 0, "").await, Code::InvalidArgument, "INVALID_NAME");
    assert_refused(rows("", -1, "").await, Code::InvalidArgument, "INVALID_PAGE_SIZE");
    assert_refused(rows("", 0, "x.7@y").await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    let version = train_with_reviews(&server).await;
    let other = version.replace("/versions/1", "/versions/9");
    assert_refused(review(&other).await, Code::NotFound, "VERSION_NOT_FOUND");
}
