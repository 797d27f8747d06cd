"""Serves Microsoft's in-memory engine, so that the suite can be seen to refuse it.

It is not a Dapr engine but a sibling dialect: the same service name, other methods, and other meanings for some field
numbers. A run against it must end in preflight, with a message that says so, and never in a list of failed rules.
"""

import argparse
import os
import signal
import threading

from durabletask.testing import create_test_backend


def main() -> None:
    """Serve until SIGTERM or SIGINT. The engine listens on every interface: it has no option for the host."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("DWCONF_PORT", "4002")))
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    engine = create_test_backend(port=parser.parse_args().port)
    stopped.wait()
    engine.stop()


if __name__ == "__main__":
    main()
