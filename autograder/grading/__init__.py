"""Grading submissions: one, a class on this machine, a class on a Dask cluster."""
