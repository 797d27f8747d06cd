package dwconf;

import com.fasterxml.jackson.databind.JsonNode;
import dwconf.Interpreter.Handle;
import dwconf.Interpreter.Panic;
import dwconf.Interpreter.Run;
import dwconf.Interpreter.Thrown;
import dwconf.Interpreter.Unsupported;
import io.dapr.durabletask.CompositeTaskFailedException;
import io.dapr.durabletask.Task;
import io.dapr.durabletask.TaskCanceledException;
import io.dapr.durabletask.TaskFailedException;
import io.dapr.workflows.WorkflowTaskOptions;
import io.dapr.workflows.WorkflowTaskRetryPolicy;

import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a step with an {@code op} does. */
final class Operations {
  /** What an operation gives when a {@code return} ended the workflow. */
  static final Object RETURNED = new Object();

  /** RFC 3339 with the milliseconds that the SDK keeps. */
  private static final DateTimeFormatter NOW = new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

  private static final List<String> UNSUPPORTED_FIELDS = List.of("propagate");
  private static final Map<String, Operation> OPERATIONS = new TreeMap<>();

  static {
    starting("start", "call", Operations::activity);
    starting("startChild", "child", Operations::child);
    starting("startTimer", "timer", Operations::timer);
    starting("startWait", "wait", Operations::event);
    starting("startAll", "all", Operations::all);
    starting("startAny", "any", Operations::any);
    OPERATIONS.put("await", (run, step) -> run.handle(step.get("handle").asText()).await());
    OPERATIONS.put("try", Operations::attempt);
    OPERATIONS.put("status", Operations::status);
    OPERATIONS.put("patched", Operations::patched);
    OPERATIONS.put("can", Operations::continueAsNew);
    OPERATIONS.put("probe", Operations::probe);
    OPERATIONS.put("throw", Operations::raise);
    OPERATIONS.put("bad", (run, step) -> complete(run, new Object()));
    OPERATIONS.put("return", (run, step) -> complete(run, run.value(step.get("value"))));
    OPERATIONS.put("loop", Operations::loop);
  }

  @FunctionalInterface
  interface Operation {
    Object act(Run run, JsonNode step);
  }

  @FunctionalInterface
  interface Start {
    Handle start(Run run, JsonNode step);
  }

  static List<String> names() {
    return List.copyOf(OPERATIONS.keySet());
  }

  static Operation of(JsonNode step) {
    String name = step.get("op").asText();
    if (!OPERATIONS.containsKey(name)) {
      throw new Unsupported(name);
    }
    UNSUPPORTED_FIELDS.stream().filter(step::has).findFirst().ifPresent(field -> {
      throw new Unsupported(name + "." + field);
    });
    return OPERATIONS.get(name);
  }

  /** An operation that gives a handle, and the one that waits for that handle as well. */
  private static void starting(String name, String andAwait, Start start) {
    OPERATIONS.put(name, start::start);
    OPERATIONS.put(andAwait, (run, step) -> start.start(run, step).await());
  }

  private static Handle plain(Task<?> task) {
    return new Handle(task, result -> result);
  }

  private static Handle activity(Run run, JsonNode step) {
    String name = step.get("activity").asText();
    return plain(run.ctx.callActivity(name, run.value(step.get("input")), options(step), JsonNode.class));
  }

  private static Handle child(Run run, JsonNode step) {
    String id = step.has("id") ? step.get("id").asText() : null;
    String name = step.get("name").asText();
    return plain(run.ctx.callChildWorkflow(name, run.value(step.get("input")), id, options(step), JsonNode.class));
  }

  private static WorkflowTaskOptions options(JsonNode step) {
    if (!step.has("retry") && !step.has("app")) {
      return null;
    }
    String app = step.has("app") ? step.get("app").asText() : null;
    return new WorkflowTaskOptions(step.has("retry") ? policy(step.get("retry")) : null, null, app);
  }

  private static WorkflowTaskRetryPolicy policy(JsonNode retry) {
    WorkflowTaskRetryPolicy.Builder builder = WorkflowTaskRetryPolicy.newBuilder()
        .setMaxNumberOfAttempts(retry.get("max").asInt())
        .setFirstRetryInterval(milliseconds(retry.get("firstMs")))
        .setBackoffCoefficient(retry.path("coef").asDouble(1));
    if (retry.has("maxMs")) {
      builder.setMaxRetryInterval(milliseconds(retry.get("maxMs")));
    }
    if (retry.has("timeoutMs")) {
      builder.setRetryTimeout(milliseconds(retry.get("timeoutMs")));
    }
    return builder.build();
  }

  private static Duration milliseconds(JsonNode count) {
    return Duration.ofMillis(count.asLong());
  }

  private static Handle timer(Run run, JsonNode step) {
    if (step.has("at")) {
      return plain(run.ctx.createTimer(ZonedDateTime.parse(step.get("at").asText())));
    }
    return plain(run.ctx.createTimer(milliseconds(step.get("ms"))));
  }

  private static Handle event(Run run, JsonNode step) {
    String name = step.get("event").asText();
    if (step.has("timeoutMs")) {
      return plain(run.ctx.waitForExternalEvent(name, milliseconds(step.get("timeoutMs")), JsonNode.class));
    }
    return plain(run.ctx.waitForExternalEvent(name, null, JsonNode.class));
  }

  @SuppressWarnings("unchecked")
  private static Handle all(Run run, JsonNode step) {
    List<Handle> handles = run.handles(step);
    List<Task<Object>> tasks = handles.stream().map(handle -> (Task<Object>) handle.task()).toList();
    return new Handle(run.ctx.allOf(tasks), results -> {
      List<Object> shaped = new ArrayList<>();
      for (int place = 0; place < handles.size(); place++) {
        shaped.add(handles.get(place).shape().apply(((List<Object>) results).get(place)));
      }
      return shaped;
    });
  }

  private static Handle any(Run run, JsonNode step) {
    List<Handle> handles = run.handles(step);
    List<Task<?>> tasks = new ArrayList<>();
    handles.forEach(handle -> tasks.add(handle.task()));
    return new Handle(run.ctx.anyOf(tasks), winner -> {
      int index = tasks.indexOf(winner);
      Map<String, Object> shaped = new LinkedHashMap<>();
      shaped.put("index", index);
      shaped.put("value", handles.get(index).await());
      return shaped;
    });
  }

  /** Catches what the SDK says of a task, and what {@code throw} threw; the SDK's control flow is exceptions too. */
  private static Object attempt(Run run, JsonNode step) {
    Map<String, Object> caught;
    try {
      return outcome(run.block(step.get("steps")));
    } catch (TaskCanceledException e) {
      caught = failure("Timeout", e);
    } catch (TaskFailedException e) {
      caught = failure(e.getErrorDetails().getErrorType(), e);
    } catch (CompositeTaskFailedException e) {
      caught = composite(e);
    } catch (Thrown e) {
      caught = failure("Thrown", e);
    }
    if (step.has("as")) {
      run.names.put(step.get("as").asText(), caught);
    }
    return outcome(run.block(step.get("catch")));
  }

  private static Map<String, Object> composite(CompositeTaskFailedException e) {
    for (Exception each : e.getExceptions()) {
      if (each instanceof TaskFailedException failed) {
        return failure(failed.getErrorDetails().getErrorType(), failed);
      }
    }
    return failure(e.getClass().getName(), e);
  }

  private static Map<String, Object> failure(String type, Exception e) {
    return Map.of("type", type, "message", String.valueOf(e.getMessage()));
  }

  private static Object outcome(boolean returned) {
    return returned ? RETURNED : null;
  }

  private static Object status(Run run, JsonNode step) {
    run.ctx.setCustomStatus(step.get("value").asText());
    return null;
  }

  private static Object patched(Run run, JsonNode step) {
    String branch = run.ctx.isPatched(step.get("name").asText()) ? "then" : "else";
    return outcome(run.block(step.path(branch)));
  }

  /** The SDK ends the workflow here, by an exception. */
  private static Object continueAsNew(Run run, JsonNode step) {
    JsonNode input = run.value(step.get("input"));
    if (step.has("keepEvents")) {
      run.ctx.continueAsNew(input, step.get("keepEvents").asBoolean());
    } else {
      run.ctx.continueAsNew(input);
    }
    return null;
  }

  private static Object probe(Run run, JsonNode step) {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("now", NOW.format(run.ctx.getCurrentInstant()));
    seen.put("isReplaying", run.ctx.isReplaying());
    seen.put("instanceId", run.ctx.getInstanceId());
    if (step.path("guid").asBoolean()) {
      seen.put("guid", run.ctx.newUuid().toString());
    }
    return seen;
  }

  private static Object raise(Run run, JsonNode step) {
    String message = step.has("message") ? step.get("message").asText() : null;
    if (step.path("panic").asBoolean()) {
      throw new Panic(message);
    }
    throw new Thrown(message);
  }

  private static Object complete(Run run, Object value) {
    run.ctx.complete(value);
    return RETURNED;
  }

  private static Object loop(Run run, JsonNode step) {
    for (int round = 0; round < step.get("times").asInt(); round++) {
      if (run.block(step.get("steps"))) {
        return RETURNED;
      }
    }
    return null;
  }

  private Operations() {
  }
}
