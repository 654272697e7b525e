"""The assignments: a folder each, with its description (`assignment.toml`), its specification and its public checks.

An assignment is found by its folder (`cnnkit.catalog.index`), so a new one need not be listed anywhere else.
"""
