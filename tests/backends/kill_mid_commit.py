"""Kill a server in the middle of a commit, again and again: all of it is there afterwards, or none.

    python -m tests.backends.kill_mid_commit falkordb age neo4j arcadedb --kills 20

Each round commits some hundreds of nodes and edges, kills the server at another moment, from
before the first byte to after the answer, starts it on the same data, and looks. The client has to
get a `ConnectionLostError`, and the commits of the rounds before have to be as they were. Prints a
line for each kill; the exit status is 1 if any of this was not so.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runic.ogm import ConnectionLostError, Node, Query, Registry, Relation, Session
from runic.ogm.driver.base import Driver
from runic.ogm.driver.bridge import step
from tests.backends.victims import VICTIMS, Victim

PAIRS = 400
_REGISTRY = Registry()
_NODES = "MATCH (n:KillItem) WHERE n.batch = $batch RETURN count(n) AS n"
_EDGES = "MATCH (n:KillItem)-[e:KILL_NEXT]->(:KillItem) WHERE n.batch = $batch RETURN count(e) AS n"


class Item(Node, labels=["KillItem"], registry=_REGISTRY):
    """One of the nodes of a commit."""

    id: str
    batch: int
    text: str = "x" * 100
    next: list[Item] = Relation("KILL_NEXT")


@dataclass(frozen=True, slots=True)
class Kill:
    """What happened at one kill: when, what the client was told, and what was found."""

    after: float
    acknowledged: bool
    error: BaseException | None
    nodes: int
    edges: int
    wrong: str = ""

    def __str__(self) -> str:
        told = "committed" if self.acknowledged else "failed"
        found = {0: "nothing", 2 * PAIRS: "everything"}.get(self.nodes, f"{self.nodes} nodes")
        error = type(self.error).__name__
        line = f"{self.after * 1000:8.1f} ms  {told:9}  {error:20}  {found}"
        return f"{line}  WRONG: {self.wrong}" if self.wrong else line


def _batch(number: int) -> Iterator[Item]:
    for pair in range(PAIRS):
        second = Item(id=f"{number}-{pair}-b", batch=number)
        yield Item(id=f"{number}-{pair}-a", batch=number, next=[second])


class Client(threading.Thread):
    """Commits one batch, then asks on until the server is gone."""

    def __init__(self, driver: Driver, batch: int) -> None:
        super().__init__()
        self._driver, self._batch = driver, batch
        self.begun, self.killed = threading.Event(), threading.Event()
        self.acknowledged = False
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with Session(self._driver) as session:
                session.add_all(_batch(self._batch))
                self.begun.set()
                session.commit()
                self.acknowledged = True
                self.killed.wait()
                session.execute("RETURN 1 AS one")
        except BaseException as error:  # noqa: BLE001 - judged by `_verdict`
            self.error = error


def kills(victim: Victim, count: int, seed: int = 0) -> Iterator[Kill]:
    """Kill a server so many times, and yield what came of each; the server is stopped after."""
    moments = random.Random(seed)
    victim.start()
    kept: dict[int, int] = {}
    try:
        length = _undisturbed(victim, kept)
        for number in range(1, count + 1):
            after = length * victim.spread * (number - moments.random()) / count
            yield _killed(victim, number, after, kept)
    finally:
        victim.stop()


def _undisturbed(victim: Victim, kept: dict[int, int]) -> float:
    """Commit twice, and return how long the second took: on a server that has just started."""
    _timed_commit(victim, -1)
    victim.stop()
    victim.start()
    kept |= {-1: 2 * PAIRS, 0: 2 * PAIRS}
    return _timed_commit(victim, 0)


def _timed_commit(victim: Victim, batch: int) -> float:
    driver = victim.driver()
    with Session(driver) as session:
        session.add_all(_batch(batch))
        began = time.perf_counter()
        session.commit()
        seconds = time.perf_counter() - began
    driver.close()
    return seconds


def _killed(victim: Victim, number: int, after: float, kept: dict[int, int]) -> Kill:
    driver = victim.driver()
    # Connected: the commit is to be what takes time.
    step(driver.run(Query("RETURN 1 AS one", read_only=True)))
    client = Client(driver, number)
    with victim.at_work():
        client.start()
        client.begun.wait()
        time.sleep(after)
        victim.kill()
    client.killed.set()
    client.join()
    driver.close()
    victim.start()
    return _looked_at(victim, number, client, after, kept)


def _looked_at(
    victim: Victim, number: int, client: Client, after: float, kept: dict[int, int]
) -> Kill:
    driver = victim.driver()
    found = {batch: _count(driver, _NODES, batch) for batch in (*kept, number)}
    edges = _count(driver, _EDGES, number)
    driver.close()
    wrong = _verdict(victim, client, found[number], edges) or _changed(victim, kept, found)
    kept |= found
    return Kill(after, client.acknowledged, client.error, found[number], edges, wrong)


def _count(driver: Driver, text: str, batch: int) -> int:
    rows = step(driver.run(Query(text, {"batch": batch}, read_only=True))).rows
    # A graph that does not exist reads as no rows.
    return rows[0][0] if rows else 0


def _verdict(victim: Victim, client: Client, nodes: int, edges: int) -> str:
    if not isinstance(client.error, ConnectionLostError):
        return f"the client got {client.error!r}"
    if (nodes, edges) not in ((0, 0), (2 * PAIRS, PAIRS)):
        return f"a part of the commit is there: {nodes} nodes, {edges} edges"
    if client.acknowledged and victim.durable and not nodes:
        return "the commit was acknowledged and is lost"
    return ""


def _changed(victim: Victim, kept: dict[int, int], found: dict[int, int]) -> str:
    """Return which commits of before are not as they were; without a log they may be lost whole."""
    for batch, nodes in kept.items():
        if found[batch] != nodes and (victim.durable or found[batch] != 0):
            return f"commit {batch} had {nodes} nodes and has {found[batch]}"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Kill the servers that are named, print what came of it, return the exit status."""
    # What the client of Bolt says of each lost connection is no news here.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("backends", nargs="*", default=list(VICTIMS), metavar="backend")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    options = parser.parse_args(arguments)
    results = [_report(name, options.kills, options.seed) for name in options.backends]
    return 0 if all(results) else 1


def _report(name: str, count: int, seed: int) -> bool:
    kind = VICTIMS[name]
    if reason := kind.missing():
        print(f"{name}: not killed, {reason}")
        return False
    print(f"{name}, seed {seed}")
    done = []
    with tempfile.TemporaryDirectory(prefix=f"runic-{name}-", ignore_cleanup_errors=True) as place:
        for kill in kills(kind(Path(place)), count, seed):
            print(f"  {kill}", flush=True)
            done.append(kill)
    whole, wrong = sum(kill.nodes > 0 for kill in done), sum(bool(kill.wrong) for kill in done)
    print(f"  {count} kills: everything {whole}, nothing {len(done) - whole}, wrong {wrong}")
    return not wrong and len(done) == count


if __name__ == "__main__":
    sys.exit(main())
