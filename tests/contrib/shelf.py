"""Entities of the FastAPI tests."""

from __future__ import annotations

from pydantic import Field as PydanticField

from runic.ogm import Field, Node, Relation


class Shelf(Node, labels=["ContribShelf"]):
    """Holds books."""

    id: str
    books: list[Book] = Relation("CONTRIB_HOLDS")


class Book(Node, labels=["ContribBook"]):
    """Stands on a shelf."""

    isbn: str = Field(primary_key=True)
    pages: int = PydanticField(ge=1)
    revision: int = Field(0, version=True)
    shelf: Shelf | None = Relation("CONTRIB_HOLDS", direction="INCOMING")
