"""Hundreds of faults of every kind in random order under constant traffic, and what was left of it.

Run by hand:  python -m tests.faults.long --faults 200 [--database postgresql] [--broker rabbitmq]
              [--workers 2] [--seed 1]
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Sequence

from tests.faults.checking import Findings, Posting, check, found
from tests.faults.poison import Poisoned, refuse_poison
from tests.faults.storm import KEPT, Record, Storm, in_random_order, kinds_for, storm
from tests.own import PAIRS, OwnStack, can_mount, lacking, own_stack
from tests.stack import resident

DISK_MEGABYTES = 2048
REPEATS = 0.05
POISON = 0.01
FOLLOWING = 0.3
USUAL_BROKER = {"sqlite": "embedded", "postgresql": "rabbitmq"}
OWN_PROCESSES = ("web", "worker", "worker-2", "beat")


def main() -> None:
    """Run, print the table, and fail when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--database", choices=sorted(USUAL_BROKER), default="sqlite")
    parser.add_argument("--broker", choices=("embedded", "rabbitmq", "redis"))
    parser.add_argument("--workers", type=int, choices=(1, 2), default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    options = parser.parse_args()
    pair = _pair(options.database, options.broker or USUAL_BROKER[options.database])
    with own_stack(pair, disk=DISK_MEGABYTES if can_mount() else 0) as portal:
        portal.carry_clock()
        refuse_poison(portal.database)
        traffic = Poisoned(options.seed, repeats=REPEATS, nonsense=POISON, following=FOLLOWING)
        chance = random.Random(options.seed)
        kinds = [kind for kind in kinds_for(portal) if options.only in kind]
        began = time.monotonic()
        with storm(portal, traffic, workers=options.workers) as running:
            memory = [_memory(portal)]
            for kind in in_random_order(kinds, options.faults, chance):
                running.lull()
                _tell(running, running.strike(kind))
                memory.append(_memory(portal))
        seconds = time.monotonic() - began
        findings = check(running.senders.postings, found(portal))
    _print(_summary(running, memory, seconds), findings)
    sys.exit(findings != Findings())


def _pair(database: str, broker: str) -> str:
    for name, pair in PAIRS.items():
        if pair == (database, broker):
            if lacking(name):
                sys.exit(f"{lacking(name)} is not installed here.")
            return name
    sys.exit(f"{database} with {broker} is no pair that is tested.")


def _tell(running: Storm, record: Record) -> None:
    sys.stdout.write(
        f"{len(running.records):>4} {record.kind:<26} recovered in {record.recovery:6.2f} s,"
        f" {len(running.senders.postings):>7} requests so far\n"
    )
    sys.stdout.flush()


def _summary(running: Storm, memory: Sequence[int], seconds: float) -> list[str]:
    postings, records = running.senders.postings, running.records
    kept = [posting for posting in postings if posting.status in KEPT]
    recoveries = [record.recovery for record in records]
    return [
        f"{'fault':<28}{'times':>7}{'median s':>10}{'worst s':>10}",
        *(_by_kind(kind, records) for kind in sorted({record.kind for record in records})),
        _by_kind("", records),
        "",
        f"seconds                       {seconds:>10,.0f}",
        f"requests sent / kept          {len(postings):>10,} / {len(kept):,}",
        f"events sent / kept            {_events(postings):>10,} / {_events(kept):,}",
        f"answers                       {_answers(postings):>10}",
        f"faults with work in flight    {sum(one.at_work for one in records):>10} of {len(records)}",
        f"recovery, median / worst      {statistics.median(recoveries):>10.2f} / {max(recoveries):.2f} s",
        f"memory, start / most / end    {memory[0]:>10} / {max(memory)} / {memory[-1]} MB",
        f"started again by themselves   {dict(running.supervisor.revived)}",
    ]


def _by_kind(kind: str, records: Sequence[Record]) -> str:
    seconds = [record.recovery for record in records if kind in ("", record.kind)]
    name = kind or "all"
    return f"{name:<28}{len(seconds):>7}{statistics.median(seconds):>10.2f}{max(seconds):>10.2f}"


def _answers(postings: Sequence[Posting]) -> str:
    statuses = [posting.status for posting in postings]
    return ", ".join(
        f"{statuses.count(status):,} x {status or 'none'}" for status in sorted(set(statuses))
    )


def _events(postings: Sequence[Posting]) -> int:
    return sum(len(posting.lines) for posting in postings)


def _memory(portal: OwnStack) -> int:
    """Return the resident megabytes of the portal's own processes."""
    names = [name for name in OWN_PROCESSES if name in portal.processes]
    return sum(resident(portal.members(name)) for name in names) // 2**20


def _print(summary: Sequence[str], findings: Findings) -> None:
    found = [f"{name:<30}{number:>10}" for name, number in findings.counts().items()]
    sys.stdout.write("\n".join(["", *summary, *found, ""]))
    if findings != Findings():
        sys.stdout.write(f"{findings}\n"[:4000])


if __name__ == "__main__":
    main()
