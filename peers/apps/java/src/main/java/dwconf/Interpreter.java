package dwconf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dapr.durabletask.Task;
import io.dapr.workflows.Workflow;
import io.dapr.workflows.WorkflowContext;
import io.dapr.workflows.WorkflowStub;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** The workflows {@code interp} and {@code interp_child}: they run the program in their input. */
public final class Interpreter implements Workflow {
  static final int PROGRAM = 1;

  @Override
  public WorkflowStub create() {
    return ctx -> {
      JsonNode program = ctx.getInput(JsonNode.class);
      if (program == null || program.path("program").asInt() != PROGRAM || !program.path("steps").isArray()) {
        throw new BadProgram("the input is not a program of version " + PROGRAM);
      }
      new Run(ctx, program).block(program.get("steps"));
    };
  }

  /** An input that is not a program, or a name that is not defined. */
  static final class BadProgram extends RuntimeException {
    BadProgram(String message) {
      super("BadProgram: " + message);
    }
  }

  /** An operation, or a field, that the SDK has no API for. */
  static final class Unsupported extends RuntimeException {
    Unsupported(String what) {
      super("Unsupported: " + what);
    }
  }

  /** What {@code throw} throws. */
  static final class Thrown extends RuntimeException {
    Thrown(String message) {
      super(message);
    }
  }

  /** What {@code throw} throws with {@code panic}: an error outside the usual hierarchy. */
  static final class Panic extends Error {
    Panic(String message) {
      super(message);
    }
  }

  /** A task of the SDK, and how its result looks in the language. */
  record Handle(Task<?> task, Function<Object, Object> shape) {
    Object await() {
      return shape.apply(task.await());
    }
  }

  /** One execution of a program: its context, and its names, which are one flat scope of values and handles. */
  static final class Run {
    final WorkflowContext ctx;
    final Map<String, Object> names = new HashMap<>();

    Run(WorkflowContext ctx, JsonNode program) {
      this.ctx = ctx;
      program.path("vars").fields().forEachRemaining(entry -> names.put(entry.getKey(), entry.getValue()));
    }

    /** Runs steps in order, and says whether one of them returned. */
    boolean block(JsonNode steps) {
      for (JsonNode step : steps) {
        Object result = Operations.of(step).act(this, step);
        if (result == Operations.RETURNED) {
          return true;
        }
        if (step.has("as") && !step.get("op").asText().equals("try")) {
          names.put(step.get("as").asText(), result);
        }
      }
      return false;
    }

    Object named(String name) {
      if (!names.containsKey(name)) {
        throw new BadProgram("no such name: " + name);
      }
      return names.get(name);
    }

    Handle handle(String name) {
      return (Handle) named(name);
    }

    List<Handle> handles(JsonNode step) {
      return StreamSupport.stream(step.get("handles").spliterator(), false).map(name -> handle(name.asText())).toList();
    }

    /** A literal with its {"var": name} replaced; of a program for somebody else only {@code vars} is evaluated. */
    JsonNode value(JsonNode literal) {
      if (literal == null || literal.isNull()) {
        return null;
      }
      return replaced(literal);
    }

    private JsonNode replaced(JsonNode literal) {
      if (literal.isArray()) {
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        literal.forEach(item -> items.add(replaced(item)));
        return items;
      }
      if (!literal.isObject()) {
        return literal;
      }
      if (literal.size() == 1 && literal.has("var")) {
        return Json.node(named(literal.get("var").asText()));
      }
      ObjectNode members = JsonNodeFactory.instance.objectNode();
      boolean foreign = literal.has("steps");
      literal.fields().forEachRemaining(entry -> {
        boolean literally = foreign && !entry.getKey().equals("vars");
        members.set(entry.getKey(), literally ? entry.getValue() : replaced(entry.getValue()));
      });
      return members;
    }
  }
}
