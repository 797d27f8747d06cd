//! What a step with an `op` does.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use dapr_durabletask::api::{ExternalEventResult, HistoryPropagationScope, RetryPolicy};
use dapr_durabletask::task::{
    ActivityOptions, CompletableTask, DetachedWorkflowOptions, SubOrchestratorOptions, when_all, when_any,
};
use futures::FutureExt;
use futures::future::{select_all, try_join_all};
use serde_json::{Value, json};

use crate::interpreter::{Flow, Handle, Run, parsed, text};
use crate::problem::Problem;

pub const OPERATIONS: [&str; 23] = [
    "all",
    "any",
    "await",
    "bad",
    "call",
    "can",
    "child",
    "detach",
    "loop",
    "patched",
    "probe",
    "return",
    "start",
    "startAll",
    "startAny",
    "startChild",
    "startTimer",
    "startWait",
    "status",
    "throw",
    "timer",
    "try",
    "wait",
];

type Step = Result<Flow, Problem>;

impl Run {
    pub async fn step(&mut self, step: &Value) -> Step {
        match string(step, "op") {
            op if op.starts_with("start") => {
                let handle = self.start(op, step)?;
                Ok(self.store_handle(step, handle))
            }
            op @ ("call" | "child" | "timer" | "wait" | "all" | "any") => {
                let value = self.start(op, step)?.wait().await?;
                Ok(self.store(step, value))
            }
            "await" => {
                let value = self.handle(&step["handle"])?.wait().await?;
                Ok(self.store(step, value))
            }
            "try" => self.attempt(step).await,
            "patched" => {
                let branch = if self.ctx.is_patched(string(step, "name")) {
                    "then"
                } else {
                    "else"
                };
                self.block(steps(step, branch)).await
            }
            "loop" => self.repeat(step).await,
            "return" => Ok(Flow::Returned(text(&self.value(&step["value"])?))),
            "bad" => Ok(Flow::Returned(Some(serde_json::to_string(&HashMap::from([(
                (1, 2),
                3,
            )]))?))),
            "throw" => throw(step),
            _ => self.act(step),
        }
    }

    /// The operations that wait for nothing.
    fn act(&mut self, step: &Value) -> Step {
        match string(step, "op") {
            "status" => self.ctx.set_custom_status(string(step, "value")),
            "can" => {
                let keep = step["keepEvents"].as_bool().unwrap_or_default();
                self.ctx.continue_as_new(self.value(&step["input"])?, keep);
            }
            "detach" => {
                let input = self.value(&step["input"])?;
                let mut options = DetachedWorkflowOptions::new();
                if let Some(id) = step["id"].as_str() {
                    options = options.with_instance_id(id);
                }
                self.ctx
                    .schedule_new_detached_workflow(string(step, "name"), input, options)?;
            }
            "probe" => {
                let seen = self.probe(step)?;
                return Ok(self.store(step, seen));
            }
            op => return Err(Problem::unsupported(op)),
        }
        Ok(Flow::Next)
    }

    fn start(&self, op: &str, step: &Value) -> Result<Handle, Problem> {
        match op {
            "start" | "call" => self.activity(step),
            "startChild" | "child" => self.child(step),
            "startTimer" | "timer" => Ok(Handle::Task(self.ctx.create_timer(self.delay(step)?))),
            "startWait" | "wait" => Ok(self.event(step)),
            "startAll" | "all" => Ok(all(self.handles(step)?)),
            "startAny" | "any" => Ok(any(self.handles(step)?)),
            op => Err(Problem::unsupported(op)),
        }
    }

    fn activity(&self, step: &Value) -> Result<Handle, Problem> {
        let (name, input) = (string(step, "activity"), self.value(&step["input"])?);
        if !has_options(step) {
            return Ok(Handle::Task(self.ctx.call_activity(name, input)));
        }
        let mut options = ActivityOptions::new();
        if let Some(policy) = policy(step) {
            options = options.with_retry_policy(policy);
        }
        if let Some(app) = step["app"].as_str() {
            options = options.with_app_id(app);
        }
        if let Some(scope) = scope(step) {
            options = options.with_history_propagation(scope);
        }
        let called = self.ctx.call_activity_with_options(name, input, options);
        Ok(Handle::future(async move { parsed(called.await?) }))
    }

    fn child(&self, step: &Value) -> Result<Handle, Problem> {
        let (name, input, id) = (string(step, "name"), self.value(&step["input"])?, step["id"].as_str());
        if !has_options(step) {
            return Ok(Handle::Task(self.ctx.call_sub_orchestrator(name, input, id)));
        }
        let mut options = SubOrchestratorOptions::new();
        if let Some(id) = id {
            options = options.with_instance_id(id);
        }
        if let Some(policy) = policy(step) {
            options = options.with_retry_policy(policy);
        }
        if let Some(app) = step["app"].as_str() {
            options = options.with_app_id(app);
        }
        if let Some(scope) = scope(step) {
            options = options.with_history_propagation(scope);
        }
        let called = self.ctx.call_sub_orchestrator_with_options(name, input, options);
        Ok(Handle::future(async move { parsed(called.await?) }))
    }

    /// The delay of a timer. It cannot be negative in Rust.
    fn delay(&self, step: &Value) -> Result<Duration, Problem> {
        let Some(at) = step["at"].as_str() else {
            return Ok(milliseconds(&step["ms"]).unwrap_or_default());
        };
        let at: DateTime<Utc> = at.parse().map_err(Problem::bad_program)?;
        Ok((at - self.ctx.current_utc_datetime()).to_std().unwrap_or_default())
    }

    fn event(&self, step: &Value) -> Handle {
        let name = string(step, "event").to_string();
        let Some(timeout) = milliseconds(&step["timeoutMs"]) else {
            return Handle::Task(self.ctx.wait_for_external_event(&name));
        };
        let ctx = self.ctx.clone();
        Handle::future(async move {
            match ctx.wait_for_external_event_with_timeout(&name, timeout).await? {
                ExternalEventResult::Received(payload) => parsed(payload),
                ExternalEventResult::TimedOut => Err(Problem::Timeout(format!("no event {name} came in time"))),
            }
        })
    }

    fn handles(&self, step: &Value) -> Result<Vec<Handle>, Problem> {
        steps(step, "handles").iter().map(|name| self.handle(name)).collect()
    }

    async fn attempt(&mut self, step: &Value) -> Step {
        let problem = match self.block(steps(step, "steps")).await {
            Ok(flow) => return Ok(flow),
            Err(problem) => problem,
        };
        let Some((kind, message)) = problem.caught() else {
            return Err(problem);
        };
        self.store(step, json!({"type": kind, "message": message}));
        self.block(steps(step, "catch")).await
    }

    async fn repeat(&mut self, step: &Value) -> Step {
        for _ in 0..step["times"].as_u64().unwrap_or_default() {
            if let Flow::Returned(result) = self.block(steps(step, "steps")).await? {
                return Ok(Flow::Returned(result));
            }
        }
        Ok(Flow::Next)
    }

    fn probe(&self, step: &Value) -> Result<Value, Problem> {
        if step["guid"].as_bool() == Some(true) {
            return Err(Problem::unsupported("probe.guid"));
        }
        Ok(json!({
            "now": self.ctx.current_utc_datetime().to_rfc3339_opts(SecondsFormat::Nanos, true),
            "isReplaying": self.ctx.is_replaying(),
            "instanceId": self.ctx.instance_id().as_ref(),
        }))
    }
}

/// The SDK's combinator takes its tasks alone; for its other futures there is that of the language.
fn all(handles: Vec<Handle>) -> Handle {
    match tasks(&handles) {
        Some(tasks) => Handle::future(async move { when_all(tasks).await?.into_iter().map(parsed).collect() }),
        None => Handle::future(async move {
            let waiting = handles.into_iter().map(Handle::wait);
            Ok(Value::Array(try_join_all(waiting.map(FutureExt::boxed)).await?))
        }),
    }
}

fn any(handles: Vec<Handle>) -> Handle {
    Handle::future(async move {
        let (index, value) = match tasks(&handles) {
            Some(tasks) => {
                let index = when_any(tasks).await?;
                (index, handles[index].clone().wait().await?)
            }
            None => {
                let waiting = handles.into_iter().map(|handle| handle.wait().boxed());
                let (outcome, index, _) = select_all(waiting).await;
                (index, outcome?)
            }
        };
        Ok(json!({"index": index, "value": value}))
    })
}

fn tasks(handles: &[Handle]) -> Option<Vec<CompletableTask>> {
    let task = |handle: &Handle| match handle {
        Handle::Task(task) => Some(task.clone()),
        Handle::Future(_) => None,
    };
    handles.iter().map(task).collect()
}

fn throw(step: &Value) -> Step {
    let message = string(step, "message").to_string();
    if step["panic"].as_bool() == Some(true) {
        panic!("{message}");
    }
    Err(Problem::Thrown(message))
}

fn has_options(step: &Value) -> bool {
    ["retry", "app", "propagate"].iter().any(|field| !step[field].is_null())
}

fn policy(step: &Value) -> Option<RetryPolicy> {
    let retry = step["retry"].as_object()?;
    let max = u32::try_from(retry["max"].as_u64()?).ok()?;
    let mut policy = RetryPolicy::new(max, milliseconds(&retry["firstMs"])?)
        .with_backoff_coefficient(step["retry"]["coef"].as_f64().unwrap_or(1.0));
    if let Some(longest) = milliseconds(&step["retry"]["maxMs"]) {
        policy = policy.with_max_retry_interval(longest);
    }
    if let Some(timeout) = milliseconds(&step["retry"]["timeoutMs"]) {
        policy = policy.with_retry_timeout(timeout);
    }
    Some(policy)
}

fn scope(step: &Value) -> Option<HistoryPropagationScope> {
    match step["propagate"].as_str()? {
        "own" => Some(HistoryPropagationScope::OwnHistory),
        _ => Some(HistoryPropagationScope::Lineage),
    }
}

fn milliseconds(count: &Value) -> Option<Duration> {
    count.as_u64().map(Duration::from_millis)
}

fn string<'a>(step: &'a Value, field: &str) -> &'a str {
    step[field].as_str().unwrap_or_default()
}

fn steps<'a>(step: &'a Value, field: &str) -> &'a [Value] {
    step[field].as_array().map(Vec::as_slice).unwrap_or_default()
}
