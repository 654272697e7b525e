"""Probes turn what a student wrote into plain data: a value, a network, a training run, a figure.

The notebook's own checks and the grader use the same probes, so that both see the same thing.
"""
