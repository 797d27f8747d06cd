//! The workflows `interp` and `interp_child`: they run the program in their input.

use std::collections::HashMap;
use std::future::Future;

use dapr_durabletask::task::{CompletableTask, OrchestrationContext};
use dapr_durabletask::worker::OrchestratorResult;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use serde_json::{Map, Value};

use crate::problem::Problem;

pub const PROGRAM: u64 = 1;

pub type Outcome = Result<Value, Problem>;

/// What a step leads to.
pub enum Flow {
    Next,
    /// A `return`, with the result as the SDK takes it: JSON text, or nothing.
    Returned(Option<String>),
}

/// Something that can be awaited: a task of the SDK, or a future that the SDK, or one of its combinators, gave.
#[derive(Clone)]
pub enum Handle {
    Task(CompletableTask),
    Future(Shared<BoxFuture<'static, Outcome>>),
}

impl Handle {
    pub fn future(future: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Self::Future(future.boxed().shared())
    }

    pub async fn wait(self) -> Outcome {
        match self {
            Self::Task(task) => parsed(task.await?),
            Self::Future(future) => future.await,
        }
    }
}

pub fn parsed(result: Option<String>) -> Outcome {
    match result {
        Some(text) if !text.is_empty() => Ok(serde_json::from_str(&text)?),
        _ => Ok(Value::Null),
    }
}

/// A value as the SDK takes it.
pub fn text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}

#[derive(Clone)]
enum Named {
    Value(Value),
    Handle(Handle),
}

/// One execution of a program: its context, and its names, which are one flat scope.
pub struct Run {
    pub ctx: OrchestrationContext,
    names: HashMap<String, Named>,
}

pub async fn run(ctx: OrchestrationContext) -> OrchestratorResult {
    let program: Value = ctx.input()?;
    let Some(steps) = program["steps"]
        .as_array()
        .filter(|_| program["program"].as_u64() == Some(PROGRAM))
    else {
        return Err(Problem::bad_program(format!("the input is not a program of version {PROGRAM}")).into());
    };
    let vars = program["vars"].as_object().cloned().unwrap_or_default();
    let names = vars
        .into_iter()
        .map(|(name, value)| (name, Named::Value(value)))
        .collect();
    match (Run { ctx, names }).block(steps).await? {
        Flow::Returned(result) => Ok(result),
        Flow::Next => Ok(None),
    }
}

impl Run {
    /// Run steps in order, until one of them returns.
    pub fn block<'a>(&'a mut self, steps: &'a [Value]) -> BoxFuture<'a, Result<Flow, Problem>> {
        async move {
            for step in steps {
                if let Flow::Returned(result) = self.step(step).await? {
                    return Ok(Flow::Returned(result));
                }
            }
            Ok(Flow::Next)
        }
        .boxed()
    }

    pub fn store(&mut self, step: &Value, value: Value) -> Flow {
        if let Some(name) = step["as"].as_str() {
            self.names.insert(name.into(), Named::Value(value));
        }
        Flow::Next
    }

    pub fn store_handle(&mut self, step: &Value, handle: Handle) -> Flow {
        if let Some(name) = step["as"].as_str() {
            self.names.insert(name.into(), Named::Handle(handle));
        }
        Flow::Next
    }

    pub fn handle(&self, name: &Value) -> Result<Handle, Problem> {
        match name.as_str().and_then(|name| self.names.get(name)) {
            Some(Named::Handle(handle)) => Ok(handle.clone()),
            _ => Err(Problem::bad_program(format!("no such handle: {name}"))),
        }
    }

    /// A literal with its {"var": name} replaced; of a program for somebody else only `vars` is evaluated.
    pub fn value(&self, literal: &Value) -> Outcome {
        match literal {
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => self.object(members),
            other => Ok(other.clone()),
        }
    }

    fn object(&self, members: &Map<String, Value>) -> Outcome {
        if let (1, Some(Value::String(name))) = (members.len(), members.get("var")) {
            return match self.names.get(name) {
                Some(Named::Value(value)) => Ok(value.clone()),
                _ => Err(Problem::bad_program(format!("no such name: {name}"))),
            };
        }
        let foreign = members.contains_key("steps");
        let replaced = members.iter().map(|(key, item)| {
            let literally = foreign && key != "vars";
            let value = if literally { item.clone() } else { self.value(item)? };
            Ok((key.clone(), value))
        });
        Ok(Value::Object(replaced.collect::<Result<_, Problem>>()?))
    }
}
