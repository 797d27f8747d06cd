//go:build hub_options

package main

import (
	"github.com/dapr/durabletask-go/backend"
	"github.com/dapr/durabletask-go/backend/sqlite"
	"google.golang.org/grpc"
)

// newHub puts the hub together as releases want it that speak of orchestrations and take an app id.
func newHub(server *grpc.Server, chosen settings, streamsEnd <-chan any) hub {
	logger := newLogger(chosen)
	store := sqlite.NewSqliteBackend(sqlite.NewSqliteOptions(chosen.database), logger)
	executor, register := backend.NewGrpcExecutor(store, logger, backend.WithStreamShutdownChannel(streamsEnd))
	register(server)
	orchestrations := backend.NewOrchestrationWorker(backend.OrchestratorOptions{
		Backend:  store,
		Executor: executor,
		Logger:   logger,
		AppID:    appID,
	})
	activities := backend.NewActivityTaskWorker(store, executor, logger)
	return backend.NewTaskHubWorker(store, orchestrations, activities, logger)
}
