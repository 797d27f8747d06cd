"""The reference worker: what a Dapr Workflow SDK does on the wire, and a conformance app on top."""
