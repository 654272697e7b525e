import pytest

from autograder.intake.file_kind import file_kind, is_notebook


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a", b"PK\x03\x04", "zip"),
        ("a", b"PK\x05\x06" + bytes(18), "zip"),
        ("a.zip", b"anything", "zip"),
        ("a.npz", b"PK\x03\x04", ""),
        ("a.DOCX", b"PK\x03\x04", ""),
        ("a.zip", b"\x1f\x8b\x08", "gzip"),
        ("a", bytes(257) + b"ustar\x0000", "tar"),
        ("a.tar", bytes(512), "tar"),
        ("a", b"\xef\xbb\xbf \n{", "json"),
        ("a", "{".encode("utf-16"), "json"),
        ("a.py", b"{", "json"),
        ("a.py", b"# In[1]:", "script"),
        ("a.py", b"import os", ""),
        ("a.md", b"text", "script"),
        ("a.html", b"\n<html>", "web page"),
        ("a.ipynb", b"<<<<<<< HEAD\n", ""),
        ("a", b"", ""),
    ],
)
def test_a_file_is_known_by_its_first_bytes(name, head, kind):
    assert file_kind(name, head) == kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_the_fields_of_a_notebook_are_found_in_every_encoding(encoding):
    assert is_notebook('{"cells": []}'.encode(encoding))
    assert is_notebook('{"worksheets": []}'.encode(encoding))
    assert not is_notebook('{"rows": []}'.encode(encoding))
