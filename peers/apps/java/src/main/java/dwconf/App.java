package dwconf;

import io.dapr.workflows.Workflow;
import io.dapr.workflows.WorkflowStub;
import io.dapr.workflows.runtime.WorkflowRuntime;
import io.dapr.workflows.runtime.WorkflowRuntimeBuilder;

/**
 * The conformance app on the Java SDK (Maven io.dapr:dapr-sdk-workflows): what the suite talks to when it judges that SDK.
 *
 * <p>One interpreter workflow runs the programs that the suite sends, language version 1; docs/conformance-app.md is the
 * contract. The SDK itself reads the endpoint and the token from the environment. Its workflow context has no API for
 * {@code send}, {@code detach} and passing history on: these are not implemented, and not declared.
 */
public final class App {
  public static void main(String[] arguments) {
    WorkflowRuntimeBuilder builder = new WorkflowRuntimeBuilder()
        .registerWorkflow("interp", Interpreter.class)
        .registerWorkflow("interp_child", Interpreter.class)
        .registerWorkflow("ver", version("v1"), "v1", false)
        .registerWorkflow("ver", version("v2"), "v2", true);
    Activities.register(builder);
    WorkflowRuntime runtime = builder.build();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      runtime.close();
      Runtime.getRuntime().halt(0); // after SIGTERM the exit code would be 143
    }));
    runtime.start();
  }

  private static Workflow version(String name) {
    return new Workflow() {
      @Override
      public WorkflowStub create() {
        return ctx -> {
          ctx.callActivity("echo", name).await();
          ctx.complete(name);
        };
      }
    };
  }
}
