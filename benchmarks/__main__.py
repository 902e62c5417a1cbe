"""`python -m benchmarks`: print the table of docs/performance.md, measured here and now."""

from __future__ import annotations

import argparse
import gc
import platform
from collections.abc import Iterable
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from benchmarks.arena import Arena
from benchmarks.compiling import BUDGET, call_cost, cost_table
from benchmarks.footprint import import_seconds, memory
from benchmarks.measure import Measured, measured
from benchmarks.workloads import WORKLOADS
from runic.ogm.driver.falkordb import EmbeddedServer

COMPILE = "compile"


def main() -> None:
    """Measure every workload, or those whose name holds the given text; `compile` has no server."""
    options = _options()
    size = 1_000 if options.quick else options.size
    console = Console(width=100)
    if options.only == COMPILE:
        _print_costs(console, options.repeats)
        return
    with EmbeddedServer() as server:
        hand, runic = Arena(server, "hand", size), Arena(server, "runic", size)
        try:
            # Modules and models live as long as the process, for both sides.
            gc.collect()
            chosen = [w for w in WORKLOADS if options.only in w.name]
            rows = (measured(w, hand, runic, options.repeats) for w in chosen)
            console.print(_table(rows, runic))
            if not options.only:
                _print_footprint(console, runic)
                _print_costs(console, options.repeats)
        finally:
            hand.close()
            runic.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "only", nargs="?", default="", help=f"part of a workload's name, or {COMPILE}"
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    parser.add_argument("--size", type=int, default=10_000, help="how many users")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each side")
    return parser.parse_args()


def _table(rows: Iterable[Measured], runic: Arena) -> Table:
    table = Table(title=f"{runic.size:,} users; {_where()}")
    for name in ("workload", "runic ms", "by hand ms", "ratio", "must", "aim", "queries"):
        table.add_column(name, justify="left" if name == "workload" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row, row.workload.queries(runic)))
    return table


def _cells(row: Measured, allowed: int) -> list[str]:
    colour = "green" if row.ratio <= row.workload.must else "yellow" if row.ratio <= 2 else "red"
    return [
        row.workload.name,
        f"{row.runic:.1f}",
        f"{row.hand:.1f}",
        f"[{colour}]{row.ratio:.2f}[/]",
        f"{row.workload.must:.2f}",
        f"{row.workload.aim:.2f}",
        f"{row.queries}" if row.queries <= allowed else f"[red]{row.queries} > {allowed}[/]",
    ]


def _where() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("falkordb", "pydantic", "hiredis"))
    return f"Python {platform.python_version()}, {packages}"


def _print_costs(console: Console, repeats: int) -> None:
    console.print(cost_table(repeats * 10))
    console.print(f"{BUDGET}; an empty call takes {call_cost():.0f} ns here")


def _print_footprint(console: Console, runic: Arena) -> None:
    console.print(f"import of runic.ogm: {import_seconds():.2f} s (budget 0.2)")
    plain, entities = memory(runic)
    ratio = entities / plain
    each = runic.size
    console.print(
        f"memory: {entities / each:,.0f} bytes an entity in a session, {plain / each:,.0f} a"
        f" dataclass; ratio {ratio:.2f} (budget 1.3)"
    )


if __name__ == "__main__":
    main()
