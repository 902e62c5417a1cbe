"""The models that the guide speaks of, as docs/models.md introduces them."""

from __future__ import annotations

import datetime as dt

from pydantic import EmailStr

from runic.ogm import Field, Node, Registry, Relation

REGISTRY = Registry()


class Article(Node, registry=REGISTRY):
    """Something that a user wrote."""

    id: str
    title: str
    published: bool = False
    published_at: dt.datetime | None = None


class User(Node, registry=REGISTRY):
    """Somebody who writes."""

    id: str = Field(primary_key=True)
    name: str
    email: EmailStr
    city: str | None = None
    region: str | None = None
    active: bool = True
    articles: list[Article] = Relation("AUTHORED")
