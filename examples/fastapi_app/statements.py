"""What the endpoints ask the graph, as values: they are the same for every session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from examples.fastapi_app.models import Maintainer, Package, Tag
from examples.fastapi_app.sources.rows import Source
from runic.ogm import RowSelect, Select, count, select


@dataclass
class Filters:
    """The query parameters that packages are found by."""

    source: Source | None = None
    name: Annotated[str | None, Query(description="Part of the name")] = None
    licence: str | None = None
    tag: str | None = None

    def statement(self) -> Select[Package]:
        """Return the packages that satisfy every filter."""
        found = of_source(self.source)
        if self.name is not None:
            found = found.where(Package.name.contains(self.name))
        if self.licence is not None:
            found = found.where(Package.licence == self.licence)
        if self.tag is not None:
            found = found.traverse(Package.tags).where(Tag.name == self.tag)
        return found


def of_source(source: Source | None) -> Select[Package]:
    """Return the packages of a source, or all of them."""
    packages = select(Package)
    return packages if source is None else packages.where(Package.source == source)


def dependents(key: str) -> Select[Package]:
    """Return what needs a package directly, by key."""
    return (
        select(Package)
        .alias("needed")
        .where(Package.key == key)
        .traverse(Package.needed_by)
        .alias("needing")
        .return_target()
        .distinct()
    )


def licences(source: Source | None) -> RowSelect:
    """Return how many packages come under each licence, the most frequent first."""
    counted = of_source(source).aggregate(
        count("*").as_("packages"), group_by=Package.licence.as_("licence")
    )
    return counted.order_by("packages", desc=True).order_by("licence")


def maintainers(source: Source | None) -> RowSelect:
    """Return how many packages somebody stands behind, the busiest first."""
    counted = (
        of_source(source)
        .traverse(Package.maintainers)
        .aggregate(
            count(Package.key, distinct=True).as_("packages"),
            group_by=(Maintainer.key.as_("key"), Maintainer.name.as_("name")),
        )
    )
    return counted.order_by("packages", desc=True).order_by("key")


def needed(source: Source | None) -> RowSelect:
    """Return how many packages need one directly, the most needed first."""
    counted = (
        of_source(source)
        .alias("needing")
        .traverse(Package.requires)
        .alias("needed")
        .aggregate(
            count("needing.key", distinct=True).as_("needed_by"),
            group_by=Package.key.on("needed").as_("key"),
        )
    )
    return counted.order_by("needed_by", desc=True).order_by("key")
