"""The engine's shell: what connects the core to sockets, files and clocks."""
