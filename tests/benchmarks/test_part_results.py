"""A part's result is used again as long as nothing that it depends on has changed."""

from dataclasses import replace

import pytest

HERE = {"processor": "P", "keras": "3.15"}


@pytest.fixture(scope="module")
def results(load_script):
    return load_script("benchmarks/part_results.py")


@pytest.fixture(scope="module")
def part(load_script):
    return load_script("benchmarks/parts.py").part_named("class_300")


@pytest.fixture
def result(results):
    return results.PartResult(
        "class_300", "2026-11-30", "c0ffee1", "sha256:a", HERE, 80.0, 150.0, {"seconds_300": 75.5}
    )


def test_a_result_is_read_as_it_was_written(results, result, tmp_path):
    results.write_result(result, tmp_path / "bench")
    assert results.read_result("class_300", tmp_path / "bench") == result


@pytest.mark.parametrize("text", ["", "{", "[]", '{"part": "class_300"}'])
def test_what_cannot_be_read_is_measured_again(results, tmp_path, text):
    (tmp_path / "class_300.json").write_text(text)
    assert results.read_result("class_300", tmp_path) is None


def test_what_has_to_be_measured_and_why(results, result, part):
    def reason(found, here=HERE, code="sha256:a"):
        return results.reason_to_measure(part, found, here, code)

    assert reason(result) is None
    assert reason(None) == "it has not been measured"
    assert reason(result, here=HERE | {"keras": "3.16"}) == "measured with a different keras"
    assert reason(replace(result, machine={}), here=HERE) == "measured with a different processor, keras"
    assert reason(result, code="sha256:b") == "the code has changed since 2026-11-30 (c0ffee1)"


def test_the_modules_of_a_part_are_found_through_others(results, tmp_path):
    (tmp_path / "one.py").write_text("import json\nfrom two import this\n")
    (tmp_path / "two.py").write_text("def late():\n    import three\n    import one\n")
    (tmp_path / "three.py").write_text("")
    (tmp_path / "four.py").write_text("import one\n")
    assert {path.name for path in results.modules_of("one", tmp_path)} == {"one.py", "two.py", "three.py"}


def test_a_table_that_changes_makes_no_measurement_stale(results, part):
    names = {path.name for path in results.modules_of(part.module)}
    assert {"class_sizes.py", "stock_nbgrader.py", "sample_class.py", "processor_time.py"} <= names
    assert not names & {"performance_tables.py", "picture.py", "run.py"}


def test_figures_are_rounded_and_missing_ones_left_out(results, part, monkeypatch):
    monkeypatch.setattr(results, "code_digest", lambda part: "sha256:a")
    made = results.new_result(part, 80.04, None, {"a": 1.23456, "b": None, "c": {"d": 0.12345, "e": None}})
    assert made.figures == {"a": 1.235, "c": {"d": 0.123}}
    assert (made.seconds, made.processor) == (80.0, None)
