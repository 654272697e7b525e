"""What importing the package does for the start of every command."""

import subprocess
import sys

CODE = """
import sys
import autograder
import nbformat

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("https://例え.jp")])
nbformat.validate(notebook)
notebook.cells[0]["cell_type"] = "neither"
try:
    nbformat.validate(notebook)
except nbformat.ValidationError:
    print("refused")
print("lark" in sys.modules)
"""


def test_notebooks_are_validated_without_a_grammar_that_takes_seconds_to_read():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["refused", "False"]
