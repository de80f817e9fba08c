//! Encrypted connections to a database.

use std::fs;

use crate::ALONE;
use crate::authority::Authority;
use crate::bench::Bench;
use crate::cluster::Member;
use crate::data::{promote, send_import, train, wait};
use crate::postgres::PostgresServer;

/// The number of connections of servers, and of those that are not encrypted.
const CONNECTIONS: &str = "SELECT count(*), count(*) FILTER (WHERE NOT ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
     WHERE application_name <> 'psql' AND client_addr IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn servers_share_a_database_with_encryption() {
    let _alone = ALONE.lock().await;
    let Some(database) = PostgresServer::start() else { return };
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (certificate, key) = authority.certificate();
    database.encrypt(&certificate, &key);
    let trusting = |authority: &Authority, name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, &authority.pem).unwrap();
        database.new_schema().replace("sslmode=disable", &format!("sslrootcert={}", path.display()))
    };
    let url = trusting(&authority, "ca.pem");
    let (first, second) = (Member::start(&url).await, Member::start(&url).await);
    send_import(&first.clients, 0).await.unwrap();
    let run = train(&first.clients).await.unwrap();
    let version = wait(&first.clients, &run.name).await.unwrap().model_version;
    promote(&second.clients, &version).await.unwrap();
    first.until_live(&version).await;
    let connections = database.sql("postgres", CONNECTIONS);
    let (all, plain) = connections.split_once('|').unwrap();
    assert!(all.parse::<u32>().unwrap() >= 2 && plain == "0", "{connections}");

    let refused = Bench::empty().run(&format!("models --store {}", trusting(&Authority::new(), "other.pem")));
    refused.assert_stderr("error performing TLS handshake: invalid peer certificate");
}
