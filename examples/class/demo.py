"""`make demo`: build, hand in and grade the sample class, with nothing but this checkout."""

import subprocess
import sys
import time
from pathlib import Path

from build import read_class

from autograder.course.config import load_course

ROOT = Path(__file__).parents[2]
AUTOGRADER, NBGRADER = (str(Path(sys.executable).with_name(name)) for name in ("autograder", "nbgrader"))


def step(title: str, *command: str, allowed: tuple[int, ...] = (0,)) -> None:
    """Run one command of the kit and show its output; stop if it fails."""
    shown = " ".join([Path(command[0]).name, *command[1:]])
    print(f"\n── {title}\n   {shown}", flush=True)
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status not in allowed:
        sys.exit(f"{shown} ended with status {status}")


def main() -> None:
    started = time.monotonic()
    step("The release, made from its source", AUTOGRADER, "release")
    step("A sample class hands in", sys.executable, "examples/class/build.py")
    names = list(read_class(load_course(ROOT)))
    for name in names:
        # status 1: two of the class hand in files that cannot be read
        step(f"The class is graded: {name}", AUTOGRADER, "grade", name, "--force", allowed=(0, 1))
    title = "nbgrader writes its own feedback from the marks in its gradebook"
    for name in names:
        step(title, NBGRADER, "generate_feedback", f"--assignment={name}", "--force", "--log-level=ERROR")
    print(
        f"""
Done in {time.monotonic() - started:.0f} seconds. Where to look:
  assignments/                                    what students open: {", ".join(names)}
  submitted/                                      what the class handed in
  graded/mnist_convnet/grades.csv                 the marks
  graded/mnist_convnet/s04/feedback.html          the feedback of someone who was nearly right
  gradebook.db, feedback/                         nbgrader's gradebook and feedback
"""
    )


if __name__ == "__main__":
    main()
