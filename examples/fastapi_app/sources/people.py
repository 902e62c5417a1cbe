"""Read names and mail addresses as package metadata writes them.

Not `email.utils`: newer versions of it refuse a list with one odd entry as a whole, and
Debian's maintainer field holds unquoted commas that are part of the name.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(r"(?P<name>.*?)\s*<(?P<email>[^<>]*)>", re.DOTALL)
_SEPARATED = re.compile(r'(?:"[^"]*"|<[^>]*>|[^,"<]|["<])+')


class Person(NamedTuple):
    """A name and an address; either may be empty, not both."""

    name: str
    email: str


def parse_person(text: str) -> Person | None:
    """Return the one person that `text` names ("Name <mail>", a mail or a name), or None."""
    match = _ADDRESS.fullmatch(text.strip())
    if match:
        person = Person(_unquoted(match["name"]), match["email"].strip())
    elif "@" in text and " " not in text.strip():
        person = Person("", text.strip())
    else:
        person = Person(_unquoted(text), "")
    return person if any(person) else None


def parse_people(text: str) -> list[Person]:
    """Return the people of a comma-separated list; commas inside quotes do not separate."""
    found = (parse_person(part) for part in _SEPARATED.findall(text))
    return [person for person in found if person]


def combine(names: str, emails: str) -> list[Person]:
    """Return the people of a pair of fields such as Author and Author-email.

    The second may repeat the names of the first, or hold bare addresses for them in order.
    """
    people, bare = parse_people(emails), _stated(names)
    if not bare:
        return people
    if people and not any(person.name for person in people):
        return _paired(bare, people)
    known = {person.name for person in people}
    missing = [name for name in _names_beside(bare, known) if name not in known]
    return people + [Person(name, "") for name in missing]


def _stated(names: str) -> str:
    text = _unquoted(names)
    return "" if text.upper() == "UNKNOWN" else text


def _paired(names: str, people: list[Person]) -> list[Person]:
    parts = [part.strip() for part in names.split(",")]
    if len(people) == 1:
        return [Person(names, people[0].email)]
    if len(parts) == len(people):
        return [Person(name, person.email) for name, person in zip(parts, people, strict=True)]
    return [Person(names, ""), *people]


def _names_beside(names: str, known: set[str]) -> list[str]:
    """Split a list of names only when a part is known as a name: "Acme, Inc." is one."""
    parts = [part.strip() for part in names.split(",")]
    return parts if known.intersection(parts) else [names]


def _unquoted(text: str) -> str:
    return " ".join(text.split()).strip('"').strip()
