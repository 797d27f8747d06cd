"""The worker on the wire."""
