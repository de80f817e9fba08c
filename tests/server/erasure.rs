//! Erasing accounts over the network: what is erased, what the answer names, and what later imports report.

use sweetspot_proto::v1;
use tonic::Code;

use crate::support::data;
use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, assert_refused};

const REQUEST_ID: &str = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4";

fn erase_request(ids: &[&str]) -> v1::EraseAccountsRequest {
    let account_ids = ids.iter().map(|id| (*id).to_owned()).collect();
    v1::EraseAccountsRequest { account_ids, request_id: REQUEST_ID.to_owned(), ..Default::default() }
}

async fn import(server: &TestServer, message: v1::ImportAccountsRequest) -> v1::ImportAccountsResponse {
    server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap().into_inner()
}

async fn create_finding(server: &TestServer, id: &str, account_id: &str, text: &str) {
    let finding = v1::Finding {
        id: id.to_owned(),
        account_id: account_id.to_owned(),
        text: text.to_owned(),
        stance: v1::FindingStance::Positive.into(),
        ..Default::default()
    };
    let request = v1::CreateFindingRequest { finding: Some(finding), ..Default::default() };
    server.definition().create_finding(request).await.unwrap();
}

async fn accounts(server: &TestServer) -> u64 {
    let request = v1::GetDatasetVersionRequest { name: format!("{DATASET}/versions/1") };
    server.dataset().get_dataset_version(request).await.unwrap().into_inner().version.unwrap().accounts
}

#[tokio::test]
async fn erased_accounts_leave_datasets_and_definitions_and_the_answer_names_the_rest() {
    let server = TestServer::empty().await;
    import(&server, data::import_request(400)).await;
    let run = server.model().train_model(v1::TrainModelRequest::default()).await.unwrap().into_inner().run.unwrap();
    server.wait(&run).await;
    create_finding(&server, "f1", "a-7", "They need it.").await;
    create_finding(&server, "f2", "", "As a-9 said.").await;
    let check = v1::EraseAccountsRequest { validate_only: true, ..erase_request(&["a-7", "a-9", "unknown"]) };
    let check = v1::EraseAccountsRequest { request_id: String::new(), ..check };
    let planned = server.dataset().erase_accounts(check).await.unwrap().into_inner();
    assert_eq!(accounts(&server).await, 400);
    let request = erase_request(&["a-7", "a-9", "unknown"]);
    let erased = server.dataset().erase_accounts(request.clone()).await.unwrap().into_inner();
    assert_eq!(erased, planned);
    assert_eq!((erased.accounts, erased.dataset_versions, erased.definition_entries), (2, 1, 1));
    let version = v1::ErasedDatasetVersion { name: format!("{DATASET}/versions/1"), erased: 2, accounts: 398 };
    assert_eq!(erased.erased_versions, [version]);
    assert_eq!(erased.erased_entries, [format!("{MODEL}/definition/findings/f1")]);
    assert_eq!(erased.remaining_entries, [format!("{MODEL}/definition/findings/f2")]);
    assert_eq!(erased.affected_model_version_count, 1);
    let affected = &erased.affected_model_versions[0];
    assert_eq!(affected.name, format!("{MODEL}/versions/1"));
    assert_eq!((affected.golden_rows, affected.evaluated_accounts), (Some(16), Some(2)));
    assert_eq!(accounts(&server).await, 398);
    let again = server.dataset().erase_accounts(request).await.unwrap().into_inner();
    assert_eq!((again.accounts, again.dataset_versions, again.definition_entries), (2, 1, 1));
    assert_eq!(again.affected_model_versions, erased.affected_model_versions);
    assert!(again.erased_versions.is_empty());
    let other = erase_request(&["a-8"]);
    assert_refused(server.dataset().erase_accounts(other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn documents_of_an_affected_version_are_about_the_customers_that_are_left() {
    let server = TestServer::empty().await;
    import(&server, data::import_request(400)).await;
    let run = server.model().train_model(v1::TrainModelRequest::default()).await.unwrap().into_inner().run.unwrap();
    server.wait(&run).await;
    let review = async || {
        let request = v1::GetAccountReviewRequest { version: format!("{MODEL}/versions/1"), ..Default::default() };
        server.report().get_account_review(request).await.unwrap().into_inner()
    };
    let before = review().await;
    let ids: Vec<String> = (0..100).map(|row| format!("a-{row}")).collect();
    let request = erase_request(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    server.dataset().erase_accounts(request).await.unwrap();
    assert_ne!(review().await, before, "the cached document is served");
}

#[tokio::test]
async fn a_later_import_reports_erased_accounts_or_is_refused() {
    let server = TestServer::empty().await;
    import(&server, data::import_request(400)).await;
    server.dataset().erase_accounts(erase_request(&["a-7"])).await.unwrap();
    let strict = v1::ImportAccountsRequest { refuse_erased_accounts: true, ..data::import_request(400) };
    let refused = server.dataset().import_accounts(tokio_stream::iter([strict])).await;
    assert_refused(refused, Code::FailedPrecondition, "ERASED_ACCOUNTS");
    let imported = import(&server, data::import_request(400)).await;
    assert_eq!((imported.erased_accounts, imported.erased_account_ids), (1, vec!["a-7".to_owned()]));
}

#[tokio::test]
async fn an_invalid_erasure_is_refused_by_field() {
    let server = TestServer::empty().await;
    let long = "x".repeat(129);
    for (request, reason) in [
        (erase_request(&[]), "EMPTY_REQUEST"),
        (erase_request(&[""]), "EMPTY_ACCOUNT_ID"),
        (erase_request(&[&long]), "ACCOUNT_ID_TOO_LONG"),
        (erase_request(&vec!["a"; 10_001]), "TOO_MANY_IDS"),
        (v1::EraseAccountsRequest { parent: "workspaces/A".to_owned(), ..erase_request(&["a"]) }, "INVALID_NAME"),
        (
            v1::EraseAccountsRequest {
                datasets: vec!["workspaces/other/datasets/d".to_owned()],
                ..erase_request(&["a"])
            },
            "INVALID_NAME",
        ),
    ] {
        assert_refused(server.dataset().erase_accounts(request).await, Code::InvalidArgument, reason);
    }
}
