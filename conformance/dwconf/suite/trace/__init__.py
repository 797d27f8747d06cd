"""The trace: everything that crossed the wire in a run, and what the harness did. Checks and reports see nothing else."""
