"""How tests are spread over the processes of one run.

Fault tests follow one another: each starts servers, and they measure how soon things recover.  Told by
the folder and not by ``xdist_group``: xdist 3.8 adds the group to an id that pytest 9.2 does not read
any more (pytest-dev/pytest-xdist#1386), and spreads the tests as if there were none.
"""

from xdist.scheduler import LoadScopeScheduling

ONE_ROW = "tests/faults/"


class Spreading(LoadScopeScheduling):
    """Give tests of the folder ``ONE_ROW`` to one process, and every other to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return ONE_ROW if nodeid.startswith(ONE_ROW) else nodeid
