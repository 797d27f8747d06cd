"""`python -m dwconf.suite` is the command `dwconf`."""

from dwconf.suite.cli import main

if __name__ == "__main__":
    main(prog_name="dwconf")
