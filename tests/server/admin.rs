//! The port for probes and metrics of a running server.

use std::sync::Arc;

use sweetspot_store::store::MemoryStore;

use crate::support::admin::{admin_settings, get};
use crate::support::server::{TestServer, promote, publish, world};

#[tokio::test]
async fn the_readiness_probe_passes_while_a_model_is_live() {
    for is_trained in [false, true] {
        let (settings, admin) = admin_settings().await;
        let world = world(Arc::new(MemoryStore::new()), &settings);
        if is_trained {
            publish(&world, "r-1");
            promote(&world, 1);
        }
        let server = TestServer::serve(world, &settings).await;
        assert_eq!(get(admin, "/livez").await.0, 200);
        assert_eq!(get(admin, "/readyz").await.0, if is_trained { 200 } else { 503 });
        server.stop().await;
    }
}
