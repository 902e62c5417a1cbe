"""Full-text and vector search of AGE: functions in SQL, and indexes that they find by comments.

Cypher of AGE knows neither; it can call functions. They are made in the schema `runic_ogm` of the
database with the first index that needs them. Text is searched through a GIN index; vectors are
measured one by one, all those of a label, which is exact. No I/O here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from runic.ogm.driver.age.sql import literal
from runic.ogm.errors import UnsupportedFeatureError
from runic.ogm.query.definitions import FullTextIndex, VectorSearchIndex

DEFAULT_LANGUAGE = "english"
# PostgreSQL tells words of one vector apart by four classes.
_CLASSES = "ABCD"

_ELEMENTS = (
    "CASE host::text WHEN 'node'"
    " THEN format('_agtype_build_vertex(id, _label_name(%s::oid, id), properties)', number)"
    " ELSE format('_agtype_build_edge(id, start_id, end_id, _label_name(%s::oid, id), properties)',"
    " number) END"
)
# The schema's, which is that of the graph. An ordinary role may not read AGE's own list.
_NUMBER = "(SELECT oid FROM pg_namespace WHERE nspname = graph::text)"

# The comment of a definition, which is JSON; other comments need not be.
_TOLD = "CASE WHEN about LIKE '{\"runic\": %' THEN about::json -> 'runic' END AS told"
_WANTED = "told ->> 'on' = host::text AND told ->> 'label' = label::text"

_HEAD = "RETURNS agtype LANGUAGE plpgsql STABLE SET search_path = ag_catalog, pg_catalog"

_SEARCH_TEXT = f"""
CREATE OR REPLACE FUNCTION runic_ogm.search_text(
    graph agtype, host agtype, label agtype, question agtype
) {_HEAD} AS $body$
DECLARE
    number oid := {_NUMBER};
    asked json := (question::text)::json;
    classes text;
    hits agtype;
    place record;
BEGIN
    SELECT * INTO place FROM (
        SELECT {_TOLD}, i.indrelid::regclass AS held, pg_get_expr(i.indexprs, i.indrelid) AS words,
            coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS kept
        FROM (SELECT oid, relnamespace, obj_description(oid, 'pg_class') AS about FROM pg_class
            WHERE relkind = 'i') c
        JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
        WHERE s.nspname = graph::text
    ) found WHERE told ->> 'kind' = 'fulltext' AND {_WANTED};
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no full-text index on %', label::text;
    END IF;
    SELECT array_agg(substr('abcd', position::int, 1))::text INTO classes
    FROM json_array_elements_text(place.told -> 'properties') WITH ORDINALITY p(name, position)
    WHERE json_array_length(asked -> 'fields') = 0
        OR name IN (SELECT json_array_elements_text(asked -> 'fields'));
    EXECUTE format(
        'SELECT age_collect(agtype_build_list(%s, ts_rank(%L::float4[], %s, q, 1)::float8))'
        ' FROM %s, to_tsquery(%L::regconfig, $1) q'
        ' WHERE (%s) @@ q AND (%s) AND ts_filter(%s, %L::"char"[]) @@ q',
        {_ELEMENTS}, place.told ->> 'ranks', place.words, place.held,
        coalesce(place.told ->> 'language', '{DEFAULT_LANGUAGE}'), place.words, place.kept,
        place.words, classes
    ) INTO hits USING asked ->> 'words';
    RETURN coalesce(hits, agtype_build_list());
END $body$
"""

_MEASURED = """
CREATE OR REPLACE FUNCTION runic_ogm.measured(one json, other json, similarity text)
RETURNS float8 LANGUAGE sql IMMUTABLE AS $body$
    SELECT CASE similarity
        WHEN 'cosine' THEN 1 - sum(a * b) / nullif(sqrt(sum(a * a)) * sqrt(sum(b * b)), 0)
        ELSE sqrt(sum((a - b) * (a - b))) END
    FROM ROWS FROM (json_array_elements_text(one), json_array_elements_text(other)) u(x, y),
        LATERAL (SELECT x::float8 AS a, y::float8 AS b) v
$body$
"""

_DISTANCE = """
CREATE OR REPLACE FUNCTION runic_ogm.distance(
    one ag_catalog.agtype, other ag_catalog.agtype, similarity ag_catalog.agtype
) RETURNS ag_catalog.agtype LANGUAGE sql IMMUTABLE SET search_path = ag_catalog, pg_catalog
AS $body$
    SELECT runic_ogm.measured(agtype_to_json(one), agtype_to_json(other), similarity::text)::agtype
$body$
"""

_SEARCH_NEAR = f"""
CREATE OR REPLACE FUNCTION runic_ogm.search_near(
    graph agtype, host agtype, label agtype, stored agtype, wanted agtype, asked agtype
) {_HEAD} AS $body$
DECLARE
    number oid := {_NUMBER};
    hits agtype;
    place record;
BEGIN
    SELECT * INTO place FROM (
        SELECT {_TOLD}, c.conrelid::regclass AS held
        FROM (SELECT connamespace, conrelid, obj_description(oid, 'pg_constraint') AS about
            FROM pg_constraint) c
        JOIN pg_namespace s ON s.oid = c.connamespace WHERE s.nspname = graph::text
    ) found WHERE told ->> 'kind' = 'vector' AND {_WANTED}
        AND told -> 'properties' ->> 0 = stored::text;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no vector index on %.%', label::text, stored::text;
    END IF;
    EXECUTE format(
        'SELECT age_collect(agtype_build_list(%s, near)) FROM ('
        ' SELECT *, runic_ogm.measured((properties ->> %L::text)::json, $1, %L) AS near FROM %s'
        ' WHERE %s ORDER BY near LIMIT %s) n WHERE near IS NOT NULL',
        {_ELEMENTS}, stored::text, place.told ->> 'similarity', place.held,
        place.told ->> 'kept', wanted::text
    ) INTO hits USING agtype_to_json(asked);
    RETURN coalesce(hits, agtype_build_list());
END $body$
"""

# In turn: two sessions that replace a function at once fail each other.
FUNCTIONS = (
    "DO $functions$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('runic.functions'));"
    f" CREATE SCHEMA IF NOT EXISTS runic_ogm; {_MEASURED}; {_DISTANCE}; {_SEARCH_TEXT};"
    f" {_SEARCH_NEAR}; END $functions$"
)


def check(index: FullTextIndex | VectorSearchIndex) -> None:
    """Raise UnsupportedFeatureError for options that are not kept."""
    if isinstance(index, VectorSearchIndex):
        if not index.m == index.ef_construction == index.ef_runtime is None:
            raise UnsupportedFeatureError(
                f"{index}: age measures every vector of the label, so m, ef_construction and"
                " ef_runtime have no meaning; leave them out. These have them: falkordb"
            )
        return
    if index.stopwords:
        raise UnsupportedFeatureError(
            f"{index}: age takes the stop words of the language; leave stopwords out. These have"
            " them: falkordb"
        )
    if len(index.properties) > len(_CLASSES):
        raise UnsupportedFeatureError(
            f"{index}: age has full-text indexes on up to 4 properties of a label"
        )


def words_text(index: FullTextIndex) -> str:
    """Return the expression that a full-text index keeps."""
    language = literal((index.language or DEFAULT_LANGUAGE).lower())
    parts = [
        f"setweight(to_tsvector({language}::regconfig, coalesce(properties OPERATOR(ag_catalog.->>)"
        f" {literal(name)}::text, '')), {literal(letter)})"
        for name, letter in zip(index.properties, _CLASSES, strict=False)
    ]
    return " || ".join(parts)


def ranks_of(index: FullTextIndex) -> str:
    """Return what a word is worth in each class, as PostgreSQL takes it: the last class first."""
    given = [1.0 if weight is None else weight for weight in index.weights]
    # One is the most that it takes; only how they compare matters.
    most = max([*given, 0.0]) or 1.0
    weights = [weight / most for weight in given] + [1.0] * len(_CLASSES)
    return "{" + ",".join(str(weight) for weight in reversed(weights[: len(_CLASSES)])) + "}"


def dimension_text(index: VectorSearchIndex) -> str:
    """Return the check that all vectors have the same number of components."""
    stored = f"properties OPERATOR(ag_catalog.->>) {literal(index.properties[0])}::text"
    return f"json_array_length(({stored})::json) = {int(index.dimension)}"


def question_of(words: str, fields: Sequence[str]) -> str:
    """Return what `runic_ogm.search_text` takes."""
    return json.dumps({"words": words, "fields": list(fields)}, ensure_ascii=False)
