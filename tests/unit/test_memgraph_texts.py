"""What Memgraph is sent, word for word: no server of it runs in this suite."""

from __future__ import annotations

from typing import Any

import pytest

from runic.ogm.driver.memgraph import MemgraphDialect
from runic.ogm.driver.memgraph.definitions import constraint, read_inventory
from runic.ogm.errors import SchemaError, UnsupportedFeatureError
from runic.ogm.model import Edge, Field, GeoLocation, Node, Registry, Relation, Vector, VectorIndex
from runic.ogm.query import (
    col,
    cot,
    degrees,
    haversin,
    insert,
    merge,
    param,
    radians,
    reverse,
    select,
    shortest_path,
    split,
    timestamp,
    update,
)
from runic.ogm.query.alone import compile_alone
from runic.ogm.query.definitions import (
    FullTextIndex,
    RangeIndex,
    RequiredConstraint,
    UniqueConstraint,
    VectorSearchIndex,
)
from runic.ogm.query.plan import Column, CreateNodes
from runic.ogm.query.search import text_search, vector_search

REGISTRY = Registry()
DIALECT = MemgraphDialect()


class Road(Edge, registry=REGISTRY):
    """A way from one place to another."""

    name: str = Field("", fulltext=True)


class Place(Node, registry=REGISTRY):
    """Somewhere to go."""

    id: str
    name: str = Field("", fulltext=True)
    where: GeoLocation | None = None
    looks: Vector | None = Field(None, vector=VectorIndex(dimension=2, similarity="euclidean"))
    sounds: Vector | None = Field(None, vector=VectorIndex(dimension=2))
    roads: list[Place] = Relation("ROAD", edge_model=Road)
    visitors: list[Place] = Relation("VISITED", "INCOMING")


HERE = select(Place).where(Place.id == "here")


def text(stmt: Any) -> str:
    """Return a statement's text without what it returns."""
    return str(stmt.build(dialect=DIALECT).text).partition(" RETURN ")[0]


def texts(queries: list[Any]) -> list[str]:
    """Return the texts of queries."""
    return [query.text for query in queries]


def test_a_shortest_path_is_a_breadth_first_search() -> None:
    """One path is a search in breadth; with a bound it has its most."""
    assert text(shortest_path(HERE, select(Place), Place.roads, max_hops=4)) == (
        "MATCH (n:`Place`) WHERE n.`id` = $p0 MATCH (n2:`Place`) WHERE id(n) <> id(n2)"
        " MATCH p = (n)-[:`ROAD` *BFS ..4]->(n2)"
    )


def test_all_shortest_paths_weigh_every_edge_alike() -> None:
    """Against the direction of the edges as well."""
    stmt = shortest_path(HERE, select(Place), Place.visitors, every=True)
    assert text(stmt).endswith("MATCH p = (n)<-[:`VISITED` *ALLSHORTEST (e, v | 1)]-(n2)")


def test_a_clause_parts_an_optional_hop_from_the_next() -> None:
    """A MATCH right after an OPTIONAL MATCH is a syntax error."""
    stmt = select(Place).traverse(Place.roads, optional=True).traverse(Place.visitors)
    assert text(stmt) == (
        "MATCH (n:`Place`) OPTIONAL MATCH (n)-[r:`ROAD`]->(n2:`Place`)"
        " WITH * MATCH (n2)<-[r2:`VISITED`]-(n3:`Place`)"
    )


def test_related_entities_are_counted_in_a_comprehension() -> None:
    """`COUNT { }` is a syntax error before 3.13."""
    assert text(select(Place).where(Place.roads.any(Place.id == "x"))) == (
        "MATCH (n:`Place`) WHERE size([(n)-[e_1:`ROAD`]->(t_2:`Place`)"
        " WHERE t_2.`id` = $p0 | 1]) > 0"
    )


def test_a_regular_expression_is_refused() -> None:
    """The server's are about bytes, so that a dot is half of an é."""
    with pytest.raises(UnsupportedFeatureError, match="memgraph has no regex"):
        text(select(Place).where(col(Place.name).matches("a.*")))


def test_full_text_names_its_index_and_asks_for_all_hits() -> None:
    """Words are quoted; without a limit the server stops at 1,000 hits."""
    query = text_search(Place, "old town").build(DIALECT)
    assert query.text.startswith(
        "CALL text_search.search('runic_node_text_' + $p0, $p1, {limit: 100000})"
        " YIELD node AS n, score WITH n, score"
    )
    assert list(query.params.values())[:2] == ["Place", 'all:"old" AND all:"town"']


def test_full_text_in_fields_and_of_edges() -> None:
    """Fields stand behind `data.`; edges have a procedure of their own."""
    asked = text_search(Place, "old town", [Place.name]).build(DIALECT).params["p1"]
    assert asked == '(data.name:"old") AND (data.name:"town")'
    found = text_search(Road, "x").build(DIALECT).text
    assert found.startswith("CALL text_search.search_edges('runic_edge_text_' + $p0")
    assert "YIELD edge AS n, score" in found


def test_vectors_are_measured_exactly() -> None:
    """What the index returns is rounded: the distance is that of the stored numbers."""
    query = vector_search(Place, Place.looks, [1.0, 2.0], 3).compile(DIALECT).query
    assert query.text.startswith(
        "CALL vector_search.search('runic_node_vectors_' + $p0 + '_' + $p1, $p2, $p3)"
        " YIELD node AS n WITH n, sqrt(reduce(sum = 0.0, i IN range(0, size($p3) - 1)"
        " | sum + (n.`looks`[i] - $p3[i]) ^ 2)) AS score"
    )
    cosine = DIALECT.vector_distance(VectorIndex(dimension=2), "a", "b")
    assert cosine.startswith(
        "CASE WHEN any(x IN a WHERE x <> 0)"
        " THEN 1 - reduce(sum = 0.0, i IN range(0, size(b) - 1) | sum + a[i] * b[i]"
    )


def test_indexes_are_made_in_its_words() -> None:
    """Range, text and vector indexes of nodes and of edges."""
    make = DIALECT.create_index
    assert texts(make(RangeIndex("node", "Place", ("id",)), None)) == [
        "CREATE INDEX ON :`Place`(`id`)"
    ]
    assert texts(make(RangeIndex("edge", "ROAD", ("year",)), None)) == [
        "CREATE EDGE INDEX ON :`ROAD`(`year`)"
    ]
    assert texts(make(FullTextIndex("edge", "ROAD", ("name",)), None)) == [
        "CREATE TEXT EDGE INDEX runic_edge_text_ROAD ON :`ROAD`(`name`)"
    ]
    assert texts(make(VectorSearchIndex("node", "Place", ("looks",), 2, "euclidean"), None)) == [
        "CREATE VECTOR INDEX runic_node_vectors_Place_looks ON :`Place`(`looks`)"
        ' WITH CONFIG {"dimension": 2, "capacity": 1000, "metric": "l2sq"}'
    ]


def test_a_text_index_that_covers_too_little_is_replaced() -> None:
    """The server cannot add a property to one."""
    stored = FullTextIndex("node", "Place", ("name",))
    wanted = FullTextIndex("node", "Place", ("name", "story"))
    assert texts(DIALECT.create_index(wanted, stored)) == [
        "DROP TEXT INDEX runic_node_text_Place",
        "CREATE TEXT INDEX runic_node_text_Place ON :`Place`(`name`, `story`)",
    ]


def test_constraints_are_of_nodes_and_bring_their_index() -> None:
    """A unique constraint has no index of its own here, so one is made before it."""
    unique = UniqueConstraint("node", "Place", ("id",))
    required = RequiredConstraint("node", "Place", ("name",))
    assert constraint(unique, DIALECT, drop=False).text == (
        "CREATE CONSTRAINT ON (n:`Place`) ASSERT n.`id` IS UNIQUE"
    )
    assert constraint(required, DIALECT, drop=True).text == (
        "DROP CONSTRAINT ON (n:`Place`) ASSERT EXISTS (n.`name`)"
    )
    assert DIALECT.supporting_index(unique) == RangeIndex("node", "Place", ("id",))
    with pytest.raises(UnsupportedFeatureError, match="constraints of edges"):
        DIALECT.check_definition(UniqueConstraint("edge", "ROAD", ("id",)))


@pytest.mark.parametrize(
    "definition",
    [
        FullTextIndex("node", "Place", ("name",), language="german"),
        FullTextIndex("node", "Place", ("name",), weights=(2.0,)),
        VectorSearchIndex("node", "Place", ("looks",), 2, m=16),
    ],
    ids=str,
)
def test_options_that_it_has_not_are_refused(definition: Any) -> None:
    """Nothing that a model asks for is left out in silence."""
    with pytest.raises(UnsupportedFeatureError, match="these have: falkordb"):
        DIALECT.check_definition(definition)


def test_search_indexes_want_plain_names() -> None:
    """Their names are made of the label's, and become names of files."""
    with pytest.raises(SchemaError, match=r"'Große' is not; rename it"):
        DIALECT.check_definition(FullTextIndex("node", "Große", ("name",)))


def test_the_inventory_is_read_as_it_is_shown() -> None:
    """Rows as `SHOW INDEX INFO` and its like have them; names of others are not ours."""
    indexes = [
        {"index type": "label+property", "label": "Place", "property": ["id"]},
        {"index type": "edge-type+property", "label": "ROAD", "property": "year"},
        {"index type": "label", "label": "Place", "property": None},
        {
            "index type": "label_text (name: runic_node_text_Place)",
            "label": "Place",
            "property": ["name"],
        },
        {"index type": "label_text (name: other)", "label": "Place", "property": ["id"]},
    ]
    vectors = [
        {
            "index_name": "runic_node_vectors_Place_looks",
            "label": ":Place",
            "property": "looks",
            "dimension": 2,
            "metric": "l2sq",
        },
    ]
    constraints = [
        {"constraint type": "unique", "label": "Place", "properties": ["id"]},
        {"constraint type": "exists", "label": "Place", "properties": "name"},
        {"constraint type": "data_type", "label": "Place", "properties": "name"},
    ]
    found = [stored.definition for stored in read_inventory(indexes, vectors, constraints)]
    assert found == [
        RangeIndex("node", "Place", ("id",)),
        RangeIndex("edge", "ROAD", ("year",)),
        FullTextIndex("node", "Place", ("name",)),
        VectorSearchIndex("node", "Place", ("looks",), 2, "euclidean"),
        UniqueConstraint("node", "Place", ("id",)),
        RequiredConstraint("node", "Place", ("name",)),
    ]


MISSING_PLACE = "CASE WHEN {0} IS NULL THEN null ELSE point({0}) END"


def test_a_missing_place_is_never_made_a_point() -> None:
    """`point(null)` fails on this server: rows of a flush, of an insert and of an update say so."""
    nowhere = {"id": "a", "where": None}
    by_param = update(Place).where(Place.id == "a").values(where=param("where")).bind(where=None)
    for statement, cell in (
        (insert(Place).values([nowhere]), "r[2]"),
        (merge(Place).values([nowhere]), "r[2]"),
        (by_param, "$p1"),
    ):
        sent = statement.build(dialect=DIALECT).text
        assert MISSING_PLACE.format(cell) in sent
        assert sent.count("point(") == sent.count("THEN null ELSE point(")


def test_a_flush_makes_points_of_the_places_there_are() -> None:
    """A batch mixes nodes with a place and without."""
    columns = (Column("id"), Column("where", "point"))
    created = compile_alone(CreateNodes(labels=("Place",), columns=columns, rows=[]), DIALECT)
    assert MISSING_PLACE.format("r[2]") in created.text


def test_timestamps_are_milliseconds() -> None:
    """The server counts microseconds."""
    assert "(timestamp() / 1000)" in select(Place).where(timestamp() > 1).build(DIALECT).text


@pytest.mark.parametrize("make", [cot, degrees, haversin, radians])
def test_missing_functions_are_refused(make: Any) -> None:
    """Before anything is sent, with the databases that have them."""
    with pytest.raises(UnsupportedFeatureError, match="falkordb"):
        select(Place).where(make(1) > 0).build(DIALECT)


def test_reverse_is_for_text() -> None:
    """Of a list it is refused, of a text it is sent."""
    assert (
        "reverse(n.`name`)" in select(Place).where(reverse(Place.name) == "x").build(DIALECT).text
    )
    with pytest.raises(UnsupportedFeatureError, match=r"reverse\(\) of lists"):
        select(Place).where(reverse(split(Place.name, ",")) == ["x"]).build(DIALECT)
