"""The command line: `dwconf`. Each command is a module, imported when it is asked for."""

from dwconf.suite.cli.group import main as main
