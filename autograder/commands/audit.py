"""`autograder audit`: run the rubrics on their mutants and equivalents, and write the result as a table and a page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from autograder.audit.audit_page import audit_page_html
from autograder.audit.audit_table import print_audit
from autograder.audit.campaign import Campaign, ReferenceRefused
from autograder.audit.samples import SampleError
from autograder.audit.verdict import Audit, audit_summary
from autograder.commands.options import FOLDER, jobs_option, with_course
from autograder.commands.progress_bar import progress
from autograder.course.config import Course
from autograder.results.store import write_result
from autograder.rubric.run import RubricError
from autograder.sandbox.client.connection import SandboxError
from cnnkit.errors import KitError


@click.command("audit")
@click.argument("names", nargs=-1)
@click.option("--output", type=FOLDER, default=Path("audit"), show_default=True, help="Folder for the pages.")
@jobs_option("Samples")
@click.option("--everything", is_flag=True, help="Ask every sample everything, with more draws.")
@with_course
def audit_command(course: Course, names: tuple[str, ...], output: Path, jobs: int | None, everything: bool) -> None:
    """Test the rubrics with wrong and right answers.

    Every wrong answer must fail the checks that it names and no others, every right one must pass them all. Without
    NAMES all assignments are audited.

    A sample is asked what its change can reach; what it cannot is known from the reference. One in ten is asked
    everything, and one wrong network in ten is tried as a notebook too. With --everything, all of them are.

    Exit status: 0 nothing is wrong; 1 something is; 2 the call or the samples are wrong.
    """
    audits = []
    for name in names or tuple(course.names):
        course.assignment(name)  # a wrong name stops the command before anything runs
        campaign = Campaign(course, name, jobs=jobs or os.cpu_count() or 1, everything=everything)
        try:
            audit = _run(campaign)
        except (ReferenceRefused, RubricError, SampleError, SandboxError) as error:
            raise KitError(f"{name} could not be audited: {error}") from error
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
