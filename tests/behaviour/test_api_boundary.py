"""Entities as request and response bodies: out goes what was loaded, what comes in is kept."""

# No `from __future__ import annotations`: FastAPI could not see what a test's own function holds.

import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SerializeAsAny, TypeAdapter

from runic.ogm.model import Edge, Node, Registry, Relation
from runic.ogm.query import select
from tests.behaviour.graphs import cypher, links

REGISTRY = Registry()


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """An edge with a property."""

    role: str = "author"


class Writer(Node, registry=REGISTRY):
    """Somebody with articles, and friends who may lead back."""

    id: str
    name: str
    email: str | None = None
    articles: list["Text"] = Relation("WROTE", edge_model="Wrote")
    writings: list[Wrote] = Relation("WROTE", target="Text")
    friends: list["Writer"] = Relation("KNOWS", "BOTH")
    editor: "Writer | None" = Relation("EDITS", "INCOMING")


class Critic(Writer):
    """A writer with a field more."""

    venom: int = 1


class Text(Node, registry=REGISTRY):
    """An article."""

    id: str
    title: str = ""
    author: Writer | None = Relation("WROTE", "INCOMING", edge_model="Wrote")


class WriterPatch(BaseModel):
    """What a client may change of a writer; what it leaves out is not in `model_fields_set`."""

    name: str = ""
    email: str | None = None


@pytest.fixture
def app() -> FastAPI:
    """Return an application without endpoints."""
    return FastAPI()


@pytest.fixture
def ask(app):
    """Return a function that sends a request to the application."""

    async def send(method: str, path: str, body: Any = None) -> Any:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.request(method, path, json=body)
        return response.status_code, response.json()

    return send


@pytest.fixture
async def ada(session, new_session):
    """Store ada with an article, an editor and a friend; return the session to read them with."""
    ada = Writer(id="ada", name="Ada", articles=[Text(id="t", title="T")])
    ada.editor, ada.friends = Critic(id="ed", name="Ed", venom=3), [Writer(id="bob", name="Bob")]
    session.add(ada)
    await session.commit()
    return new_session()


async def test_unloaded_relations_are_absent(ada, app, ask, assert_query_count):
    """A response holds the fields and no relation that was not loaded; it sends no query."""

    @app.get("/writer")
    async def read() -> Writer:
        return await ada.get(Writer, "ada")

    with assert_query_count(1):
        assert await ask("GET", "/writer") == (200, {"id": "ada", "name": "Ada", "email": None})


async def test_loaded_relations_are_nested(ada, app, ask):
    """What was fetched is in the response, at every level, without the way back."""

    @app.get("/writer")
    async def read() -> Writer:
        return await ada.get(Writer, "ada", fetch=["articles.author", "friends.friends"])

    _, body = await ask("GET", "/writer")
    assert body["articles"] == [{"id": "t", "title": "T"}]
    assert body["friends"] == [{"id": "bob", "name": "Bob", "email": None, "friends": []}]
    assert "editor" not in body


async def test_edge_objects_are_dumped_with_their_properties(ada, app, ask):
    """A relation of edges shows their properties; ends are no part of a dump."""

    @app.get("/writer")
    async def read() -> Writer:
        return await ada.get(Writer, "ada", fetch=["writings"])

    _, body = await ask("GET", "/writer")
    assert body["writings"] == [{"role": "author"}]


async def test_a_list_of_entities_is_a_response(ada, app, ask):
    """list[Writer] shows the declared fields; SerializeAsAny those of each entity's own class."""

    @app.get("/declared")
    async def declared() -> list[Writer]:
        return await ada.scalars(select(Writer).order_by(Writer.id))

    @app.get("/own")
    async def own() -> list[SerializeAsAny[Writer]]:
        return await ada.scalars(select(Writer).order_by(Writer.id))

    assert [sorted(each) for each in (await ask("GET", "/declared"))[1]] == [
        ["email", "id", "name"]
    ] * 3
    assert (await ask("GET", "/own"))[1][2] == {
        "id": "ed",
        "name": "Ed",
        "email": None,
        "venom": 3,
    }


async def test_dump_and_json_agree(ada):
    """model_dump, model_dump_json and TypeAdapter say the same of loaded and unloaded relations."""
    found = await ada.get(Writer, "ada", fetch=["articles", "editor"])
    plain = found.model_dump()
    assert sorted(plain) == ["articles", "editor", "email", "id", "name"]
    assert json.loads(found.model_dump_json()) == plain
    assert TypeAdapter(list[Writer]).dump_python([found]) == [plain]


async def test_a_body_with_relations_is_stored_whole(new_session, app, ask, driver):
    """A nested create body becomes entities, which one add stores with their relationships."""

    @app.post("/writers", status_code=201)
    async def create(writer: Writer) -> Writer:
        async with new_session() as session:
            session.add(writer)
        return writer

    body = {
        "id": "ada",
        "name": "Ada",
        "articles": [{"id": "t", "title": "T"}, {"id": "u"}],
        "friends": [{"id": "bob", "name": "Bob", "articles": [{"id": "v"}]}],
    }
    status, answer = await ask("POST", "/writers", body)
    assert (status, [each["id"] for each in answer["articles"]]) == (201, ["t", "u"])
    assert await links(driver, "WROTE") == [("ada", "t"), ("ada", "u"), ("bob", "v")]
    assert await links(driver, "KNOWS") == [("ada", "bob")]


@pytest.mark.parametrize(
    "body", [{"id": "ada"}, {"id": "ada", "name": "Ada", "articles": [{"title": "no key"}]}]
)
async def test_a_bad_body_is_refused_before_the_session(new_session, app, ask, driver, body):
    """What a model does not take, at any level, is the client's error and writes nothing."""

    @app.post("/writers", status_code=201)
    async def create(writer: Writer) -> Writer:
        async with new_session() as session:
            session.add(writer)
        return writer

    assert (await ask("POST", "/writers", body))[0] == 422
    assert await cypher(driver, "MATCH (n) RETURN n") == []


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ({"name": "New"}, ["New", "a@x.org"]),
        ({"email": None}, ["Ada", None]),
        ({"email": "n@x.org"}, ["Ada", "n@x.org"]),
        ({}, ["Ada", "a@x.org"]),
    ],
)
async def test_a_patch_writes_what_it_names(
    session, new_session, app, ask, driver, assert_query_count, body, stored
):
    """Only the fields in the body are assigned, and only these are written."""
    session.add(Writer(id="ada", name="Ada", email="a@x.org", articles=[Text(id="t")]))
    await session.commit()

    @app.patch("/writers/{key}")
    async def change(key: str, patch: WriterPatch) -> Writer:
        async with new_session() as fresh:
            writer = await fresh.get(Writer, key)
            # What another client changes meanwhile is not overwritten.
            await cypher(driver, "MATCH (n:Writer) SET n.seen = true")
            for name in patch.model_fields_set:
                setattr(writer, name, getattr(patch, name))
        return writer

    status, answer = await ask("PATCH", "/writers/ada", body)
    assert (status, [answer["name"], answer["email"]]) == (200, stored)
    rows = await cypher(driver, "MATCH (n:Writer) RETURN n.name, n.email, n.seen")
    assert rows == [[*stored, True]]
    assert await links(driver, "WROTE") == [("ada", "t")]


async def test_a_put_merges_the_fields_it_was_given(session, new_session, app, ask, driver):
    """An entity as the body of a PUT: merge creates it, or sets the fields that were given."""
    session.add(Writer(id="ada", name="Ada", email="a@x.org"))
    await session.commit()

    @app.put("/writers")
    async def put(writer: Writer) -> Writer:
        async with new_session() as fresh:
            return await fresh.merge(writer)

    assert (await ask("PUT", "/writers", {"id": "ada", "name": "New"}))[1]["email"] == "a@x.org"
    assert (await ask("PUT", "/writers", {"id": "bob", "name": "Bob"}))[0] == 200
    rows = await cypher(driver, "MATCH (n:Writer) RETURN n.id, n.name, n.email ORDER BY n.id")
    assert rows == [["ada", "New", "a@x.org"], ["bob", "Bob", None]]


def test_openapi_describes_relations(app):
    """Relations stand in both schemas as optional, cycles by reference, and edges as objects."""

    @app.post("/writers")
    async def create(writer: Writer) -> Writer:
        return writer

    schemas = app.openapi()["components"]["schemas"]
    for name in (each for each in schemas if each.startswith("Writer")):
        assert {"articles", "friends", "editor", "writings"} <= schemas[name]["properties"].keys()
        assert not {"articles", "friends", "editor"} & set(schemas[name].get("required", []))
    assert any(name.startswith("Text") for name in schemas)
    assert any(name.startswith("Wrote") for name in schemas)
