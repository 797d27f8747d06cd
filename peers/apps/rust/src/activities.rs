//! The activities of the contract. The SDK hands inputs over, and takes results, as JSON text.

use std::time::Duration;

use dapr_durabletask::api::DurableTaskError;
use dapr_durabletask::task::ActivityContext;
use dapr_durabletask::worker::{ActivityResult, Registry};
use opentelemetry::trace::TraceContextExt;
use serde_json::{Value, json};

use crate::interpreter::PROGRAM;
use crate::operations::OPERATIONS;

const SDK_VERSION: &str = "0.0.4";
const FEATURES: [&str; 8] = [
    "retry",
    "child-retry",
    "event-timeout",
    "keep-events",
    "cross-app",
    "history-propagation",
    "versions",
    "panic",
];

pub fn register(registry: &mut Registry) {
    registry.add_named_activity("manifest", manifest);
    registry.add_named_activity("echo", echo);
    registry.add_named_activity("fail", fail);
    registry.add_named_activity("ctx", shown);
    registry.add_named_activity("block", block);
    registry.add_named_activity("big", big);
}

fn parsed(input: Option<String>) -> Result<Value, DurableTaskError> {
    match input {
        Some(text) if !text.is_empty() => Ok(serde_json::from_str(&text)?),
        _ => Ok(Value::Null),
    }
}

async fn manifest(_ctx: ActivityContext, _input: Option<String>) -> ActivityResult {
    let sdk = json!({
        "program": PROGRAM,
        "sdk": "dapr-durabletask-rust",
        "version": SDK_VERSION,
        "can": OPERATIONS,
        "features": FEATURES,
    });
    Ok(Some(sdk.to_string()))
}

async fn echo(_ctx: ActivityContext, input: Option<String>) -> ActivityResult {
    let value = parsed(input)?;
    Ok((!value.is_null()).then(|| value.to_string()))
}

/// The SDK gives every failure of an activity the same type, and has no way to forbid a retry: both are ignored.
async fn fail(_ctx: ActivityContext, input: Option<String>) -> ActivityResult {
    let how = parsed(input)?;
    Err(DurableTaskError::Other(
        how["message"].as_str().unwrap_or_default().into(),
    ))
}

/// What the SDK tells an activity about itself; its trace is that of the current span, with the SDK's feature for it.
async fn shown(ctx: ActivityContext, _input: Option<String>) -> ActivityResult {
    let shown = json!({
        "taskId": ctx.task_id(),
        "taskExecutionId": ctx.task_execution_id(),
        "instanceId": ctx.orchestration_id(),
        "traceparent": traceparent(),
    });
    Ok(Some(shown.to_string()))
}

fn traceparent() -> Option<String> {
    let context = opentelemetry::Context::current();
    let span = context.span().span_context().clone();
    let (trace, span, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
    (trace != opentelemetry::TraceId::INVALID).then(|| format!("00-{trace}-{span}-{flags:02x}"))
}

async fn block(_ctx: ActivityContext, input: Option<String>) -> ActivityResult {
    let how = parsed(input)?;
    tokio::time::sleep(Duration::from_millis(how["ms"].as_u64().unwrap_or_default())).await;
    Ok(None)
}

async fn big(_ctx: ActivityContext, input: Option<String>) -> ActivityResult {
    let bytes = parsed(input)?["bytes"].as_u64().unwrap_or_default();
    let text = "x".repeat(usize::try_from(bytes).unwrap_or_default());
    Ok(Some(serde_json::to_string(&text)?))
}
