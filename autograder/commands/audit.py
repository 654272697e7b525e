"""`autograder audit`: every mutant and every equivalent put to the rubrics, with a bar, a table and a page to read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from autograder.audit.campaign import Campaign, ReferenceRefused
from autograder.audit.page import audit_page_html
from autograder.audit.samples import SampleError
from autograder.audit.table import print_audit
from autograder.audit.verdict import Audit, audit_summary
from autograder.commands.progress_bar import progress
from autograder.course.config import Course, CourseError
from autograder.results.store import write_result
from autograder.rubric.run import RubricError
from autograder.sandbox.client.connection import SandboxError


def audit_command(course: Course, names: tuple[str, ...], *, output: Path, jobs: int | None, everything: bool) -> None:
    """Carry the command out and exit: 0 nothing is wrong, 1 something is, 2 the call is wrong."""
    audits = []
    for name in names or tuple(course.names):
        try:
            course.assignment(name)
            campaign = Campaign(course, name, jobs=jobs or os.cpu_count() or 1, everything=everything)
        except (CourseError, RubricError, SampleError) as error:
            raise click.UsageError(str(error)) from error
        try:
            audit = _run(campaign)
        except (ReferenceRefused, RubricError, SampleError, SandboxError) as error:
            raise click.ClickException(f"{name} could not be audited: {error}") from error
        print_audit(audit)
        page = output / f"{name}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        write_result(page, audit_page_html(audit).encode())
        click.echo(f"{name}: {campaign.total} samples in {audit.seconds:.0f} s. The whole matrix: {page}")
        audits.append(audit)
    click.echo(audit_summary(audits))
    sys.exit(0 if all(audit.good for audit in audits) else 1)


def _run(campaign: Campaign) -> Audit:
    with progress(f"auditing {campaign.library.assignment}", campaign.total) as step:
        for done, verdict in enumerate(campaign.run(), 1):
            step(f"{verdict.sample} {verdict.problem}".rstrip(), done % 50 == 0 or not verdict.good)
    return campaign.audit()
