//! `store copy` between a directory and a database.

use crate::ALONE;
use crate::bench::Bench;
use crate::cluster::Member;
use crate::data::{promote, score, send_import, train, wait};
use crate::postgres::PostgresServer;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_moves_to_a_database_and_back() {
    let _alone = ALONE.lock().await;
    let Some(database) = PostgresServer::start() else { return };
    let (bench, url) = (Bench::empty(), database.new_schema());
    let folder = bench.path("original").display().to_string();
    let before = {
        let member = Member::start(&folder).await;
        send_import(&member.clients, 0).await.unwrap();
        let run = train(&member.clients).await.unwrap();
        let version = wait(&member.clients, &run.name).await.unwrap().model_version;
        promote(&member.clients, &version).await.unwrap();
        score(&member.clients, "").await.unwrap()
    };
    let copied = bench.ok(&format!("store copy --from original --to {url} --json")).json();
    assert!(copied["records"].as_u64().unwrap() > 5 && copied["files"].as_u64().unwrap() > 1, "{copied}");
    let again = bench.run(&format!("store copy --from original --to {url}"));
    assert_eq!(again.code, Some(1));
    again.assert_stderr("the target is not empty");
    {
        let member = Member::start(&url).await;
        assert_eq!(score(&member.clients, "").await.unwrap(), before);
        let run = train(&member.clients).await.unwrap();
        assert!(wait(&member.clients, &run.name).await.unwrap().model_version.ends_with("/versions/2"));
    }
    bench.ok(&format!("store copy --from {url} --to back"));
    bench.ok("store check --store back");
    let member = Member::start(&bench.path("back").display().to_string()).await;
    assert_eq!(score(&member.clients, "").await.unwrap(), before);
    bench.run(&format!("store check --store {url}")).assert_stderr("needs a store in a directory");
}

#[test]
fn a_source_that_is_missing_or_a_database_that_does_not_answer_is_named() {
    let bench = Bench::empty();
    bench.run("store copy --from missing --to copy").assert_stderr("there is no store at missing");
    assert!(!bench.path("missing").exists() && !bench.path("copy").exists());
    let refused = bench.run("models --store postgres://ann:s3cret@127.0.0.1:1/d?sslmode=disable");
    refused.assert_stderr("store postgres://ann@127.0.0.1:1/d cannot be used at present");
    assert!(!refused.stderr.contains("s3cret"), "{}", refused.stderr);
}
