"""Schedules: what clients, workers and streams do to an engine, in which order, and what it then owes."""
