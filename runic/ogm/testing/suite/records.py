"""Running a query: rows and columns, nodes, edges and paths as records."""

from __future__ import annotations

from runic.ogm.driver.base import Driver, EdgeRecord, NodeRecord, PathRecord
from runic.ogm.query.compiled import Query
from runic.ogm.testing.suite.requirement import requirement, rows, write

_PAIR = "CREATE (:Thing {name: 'a'})-[:LINKS {since: 1}]->(:Thing {name: 'b'})"


class RecordRequirements:
    """What `Driver.run` returns."""

    @requirement()
    async def test_run_names_columns_by_their_aliases(self, driver: Driver) -> None:
        """Columns are named and ordered as in RETURN."""
        result = await driver.run(Query("RETURN 1 AS one, 'x' AS other", read_only=True))
        assert (list(result.columns), result.rows) == (["one", "other"], [[1, "x"]])

    @requirement()
    async def test_run_without_return_has_no_rows(self, driver: Driver) -> None:
        """A statement that only writes returns no rows, and has written when `run` returns."""
        assert (await driver.run(Query("CREATE (:Thing {name: 'a'})"))).rows == []
        assert await rows(driver, "MATCH (n:Thing) RETURN n.name AS name") == [["a"]]

    @requirement()
    async def test_run_of_what_is_not_there_is_empty(self, driver: Driver) -> None:
        """Reading a label that nothing has, or a graph without nodes, gives no rows."""
        assert await rows(driver, "MATCH (n:Nothing) RETURN n AS n") == []

    @requirement()
    async def test_run_keeps_the_order_of_many_rows(self, driver: Driver) -> None:
        """All rows arrive, in the order of the query, however many there are."""
        found = await rows(driver, "UNWIND range(1, 20000) AS i RETURN i AS i ORDER BY i DESC")
        assert [row[0] for row in found] == list(range(20000, 0, -1))

    @requirement()
    async def test_nodes_are_records(self, driver: Driver) -> None:
        """A node is a NodeRecord: its labels, and exactly the properties that it was given."""
        await write(driver, "CREATE (:Thing {name: 'a', size: 3, tags: ['x', 'y']})")
        ((node,),) = await rows(driver, "MATCH (n:Thing) RETURN n AS n")
        assert isinstance(node, NodeRecord)
        assert list(node.labels) == ["Thing"]
        assert node.properties == {"name": "a", "size": 3, "tags": ["x", "y"]}

    @requirement()
    async def test_ids_find_their_nodes(self, driver: Driver) -> None:
        """The id of a record is the value of the dialect's `node_id`, as a parameter, too."""
        await write(driver, _PAIR)
        ((node,),) = await rows(driver, "MATCH (n:Thing {name: 'b'}) RETURN n AS n")
        number = driver.dialect.node_id("n")
        text = f"MATCH (n:Thing) WHERE {number} = $id RETURN n.name AS name, {number} AS id"
        assert await rows(driver, text, id=node.id) == [["b", node.id]]

    @requirement()
    async def test_edges_are_records(self, driver: Driver) -> None:
        """An edge is an EdgeRecord whose source and target are ids, from whichever end it is."""
        await write(driver, _PAIR)
        text = "MATCH (b:Thing {name: 'b'})<-[e:LINKS]-(a:Thing) RETURN a AS a, e AS e, b AS b"
        ((a, edge, b),) = await rows(driver, text)
        assert isinstance(edge, EdgeRecord)
        assert (edge.type, edge.properties) == ("LINKS", {"since": 1})
        assert (edge.source, edge.target) == (a.id, b.id)

    @requirement()
    async def test_paths_are_records(self, driver: Driver) -> None:
        """A path is a PathRecord: its nodes and its edges, in the order of the walk."""
        await write(driver, _PAIR)
        text = "MATCH p = (a:Thing {name: 'a'})-[:LINKS]->(b:Thing) RETURN p AS p"
        ((path,),) = await rows(driver, text)
        assert isinstance(path, PathRecord)
        assert [node.properties["name"] for node in path.nodes] == ["a", "b"]
        assert [edge.type for edge in path.edges] == ["LINKS"]
        assert isinstance(path.nodes[0], NodeRecord)
        assert isinstance(path.edges[0], EdgeRecord)

    @requirement()
    async def test_records_stand_in_lists_and_maps(self, driver: Driver) -> None:
        """Nodes and edges are records inside of collected lists and maps as well."""
        await write(driver, _PAIR)
        text = (
            "MATCH (a:Thing)-[e:LINKS]->(b:Thing) RETURN collect(b) AS bs, {edge: e, n: [a]} AS m"
        )
        ((targets, found),) = await rows(driver, text)
        assert [node.properties["name"] for node in targets] == ["b"]
        assert isinstance(targets[0], NodeRecord)
        assert isinstance(found["edge"], EdgeRecord)
        assert found["n"][0].properties["name"] == "a"

    @requirement()
    async def test_what_is_missing_is_none(self, driver: Driver) -> None:
        """A property that is not there, and a node that was not found, are None."""
        await write(driver, "CREATE (:Thing {name: 'a'})")
        text = (
            "MATCH (n:Thing) OPTIONAL MATCH (n)-[:LINKS]->(m:Thing)"
            " RETURN n.size AS size, m AS m, [1, null] AS some"
        )
        assert await rows(driver, text) == [[None, None, [1, None]]]
