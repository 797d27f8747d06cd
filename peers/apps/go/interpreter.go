package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/dapr/durabletask-go/task"
)

const programVersion = 1

type program struct {
	Version int                        `json:"program"`
	Vars    map[string]json.RawMessage `json:"vars"`
	Steps   []step                     `json:"steps"`
}

// step holds the fields of every operation; a pointer, or a raw message, tells what is absent from what is zero.
type step struct {
	Op         string          `json:"op"`
	As         string          `json:"as"`
	Activity   string          `json:"activity"`
	Name       string          `json:"name"`
	ID         string          `json:"id"`
	Input      json.RawMessage `json:"input"`
	Retry      *retry          `json:"retry"`
	App        string          `json:"app"`
	Propagate  string          `json:"propagate"`
	Ms         int64           `json:"ms"`
	At         string          `json:"at"`
	Event      string          `json:"event"`
	TimeoutMs  *int64          `json:"timeoutMs"`
	Handle     string          `json:"handle"`
	Handles    []string        `json:"handles"`
	Steps      []step          `json:"steps"`
	Catch      []step          `json:"catch"`
	Then       []step          `json:"then"`
	Else       []step          `json:"else"`
	Value      json.RawMessage `json:"value"`
	KeepEvents bool            `json:"keepEvents"`
	Message    string          `json:"message"`
	Panic      bool            `json:"panic"`
	Times      int             `json:"times"`
	GUID       bool            `json:"guid"`
}

type retry struct {
	Max       int     `json:"max"`
	FirstMs   int64   `json:"firstMs"`
	Coef      float64 `json:"coef"`
	MaxMs     int64   `json:"maxMs"`
	TimeoutMs int64   `json:"timeoutMs"`
}

// BadProgram is an input that is not a program, or a name that is not defined.
type BadProgram string

func (e BadProgram) Error() string { return "BadProgram: " + string(e) }

// Unsupported is an operation, or a field, that the SDK has no API for.
type Unsupported string

func (e Unsupported) Error() string { return "Unsupported: " + string(e) }

// Thrown is what `throw` returns.
type Thrown string

func (e Thrown) Error() string { return string(e) }

// returned is what a `return` hands up through the blocks around it.
type returned struct{ value any }

// execution is one run of a program: its context, and its names, which are one flat scope of values and task.Task.
type execution struct {
	ctx   *task.WorkflowContext
	names map[string]any
}

func interp(ctx *task.WorkflowContext) (any, error) {
	var asked program
	if err := ctx.GetInput(&asked); err != nil {
		return nil, BadProgram(err.Error())
	}
	if asked.Version != programVersion || asked.Steps == nil {
		return nil, BadProgram(fmt.Sprintf("the input is not a program of version %d", programVersion))
	}
	run := execution{ctx: ctx, names: map[string]any{}}
	for name, literal := range asked.Vars {
		value, err := decode(literal)
		if err != nil {
			return nil, err
		}
		run.names[name] = value
	}
	result, err := run.block(asked.Steps)
	if up, ok := result.(returned); ok {
		return up.value, err
	}
	return nil, err
}

// block runs steps in order, until one of them returns.
func (run *execution) block(steps []step) (any, error) {
	for _, next := range steps {
		act, ok := operations[next.Op]
		if !ok {
			return nil, Unsupported(next.Op)
		}
		result, err := act(run, next)
		if err != nil {
			return nil, err
		}
		if _, up := result.(returned); up {
			return result, nil
		}
		if next.As != "" && next.Op != "try" {
			run.names[next.As] = result
		}
	}
	return nil, nil
}

func (run *execution) task(name string) (task.Task, error) {
	handle, ok := run.names[name].(task.Task)
	if !ok {
		return nil, BadProgram("no such handle: " + name)
	}
	return handle, nil
}

// value is a literal with its {"var": name} replaced; of a program for somebody else only `vars` is evaluated.
func (run *execution) value(literal json.RawMessage) (any, error) {
	decoded, err := decode(literal)
	if err != nil {
		return nil, err
	}
	return run.replaced(decoded)
}

func (run *execution) replaced(literal any) (any, error) {
	switch literal := literal.(type) {
	case []any:
		for index, item := range literal {
			value, err := run.replaced(item)
			if err != nil {
				return nil, err
			}
			literal[index] = value
		}
		return literal, nil
	case map[string]any:
		return run.replacedObject(literal)
	default:
		return literal, nil
	}
}

func (run *execution) replacedObject(literal map[string]any) (any, error) {
	if name, ok := literal["var"].(string); ok && len(literal) == 1 {
		value, ok := run.names[name]
		if !ok {
			return nil, BadProgram("no such name: " + name)
		}
		return value, nil
	}
	_, foreign := literal["steps"]
	for key, item := range literal {
		if foreign && key != "vars" {
			continue
		}
		value, err := run.replaced(item)
		if err != nil {
			return nil, err
		}
		literal[key] = value
	}
	return literal, nil
}

// decode keeps numbers as they were written.
func decode(literal json.RawMessage) (any, error) {
	if len(literal) == 0 {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(literal))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, BadProgram(err.Error())
	}
	return value, nil
}
