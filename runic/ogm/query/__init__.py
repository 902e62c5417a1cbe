"""Statements and expressions: immutable, typed, compiled to text by a dialect."""

from runic.ogm.query.change import Change
from runic.ogm.query.compile import compile_count, compile_exists, compile_select
from runic.ogm.query.compiled import Query
from runic.ogm.query.connect import connect, disconnect
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.dialect import Capabilities, Dialect
from runic.ogm.query.expressions import Attribute, Expression, RelationAttribute, col
from runic.ogm.query.functions import avg, collect, count, max_, min_, sum_
from runic.ogm.query.insert import insert, merge
from runic.ogm.query.lookup import id_lookup, key_lookup
from runic.ogm.query.mapped import Mapped
from runic.ogm.query.relations import load_relation
from runic.ogm.query.select import RowSelect, Select, select
from runic.ogm.query.shapes import Compiled, EdgeColumn, EntityColumns, NodeColumn, ValueColumn
from runic.ogm.query.statement import Statement, checked_paths
from runic.ogm.query.update import delete, update

__all__ = [
    "Attribute",
    "Capabilities",
    "Change",
    "Compiled",
    "Criterion",
    "Dialect",
    "EdgeColumn",
    "EntityColumns",
    "Expression",
    "Mapped",
    "NodeColumn",
    "Query",
    "RelationAttribute",
    "RowSelect",
    "Select",
    "Statement",
    "ValueColumn",
    "avg",
    "checked_paths",
    "col",
    "collect",
    "compile_count",
    "compile_exists",
    "compile_select",
    "connect",
    "count",
    "delete",
    "disconnect",
    "id_lookup",
    "insert",
    "key_lookup",
    "load_relation",
    "max_",
    "merge",
    "min_",
    "select",
    "sum_",
    "update",
]
