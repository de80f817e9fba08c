//! `MLServer`, which has its own protocol and therefore provides its own encoded call.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bed::{TestBed, script};
use crate::client::{EncodedCall, grpc_frame};
use crate::server::ServerProcess;

const PATH: &str = "/inference.GRPCInferenceService/ModelInfer";

/// Starts `MLServer`, if Python is given for it, and waits until its model is ready.
pub(crate) async fn start(bed: &TestBed) -> Option<ServerProcess> {
    let python = bed.options.mlserver.as_ref()?;
    let folder = bed.file("mlserver");
    let command = |port: u16| {
        let mut command = Command::new(python);
        command.arg(script("serving_mlserver.py")).arg(port.to_string()).arg(bed.file("customers.csv")).arg(&folder);
        command
    };
    let mut server = ServerProcess::start("MLServer", command).await;
    let call = EncodedCall { path: PATH, body: grpc_frame(&fs::read(folder.join("infer.bin")).unwrap()) };
    let mut line = server.connect(1).await.remove(0);
    let start = Instant::now();
    while line.send(&call).await.status != 0 {
        assert!(start.elapsed() < Duration::from_secs(60), "MLServer does not answer");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.own_call = Some(call);
    Some(server)
}
