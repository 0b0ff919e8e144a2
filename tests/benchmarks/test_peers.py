"""What other programs are asked for, they have."""

from tests.benchmarks.peers import FAR, rows


def test_the_page_far_behind_is_one_that_there_is() -> None:
    assert [row.paths("1")[0] for row in rows(3)] == ["", "?code=1300", "?p=3", "1/change/"]
    assert rows(FAR)[2].name == "page 2,000"
