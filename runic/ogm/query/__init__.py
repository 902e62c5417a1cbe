"""Statements and expressions: immutable, typed, compiled to text by a dialect."""

from runic.ogm.query.case import case
from runic.ogm.query.change import Change
from runic.ogm.query.compile import compile_count, compile_exists, compile_select
from runic.ogm.query.compiled import Query
from runic.ogm.query.computed import literal
from runic.ogm.query.connect import connect, disconnect
from runic.ogm.query.criteria import Criterion
from runic.ogm.query.dialect import Capabilities, Dialect
from runic.ogm.query.expressions import Attribute, Expression, RelationAttribute, col
from runic.ogm.query.fetch import Fetch, checked_paths
from runic.ogm.query.fragments import text
from runic.ogm.query.functions import avg, collect, count, max_, min_, sum_
from runic.ogm.query.geo import distance, within_box
from runic.ogm.query.insert import insert, merge
from runic.ogm.query.lists import (
    all_items,
    any_item,
    at,
    for_each,
    head,
    last,
    list_,
    map_,
    no_item,
    range_,
    reverse,
    slice_,
    tail,
)
from runic.ogm.query.lookup import id_lookup, key_lookup
from runic.ogm.query.mapped import Mapped
from runic.ogm.query.params import param
from runic.ogm.query.path import Path
from runic.ogm.query.relations import load_relation
from runic.ogm.query.scalars import (
    abs_,
    ceil,
    coalesce,
    day,
    exp,
    floor,
    hour,
    left,
    length,
    log,
    lower,
    minute,
    month,
    replace,
    right,
    round_,
    second,
    sign,
    size,
    split,
    sqrt,
    substring,
    to_float,
    to_int,
    trim,
    upper,
    year,
)
from runic.ogm.query.select import RowSelect, Select, SingleSelect, TupleSelect, select
from runic.ogm.query.shapes import Compiled, EdgeColumn, EntityColumns, NodeColumn, ValueColumn
from runic.ogm.query.shortest import shortest_path
from runic.ogm.query.statement import Statement
from runic.ogm.query.subqueries import call, within
from runic.ogm.query.unions import Union, union, union_all
from runic.ogm.query.update import delete, update
from runic.ogm.query.variables import var

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
    "Fetch",
    "Mapped",
    "NodeColumn",
    "Path",
    "Query",
    "RelationAttribute",
    "RowSelect",
    "Select",
    "SingleSelect",
    "Statement",
    "TupleSelect",
    "Union",
    "ValueColumn",
    "abs_",
    "all_items",
    "any_item",
    "at",
    "avg",
    "call",
    "case",
    "ceil",
    "checked_paths",
    "coalesce",
    "col",
    "collect",
    "compile_count",
    "compile_exists",
    "compile_select",
    "connect",
    "count",
    "day",
    "delete",
    "disconnect",
    "distance",
    "exp",
    "floor",
    "for_each",
    "head",
    "hour",
    "id_lookup",
    "insert",
    "key_lookup",
    "last",
    "left",
    "length",
    "list_",
    "literal",
    "load_relation",
    "log",
    "lower",
    "map_",
    "max_",
    "merge",
    "min_",
    "minute",
    "month",
    "no_item",
    "param",
    "range_",
    "replace",
    "reverse",
    "right",
    "round_",
    "second",
    "select",
    "shortest_path",
    "sign",
    "size",
    "slice_",
    "split",
    "sqrt",
    "substring",
    "sum_",
    "tail",
    "text",
    "to_float",
    "to_int",
    "trim",
    "union",
    "union_all",
    "update",
    "upper",
    "var",
    "within_box",
    "within",
    "year",
]
