"""The worker without I/O: replay, decisions, and the rules of the connection."""
