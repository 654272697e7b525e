"""A training record as the output of a notebook's cell: data for programs, a picture and a table for people."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from cnnkit.recording.schema import MIME, TrainingRecord

_MOST_ROWS = 200
"""Epochs in the table."""


def record_bundle(result: TrainingRecord) -> dict[str, Any]:
    """The record as the data of a notebook output by MIME type: for programs, and as one line of text.

    JSON has no NaN, and Jupyter would replace it by the text "nan". The record of a training that diverged is therefore
    JSON in a string.
    """
    plain: Any = result.to_json()
    try:
        json.dumps(plain, allow_nan=False)
    except ValueError:
        plain = json.dumps(plain)
    return {MIME: plain, "text/plain": record_summary(result)}


def show_record(result: TrainingRecord) -> None:
    """Show a record as notebook output (data, picture and text), or as text in a terminal."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        print(record_summary(result))
        return
    if get_ipython() is None:
        print(record_summary(result))
        return
    display(record_views(result), raw=True)


def record_summary(result: TrainingRecord) -> str:
    """The record in one line: optimizer, epochs, first and last losses, time."""
    loss, val = result.history.get("loss", []), result.history.get("val_loss", [])
    epochs = f"{len(loss)} epoch{'s' if len(loss) != 1 else ''}"
    if len(loss) < result.epochs:
        epochs = f"{len(loss)} of {result.epochs} epochs"
    parts = [f"{result.run}: {epochs} on {result.images:,} images in {result.seconds:,.0f} s"]
    for label, values in (("loss", loss), ("validation loss", val)):
        if values:
            parts.append(f"{label} {values[0]:.4f} → {values[-1]:.4f}")
    return "; ".join(parts)


def record_views(result: TrainingRecord) -> dict[str, Any]:
    """All representations of the record by MIME type: data, text, and HTML with curve and table."""
    return {**record_bundle(result), "text/html": _html(result)}


def _html(result: TrainingRecord) -> str:
    from cnnkit.plots import curve_svg

    caption = f"<figcaption>{escape(record_summary(result))}</figcaption>"
    return f"<figure>{curve_svg(result)}{caption}{_table(result)}</figure>"


def _table(result: TrainingRecord) -> str:
    """The history epoch by epoch, in a closed `details` element; "" without any."""
    metrics = {name: values for name, values in result.history.items() if values}
    if not metrics:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("epoch", *metrics))
    rows = []
    for epoch in range(min(max(map(len, metrics.values())), _MOST_ROWS)):
        cells = [f"{values[epoch]:.4f}" if epoch < len(values) else "" for values in metrics.values()]
        rows.append("".join(f"<td>{cell}</td>" for cell in (epoch + 1, *cells)))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<details><summary>by epoch</summary><table><tr>{head}</tr>{body}</table></details>"
