package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dapr/durabletask-go/api"
	"github.com/dapr/durabletask-go/task"
)

// now is RFC 3339 with all the digits that the SDK keeps.
const nowLayout = "2006-01-02T15:04:05.000000000Z07:00"

// failurePrefix begins the error of a failed task, for which the SDK has no type of its own. Await returns other errors
// too: that history and code do not fit, which a workflow must not catch.
const failurePrefix = "task failed with an error: "

type operation func(*execution, step) (any, error)

// operations is filled by init, because the blocks among them look into it.
var operations map[string]operation

func init() {
	operations = map[string]operation{
		"start": starting(activity), "call": waiting(activity),
		"startChild": starting(child), "child": waiting(child),
		"startTimer": starting(timer), "timer": waiting(timer),
		"startWait": starting(event), "wait": waiting(event),
		"await":   func(run *execution, s step) (any, error) { return run.await(s.Handle) },
		"all":     all,
		"try":     try,
		"status":  status,
		"patched": patched,
		"can":     continueAsNew,
		"detach":  detach,
		"probe":   probe,
		"throw":   throw,
		"bad":     func(*execution, step) (any, error) { return returned{make(chan int)}, nil },
		"return":  returning,
		"loop":    loop,
	}
}

type starter func(*execution, step) (task.Task, error)

func starting(start starter) operation {
	return func(run *execution, s step) (any, error) { return start(run, s) }
}

func waiting(start starter) operation {
	return func(run *execution, s step) (any, error) {
		started, err := start(run, s)
		if err != nil {
			return nil, err
		}
		return result(started)
	}
}

// result waits for a task. Await does not return while the task is open: the SDK unwinds the workflow.
func result(started task.Task) (any, error) {
	var raw json.RawMessage
	if err := started.Await(&raw); err != nil {
		return nil, err
	}
	return decode(raw)
}

func (run *execution) await(name string) (any, error) {
	started, err := run.task(name)
	if err != nil {
		return nil, err
	}
	return result(started)
}

func activity(run *execution, s step) (task.Task, error) {
	var options []task.CallActivityOption
	if s.Input != nil {
		input, err := run.value(s.Input)
		if err != nil {
			return nil, err
		}
		options = append(options, task.WithActivityInput(input))
	}
	if s.Retry != nil {
		options = append(options, task.WithActivityRetryPolicy(s.Retry.policy()))
	}
	if s.App != "" {
		options = append(options, task.WithActivityAppID(s.App))
	}
	if s.Propagate != "" {
		options = append(options, task.WithHistoryPropagation(scope(s.Propagate)))
	}
	return run.ctx.CallActivity(s.Activity, options...), nil
}

func child(run *execution, s step) (task.Task, error) {
	var options []task.ChildWorkflowOption
	if s.Input != nil {
		input, err := run.value(s.Input)
		if err != nil {
			return nil, err
		}
		options = append(options, task.WithChildWorkflowInput(input))
	}
	if s.ID != "" {
		options = append(options, task.WithChildWorkflowInstanceID(s.ID))
	}
	if s.Retry != nil {
		options = append(options, task.WithChildWorkflowRetryPolicy(s.Retry.policy()))
	}
	if s.App != "" {
		options = append(options, task.WithChildWorkflowAppID(s.App))
	}
	if s.Propagate != "" {
		options = append(options, task.WithHistoryPropagation(scope(s.Propagate)))
	}
	return run.ctx.CallChildWorkflow(s.Name, options...), nil
}

func scope(propagate string) api.PropagationOption {
	if propagate == "own" {
		return api.PropagateOwnHistory()
	}
	return api.PropagateLineage()
}

func (r *retry) policy() *task.RetryPolicy {
	return &task.RetryPolicy{
		MaxAttempts:          r.Max,
		InitialRetryInterval: milliseconds(r.FirstMs),
		BackoffCoefficient:   r.Coef,
		MaxRetryInterval:     milliseconds(r.MaxMs),
		RetryTimeout:         milliseconds(r.TimeoutMs),
	}
}

func timer(run *execution, s step) (task.Task, error) {
	delay := milliseconds(s.Ms)
	if s.At != "" {
		at, err := time.Parse(time.RFC3339Nano, s.At)
		if err != nil {
			return nil, BadProgram(err.Error())
		}
		delay = at.Sub(run.ctx.CurrentTimeUtc)
	}
	return run.ctx.CreateTimer(delay), nil
}

// event waits without limit when the timeout is negative: so the SDK has it.
func event(run *execution, s step) (task.Task, error) {
	timeout := time.Duration(-1)
	if s.TimeoutMs != nil {
		timeout = milliseconds(*s.TimeoutMs)
	}
	return run.ctx.WaitForSingleEvent(s.Event, timeout), nil
}

func all(run *execution, s step) (any, error) {
	results := make([]any, len(s.Handles))
	for index, name := range s.Handles {
		value, err := run.await(name)
		if err != nil {
			return nil, err
		}
		results[index] = value
	}
	return results, nil
}

func try(run *execution, s step) (any, error) {
	outcome, err := run.block(s.Steps)
	if err == nil {
		return outcome, nil
	}
	caught := map[string]any{"type": fmt.Sprintf("%T", err), "message": err.Error()}
	var thrown Thrown
	switch {
	case errors.Is(err, task.ErrTaskCanceled):
		caught["type"] = "Timeout"
	case errors.As(err, &thrown), strings.HasPrefix(err.Error(), failurePrefix):
	default:
		return nil, err
	}
	if s.As != "" {
		run.names[s.As] = caught
	}
	return run.block(s.Catch)
}

func status(run *execution, s step) (any, error) {
	var value string
	if err := json.Unmarshal(s.Value, &value); err != nil {
		return nil, BadProgram(err.Error())
	}
	run.ctx.SetCustomStatus(value)
	return nil, nil
}

func patched(run *execution, s step) (any, error) {
	if run.ctx.IsPatched(s.Name) {
		return run.block(s.Then)
	}
	return run.block(s.Else)
}

// continueAsNew takes effect when the workflow returns; until then the program goes on.
func continueAsNew(run *execution, s step) (any, error) {
	input, err := run.value(s.Input)
	if err != nil {
		return nil, err
	}
	var options []task.ContinueAsNewOption
	if s.KeepEvents {
		options = append(options, task.WithKeepUnprocessedEvents())
	}
	run.ctx.ContinueAsNew(input, options...)
	return nil, nil
}

func detach(run *execution, s step) (any, error) {
	var options []task.DetachedWorkflowOptions
	if s.Input != nil {
		input, err := run.value(s.Input)
		if err != nil {
			return nil, err
		}
		options = append(options, task.WithDetachedWorkflowInput(input))
	}
	if s.ID != "" {
		options = append(options, task.WithDetachedWorkflowInstanceID(s.ID))
	}
	id, err := run.ctx.ScheduleNewWorkflow(s.Name, options...)
	return string(id), err
}

func probe(run *execution, s step) (any, error) {
	if s.GUID {
		return nil, Unsupported("probe.guid")
	}
	return map[string]any{
		"now":         run.ctx.CurrentTimeUtc.UTC().Format(nowLayout),
		"isReplaying": run.ctx.IsReplaying,
		"instanceId":  string(run.ctx.ID),
	}, nil
}

func throw(_ *execution, s step) (any, error) {
	if s.Panic {
		panic(s.Message)
	}
	return nil, Thrown(s.Message)
}

func returning(run *execution, s step) (any, error) {
	value, err := run.value(s.Value)
	return returned{value}, err
}

func loop(run *execution, s step) (any, error) {
	for range s.Times {
		outcome, err := run.block(s.Steps)
		if err != nil || outcome != nil {
			return outcome, err
		}
	}
	return nil, nil
}

func milliseconds(count int64) time.Duration { return time.Duration(count) * time.Millisecond }
