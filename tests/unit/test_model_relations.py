"""Relations in classes: targets across modules, dumps with cycles, JSON schema."""

from __future__ import annotations

import copy
import importlib
import pickle
import sys
import textwrap

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter

from runic.ogm.errors import MetadataError
from runic.ogm.model import Edge, Node, Registry, Relation, State, state_of
from runic.ogm.model.meta import node_info
from runic.ogm.model.state import EntityState, set_notes

REGISTRY = Registry()


class Wrote(Edge, type="WROTE", registry=REGISTRY):
    """Who wrote what."""

    year: int = 0


class Author(Node, registry=REGISTRY):
    """Somebody."""

    id: str
    books: list[Book] = Relation("WROTE", edge_model="Wrote")
    writings: list[Wrote] = Relation("WROTE", target="Book")
    friends: list[Author] = Relation("KNOWS", "BOTH")


class Book(Node, registry=REGISTRY):
    """Something written."""

    id: str
    author: Author | None = Relation("WROTE", "INCOMING")


def cycle():
    """Return an author and a book that hold each other."""
    author, book = Author(id="a"), Book(id="b")
    author.books = [book]
    book.author = author
    author.friends = [author, Author(id="c")]
    return author, book


def test_relations_describe_where_they_lead():
    """Target, direction, multiplicity and edge model are read from the declaration."""
    relations = node_info(Author).relations
    assert relations["books"].target is Book
    assert (relations["books"].many, relations["books"].edge) == (True, Wrote)
    assert (relations["writings"].holds_edges, relations["writings"].target) == (True, Book)
    assert relations["friends"].direction == "BOTH"
    back = node_info(Book).relations["author"]
    assert (back.many, back.target, back.direction) == (False, Author, "INCOMING")


def test_relations_are_no_properties():
    """What is stored in the node does not include relations."""
    assert list(node_info(Author).properties) == ["id"]


@pytest.mark.parametrize(
    ("annotation", "relation", "message"),
    [
        (list[int], Relation("X"), "annotate it with one entity class"),
        (Wrote | None, Relation("WROTE"), "say where they lead"),
        (list[Wrote], Relation("OTHER", target="Book"), "of type 'OTHER', but Wrote is of type"),
        (list[Book], Relation("X", edge_model="Nothing"), "names 'Nothing', and no model"),
        (Author | Book, Relation("X"), "found: Author, Book"),
    ],
)
def test_wrong_declarations_are_refused(annotation, relation, message):
    """The error names class and field."""
    space = {"__annotations__": {"id": str, "field": annotation}, "field": relation}
    with pytest.raises(MetadataError, match=message) as caught:
        node_info(type(Node)("Bad", (Node,), space, registry=REGISTRY))
    assert "Bad.field" in str(caught.value)


def test_a_cycle_is_dumped_once():
    """The object that leads to itself is left out; no recursion error."""
    author, book = cycle()
    assert author.model_dump(exclude={"writings"}) == {
        "id": "a",
        "books": [{"id": "b"}],
        "friends": [{"id": "c", "books": [], "writings": [], "friends": []}],
    }
    assert book.model_dump(include={"author": {"id"}}) == {"author": {"id": "a"}}


def test_a_cycle_is_dumped_to_json_once():
    """model_dump_json, TypeAdapter and lists of entities end as well."""
    author, book = cycle()
    assert '"b"' in author.model_dump_json()
    dumped = TypeAdapter(list[Author]).dump_python([author, author])
    assert [each["books"] for each in dumped] == [[{"id": "b"}], [{"id": "b"}]]
    assert TypeAdapter(list[Book]).dump_json([book]).startswith(b'[{"id":"b","author":{"id":"a"')


def test_a_dump_leaves_the_entities_as_they_are():
    """Dumping changes nothing in memory."""
    author, book = cycle()
    author.model_dump()
    assert (author.books, book.author) == ([book], author)


def test_one_entity_reached_twice_is_dumped_twice():
    """Only what is on the way down is left out; a diamond is no cycle."""
    shared = Author(id="s")
    one = Author(id="o", friends=[Author(id="x", friends=[shared]), Author(id="y")])
    one.friends[1].friends.append(shared)
    dumped = one.model_dump(include={"friends": {"__all__": {"id": True, "friends": True}}})
    ids = [[f["id"] for f in friend["friends"] if f["id"] == "s"] for friend in dumped["friends"]]
    assert ids == [["s"], ["s"]]


def test_an_unloaded_relation_is_not_dumped():
    """A key that is absent from the entity is absent from dump, JSON and repr."""
    author = Author(id="a")
    for name in ("books", "writings", "friends"):
        author.__dict__.pop(name, None)
    assert author.model_dump() == {"id": "a"}
    assert author.model_dump_json() == '{"id":"a"}'
    assert repr(author) == "Author(id='a')"


def test_repr_counts_related_entities():
    """repr never walks the graph."""
    author, book = cycle()
    assert "books=<1 loaded>" in repr(author)
    assert "author=<Author>" in repr(book)


def test_relations_are_optional_in_the_json_schema():
    """A relation is in the schema and not required, and refers to its target."""
    schema = Author.model_json_schema()
    definition = (
        schema["$defs"]["Author"] if "$defs" in schema and "Author" in schema["$defs"] else schema
    )
    assert "books" in definition["properties"]
    assert definition["required"] == ["id"]
    assert "Book" in schema["$defs"]
    serialised = Author.model_json_schema(mode="serialization")
    assert "books" not in serialised["$defs"]["Author"].get("required", [])


def test_entities_stand_in_openapi():
    """FastAPI describes entities as request and response models, cycles included."""
    app = FastAPI()

    @app.post("/authors")
    def create(author: Author) -> Author:
        return author

    described = app.openapi()["components"]["schemas"]
    names = [name for name in described if name.startswith("Author")]
    assert names
    assert all("books" in described[name]["properties"] for name in names)


def test_json_makes_related_entities():
    """A nested body becomes entities in relations."""
    author = Author.model_validate_json('{"id": "a", "books": [{"id": "b"}]}')
    assert isinstance(author.books[0], Book)


def test_equality_is_identity():
    """Two objects of one key are two entities; entities are hashable."""
    assert Author(id="a") != Author(id="a")
    assert len({Author(id="a"), Author(id="a")}) == 2


@pytest.mark.parametrize(
    "duplicate",
    [
        copy.copy,
        copy.deepcopy,
        lambda e: e.model_copy(),
        lambda e: e.model_copy(deep=True),
        lambda e: pickle.loads(pickle.dumps(e)),
    ],
    ids=["copy", "deepcopy", "model_copy", "model_copy deep", "pickle"],
)
def test_copies_are_transient(duplicate):
    """A copy or an unpickled entity belongs to no session."""
    author = Author(id="a")
    set_notes(author, EntityState(State.DETACHED, None))
    other = duplicate(author)
    assert (other.id, state_of(other)) == ("a", State.TRANSIENT)
    assert state_of(author) is State.DETACHED


def test_a_copied_edge_has_no_ends():
    """Ends belong to the edge that was related, not to its copies."""
    edge = Wrote(source=Author(id="a"), target=Book(id="b"))
    assert (copy.copy(edge).source, pickle.loads(pickle.dumps(edge)).target) == (None, None)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a function that writes a package of modules and imports them by name."""
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "shop_models"
    folder.mkdir()

    def write(**modules):
        for name, text in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(text))

    yield write
    for name in [n for n in sys.modules if n.startswith("shop_models")]:
        del sys.modules[name]


BASE = """
    from runic.ogm.model import Node, Registry
    class Base(Node, abstract=True, registry=Registry()):
        id: str
"""
USERS = """
    from __future__ import annotations
    from typing import TYPE_CHECKING
    from runic.ogm.model import Relation
    from shop_models.base import Base
    if TYPE_CHECKING:
        from shop_models.orders import Order
    class User(Base):
        orders: list[Order] = Relation("PLACED")
"""
ORDERS = """
    from runic.ogm.model import Relation
    from shop_models.base import Base
    class Order(Base):
        user: "User | None" = Relation("PLACED", "INCOMING")
"""


@pytest.mark.parametrize("order", [("users", "orders"), ("orders", "users")])
def test_forward_references_across_modules(package, order):
    """Two modules that name each other's classes are complete when both are imported."""
    package(base=BASE, users=USERS, orders=ORDERS)
    modules = {name: importlib.import_module(f"shop_models.{name}") for name in order}
    user, order_ = modules["users"].User, modules["orders"].Order
    assert node_info(user).relations["orders"].target is order_
    assert node_info(order_).relations["user"].target is user
    one = user(id="u", orders=[order_(id="o")])
    assert isinstance(one.orders[0], order_)


def test_a_reference_to_a_module_that_was_not_imported(package):
    """Using a class whose partner is unknown says to import it."""
    package(base=BASE, users=USERS, orders=ORDERS)
    user = importlib.import_module("shop_models.users").User
    with pytest.raises(MetadataError, match=r"User has an annotation.*import the module"):
        node_info(user)


def test_reloading_a_module_replaces_its_classes(package):
    """importlib.reload defines the classes anew, and relations lead to the new ones."""
    package(base=BASE, users=USERS, orders=ORDERS)
    users = importlib.import_module("shop_models.users")
    orders = importlib.import_module("shop_models.orders")
    old = orders.Order
    importlib.reload(orders)
    assert orders.Order is not old
    users = importlib.reload(users)
    assert node_info(users.User).relations["orders"].target is orders.Order


class Praised(Node, abstract=True, registry=REGISTRY):
    """An abstract base whose relations lead to a class that is defined later."""

    id: str
    fans: list[Fan] = Relation("PRAISED", "INCOMING")
    patron: Fan | None = Relation("PAYS", "INCOMING")


class Film(Praised):
    """What inherits them."""


class Fan(Node, registry=REGISTRY):
    """Where they lead."""

    id: str


def test_relations_of_an_abstract_base_start_as_they_are_annotated():
    """A list of a class that was not known yet is [] in a new entity, one entity is None."""
    film = Film(id="f")
    assert (film.fans, film.patron) == ([], None)
    film.fans.append(Fan(id="a"))
    assert [fan.id for fan in film.fans] == ["a"]
