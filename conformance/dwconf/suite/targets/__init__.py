"""Targets: what is tested. An address that is served, a command that we start, or a reference in this process."""
