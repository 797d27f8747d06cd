"""What a run shows while it goes and when it is over. It only consumes events: nothing here judges."""

from dwconf.suite.cli.console.console import console_for as console_for
