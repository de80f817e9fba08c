//! `MLServer`: it has a protocol of its own, so it brings the bytes of its call along.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bed::{Bed, script};
use crate::client::{Call, frame};
use crate::server::Server;

const PATH: &str = "/inference.GRPCInferenceService/ModelInfer";

/// Starts it, where there is a Python for it, and waits until its model answers.
pub(crate) async fn start(bed: &Bed) -> Option<Server> {
    let python = bed.options.mlserver.as_ref()?;
    let folder = bed.file("mlserver");
    let command = |port: u16| {
        let mut command = Command::new(python);
        command.arg(script("serving_mlserver.py")).arg(port.to_string()).arg(bed.file("customers.csv")).arg(&folder);
        command
    };
    let mut server = Server::start("MLServer", command).await;
    let call = Call { path: PATH, body: frame(&fs::read(folder.join("infer.bin")).unwrap()) };
    let mut line = server.lines(1).await.remove(0);
    let start = Instant::now();
    while line.once(&call).await.status != 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "MLServer does not answer");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.own = Some(call);
    Some(server)
}
