"""The exception of a sandbox that cannot be used. Importing it imports nothing of the protocol."""

from __future__ import annotations

from cnnkit.errors import KitError


class SandboxError(KitError):
    """The sandbox itself could not be started. `str(error)` says why and what to do."""
