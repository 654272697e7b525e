"""Files that a stranger reads first: they agree with each other, and with what they describe."""

import re
import tomllib

import pytest
import yaml

from cnnkit import __version__


@pytest.fixture(scope="module")
def citation(root):
    return yaml.safe_load((root / "CITATION.cff").read_text())


@pytest.fixture(scope="module")
def changelog(root):
    return (root / "CHANGELOG.md").read_text()


def test_the_citation_names_authors_and_licence_as_the_package_does(root, citation):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert citation["authors"] == project["authors"]
    assert citation["license"] == project["license"]


def test_the_citation_is_of_the_newest_release(citation, changelog):
    version, date = re.findall(r"^## \[(\d\S*)\] - (\S+)$", changelog, flags=re.M)[0]
    assert (citation["version"], str(citation["date-released"])) == (version, date)
    assert version == __version__


def test_the_changelog_keeps_its_format(changelog):
    headings = re.findall(r"^(##+) (.+)$", changelog, flags=re.M)
    assert headings[0] == ("##", "[Unreleased]")
    for level, text in headings[1:]:
        pattern = {
            "##": r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d",
            "###": "Added|Changed|Deprecated|Removed|Fixed|Security",
            "####": "For (students|teaching assistants|instructors|engineers)",
        }[level]
        assert re.fullmatch(pattern, text), text
    assert not re.search(r"^(- |  ).*\n\n- ", changelog, flags=re.M), "a blank line within a list"


@pytest.mark.parametrize("name", ["bug", "wrong_mark", "feature"])
def test_an_issue_form_can_be_filled_in(root, name):
    form = yaml.safe_load((root / ".github" / "ISSUE_TEMPLATE" / f"{name}.yml").read_text())
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] for field in fields)
    assert len({field["id"] for field in fields}) == len(fields)
    assert any(field.get("validations", {}).get("required") for field in fields)


def test_hooks_run_what_make_check_runs(root):
    hooks = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    (recipe,) = re.findall(r"^check: .*\n((?:\t.*\n)+)", (root / "Makefile").read_text(), flags=re.M)
    targets = [word for line in recipe.splitlines() for word in line.split() if re.fullmatch(r"[a-z][a-z-]+", word)]
    assert {hook["entry"].removeprefix("make --silent ") for hook in hooks} == set(targets)
    assert {hook["language"] for hook in hooks} == {"system"}
