"""Scenes: what a case drives. A sidecar scene is client and worker; a worker scene is the engine."""
