"""The trace: what crossed the wire in a run, and what the harness did. Checks and reports see nothing else."""
