"""The workloads of the table, with what each may cost.

`must` and `aim` are runic's time divided by that of the hand-written code. `queries` is how many
runic may send, for a run with this many users.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import by_hand, with_runic
from benchmarks.arena import Arena

Work = Callable[[Arena, Any], Any]
Given = Callable[[Arena], Any]


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table.

    `setting` prepares the graph and `given` what each side starts from; neither is timed. `writes`
    tells that the graph is not afterwards what it was.
    """

    name: str
    must: float
    aim: float
    queries: Callable[[Arena], int]
    setting: Callable[[Arena], None]
    hand: Work
    runic: Work
    given_hand: Given = lambda arena: None
    given_runic: Given = lambda arena: None
    writes: bool = False


def _few(arena: Arena) -> int:
    return max(1, arena.size // 10)


def _keys(arena: Arena) -> list[str]:
    step = max(1, arena.size // 2000)
    return [row["id"] for row in arena.rows[::step]][:2000]


def _pages(arena: Arena) -> int:
    return max(1, arena.size // 50)


def _gets(arena: Arena) -> int:
    return len(_keys(arena))


def _related(arena: Arena) -> None:
    arena.with_authors(linked=True)


def _unrelated(arena: Arena) -> None:
    arena.with_authors(linked=False)


WORKLOADS = (
    Workload(
        "create 10,000", 1.00, 0.80, lambda arena: 5, Arena.empty,
        by_hand.create_users, with_runic.create_users, writes=True,
    ),
    Workload(
        "load 10,000", 0.90, 0.65, lambda arena: 1, Arena.with_users,
        by_hand.load_users, with_runic.load_users,
    ),
    Workload(
        "load 10,000, async", 0.85, 0.65, lambda arena: 1, Arena.with_users,
        by_hand.load_users_async, with_runic.load_users_async,
    ),
    Workload(
        "2,000 gets", 1.00, 0.85, _gets, Arena.with_users,
        by_hand.get_users, with_runic.get_users, _keys, _keys,
    ),
    Workload(
        "2,000 gets, async", 1.00, 0.85, _gets, Arena.with_users,
        by_hand.get_users_async, with_runic.get_users_async, _keys, _keys,
    ),
    Workload(
        "2,000 gets, 50 tasks", 0.95, 0.85, _gets, Arena.with_users,
        by_hand.get_users_gathered, with_runic.get_users_gathered, _keys, _keys,
    ),
    Workload(
        "load, change, commit 1,000", 0.95, 0.75, lambda arena: 2, Arena.with_users,
        by_hand.change_users, with_runic.change_users, _few, _few, writes=True,
    ),
    Workload(
        "create 10,000 edges", 0.95, 0.75, lambda arena: 5, _unrelated,
        by_hand.create_edges, with_runic.create_edges,
        by_hand.stored_authors, with_runic.stored_authors, writes=True,
    ),
    Workload(
        "merge 10,000 edges", 1.30, 1.20, lambda arena: 5, _unrelated,
        by_hand.merge_edges, with_runic.merge_edges,
        by_hand.stored_authors, with_runic.stored_authors, writes=True,
    ),
    Workload(
        "1,000 with 10 related each", 0.85, 0.65, lambda arena: 2, _related,
        by_hand.fetch_articles, with_runic.fetch_articles,
    ),
    Workload(
        "page of 100, 200 times", 0.85, 0.65, _pages, Arena.with_users,
        by_hand.filter_users, with_runic.filter_users, _pages, _pages,
    ),
    Workload(
        "delete 1,000", 1.10, 1.00, lambda arena: 1, Arena.with_users,
        by_hand.delete_users, with_runic.delete_users,
        lambda arena: by_hand.loaded_users(arena, _few(arena)),
        lambda arena: with_runic.loaded_users(arena, _few(arena)), writes=True,
    ),
)  # fmt: skip
