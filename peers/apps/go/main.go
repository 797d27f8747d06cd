// The conformance app on the Go SDK (module github.com/dapr/durabletask-go, packages task and client): what the suite
// talks to when it judges that SDK. docs/conformance-app.md is the contract, language version 1.
//
// The SDK is handed a connection, so the endpoint and the token are read here. It has no API for `any`, `send` and unique
// ids: these are not implemented, and not declared. `all` waits for each handle in turn, as the SDK's samples do.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/dapr/durabletask-go/backend"
	"github.com/dapr/durabletask-go/client"
	"github.com/dapr/durabletask-go/task"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const reconnectDelay = time.Second

func main() {
	stopped, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer release()
	registry, err := register()
	if err != nil {
		log.Fatal(err)
	}
	connection, err := grpc.NewClient(address(), dialOptions()...)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	serve(stopped, client.NewTaskHubGrpcClient(connection, backend.DefaultLogger()), registry)
}

// serve lets the SDK work until the context ends. The SDK connects again by itself, but gives up when the first try fails.
func serve(stopped context.Context, hub *client.TaskHubGrpcClient, registry *task.TaskRegistry) {
	for stopped.Err() == nil {
		err := hub.StartWorkItemListener(stopped, registry)
		if err == nil {
			<-stopped.Done()
			return
		}
		log.Print(err)
		select {
		case <-stopped.Done():
		case <-time.After(reconnectDelay):
		}
	}
}

// address is what DAPR_GRPC_ENDPOINT says, or DAPR_GRPC_PORT on this machine.
func address() string {
	if endpoint := os.Getenv("DAPR_GRPC_ENDPOINT"); endpoint != "" {
		return strings.TrimPrefix(endpoint, "http://")
	}
	if port := os.Getenv("DAPR_GRPC_PORT"); port != "" {
		return "127.0.0.1:" + port
	}
	return "127.0.0.1:50001"
}

func dialOptions() []grpc.DialOption {
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if value := os.Getenv("DAPR_API_TOKEN"); value != "" {
		options = append(options, grpc.WithPerRPCCredentials(token(value)))
	}
	return options
}

// token is sent with every call.
type token string

func (t token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"dapr-api-token": string(t)}, nil
}

func (token) RequireTransportSecurity() bool { return false }

// register says which workflows and activities there are.
func register() (*task.TaskRegistry, error) {
	registry := task.NewTaskRegistry()
	for name, workflow := range map[string]task.Workflow{"interp": interp, "interp_child": interp} {
		if err := registry.AddWorkflowN(name, workflow); err != nil {
			return nil, err
		}
	}
	for _, version := range []string{"v1", "v2"} {
		if err := registry.AddVersionedWorkflowN("ver", version, version == "v2", versioned(version)); err != nil {
			return nil, err
		}
	}
	for name, activity := range activities {
		if err := registry.AddActivityN(name, activity); err != nil {
			return nil, err
		}
	}
	return registry, nil
}

func versioned(version string) task.Workflow {
	return func(ctx *task.WorkflowContext) (any, error) {
		if err := ctx.CallActivity("echo", task.WithActivityInput(version)).Await(nil); err != nil {
			return nil, fmt.Errorf("echo: %w", err)
		}
		return version, nil
	}
}
