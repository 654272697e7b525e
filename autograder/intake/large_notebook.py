"""Notebooks that are too large because of their outputs: read without them, but for the training records."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cnnkit.linear_pattern import compile_anchored, compile_linear
from cnnkit.recording.schema import MIME

# Possessive, and closed by the end of the file too: linear time on whatever the bytes are.
_NEXT = compile_linear(rb'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"?|[\[\]{}]')
_LIST = compile_anchored(rb"\s*+:\s*+\[")
_TO_BRACKET = compile_anchored(rb'[^"\[\]{}]*+(?:"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"?[^"\[\]{}]*+)*+')
_MIME = MIME.encode()


def without_outputs(data: bytes) -> bytes:
    """Leave out the outputs of a notebook's cells, but for those with a training record.

    Args:
        data: the notebook in UTF-8, in whatever state; in another encoding it is returned as it is.

    Example:
        >>> without_outputs(b'{"cells": [{"outputs": [{"text": ["many", "lines"]}], "source": ""}]}')
        b'{"cells": [{"outputs": [], "source": ""}]}'
    """
    if json.detect_encoding(data) not in ("utf-8", "utf-8-sig"):
        return data
    parts: list[bytes] = []
    done = 0
    for start, end in _output_lists(data):
        parts += [data[done:start], b", ".join(_with_records(data, start, end))]
        done = end
    return b"".join([*parts, data[done:]])


def _output_lists(data: bytes) -> Iterator[tuple[int, int]]:
    """Positions of what stands between the brackets of each list of outputs."""
    place = 0
    while (found := _NEXT.search(data, place)) is not None:
        place = found.end()
        if found[0] == b'"outputs"' and (opening := _LIST.match(data, place)) is not None:
            end = _closing(data, opening.end())
            yield opening.end(), end
            place = end


def _with_records(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The outputs in a list that hold a training record."""
    if data.find(_MIME, start, end) < 0:
        return
    place = start
    while (opening := _bracket(data, place)) < end:
        close = min(_closing(data, opening + 1) + 1, end)
        if data.find(_MIME, opening, close) >= 0:
            yield data[opening:close]
        place = close


def _bracket(data: bytes, place: int) -> int:
    """Position of the next bracket that is not in a string; the end of the data if there is none."""
    skipped = _TO_BRACKET.match(data, place)
    return skipped.end() if skipped else place


def _closing(data: bytes, place: int) -> int:
    """Position of the bracket that closes the one before `place`; the end of the data if there is none."""
    depth = 1
    while True:
        place = _bracket(data, place)
        if place >= len(data):
            return len(data)
        depth += 1 if data[place] in b"[{" else -1
        if not depth:
            return place
        place += 1
