"""Ask the running application three questions and show the answers as tables."""

from __future__ import annotations

from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from examples.fastapi_app.sources.rows import Source

SHOWN = 8


async def ask(address: str, source: Source, console: Console) -> None:
    """Ask about the licences, and about the package that most others need."""
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        await _licences(client, source, console)
        needed = await _get(client, "/statistics/needed", limit=1, source=source)
        if not needed:
            console.print("No package here needs another: there is nothing more to ask.")
            return
        await _why(client, needed[0]["key"], console)
        await _breaks(client, needed[0]["key"], console)


async def _licences(client: httpx2.AsyncClient, source: Source, console: Console) -> None:
    rows = await _get(client, "/statistics/licences", limit=SHOWN, source=source)
    table = Table("licence", "packages")
    for row in rows:
        table.add_row(row["licence"], f"{row['packages']:,}")
    _show("Which licences do I carry?", table, "/statistics/licences", console)


async def _why(client: httpx2.AsyncClient, key: str, console: Console) -> None:
    answer = await _get(client, f"/packages/{key}/why", limit=SHOWN)
    table = Table("steps", "path")
    for path in answer["items"]:
        names = " → ".join(package["name"] for package in path)
        table.add_row(str(len(path) - 1), names)
    request = f"/packages/{key}/why: {len(answer['items'])} of {answer['total']:,} paths"
    _show(f"Why is {key} installed?", table, request, console)


async def _breaks(client: httpx2.AsyncClient, key: str, console: Console) -> None:
    answer = await _get(client, f"/packages/{key}/breaks", limit=SHOWN)
    table = Table("steps", "package", "version")
    for item in answer["items"]:
        package = item["package"]
        table.add_row(str(item["distance"]), package["name"], package["version"])
    request = f"/packages/{key}/breaks: {len(answer['items'])} of {answer['total']:,} packages"
    _show(f"What breaks if I remove {key}?", table, request, console)


async def _get(client: httpx2.AsyncClient, path: str, **parameters: Any) -> Any:
    response = await client.get(path, params=parameters)
    response.raise_for_status()
    return response.json()


def _show(question: str, table: Table, request: str, console: Console) -> None:
    console.print(f"[bold]{question}[/bold]", highlight=False)
    console.print(table)
    console.print(f"[dim]GET {request}[/dim]\n", highlight=False)
