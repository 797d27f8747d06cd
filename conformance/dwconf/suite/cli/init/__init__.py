"""`dwconf init`: begin a configuration file, or a conformance app."""

from dwconf.suite.cli.init.command import command as command
