"""Outputs are left out of a notebook that is too large with them; everything else stays byte for byte."""

import json

import pytest

from autograder.intake.large_notebook import without_outputs
from cnnkit.recording.schema import MIME

RECORD = {"output_type": "display_data", "data": {MIME: {"run": "a]}"}, "text/plain": "a \\"}, "metadata": {}}
OUTPUTS = {
    "none": [],
    "lines": [{"output_type": "stream", "text": ["a line]\n", "}\n", '"\n', "\\"]}],
    "a picture": [{"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 1_000}}],
    "an error": [{"output_type": "error", "traceback": ["\x1b[31m[{", "\\\\"]}],
    "lists in lists": [{"data": {"application/json": [[1, [2]], {"outputs": [3]}]}}],
    "what is no output": [1, "]", None, ["{"]],
    "other keys first": [{"outputs": []}],
}


def notebook(outputs):
    source = ['a = {"outputs": [1, 2]}\n', '"outputs": [']
    cell = {"cell_type": "code", "source": source, "outputs": outputs}
    return {"cells": [cell, cell], "metadata": {"outputs": 1, "more": {"a": [1]}}, "nbformat": 4}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_outputs_are_left_out_and_nothing_else(kind, indent):
    found = json.loads(without_outputs(json.dumps(notebook(OUTPUTS[kind]), indent=indent).encode()))
    assert found == notebook([])


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_training_records_stay(kind, indent):
    outputs = [*OUTPUTS[kind], RECORD, *OUTPUTS[kind], RECORD]
    found = json.loads(without_outputs(json.dumps(notebook(outputs), indent=indent).encode()))
    assert found == notebook([RECORD, RECORD])


def test_every_beginning_of_a_notebook_is_taken():
    data = json.dumps(notebook([*OUTPUTS["lines"], RECORD])).encode()
    for end in range(len(data)):
        found = without_outputs(data[:end])
        assert b"a line" not in found
        assert found.startswith(data[: min(end, 40)])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_left_as_they_are(encoding):
    data = json.dumps(notebook(OUTPUTS["lines"])).encode(encoding)
    assert without_outputs(data) == data
