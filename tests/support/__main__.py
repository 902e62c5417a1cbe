"""Print the tables of docs/support.md; with --record, run the tests that they tell of before.

python -m tests.support --record age neo4j --write
"""

from __future__ import annotations

import argparse

from tests.support import record, table


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--record", nargs="+", default=[], metavar="backend", choices=table.NAMES)
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    options = parser.parse_args()
    for backend in options.record:
        record.record(backend)
    if options.write:
        table.write()
    print(table.tables())


if __name__ == "__main__":
    main()
