"""Paths, modules, commands, targets and links that the documentation names: each must exist."""

import importlib
import importlib.util
import re
from pathlib import Path

import click
import pytest

from autograder.commands.cli import main
from autograder.course.config import load_course

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    *("datasets/README.md", "examples/class/README.md"),
    *sorted(path.relative_to(ROOT).as_posix() for folder in (".", "docs") for path in (ROOT / folder).glob("*.md")),
]
PLACEHOLDER = re.compile(r"<\w+>|NAME|\{[\w,]+\}")
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def code_of(text):
    """Inline code and the lines of code blocks."""
    outside, blocks = [], []
    for number, part in enumerate(re.split(r"^ *```.*$", text, flags=re.MULTILINE)):
        (blocks if number % 2 else outside).append(part)
    return SPAN.findall("\n".join(outside)), [line for block in blocks for line in block.splitlines()]


def words_of(text):
    spans, lines = code_of(text)
    return [word.strip(",;:.()\"'`") for piece in (*spans, *lines) for word in piece.split()]


def files(pattern):
    """Files of the checkout that match a path with placeholders, from the root."""
    return list(ROOT.glob(PLACEHOLDER.sub("*", pattern)))


def top_folders():
    ignored = [line.strip("/\n") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    return folders - set(ignored)


def missing_paths(text):
    """Paths into a folder of the checkout that name nothing there, and Python files that lie nowhere."""
    tops, missing = top_folders(), []
    for word in words_of(text):
        path = word.partition("::")[0]
        if "://" in path or "=" in path or path.startswith(("..", "/", "~", "-")):
            continue
        if "/" in path and (path.split("/")[0] in tops or path.endswith(".py")):
            found = files(path)
        elif re.fullmatch(r"[\w-]+\.(py|sh)", path) and not PLACEHOLDER.search(path):
            found = [one for top in tops for one in (ROOT / top).rglob(path)] + files(path)
        else:
            continue
        if not found:
            missing.append(word)
    return missing


def missing_modules(text):
    """Dotted names below our packages that cannot be imported."""
    missing = []
    for name in re.findall(r"(?<![\w./@-])((?:autograder|cnnkit)(?:\.[A-Za-z_]\w*)+)", "\n".join(words_of(text))):
        if name.endswith((".toml", ".md")) or name.startswith("cnnkit.check."):  # whose exercises are those of a course
            continue
        if not resolves(name):
            missing.append(name)
    return missing


def resolves(name):
    """True if a dotted name is a module, or an attribute of one."""
    parts = name.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.util.find_spec(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        if found is None:
            continue
        if split == len(parts):
            return True
        value = importlib.import_module(".".join(parts[:split]))
        for part in parts[split:]:
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


def missing_commands(text):
    """Subcommands and options of `autograder` that the command line does not have."""
    context, missing = click.Context(main), []
    spans, lines = code_of(text)
    for piece in (*spans, *lines):
        for name, rest in re.findall(r"(?<![\w/.-])(?:\.venv/bin/)?autograder ([a-z]+)\b([^#|]*)", piece):
            command = main.get_command(context, name)
            if command is None:
                missing.append(f"autograder {name}")
                continue
            known = {option for parameter in command.params for option in parameter.opts}
            missing += [f"autograder {name} {one}" for one in re.findall(r"--[a-z-]+", rest) if one not in known]
        if piece.startswith("--") and not piece.startswith("---"):
            option = re.match(r"--[a-z-]*", piece)[0]
            if option not in all_options():
                missing.append(option)
    return missing


def all_options():
    """Options of all commands of `autograder` and of all scripts; a page may name one without its command."""
    context = click.Context(main)
    commands = [main.get_command(context, name) for name in main.list_commands(context)]
    options = {option for command in commands for parameter in command.params for option in parameter.opts}
    for folder in ("benchmarks", "scripts", "examples"):
        for path in (ROOT / folder).rglob("*.py"):
            options |= set(re.findall(r'"(--[a-z-]+)"', path.read_text(encoding="utf-8")))
    return options | {"--help"}


def missing_targets(text):
    """Targets of make that the Makefile does not have."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    spans, lines = code_of(text)
    named = [match[1] for piece in (*spans, *lines) if (match := re.match(r" *make ([a-z-]+)", piece))]
    return [f"make {target}" for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)]


def missing_links(page, text):
    """Links to files that are not there."""
    links = [link for link in LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    return [link for link in links if not (ROOT / page).parent.joinpath(link).exists()]


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page):
    assert missing_paths(read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_exists(page):
    assert missing_modules(read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page):
    assert missing_commands(read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_exists(page):
    assert missing_targets(read(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file(page):
    assert missing_links(page, read(page)) == []


def test_the_index_has_every_page():
    linked = {Path(link).name for link in LINK.findall(read("docs/index.md"))}
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - linked == {"index.md"}


def test_the_readme_has_every_assignment_with_its_points():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) automatic, (\d+) by hand \|", read("README.md"), re.MULTILINE)
    known = load_course(ROOT).assignments
    points = {name: (sum(one.points.values()), sum(one.written.values())) for name, one in known.items()}
    assert {name: (int(automatic), int(written)) for name, automatic, written in rows} == points


def test_what_is_missing_is_found():
    text = """`autograder/nowhere.py`, `nowhere.py`, `docs/` and `cnnkit/assignments/<name>/brief.py`;
`autograder.nowhere`, `cnnkit.text.printable`, `cnnkit.text.nowhere`; [a page](nowhere.md)

```
.venv/bin/autograder grade lenet --nowhere --force
autograder nowhere
make nowhere
```
"""
    assert missing_paths(text) == ["autograder/nowhere.py", "nowhere.py"]
    assert missing_modules(text) == ["autograder.nowhere", "cnnkit.text.nowhere"]
    assert missing_commands(text) == ["autograder grade --nowhere", "autograder nowhere"]
    assert missing_targets(text) == ["make nowhere"]
    assert missing_links("README.md", text) == ["nowhere.md"]
