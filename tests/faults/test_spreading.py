"""Fault tests follow one another in a run that is spread over several processes."""

import os
import re
import subprocess

from tests.processes import PYTHON, REPOSITORY

PASSED = re.compile(r"^\[(gw\d+)\].* PASSED (tests/\w+/)", re.MULTILINE)
QUICK = ("tests/faults/test_checking.py", "tests/core/test_ids.py")


def test_fault_tests_are_run_by_one_process_of_several() -> None:
    run = subprocess.run(
        [*PYTHON, "-m", "pytest", "-v", "-n", "2", "--dist", "loadgroup", *QUICK],
        cwd=REPOSITORY,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    ran = PASSED.findall(run.stdout)
    assert {folder for _, folder in ran} == {"tests/faults/", "tests/core/"}
    assert len({worker for worker, folder in ran if folder == "tests/faults/"}) == 1
