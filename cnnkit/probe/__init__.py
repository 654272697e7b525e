"""Probes: run a student's code and describe the result as plain data, be it a value, a training run or a figure.

The notebook's own checks and the grader use the same probes, so that both see the same thing.
"""
