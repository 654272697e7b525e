"""Pages with hostile texts in them, clicked all over in Chromium: nothing runs, loads, or leads away.

The notebook for autograded/ is written as nbgrader's own command writes it, and shown as formgrader and
`nbgrader generate_feedback` show it, with MathJax and without the filter that nbconvert adds to it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bs4
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.course.config import Course
from autograder.course.nbgrader_settings import course_directory, nbgrader_settings
from autograder.gradebook import preprocessors
from autograder.gradebook.database import record_release
from autograder.intake import read_submission
from autograder.report import feedback_html
from autograder.results.scorecard import CheckResult, RecordVerdict, Scorecard
from tests.conftest import missing
from tests.hostile_text import HOSTILE, LINKS, MACROS, TAGS

pytestmark = pytest.mark.slow

MATHJAX = Path(os.environ.get("MATHJAX", "/usr/share/javascript/mathjax/MathJax.js"))

CLICK = """<script>
window.addEventListener("load", () => {
  const everything = () => {
    const root = document.documentElement;
    const shown = [...document.querySelectorAll("#notebook-container *, main *")]
      .filter(e => !e.closest(".panel-heading, script, a[href^='https://colab.research.google.com']"));
    const links = shown.filter(e => ["href", "xlink:href", "action", "srcdoc"].some(name => e.hasAttribute(name)));
    const loaded = shown.filter(e => e.hasAttribute("src") && !e.src.startsWith("data:image/png"));
    root.setAttribute("data-links", [...links, ...loaded].map(e => e.outerHTML.slice(0, 200)).join("\\n"));
    root.setAttribute("data-formulas", document.querySelectorAll(".mjx-chtml").length);
    for (const kind of ["mouseover", "focus", "click"])
      shown.forEach(e => e.dispatchEvent(new MouseEvent(kind, {bubbles: true, cancelable: true})));
    setTimeout(() => root.setAttribute("data-clicked", shown.length), 500);
  };
  window.MathJax && MathJax.Hub ? MathJax.Hub.Queue(everything) : everything();
});
</script>
"""


@pytest.fixture(scope="module")
def browser() -> str:
    """Chromium's path."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None or not MATHJAX.exists():
        missing("expected Chromium and MathJax 2.7; `make test-deps` installs them")
    return found


@pytest.fixture
def clicked(browser: str, tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Clicks everything on a page; gives the `data-` attributes that its root has then."""

    def run(page: str) -> dict[str, str]:
        address = f"{MATHJAX.as_uri()}?config=TeX-AMS_CHTML-full"
        page = re.sub(r'https://cdnjs[^"]*/mathjax/[^"]*', address, page)
        page = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)  # it would hold the clicks off
        file = tmp_path / "page.html"
        file.write_text(page + CLICK, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        done = subprocess.run([browser, *options, profile, file.as_uri()], capture_output=True, text=True, check=True)
        root = bs4.BeautifulSoup(done.stdout, "html.parser").html
        assert root is not None
        return {name: str(value) for name, value in root.attrs.items() if name.startswith("data-")}

    return run


def hand_in(course: Course, texts: tuple[str, ...]) -> Scorecard:
    """A submission with these texts in its answer and in cells of its own, graded with them in every message."""
    notebook: dict[str, Any] = json.loads((course.root / "assignments/small/small.ipynb").read_bytes())
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "why":
            cell["source"] = ["$x^2$ is honest.\n\n", "\n\n".join(texts)]
    kinds = [(kind, text) for kind in ("markdown", "raw") for text in texts]
    notebook["cells"] += [
        {"cell_type": kind, "metadata": {"raw_mimetype": "text/html"}, "source": text, "id": f"own{number}"}
        for number, (kind, text) in enumerate(kinds)
    ]
    folder = course.root / "submitted/mallory/small"
    folder.mkdir(parents=True)
    (folder / "small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    digest = read_submission(folder, "small", "mallory", course).digest
    said = "\n".join(texts)
    checks = [
        CheckResult(
            id=f"{name}.works{k}", exercise=name, points=0, max_points=1, outcome="error", message=one, hint=one
        )
        for name in ("double", "halve")
        for k, one in enumerate((said[:2_000], said[-2_000:]))
    ]
    return Scorecard(
        assignment="small", student="mallory", status="graded", score=0.0, max_score=5.0, checks=checks,
        training={text[:80]: RecordVerdict(verdict="inconclusive", reason=text) for text in texts},
        notes=list(texts), submission=digest, rubric="r", kit=said[:100],
    )  # fmt: skip


@pytest.fixture
def pages(
    released_course: Course, nbgrader: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> Callable[[tuple[str, ...]], dict[str, str]]:
    """The pages of nbgrader on a submission with these texts: formgrader's, and the feedback's."""

    def make(texts: tuple[str, ...]) -> dict[str, str]:
        from autograder.grading import on_demand

        course = released_course
        card = hand_in(course, texts)
        record_release(course, "small", course_directory(course, nbgrader_settings(course)))
        monkeypatch.setattr(on_demand, "grade_on_demand", lambda task, course: card)
        assert nbgrader("autograde", "small") == 0
        assert nbgrader("generate_feedback", "small") == 0
        config = Config(nbgrader_settings(course))
        config.HTMLExporter.template_name = "formgrade"
        config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
        about = {"assignment_id": "small", "notebook_id": "small", "submission_id": "1", "index": 0, "total": 1}
        about |= {"base_url": "", "student": "mallory", "last_name": "", "first_name": "", "notebook_path": "x"}
        notebook = course.root / "autograded/mallory/small/small.ipynb"
        formgrader, _ = HTMLExporter(config=config).from_filename(str(notebook), resources=about)
        feedback = (course.root / "feedback/mallory/small/small.html").read_text(encoding="utf-8")
        return {"formgrader": formgrader, "feedback": feedback}

    return make


def test_nothing_on_nbgraders_pages_runs_loads_or_leads_away(pages: Any, clicked: Any) -> None:
    for name, page in pages(HOSTILE).items():
        found = clicked(page)
        assert found.get("data-links") == "", name
        assert "data-ran" not in found, name
        assert int(found["data-formulas"]) > 0, name  # what is honest is still a formula
        assert int(found["data-clicked"]) > 500, name  # and the page is still there


def test_the_clicks_would_find_it(pages: Any, clicked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocessors, "inert_markdown", lambda text: text)
    for name, page in pages((LINKS[0], MACROS[0])).items():
        found = clicked(page)
        assert found.get("data-links", "").count("javascript:") >= 2, name
        assert found["data-ran"] == "1", name


def test_nothing_on_our_own_page_runs_loads_or_leads_away(released_course: Course, clicked: Any) -> None:
    card = hand_in(released_course, HOSTILE)
    histories = {text: {"loss": [1.0, 0.5], "val_loss": [1.0, 0.6]} for text in HOSTILE[:6]}
    page = feedback_html(card, title=TAGS[0], network_note=TAGS[0], histories=histories)
    found = clicked(page)
    assert found.get("data-links") == ""
    assert "data-ran" not in found
    assert int(found["data-clicked"]) > 100


def test_our_own_page_forbids_what_it_does_not_need(released_course: Course, clicked: Any) -> None:
    page = feedback_html(hand_in(released_course, LINKS[:1]), title="x")
    meta = bs4.BeautifulSoup(page, "html.parser").find("meta", {"http-equiv": "Content-Security-Policy"})
    assert isinstance(meta, bs4.Tag)
    rules = {rule.split()[0]: rule.split()[1:] for rule in str(meta["content"]).split(";")}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    assert set(rules) == {"default-src", "style-src", "base-uri", "form-action"}
