// durabletask-go serves the sqlite task hub of github.com/dapr/durabletask-go over plain gRPC, so that
// the conformance suite can use it as a peer: a real engine that it did not write.
//
// Nothing of the engine's behaviour is changed here, and nothing is caught: where the engine panics, this
// process dies, because that is what a user of the engine would see. What is chosen here is only what any
// host has to choose: the address, the database, the largest message that is received, and an orderly end.
// How the hub is put together differs between releases of the module, and stands in hub_*.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
)

const (
	defaultHost         = "127.0.0.1"
	defaultPort         = "4001"
	defaultMessageBytes = 4 << 20
	stopGrace           = 3 * time.Second

	// appID is what releases that have one stamp into the routers of the events that they make.
	appID = "conformance"
)

// hub is the part of the engine's task hub that a host starts and ends.
type hub interface {
	Start(context.Context) error
	Shutdown(context.Context) error
}

type settings struct {
	address      string
	database     string
	messageBytes int
	verbose      bool
}

func main() {
	if err := run(parse(os.Args[1:])); err != nil {
		fmt.Fprintln(os.Stderr, "durabletask-go:", err)
		os.Exit(1)
	}
}

// parse reads the flags; the address falls back to what the suite puts into the environment.
func parse(arguments []string) settings {
	var chosen settings
	flags := flag.NewFlagSet("durabletask-go", flag.ExitOnError)
	flags.StringVar(&chosen.address, "address", addressFromEnvironment(), "host:port to listen on")
	flags.StringVar(&chosen.database, "db", "", "sqlite file, made when it is missing (default: in memory)")
	flags.IntVar(&chosen.messageBytes, "max-message-bytes", defaultMessageBytes, "largest message received")
	flags.BoolVar(&chosen.verbose, "verbose", false, "let the engine log debug and info lines too")
	_ = flags.Parse(arguments) // ExitOnError: it does not return an error
	if chosen.database == "memory" {
		chosen.database = ""
	}
	return chosen
}

func addressFromEnvironment() string {
	return net.JoinHostPort(environment("DWCONF_HOST", defaultHost), environment("DWCONF_PORT", defaultPort))
}

func environment(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

// run serves until SIGTERM or SIGINT. The listener is opened last, so that a connection means ready.
func run(chosen settings) error {
	stopped, release := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer release()

	streamsEnd := make(chan any)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(chosen.messageBytes))
	served := newHub(server, chosen, streamsEnd)
	if err := served.Start(context.Background()); err != nil {
		return fmt.Errorf("starting the task hub: %w", err)
	}
	listener, err := net.Listen("tcp", chosen.address)
	if err != nil {
		return err
	}
	fmt.Println("listening on", listener.Addr())

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-stopped.Done():
		return stop(server, served, streamsEnd)
	}
}

// stop lets the hub give back what it holds before the streams end: the other way round it would
// dispatch the items of the ended streams again, and wait for their answers.
func stop(server *grpc.Server, served hub, streamsEnd chan<- any) error {
	ending, cancel := context.WithTimeout(context.Background(), stopGrace)
	defer cancel()
	drained := make(chan error, 1)
	go func() { drained <- served.Shutdown(ending) }()
	var err error
	select {
	case err = <-drained:
	case <-ending.Done():
		err = errors.New("the task hub did not drain in time")
	}
	close(streamsEnd)
	force := time.AfterFunc(stopGrace, server.Stop)
	defer force.Stop()
	server.GracefulStop()
	return err
}
