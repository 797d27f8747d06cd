"""The reference engine: a sidecar that keeps every rule, and mutants of it that break one each."""
