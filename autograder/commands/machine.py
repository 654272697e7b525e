"""What this machine has. Only looked at, never changed."""

from __future__ import annotations


def memory_gb() -> tuple[float, float]:
    """Memory that is available and memory in all, in GB (10**9 bytes)."""
    import psutil

    memory = psutil.virtual_memory()
    return memory.available / 1e9, memory.total / 1e9
