"""What a run found, as data, and the documents that people and machines read from it.

`model` is the results model and its versioned JSON form; `write` puts a report directory in place; `load` reads a
report back. The renderers (`html`, `junit`, `summary`, `badge`) are functions of the model alone.
"""
