"""runic against the official client: the same work, on the same server, in the same run.

`python -m benchmarks` prints the table of docs/performance.md; `--quick` takes a few seconds.
"""
