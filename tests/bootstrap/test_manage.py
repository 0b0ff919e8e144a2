"""`manage.py` tells an old Python what is wrong, and says what it leaves out of the tests."""

import ast
import os
import subprocess
import sys

import pytest

from tests.stack import REPOSITORY

MANAGE = REPOSITORY / "manage.py"


def manage(*arguments, **variables):
    return subprocess.run(
        [sys.executable, MANAGE, *arguments],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_gets_as_far_as_the_sentence():
    tree = ast.parse(MANAGE.read_text(), feature_version=(3, 7))
    statements = [type(statement).__name__ for statement in tree.body[:3]]

    assert statements == ["Expr", "Import", "If"]  # docstring, sys, the check of the version
    assert "support_portal" not in ast.unparse(tree.body[2])


def test_django_commands_work_as_ever():
    assert manage("version").returncode == 0


@pytest.mark.parametrize(
    ("variable", "value", "service"),
    [
        ("PORTAL_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:1//", "rabbitmq"),
        ("PORTAL_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:1/x", "postgresql"),
    ],
)
def test_a_service_that_must_not_be_left_out_stops_the_tests(variable, value, service):
    # Any program that answers to --version passes for a browser here.
    done = manage(
        "test",
        "--version",
        PORTAL_TEST_BROWSER=sys.executable,
        PORTAL_TEST_REQUIRE=f"browser,{service}",
        **{variable: value},
    )

    assert done.returncode == 1
    assert f"Left out, tests that need {service}: nothing answers at 127.0.0.1:1" in done.stdout
    assert done.stderr == f"PORTAL_TEST_REQUIRE asks for {service}: no tests were run.\n"


def test_arguments_go_to_pytest_and_what_is_left_out_is_said():
    done = manage(
        "test",
        "--version",
        PORTAL_TEST_BROWSER=sys.executable,
        PORTAL_TEST_RABBITMQ="amqp://guest:guest@127.0.0.1:1//",
        PORTAL_TEST_POSTGRESQL="postgresql://postgres@127.0.0.1:1/x",
    )

    assert [done.returncode, done.stdout.splitlines()[:2]] == [
        0,
        [
            "Left out, tests that need postgresql: nothing answers at 127.0.0.1:1 (PORTAL_TEST_POSTGRESQL).",
            "Left out, tests that need rabbitmq: nothing answers at 127.0.0.1:1 (PORTAL_TEST_RABBITMQ).",
        ],
    ]
    assert "pytest" in done.stdout + done.stderr


def test_a_wrong_setting_is_told_in_a_sentence(tmp_path):
    done = manage("up", PORTAL_DATA_DIR=str(tmp_path), PORTAL_HTTPS="maybe")

    assert [done.returncode, done.stderr] == [
        1,
        "A setting is wrong: PORTAL_HTTPS='maybe': expected one of 1, true, yes, on, 0, false, no, off\n",
    ]
