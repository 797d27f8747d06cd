//go:build !hub_orchestration && !hub_options

package main

import (
	"github.com/dapr/durabletask-go/backend"
	"github.com/dapr/durabletask-go/backend/sqlite"
	"google.golang.org/grpc"
)

// newHub puts the hub together as releases that speak of workflows want it.
func newHub(server *grpc.Server, chosen settings, streamsEnd <-chan any) hub {
	logger := newLogger(chosen)
	store := sqlite.NewSqliteBackend(sqlite.NewSqliteOptions(chosen.database), logger)
	executor, register := backend.NewGrpcExecutor(store, logger, backend.WithStreamShutdownChannel(streamsEnd))
	register(server)
	workflows := backend.NewWorkflowWorker(backend.WorkflowWorkerOptions{
		Backend:  store,
		Executor: executor,
		Logger:   logger,
		AppID:    appID,
	})
	activities := backend.NewActivityTaskWorker(store, executor, logger)
	return backend.NewTaskHubWorker(store, workflows, activities, logger)
}
