"""What ArcadeDB's errors mean, whose messages often leave out the cause."""

from __future__ import annotations

import re

from runic.ogm.driver.bolt.failures import KEEP_UNIQUE, Failures, Meaning
from runic.ogm.errors import (
    ConstraintViolationError,
    DriverError,
    QueryTooLargeError,
    UniqueViolationError,
)

FAILURES = Failures(
    "ArcadeDB",
    (
        Meaning(r"ConstraintValidationFailed", UniqueViolationError, KEEP_UNIQUE),
        Meaning(
            r"ArgumentError: Error executing Cypher command",
            ConstraintViolationError,
            "nothing of it was kept. ArcadeDB does not say why: a required property is missing, a"
            " value is not of its property's declared type, a vector is of another dimension, or"
            " an index exists already",
        ),
        Meaning(
            r"SemanticError: Error executing Cypher command",
            DriverError,
            "nothing of it was kept. ArcadeDB does not say why: the name of a label is taken by a"
            " relationship type or the other way round, or what is dropped does not exist",
        ),
        Meaning(
            r"exceeds the maximum allowed",
            QueryTooLargeError,
            "nothing was run; write fewer rows at once",
        ),
    ),
    ((re.compile(r"Duplicated key \[.*\] found", re.DOTALL), "Duplicated key found"),),
)
