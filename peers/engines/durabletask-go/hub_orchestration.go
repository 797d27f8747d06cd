//go:build hub_orchestration

package main

import (
	"github.com/dapr/durabletask-go/backend"
	"github.com/dapr/durabletask-go/backend/sqlite"
	"google.golang.org/grpc"
)

// newHub puts the hub together as older releases want it, which speak of orchestrations and have no app id.
func newHub(server *grpc.Server, chosen settings, streamsEnd <-chan any) hub {
	logger := newLogger(chosen)
	store := sqlite.NewSqliteBackend(sqlite.NewSqliteOptions(chosen.database), logger)
	executor, register := backend.NewGrpcExecutor(store, logger, backend.WithStreamShutdownChannel(streamsEnd))
	register(server)
	orchestrations := backend.NewOrchestrationWorker(store, executor, logger)
	activities := backend.NewActivityTaskWorker(store, executor, logger)
	return backend.NewTaskHubWorker(store, orchestrations, activities, logger)
}
