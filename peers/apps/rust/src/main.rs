//! The conformance app on the Rust SDK (crate `dapr-durabletask`): what the suite talks to when it judges that SDK.
//!
//! One interpreter workflow runs the programs that the suite sends, language version 1; docs/conformance-app.md is the
//! contract. The SDK takes an address and nothing else, so the environment is read here, and a token cannot be sent. It has
//! no API for `send` and unique ids: these are not implemented, and not declared. Its calls with options, and its wait with a
//! timeout, are futures that schedule nothing until they are awaited.

mod activities;
mod interpreter;
mod operations;
mod problem;

use std::env;

use dapr_durabletask::api::Result;
use dapr_durabletask::task::OrchestrationContext;
use dapr_durabletask::worker::{OrchestratorResult, TaskHubGrpcWorker};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() -> Result<()> {
    let mut worker = TaskHubGrpcWorker::new(&address());
    let registry = worker.registry_mut();
    registry.add_named_orchestrator("interp", interpreter::run);
    registry.add_named_orchestrator("interp_child", interpreter::run);
    registry.add_versioned_orchestrator("ver", "v1", |ctx| version(ctx, "v1"));
    registry.add_latest_orchestrator("ver", "v2", |ctx| version(ctx, "v2"));
    activities::register(registry);

    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_on_signal(shutdown.clone()));
    worker.start(shutdown).await
}

/// What DAPR_GRPC_ENDPOINT says, or DAPR_GRPC_PORT on this machine.
fn address() -> String {
    env::var("DAPR_GRPC_ENDPOINT").unwrap_or_else(|_| {
        let port = env::var("DAPR_GRPC_PORT").unwrap_or_else(|_| "50001".into());
        format!("http://127.0.0.1:{port}")
    })
}

async fn cancel_on_signal(shutdown: CancellationToken) {
    let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
    let mut interrupt = signal(SignalKind::interrupt()).expect("a handler for SIGINT");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    shutdown.cancel();
}

async fn version(ctx: OrchestrationContext, name: &'static str) -> OrchestratorResult {
    ctx.call_activity("echo", name).await?;
    Ok(Some(serde_json::to_string(name)?))
}
