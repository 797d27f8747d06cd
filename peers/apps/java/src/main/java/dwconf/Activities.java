package dwconf;

import com.fasterxml.jackson.databind.JsonNode;
import io.dapr.workflows.WorkflowActivity;
import io.dapr.workflows.WorkflowActivityContext;
import io.dapr.workflows.runtime.WorkflowRuntimeBuilder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The activities of the contract. */
final class Activities {
  private static final List<String> FEATURES = List.of("retry", "child-retry", "event-timeout", "keep-events", "cross-app",
      "guid", "versions", "panic", "endpoint-env", "api-token", "tls");

  static void register(WorkflowRuntimeBuilder builder) {
    Map<String, WorkflowActivity> activities = Map.of(
        "manifest", Activities::manifest,
        "echo", ctx -> ctx.getInput(JsonNode.class),
        "fail", Activities::fail,
        "ctx", Activities::shown,
        "block", Activities::block,
        "big", ctx -> "x".repeat(ctx.getInput(JsonNode.class).get("bytes").asInt()));
    activities.forEach(builder::registerActivity);
  }

  private static Object manifest(WorkflowActivityContext ctx) {
    return Map.of(
        "program", Interpreter.PROGRAM,
        "sdk", "dapr-java",
        "version", sdkVersion(),
        "can", Operations.names(),
        "features", FEATURES);
  }

  private static String sdkVersion() {
    try (InputStream stream = Activities.class.getResourceAsStream("/sdk.properties")) {
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The SDK takes the error type from the class, and has no way to forbid a retry: both are ignored. */
  private static Object fail(WorkflowActivityContext ctx) {
    JsonNode how = ctx.getInput(JsonNode.class);
    throw new Failure(how == null || !how.hasNonNull("message") ? null : how.get("message").asText());
  }

  /** What the SDK tells an activity about itself; its task id and its workflow it does not. */
  private static Object shown(WorkflowActivityContext ctx) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("taskId", null);
    shown.put("taskExecutionId", ctx.getTaskExecutionId());
    shown.put("instanceId", null);
    shown.put("traceparent", ctx.getTraceParent().isEmpty() ? null : ctx.getTraceParent());
    return shown;
  }

  private static Object block(WorkflowActivityContext ctx) {
    try {
      Thread.sleep(ctx.getInput(JsonNode.class).get("ms").asLong());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  static final class Failure extends RuntimeException {
    Failure(String message) {
      super(message);
    }
  }

  private Activities() {
  }
}
