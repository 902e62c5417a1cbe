"""The graph: packages, who stands behind them, what they are about, and what people say of them.

These classes are stored and sent as they are: a `Package` is the response of an endpoint as well.
"""

from __future__ import annotations

from datetime import datetime

from examples.fastapi_app.sources.rows import UNKNOWN_LICENCE, Kind, Role, Source
from runic.ogm import Edge, Field, Mapped, Node, Relation

# Requirements a package does not work without; others only make it better.
NEEDS: tuple[Kind, ...] = ("requires", "pre-depends", "depends")


class Package(Node):
    """One package at one version; its key is "python:name" or "debian:name"."""

    key: Mapped[str] = Field(primary_key=True)
    source: Source
    name: Mapped[str] = Field(index=True)
    version: str
    summary: str = ""
    licence: Mapped[str] = Field(UNKNOWN_LICENCE, index=True)
    requested: bool | None = Field(
        None, description="Whether a person asked for it; null where the source does not say"
    )

    maintainers: list[Maintainer] = Relation("MAINTAINED_BY", order_by="key")
    tags: list[Tag] = Relation("TAGGED", order_by="name")
    requires: list[Package] = Relation("DEPENDS_ON", edge_model="DependsOn", order_by="key")
    needed_by: list[Package] = Relation(
        "DEPENDS_ON", direction="INCOMING", edge_model="DependsOn", order_by="key"
    )
    reviews: list[Review] = Relation("ABOUT", direction="INCOMING", order_by="author")


class Maintainer(Node):
    """A person or a team."""

    key: Mapped[str] = Field(primary_key=True)
    name: Mapped[str]
    email: str


class Tag(Node):
    """A subject that packages belong to."""

    name: str = Field(primary_key=True)


class DependsOn(Edge, type="DEPENDS_ON"):
    """One package needs another; each kind and each extra of a requirement is an edge."""

    specifier: str
    kind: Kind
    extra: str = ""
    marker: str = ""
    wants: list[str] = Field(default_factory=list)
    virtual: str = Field("", description="The name asked for, when the package only provides it")
    choice: bool = Field(False, description="Another package would do as well")


class MaintainedBy(Edge, type="MAINTAINED_BY"):
    """In which role somebody stands behind a package."""

    role: Role


class ReviewText(Node, abstract=True):
    """What a person thinks of a package."""

    rating: int = Field(ge=1, le=5)
    text: str = Field("", max_length=2_000)


class ReviewDraft(ReviewText, abstract=True):
    """What a person writes for the first time: the body of a POST."""

    author: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")


class Review(ReviewDraft):
    """The review of one person for one package: its key is "author@package"."""

    key: str = Field(primary_key=True)
    revision: int = Field(0, version=True)
    package: Package | None = Relation("ABOUT")


def review_key(author: str, package: str) -> str:
    """Return the key of the review of one person for one package."""
    return f"{author}@{package}"


class Reading(Node):
    """One source that was read into the graph whole."""

    source: Source = Field(primary_key=True)
    origin: str
    fingerprint: str
    packages: int
    dependencies: int
    read_at: datetime


ENTITIES = (Package, Maintainer, Tag, Review, Reading)
