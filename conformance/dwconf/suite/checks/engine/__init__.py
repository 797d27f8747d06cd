"""Checks of the engine's chapters, one module each."""
