"""Cases of the worker's chapters, one module each."""
