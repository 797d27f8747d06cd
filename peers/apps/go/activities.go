package main

import (
	"encoding/json"
	"errors"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/dapr/durabletask-go/task"
)

const sdkModule = "github.com/dapr/durabletask-go"

var features = []string{
	"retry", "child-retry", "event-timeout", "keep-events", "cross-app", "history-propagation", "versions", "panic",
}

var activities = map[string]task.Activity{
	"manifest": manifest,
	"echo":     echo,
	"fail":     fail,
	"ctx":      shown,
	"block":    block,
	"big":      big,
}

func manifest(task.ActivityContext) (any, error) {
	return map[string]any{
		"program":  programVersion,
		"sdk":      "durabletask-go",
		"version":  sdkVersion(),
		"can":      slices.Sorted(maps.Keys(operations)),
		"features": features,
	}, nil
}

func sdkVersion() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, module := range build.Deps {
			if module.Path == sdkModule {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return "unknown"
}

func echo(ctx task.ActivityContext) (any, error) {
	var value json.RawMessage
	if err := ctx.GetInput(&value); err != nil || value == nil {
		return nil, err
	}
	return value, nil
}

// fail ignores `type` and `nonRetriable`: the SDK takes the type from Go's, and offers no way to forbid a retry.
func fail(ctx task.ActivityContext) (any, error) {
	var how struct {
		Message string `json:"message"`
	}
	if err := ctx.GetInput(&how); err != nil {
		return nil, err
	}
	return nil, errors.New(how.Message)
}

// shown says what the SDK tells an activity about itself; the id of the workflow it does not.
func shown(ctx task.ActivityContext) (any, error) {
	seen := map[string]any{
		"taskId":          ctx.GetTaskID(),
		"taskExecutionId": ctx.GetTaskExecutionID(),
		"instanceId":      nil,
		"traceparent":     nil,
	}
	if trace := ctx.GetTraceContext(); trace != nil {
		seen["traceparent"] = trace.GetTraceParent()
	}
	return seen, nil
}

func block(ctx task.ActivityContext) (any, error) {
	var how struct {
		Milliseconds int64 `json:"ms"`
	}
	if err := ctx.GetInput(&how); err != nil {
		return nil, err
	}
	time.Sleep(milliseconds(how.Milliseconds))
	return nil, nil
}

func big(ctx task.ActivityContext) (any, error) {
	var how struct {
		Bytes int `json:"bytes"`
	}
	if err := ctx.GetInput(&how); err != nil {
		return nil, err
	}
	return strings.Repeat("x", how.Bytes), nil
}
