"""A notebook of mnist_convnet that is as small as one can be that the grader knows as such."""

import json

EXERCISE = "def build_convnet():\n    return None"
"""Source of a cell with one of the assignment's functions."""

NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "code", "metadata": {}, "source": EXERCISE, "execution_count": None, "outputs": []}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
)
