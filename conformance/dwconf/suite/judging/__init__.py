"""Judging: the scope of a run, the verdict of each rule over all outcomes, and the verdict of the run."""
