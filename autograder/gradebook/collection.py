"""`nbgrader collect` that takes regular files only from the exchange.

The exchange's inbound folder can be written by every student. nbgrader copies what stands there through symbolic links,
so that a link would bring any file the grader can read into submitted/, and from there into feedback.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from autograder.gradebook.submitted_copy import copy_submission
from autograder.intake.files import Unreadable


class RegularFilesCollect(ExchangeCollect):
    """nbgrader's collector, whose copies are ours: no link followed, no device opened, every size bounded.

    A submission that cannot be copied is named in the log and left out; the others are collected.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission; see `copy_submission`.

        Args:
            src: its folder in the exchange.
            dest: <submitted>/<student>/<assignment>, which is not there yet.
            log: not used; nbgrader passes it in some of its exchanges.
        """
        try:
            copy_submission(Path(src), Path(dest), self.coursedir.ignore, whole=True)
        except (Unreadable, OSError) as error:
            shutil.rmtree(dest, ignore_errors=True)
            self.log.error("Not collected: %s %s", src, error)
            return
        if self.coursedir.groupshared:
            for folder, _, names in os.walk(dest):
                for path in (Path(folder), *(Path(folder, name) for name in names)):
                    mode = path.stat().st_mode
                    path.chmod(stat.S_IMODE(mode) | (0o070 if stat.S_ISDIR(mode) else 0o060))
