"""Read Debian packages from the dpkg status file or from apt `Packages` files.

Two steps: the file is read as a stream and of each name the newest version is kept; then
requirements are resolved against the names that are there, virtual ones through Provides.
These files state no licence, so it is "unknown" for all; the only subject is the Section.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from examples.fastapi_app.sources.compressed import open_text
from examples.fastapi_app.sources.control_characters import (
    has_control_characters,
    without_control_characters,
)
from examples.fastapi_app.sources.debian_version import version_key
from examples.fastapi_app.sources.errors import SourceError
from examples.fastapi_app.sources.inventory import Inventory, merged
from examples.fastapi_app.sources.people import parse_person
from examples.fastapi_app.sources.relations import Relation, iter_groups, parse_relation
from examples.fastapi_app.sources.report import Reason, Report, Unit
from examples.fastapi_app.sources.rows import (
    UNKNOWN_LICENCE,
    DependencyRow,
    Kind,
    MaintainerRow,
    PackageRow,
    TagRow,
)
from examples.fastapi_app.sources.stanzas import Stanza, iter_stanzas

_KINDS: tuple[Kind, ...] = ("pre-depends", "depends", "recommends", "suggests")
_DESCRIBING = ("package", "version", "architecture", "status", "section", "description")
_WANTED = frozenset((*_DESCRIBING, "maintainer", "provides", *_KINDS))
# A package whose triggers have not run yet is unpacked and configured: it is there.
_PRESENT = frozenset({"installed", "triggers-awaited", "triggers-pending"})
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

Fields = Mapping[str, str]


@dataclass(slots=True)
class _Names:
    """What a requirement can be resolved with: packages, and the virtual names they provide."""

    packages: Mapping[str, Fields]
    # One text for each key: rows share it, half a million of them would weigh 100 MB.
    keys: Mapping[str, str]
    providers: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))


def read_debian(*paths: Path, extended_states: Path | None = None) -> Inventory:
    """Return the packages of one dpkg status file, or of `Packages` files read together.

    A file may be plain or compressed with gzip, xz or bzip2. `extended_states` is apt's record of
    what it installed by itself (/var/lib/apt/extended_states): with it, rows say whether a package
    was requested. Raises SourceError when a file cannot be read or holds no package.
    """
    report = Report(origin=", ".join(str(path) for path in paths))
    packages = _newest(paths, report)
    automatic = _automatic(extended_states) if extended_states else None
    names = _Names(packages, {name: _key(name) for name in packages})
    _collect_provided(names)
    dependencies = [row for name in packages for row in _dependencies(name, names, report)]
    return Inventory(
        packages=tuple(_package(name, fields, automatic) for name, fields in packages.items()),
        dependencies=merged(dependencies, report),
        maintainers=tuple(_maintainers(packages)),
        tags=tuple(
            TagRow(_key(name), fields["section"])
            for name, fields in packages.items()
            if fields.get("section")
        ),
        report=report,
    )


def _key(name: str) -> str:
    return f"debian:{name}"


def _newest(paths: Sequence[Path], report: Report) -> dict[str, Fields]:
    packages: dict[str, Fields] = {}
    for path in paths:
        with open_text(path) as lines:
            for stanza in iter_stanzas(lines, _WANTED):
                _take(stanza, packages, report)
    if not packages:
        raise SourceError(f"{report.origin} holds no package; give a dpkg status or Packages file")
    for name in packages:
        report.keep(Unit.PACKAGE)
        report.remark(Reason.LICENCE_UNKNOWN, name)
    return packages


def _take(stanza: Stanza, packages: dict[str, Fields], report: Report) -> None:
    report.see(Unit.PACKAGE)
    fields, odd = _cleaned(stanza.fields)
    name = fields.get("package", "")
    if stanza.odd_lines:
        report.remark(Reason.MALFORMED_LINE, f"{name}: {stanza.odd_lines[0]}")
    reason = _unusable(fields)
    if reason:
        report.drop(reason, name or fields.get("description", "").partition("\n")[0])
        return
    if odd:
        report.remark(Reason.CONTROL_CHARACTERS, name)
    if any(_REPLACEMENT in value for value in fields.values()):
        report.remark(Reason.REPLACED_TEXT, name)
    known = packages.get(name)
    packages[name] = fields if known is None else _chosen(known, fields, report)


def _cleaned(fields: Fields) -> tuple[Fields, bool]:
    """Return the fields without control characters, and whether there were any."""
    if not any(has_control_characters(value) for value in fields.values()):
        return fields, False
    return {name: without_control_characters(value) for name, value in fields.items()}, True


def _unusable(fields: Fields) -> Reason | None:
    if not fields.get("package"):
        return Reason.MISSING_NAME
    if fields.get("status", "installed").rpartition(" ")[2] not in _PRESENT:
        return Reason.NOT_INSTALLED
    return None if fields.get("version") else Reason.MISSING_VERSION


def _chosen(known: Fields, new: Fields, report: Report) -> Fields:
    """Return the newer of two entries of one name, the one read first when they are equal."""
    newer = version_key(new["version"]) > version_key(known["version"])
    kept, lost = (new, known) if newer else (known, new)
    report.drop(_why_lost(kept, lost), f"{lost['package']} {lost['version']}")
    return kept


def _why_lost(kept: Fields, lost: Fields) -> Reason:
    if kept["version"] != lost["version"]:
        return Reason.OTHER_VERSION
    same = kept.get("architecture") == lost.get("architecture")
    return Reason.DUPLICATE if same else Reason.OTHER_ARCHITECTURE


def _automatic(path: Path) -> frozenset[str]:
    with open_text(path) as lines:
        stanzas = [stanza.fields for stanza in iter_stanzas(lines)]
    return frozenset(
        f["package"] for f in stanzas if f.get("auto-installed") == "1" and "package" in f
    )


def _package(name: str, fields: Fields, automatic: frozenset[str] | None) -> PackageRow:
    return PackageRow(
        key=_key(name),
        source="debian",
        name=name,
        version=fields["version"],
        summary=fields.get("description", "").partition("\n")[0],
        licence=UNKNOWN_LICENCE,
        requested=None if automatic is None else name not in automatic,
    )


def _maintainers(packages: Mapping[str, Fields]) -> Iterator[MaintainerRow]:
    for name, fields in packages.items():
        person = parse_person(fields.get("maintainer", ""))
        if person:
            yield MaintainerRow(_key(name), "maintainer", person.name, person.email)


def _collect_provided(names: _Names) -> None:
    for name, fields in names.packages.items():
        for alternatives in iter_groups(fields.get("provides", "")):
            relation = parse_relation(alternatives[0])
            if relation:
                names.providers[relation.name].append((name, bool(relation.specifier)))


def _dependencies(name: str, names: _Names, report: Report) -> Iterator[DependencyRow]:
    fields = names.packages[name]
    for kind in _KINDS:
        for alternatives in iter_groups(fields.get(kind, "")):
            yield from _group(name, kind, alternatives, names, report)


def _group(
    name: str, kind: Kind, alternatives: list[str], names: _Names, report: Report
) -> Iterator[DependencyRow]:
    """Yield the dependencies for one requirement; its alternatives are counted one by one."""
    outcomes = [(text, _resolved(name, text, names)) for text in alternatives]
    satisfied = any(not isinstance(outcome, Reason) for _, outcome in outcomes)
    choice = len(alternatives) > 1
    for text, outcome in outcomes:
        report.see(Unit.REQUIREMENT)
        if isinstance(outcome, Reason):
            absent = outcome is Reason.NOT_PRESENT and satisfied
            report.drop(Reason.ALTERNATIVE_NOT_PRESENT if absent else outcome, f"{name}: {text}")
            continue
        report.keep(Unit.REQUIREMENT)
        relation, targets = outcome
        yield from _rows(name, kind, relation, targets, choice, names, report)


def _resolved(name: str, text: str, names: _Names) -> tuple[Relation, list[str]] | Reason:
    """Return the packages that meet one alternative, or why there is none."""
    relation = parse_relation(text)
    if relation is None:
        return Reason.UNPARSABLE_REQUIREMENT
    if not relation.applies_to(names.packages[name].get("architecture", "")):
        return Reason.ARCHITECTURE_EXCLUDES
    if relation.name == name:
        return Reason.ON_ITSELF
    if relation.name in names.packages:
        return relation, [relation.name]
    return _resolved_through_provides(name, relation, names)


def _resolved_through_provides(
    name: str, relation: Relation, names: _Names
) -> tuple[Relation, list[str]] | Reason:
    providers = names.providers.get(relation.name)
    if not providers:
        return Reason.NOT_PRESENT
    # Policy 7.5: a Provides without a version meets no requirement that states one.
    fitting = [provider for provider, versioned in providers if versioned or not relation.specifier]
    if not fitting:
        return Reason.VIRTUAL_WITHOUT_VERSION
    others = [provider for provider in dict.fromkeys(fitting) if provider != name]
    return (relation, others) if others else Reason.ON_ITSELF


def _rows(
    name: str,
    kind: Kind,
    relation: Relation,
    targets: list[str],
    choice: bool,
    names: _Names,
    report: Report,
) -> Iterator[DependencyRow]:
    virtual = "" if relation.name in targets else relation.name
    if virtual:
        report.remark(Reason.THROUGH_PROVIDES, f"{name}: {virtual}")
    for target in targets:
        yield DependencyRow(
            package=names.keys[name],
            requires=names.keys[target],
            specifier=relation.specifier,
            kind=kind,
            virtual=virtual,
            choice=choice or len(targets) > 1,
        )
