"use strict";
// The conformance app on the JavaScript SDK (npm @dapr/dapr): what the suite talks to when it judges its workflows.
//
// One interpreter workflow runs the programs that the suite sends, language version 1; docs/conformance-app.md is the
// contract. The SDK itself reads the endpoint and the token from the environment. It has no API for retries, timeouts of
// waits, patches, versions, other apps, unique ids, `send` and `detach`: these are not implemented, and not declared.

const { WorkflowRuntime } = require("@dapr/dapr");

const PROGRAM = 1;
const FEATURES = ["keep-events", "panic", "bad-result", "endpoint-env", "api-token", "tls"];
const UNSUPPORTED_FIELDS = ["retry", "app", "propagate", "timeoutMs", "guid"];

class BadProgram extends Error {}
class Unsupported extends Error {}
class Thrown extends Error {}

// What a `return` hands up through the blocks around it.
class Returned {
  constructor(value) {
    this.value = value;
  }
}

// A task of the SDK, and how its result looks in the language.
class Handle {
  constructor(task, shape = (result) => result ?? null) {
    this.task = task;
    this.shape = shape;
  }

  async *wait() {
    return this.shape(yield this.task);
  }
}

// One execution of a program: its context, and its names, which are one flat scope.
class Run {
  constructor(ctx, program) {
    if (program?.program !== PROGRAM || !Array.isArray(program.steps)) {
      throw new BadProgram(`the input is not a program of version ${PROGRAM}`);
    }
    this.ctx = ctx;
    this.names = new Map(Object.entries(program.vars ?? {}));
  }

  // Run steps in order, until one of them returns.
  async *block(steps) {
    for (const step of steps) {
      const act = OPERATIONS.get(step.op);
      const field = UNSUPPORTED_FIELDS.find((name) => name in step);
      if (!act || field) {
        throw new Unsupported(`Unsupported: ${step.op}${act ? `.${field}` : ""}`);
      }
      let result = act(this, step);
      if (typeof result?.[Symbol.asyncIterator] === "function") {
        result = yield* result;
      }
      if (result instanceof Returned) {
        return result;
      }
      if (step.as && step.op !== "try") {
        this.names.set(step.as, result);
      }
    }
  }

  // The value or the handle that a name holds.
  name(name) {
    if (!this.names.has(name)) {
      throw new BadProgram(`no such name: ${name}`);
    }
    return this.names.get(name);
  }

  // A literal with its {"var": name} replaced; of a program for somebody else only `vars` is evaluated.
  value(literal) {
    if (Array.isArray(literal)) {
      return literal.map((item) => this.value(item));
    }
    if (literal === null || typeof literal !== "object") {
      return literal;
    }
    const entries = Object.entries(literal);
    if (entries.length === 1 && "var" in literal) {
      return this.name(literal.var);
    }
    const foreign = "steps" in literal;
    return Object.fromEntries(entries.map(([key, item]) => [key, foreign && key !== "vars" ? item : this.value(item)]));
  }

  handles(step) {
    return step.handles.map((name) => this.name(name));
  }
}

// What a step with this `op` does: an async generator that yields tasks, or a plain function that gives its result.
const OPERATIONS = new Map();

// An operation that gives a handle, and the one that waits for that handle as well.
function starting(name, andAwait, start) {
  OPERATIONS.set(name, start);
  OPERATIONS.set(andAwait, (run, step) => start(run, step).wait());
}

starting("start", "call", (run, step) => new Handle(run.ctx.callActivity(step.activity, run.value(step.input))));

starting("startChild", "child", (run, step) => {
  return new Handle(run.ctx.callChildWorkflow(step.name, run.value(step.input), step.id));
});

starting("startTimer", "timer", (run, step) => {
  return new Handle(run.ctx.createTimer("at" in step ? new Date(step.at) : step.ms / 1000));
});

starting("startWait", "wait", (run, step) => new Handle(run.ctx.waitForExternalEvent(step.event)));

starting("startAll", "all", (run, step) => {
  const handles = run.handles(step);
  const together = run.ctx.whenAll(handles.map((handle) => handle.task));
  return new Handle(together, (results) => results.map((result, index) => handles[index].shape(result)));
});

starting("startAny", "any", (run, step) => {
  const handles = run.handles(step);
  return new Handle(run.ctx.whenAny(handles.map((handle) => handle.task)), (winner) => {
    const index = handles.findIndex((handle) => handle.task === winner);
    return { index, value: handles[index].shape(winner.getResult()) };
  });
});

OPERATIONS.set("await", (run, step) => run.name(step.handle).wait());

OPERATIONS.set("try", async function* (run, step) {
  try {
    return yield* run.block(step.steps);
  } catch (error) {
    const failure = error?.details; // the SDK does not export the class of a failed task's error
    if (!failure?.errorType && !(error instanceof Thrown)) {
      throw error;
    }
    if (step.as) {
      run.names.set(step.as, { type: failure?.errorType ?? "Thrown", message: failure?.message ?? error.message });
    }
  }
  return yield* run.block(step.catch);
});

OPERATIONS.set("status", (run, step) => run.ctx.setCustomStatus(step.value));

OPERATIONS.set("can", (run, step) => run.ctx.continueAsNew(run.value(step.input), step.keepEvents));

OPERATIONS.set("probe", (run) => ({
  now: run.ctx.getCurrentUtcDateTime().toISOString(),
  isReplaying: run.ctx.isReplaying(),
  instanceId: run.ctx.getWorkflowInstanceId(),
}));

OPERATIONS.set("throw", (_run, step) => {
  throw step.panic ? (step.message ?? "panic") : new Thrown(step.message);
});

OPERATIONS.set("bad", () => new Returned(1n));

OPERATIONS.set("return", (run, step) => new Returned(run.value(step.value)));

OPERATIONS.set("loop", async function* (run, step) {
  for (let round = 0; round < step.times; round++) {
    const returned = yield* run.block(step.steps);
    if (returned) {
      return returned;
    }
  }
});

async function* interp(ctx, program) {
  const returned = yield* new Run(ctx, program).block(program.steps);
  return returned?.value;
}

function manifest() {
  const { version } = require("@dapr/dapr/package.json");
  return { program: PROGRAM, sdk: "dapr-javascript", version, can: [...OPERATIONS.keys()].sort(), features: FEATURES };
}

function fail(_ctx, how) {
  class Failure extends Error {}
  Object.defineProperty(Failure, "name", { value: how?.type ?? "Failure" });
  throw how?.message == null ? new Failure() : new Failure(how.message);
}

const runtime = new WorkflowRuntime()
  .registerWorkflowWithName("interp", interp)
  .registerWorkflowWithName("interp_child", interp)
  .registerActivityWithName("manifest", manifest)
  .registerActivityWithName("echo", (_ctx, value) => value)
  .registerActivityWithName("fail", fail)
  .registerActivityWithName("ctx", (ctx) => ({
    taskId: ctx.getWorkflowActivityId(),
    taskExecutionId: null,
    instanceId: ctx.getWorkflowInstanceId(),
    traceparent: null,
  }))
  .registerActivityWithName("block", (_ctx, how) => new Promise((resolve) => setTimeout(resolve, how.ms, null)))
  .registerActivityWithName("big", (_ctx, how) => "x".repeat(how.bytes))
  .registerActivityWithName("bad", () => 1n);

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => runtime.stop().finally(() => process.exit(0)));
}
runtime.start();
