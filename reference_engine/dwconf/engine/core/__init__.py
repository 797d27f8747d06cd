"""The engine's core: pure decisions, no input or output.

`step` is one instance's step; `Hub` is a whole engine, sans-IO; `Decisions` is the table that profiles and mutants
replace entries of.
"""
