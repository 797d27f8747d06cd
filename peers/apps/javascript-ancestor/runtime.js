"use strict";
// What ../javascript/app.js uses of @dapr/dapr, made of that package's ancestor @dapr/durabletask-js. The ancestor takes
// its address from whoever constructs it alone, and knows neither tokens nor TLS by the environment: what the manifest
// says of these is taken back.

const Module = require("node:module");
const { TaskHubGrpcWorker } = require("@dapr/durabletask-js");
const { whenAll, whenAny } = require("@dapr/durabletask-js/task");

const NOT_OF_THE_SDK = ["endpoint-env", "api-token", "tls"];

// A workflow's context under the names that it has today.
class Context {
  constructor(inner) {
    this.inner = inner;
    this.callActivity = inner.callActivity.bind(inner);
    this.callChildWorkflow = inner.callSubOrchestrator.bind(inner);
    this.createTimer = inner.createTimer.bind(inner);
    this.waitForExternalEvent = inner.waitForExternalEvent.bind(inner);
    this.continueAsNew = inner.continueAsNew.bind(inner);
    this.setCustomStatus = inner.setCustomStatus.bind(inner);
    this.whenAll = whenAll;
    this.whenAny = whenAny;
  }

  getCurrentUtcDateTime() {
    return this.inner.currentUtcDateTime;
  }

  isReplaying() {
    return this.inner.isReplaying;
  }

  getWorkflowInstanceId() {
    return this.inner.instanceId;
  }
}

class WorkflowRuntime {
  constructor() {
    const endpoint = process.env.DAPR_GRPC_ENDPOINT ?? `http://127.0.0.1:${process.env.DAPR_GRPC_PORT ?? 50001}`;
    this.worker = new TaskHubGrpcWorker(new URL(endpoint).host);
  }

  registerWorkflowWithName(name, workflow) {
    this.worker.addNamedOrchestrator(name, (inner, input) => workflow(new Context(inner), input));
    return this;
  }

  registerActivityWithName(name, activity) {
    const seen = (inner) => ({
      getWorkflowActivityId: () => inner.taskId,
      getWorkflowInstanceId: () => inner.orchestrationId,
    });
    const act = (inner, input) => activity(seen(inner), input);
    this.worker.addNamedActivity(name, name === "manifest" ? async (inner, input) => told(await act(inner, input)) : act);
    return this;
  }

  start() {
    return this.worker.start();
  }

  stop() {
    return this.worker.stop();
  }
}

function told(manifest) {
  const features = manifest.features.filter((name) => !NOT_OF_THE_SDK.includes(name));
  return { ...manifest, sdk: "durabletask-js", features };
}

// The app asks for @dapr/dapr and for the version in its package.json: it gets this module, and the ancestor's version.
const INSTEAD = {
  "@dapr/dapr": __filename,
  "@dapr/dapr/package.json": require.resolve("@dapr/durabletask-js/package.json"),
};
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => INSTEAD[request] ?? resolve(request, ...rest);

module.exports = { WorkflowRuntime };
