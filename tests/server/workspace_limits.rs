//! What one workspace may use, so that others can go on.

use std::sync::Arc;

use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_store::store::MemoryStore;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{MODEL, assert_refused, data};

async fn import(server: &TestServer, dataset: &str) -> Result<(), Status> {
    let message = v1::ImportAccountsRequest { dataset: dataset.to_owned(), ..data::import_request(60) };
    server.dataset().import_accounts(tokio_stream::iter([message])).await.map(|_| ())
}

async fn train(server: &TestServer, model: &str) -> Result<(), Status> {
    let (workspace, _) = model.split_once("/models/").unwrap();
    let (model, dataset) = (model.to_owned(), format!("{workspace}/datasets/default"));
    let request = v1::TrainModelRequest { model, dataset, ..Default::default() };
    let run = server.model().train_model(request).await?.into_inner().run.unwrap();
    server.wait(&run).await;
    Ok(())
}

#[tokio::test]
async fn a_workspace_has_a_maximum_of_models_and_another_one_its_own() {
    let mut settings = Settings::default();
    settings.workspace.max_models = 1;
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    for workspace in ["a", "b"] {
        import(&server, &format!("workspaces/{workspace}/datasets/default")).await.unwrap();
        train(&server, &format!("workspaces/{workspace}/models/first")).await.unwrap();
        let second = train(&server, &format!("workspaces/{workspace}/models/second")).await;
        assert_refused(second, Code::ResourceExhausted, "TOO_MANY_MODELS");
        train(&server, &format!("workspaces/{workspace}/models/first")).await.unwrap();
    }
}

#[tokio::test]
async fn a_full_workspace_takes_no_imports_and_trainings_until_something_is_deleted() {
    let mut settings = Settings::default();
    settings.workspace.max_stored_size = Some(ByteSize(1));
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    import(&server, "workspaces/a/datasets/default").await.unwrap();
    assert_refused(import(&server, "workspaces/a/datasets/more").await, Code::ResourceExhausted, "WORKSPACE_FULL");
    let training = train(&server, "workspaces/a/models/m").await;
    assert_refused(training, Code::ResourceExhausted, "WORKSPACE_FULL");
    import(&server, "workspaces/b/datasets/default").await.unwrap();
    let name = "workspaces/a/datasets/default".to_owned();
    let delete = v1::DeleteDatasetRequest { name, force: true, ..Default::default() };
    server.dataset().delete_dataset(delete).await.unwrap();
    import(&server, "workspaces/a/datasets/more").await.unwrap();
}

/// Opens a score stream that stays open as long as the sender.
async fn open_stream(server: &TestServer) -> Result<mpsc::Sender<v1::StreamScoresRequest>, Status> {
    let (sender, receiver) = mpsc::channel(1);
    let config = v1::ScoreConfig { version: format!("{MODEL}/versions/live"), ..Default::default() };
    sender.send(v1::StreamScoresRequest { message: Some(Message::Config(config)) }).await.unwrap();
    server.scoring().stream_scores(ReceiverStream::new(receiver)).await?;
    Ok(sender)
}

#[tokio::test]
async fn a_workspace_has_a_maximum_of_streams() {
    let mut settings = Settings::default();
    settings.workspace.max_score_streams = Some(1);
    let app = world(Arc::new(MemoryStore::new()), &settings);
    publish(&app, "r-1");
    promote(&app, 1);
    let server = TestServer::serve(app, &settings).await;
    let (sender, receiver) = mpsc::channel(1);
    let config = v1::ScoreConfig::default();
    sender.send(v1::StreamScoresRequest { message: Some(Message::Config(config)) }).await.unwrap();
    let first = server.scoring().stream_scores(ReceiverStream::new(receiver)).await.unwrap();
    assert_refused(open_stream(&server).await, Code::Unavailable, "WORKSPACE_OVERLOADED");
    drop(sender);
    let mut rest = first.into_inner();
    while rest.message().await.unwrap().is_some() {}
    open_stream(&server).await.unwrap();
}

#[tokio::test]
async fn contact_data_of_people_is_refused_unless_it_is_allowed() {
    let server = TestServer::empty().await;
    let mut request = data::import_request(20);
    let accounts = request.accounts.as_mut().unwrap();
    let emails: Vec<String> = accounts.account_ids.iter().map(|id| format!("ann@{id}.example")).collect();
    let column =
        v1::DictionaryColumn { codes: (0..u32::try_from(emails.len()).unwrap()).collect(), dictionary: emails };
    accounts.columns.push(v1::Column {
        name: "contact".to_owned(),
        data: Some(v1::column::Data::Texts(column)),
        ..Default::default()
    });
    let send = async |request: v1::ImportAccountsRequest| {
        server.dataset().import_accounts(tokio_stream::iter([request])).await
    };
    assert_refused(send(request.clone()).await, Code::InvalidArgument, "CONTACT_DATA");
    send(v1::ImportAccountsRequest { allow_contact_data: true, ..request }).await.unwrap();
}
