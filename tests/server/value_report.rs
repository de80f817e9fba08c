//! The value report and the bad-fit customers, over gRPC.

use sweetspot_proto::v1;
use sweetspot_proto::v1::report_service_client::ReportServiceClient;
use tonic::Code;
use tonic::transport::Channel;

use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, data, fields};

const ROWS: usize = 400;

/// The synthetic history with the value of each customer; every tenth one costs twice its value.
fn import_with_values() -> v1::ImportAccountsRequest {
    let mut import = data::import_request(ROWS);
    for (row, outcome) in import.outcomes.iter_mut().enumerate() {
        let value = 1000.0 / (row + 1) as f64;
        outcome.value = Some(value);
        outcome.cost_to_serve = Some(if row % 10 == 4 { value * 2.0 } else { value / 4.0 });
        outcome.currency_code = "EUR".into();
    }
    import
}

async fn serve_import(import: v1::ImportAccountsRequest) -> (TestServer, ReportServiceClient<Channel>) {
    let server = TestServer::empty().await;
    server.dataset().import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    let run = server.train("").await;
    assert_eq!(server.wait(&run).await.state(), v1::training_run::State::Succeeded);
    let client = ReportServiceClient::new(server.channel.clone());
    (server, client)
}

fn candidate_name() -> String {
    format!("{MODEL}/versions/candidate")
}

#[tokio::test]
async fn a_value_report_contains_customer_values() {
    let (_server, mut client) = serve_import(import_with_values()).await;
    let weights = v1::ValueWeights { annual_rate: Some(0.1), ..Default::default() };
    let request = v1::GetValueCurveRequest {
        version: candidate_name(),
        weights: Some(weights),
        top_share: Some(0.3),
        ..Default::default()
    };
    let report = client.get_value_curve(request.clone()).await.unwrap().into_inner().report.unwrap();
    assert_eq!(report.version, format!("{MODEL}/versions/1"));
    assert_eq!((report.currency.as_deref(), report.top_share, report.weights), (Some("EUR"), 0.3, Some(weights)));
    let known = report.known.unwrap();
    assert!(known.value > 50 && known.value == known.cost_to_serve && known.cost_to_acquire == 0);
    let (revenue, net) = (report.revenue.unwrap(), report.net.unwrap());
    assert_eq!((revenue.customers, revenue.total), (known.value, report.money.unwrap().revenue));
    assert_eq!(revenue.tops.iter().map(|top| top.share).collect::<Vec<_>>(), [0.09, 0.1, 0.2, 0.3, 0.4]);
    let held = revenue.tops[2].held.unwrap();
    assert!(held.low.unwrap() <= held.value && held.value <= held.high.unwrap());
    assert!(revenue.peak.is_none() && revenue.gini.is_some() && revenue.points.len() <= 201);
    let (peak, liability) = (net.peak.unwrap(), report.liability.unwrap());
    assert_eq!(peak.of - peak.customers, liability.accounts.unwrap().part);
    assert!(peak.held > 1.0 && net.gini.is_none());
    let cohorts = report.cohorts.unwrap();
    assert_eq!((cohorts.basis(), cohorts.quarters), (v1::CohortBasis::Value, 0));
    // The same request has the same response, bit for bit.
    let again = client.get_value_curve(request).await.unwrap().into_inner().report.unwrap();
    assert_eq!((again.revenue.unwrap(), again.cohorts.unwrap()), (revenue, cohorts));
}

#[tokio::test]
async fn accounts_that_lose_money_are_listed_in_pages() {
    let (_server, mut client) = serve_import(import_with_values()).await;
    let list = |page_token, weights| v1::ListBadFitAccountsRequest {
        version: candidate_name(),
        weights,
        page_size: 3,
        page_token,
    };
    let first = client.list_bad_fit_accounts(list(String::new(), None)).await.unwrap().into_inner();
    let (mut page, mut accounts) = (first.clone(), Vec::new());
    loop {
        assert_eq!((&page.version, &page.liability), (&first.version, &first.liability));
        accounts.extend(page.accounts);
        if page.next_page_token.is_empty() {
            break;
        }
        assert!(accounts.len().is_multiple_of(3));
        page = client.list_bad_fit_accounts(list(page.next_page_token, None)).await.unwrap().into_inner();
    }
    let liability = first.liability.unwrap();
    assert_eq!(accounts.len() as u64, liability.accounts.unwrap().part);
    assert!(accounts.len() > 3 && accounts.iter().all(|account| account.net < 0.0 && account.served_at_a_loss));
    assert!(accounts.iter().all(|account| account.reason.starts_with("Costs EUR ")));
    assert!(accounts.windows(2).all(|pair| pair[0].net <= pair[1].net));
    let total: f64 = accounts.iter().map(|account| -account.net).sum();
    assert!((total - liability.lost).abs() < 1e-9);
    assert_eq!(liability.break_up + liability.second_look, liability.accounts.unwrap().part);
    let other = Some(v1::ValueWeights { hourly_cost: Some(1.0), ..Default::default() });
    let refusal = client.list_bad_fit_accounts(list(first.next_page_token, other)).await;
    assert_refused(refusal, Code::InvalidArgument, "BAD_PAGE_TOKEN");
}

#[tokio::test]
async fn documents_use_the_inputs_of_the_import_unless_a_request_states_others() {
    let weights = v1::ValueWeights { hourly_cost: Some(60.0), annual_rate: Some(0.1), ..Default::default() };
    let settings = v1::DocumentSettings {
        weights: Some(weights),
        top_share: Some(0.3),
        cohort_threshold: Some(100.0),
        as_of: "2031-05-04".into(),
        ..Default::default()
    };
    let import = v1::ImportAccountsRequest { document_settings: Some(settings), ..import_with_values() };
    let (_server, mut client) = serve_import(import).await;
    let request = v1::GetValueCurveRequest { version: candidate_name(), ..Default::default() };
    let report = client.get_value_curve(request.clone()).await.unwrap().into_inner().report.unwrap();
    assert_eq!((report.weights, report.top_share, report.as_of.as_str()), (Some(weights), 0.3, "2031-05-04"));
    assert_eq!(report.cohorts.unwrap().threshold, 100.0);
    let other = v1::ValueWeights { hourly_cost: Some(90.0), ..Default::default() };
    let stated =
        v1::GetValueCurveRequest { weights: Some(other), top_share: Some(0.1), as_of: "2032-01-02".into(), ..request };
    let report = client.get_value_curve(stated).await.unwrap().into_inner().report.unwrap();
    let expected = v1::ValueWeights { hourly_cost: Some(90.0), ..weights };
    assert_eq!((report.weights, report.top_share, report.as_of.as_str()), (Some(expected), 0.1, "2032-01-02"));

    let review = v1::GetAccountReviewRequest { version: candidate_name(), as_of: String::new() };
    let review = client.get_account_review(review).await.unwrap().into_inner().review.unwrap();
    assert_eq!(review.as_of, "2031-05-04");
    let pond_map = v1::GetPondMapRequest { version: candidate_name(), as_of: "2032-01-02".into() };
    let pond_map = client.get_pond_map(pond_map).await.unwrap().into_inner().pond_map.unwrap();
    assert_eq!(pond_map.date, "2032-01-02");
    let rendered = v1::RenderReportRequest {
        version: candidate_name(),
        format: v1::ReportFormat::Json.into(),
        settings: Some(v1::DocumentSettings { as_of: "2033-01-02".into(), ..Default::default() }),
        ..Default::default()
    };
    let rendered = client.render_report(rendered).await.unwrap().into_inner().content;
    let rendered: serde_json::Value = serde_json::from_slice(&rendered).unwrap();
    assert_eq!((&rendered["asOf"], &rendered["value"]["weights"]["hourlyCost"]), (&"2033-01-02".into(), &60.0.into()));
    let invalid = v1::GetIcpSummaryRequest { version: candidate_name(), as_of: "soon".into() };
    assert_refused(client.get_icp_summary(invalid).await, Code::InvalidArgument, "INVALID_TIME");
}

#[tokio::test]
async fn a_value_report_without_values_has_no_amounts() {
    let (_server, mut client) = serve_import(data::import_request(ROWS)).await;
    let request = v1::GetValueCurveRequest { version: candidate_name(), ..Default::default() };
    let report = client.get_value_curve(request).await.unwrap().into_inner().report.unwrap();
    assert!(report.known.unwrap().customers > 50 && report.known.unwrap().value == 0);
    assert_eq!((report.revenue, report.net, report.cohorts), (None, None, None));
    let list = v1::ListBadFitAccountsRequest { version: candidate_name(), ..Default::default() };
    let list = client.list_bad_fit_accounts(list).await.unwrap().into_inner();
    assert!(list.accounts.is_empty() && list.next_page_token.is_empty());
}

#[tokio::test]
async fn every_violation_of_a_value_request_is_reported_at_once() {
    let server = TestServer::empty().await;
    let mut client = ReportServiceClient::new(server.channel.clone());
    let weights = v1::ValueWeights {
        annual_rate: Some(1.5),
        hourly_cost: Some(-1.0),
        advocacy_point: Some(f64::NAN),
        ..Default::default()
    };
    let request = v1::GetValueCurveRequest {
        version: "v".into(),
        weights: Some(weights),
        top_share: Some(1.0),
        cohort_basis: 9,
        cohort_threshold: Some(f64::INFINITY),
        as_of: "soon".into(),
    };
    let details = assert_refused(client.get_value_curve(request).await, Code::InvalidArgument, "INVALID_NAME");
    let expected = [
        "version",
        "cohort_basis",
        "weights.annual_rate",
        "weights.hourly_cost",
        "weights.advocacy_point",
        "top_share",
        "cohort_threshold",
        "as_of",
    ];
    assert_eq!(fields(&details), expected);
    let one = |top_share| v1::GetValueCurveRequest { top_share: Some(top_share), ..Default::default() };
    assert_refused(client.get_value_curve(one(0.0)).await, Code::InvalidArgument, "INVALID_TOP_SHARE");
    let list = v1::ListBadFitAccountsRequest { weights: Some(weights), page_size: -1, ..Default::default() };
    let details =
        assert_refused(client.list_bad_fit_accounts(list).await, Code::InvalidArgument, "INVALID_VALUE_WEIGHT");
    assert!(fields(&details).contains(&"page_size"));
    let unknown = v1::GetValueCurveRequest { version: format!("{MODEL}/versions/7"), ..Default::default() };
    assert_refused(client.get_value_curve(unknown).await, Code::NotFound, "MODEL_NOT_FOUND");
    let unknown = v1::ListBadFitAccountsRequest { version: format!("{MODEL}/versions/7"), ..Default::default() };
    assert_refused(client.list_bad_fit_accounts(unknown).await, Code::NotFound, "MODEL_NOT_FOUND");
}
