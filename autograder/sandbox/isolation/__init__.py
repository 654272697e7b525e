"""Keeping a submission's code away from everything but its own scratch space: namespaces, mounts, limits, seccomp."""
