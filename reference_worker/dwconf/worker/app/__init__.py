"""The conformance app on the reference worker."""
