"""Read the distributions of a Python environment through importlib.metadata.

Of the environment this runs in, or of another one by its path. Markers are evaluated for that
environment: a dependency that its Python version or platform rules out is counted, not kept.
"""

from __future__ import annotations

import email
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from examples.fastapi_app.sources.control_characters import (
    has_control_characters,
    without_control_characters,
)
from examples.fastapi_app.sources.errors import SourceError
from examples.fastapi_app.sources.inventory import Inventory, merged
from examples.fastapi_app.sources.licences import stated_licence
from examples.fastapi_app.sources.people import combine
from examples.fastapi_app.sources.report import Reason, Report, Unit
from examples.fastapi_app.sources.rows import (
    UNKNOWN_LICENCE,
    DependencyRow,
    MaintainerRow,
    PackageRow,
    Role,
    TagRow,
)

_EXTRA = re.compile(r"""\bextra\s*==\s*['"]([^'"]+)['"]|['"]([^'"]+)['"]\s*==\s*extra\b""")
_ROLES: tuple[tuple[Role, str], ...] = (("author", "Author"), ("maintainer", "Maintainer"))


@dataclass(frozen=True, slots=True)
class _Installed:
    distribution: Distribution
    metadata: Message
    row: PackageRow


def read_python_environment(path: Path | None = None) -> Inventory:
    """Return the packages of the environment at `path`, or of the running one.

    `path` is the root of a virtual environment or a site-packages directory. Raises SourceError
    when there are no packages at that place.
    """
    report = Report(origin=str(path or sys.prefix))
    search = (
        [str(entry) for entry in _site_packages(path)] if path else list(dict.fromkeys(sys.path))
    )
    installed = _installed(distributions(path=search), report)
    versions = _marker_variables(path) if path else {}
    dependencies = [
        row for one in installed.values() for row in _dependencies(one, installed, versions, report)
    ]
    return Inventory(
        packages=tuple(one.row for one in installed.values()),
        dependencies=merged(dependencies, report),
        maintainers=tuple(row for one in installed.values() for row in _maintainers(one)),
        tags=tuple(row for one in installed.values() for row in _tags(one)),
        report=report,
    )


def _site_packages(path: Path) -> list[Path]:
    patterns = ("lib/python*/site-packages", "lib64/python*/site-packages", "Lib/site-packages")
    found = {entry.resolve() for pattern in patterns for entry in path.glob(pattern)}
    if not found and any(path.glob("*.dist-info")):
        found = {path.resolve()}
    if not found:
        raise SourceError(
            f"{path} holds no Python packages; give the root of a virtual environment"
            " or its site-packages directory"
        )
    return sorted(found)


def _marker_variables(path: Path) -> dict[str, str]:
    """Return the Python version of another environment, as markers name it."""
    full = _version_from_pyvenv(path) or _version_from_directory(path)
    if not full:
        return {}
    return {"python_version": ".".join(full.split(".")[:2]), "python_full_version": full}


def _version_from_pyvenv(path: Path) -> str:
    for root in (path, *path.resolve().parents[:3]):
        settings = root / "pyvenv.cfg"
        if settings.is_file():
            match = re.search(
                r"^version(?:_info)?\s*=\s*(\d+\.\d+\.\d+)", settings.read_text(), re.M
            )
            return match[1] if match else ""
    return ""


def _version_from_directory(path: Path) -> str:
    for entry in _site_packages(path):
        match = re.fullmatch(r"python(\d+\.\d+)t?", entry.parent.name)
        if match:
            return f"{match[1]}.0"
    return ""


def _installed(found: Iterable[Distribution], report: Report) -> dict[str, _Installed]:
    """Return the distributions by key; the first of a name is the one Python imports."""
    by_key: dict[str, _Installed] = {}
    for distribution in found:
        report.see(Unit.PACKAGE)
        one = _read(distribution, report)
        if one is None:
            continue
        known = by_key.setdefault(one.row.key, one)
        if known is one:
            _count_kept(one, report)
        else:
            _count_repeated(one, known, report)
    return by_key


def _read(distribution: Distribution, report: Report) -> _Installed | None:
    text = _metadata_text(distribution)
    if text is None:
        report.drop(Reason.UNREADABLE_METADATA, _place(distribution))
        return None
    metadata = email.message_from_string(without_control_characters(text))
    name, version = _value(metadata, "Name"), _value(metadata, "Version")
    if not name or not version:
        reason = Reason.MISSING_VERSION if name else Reason.MISSING_NAME
        report.drop(reason, name or _place(distribution))
        return None
    if has_control_characters(text):
        report.remark(Reason.CONTROL_CHARACTERS, name)
    return _Installed(distribution, metadata, _package(distribution, metadata, name, version))


def _metadata_text(distribution: Distribution) -> str | None:
    # Not distribution.metadata: what it does without a METADATA file differs between versions.
    try:
        texts = (distribution.read_text(name) for name in ("METADATA", "PKG-INFO", ""))
        return next((text for text in texts if text), None)
    except UnicodeDecodeError:
        return None


def _place(distribution: Distribution) -> str:
    return str(distribution.locate_file(""))


def _package(distribution: Distribution, metadata: Message, name: str, version: str) -> PackageRow:
    normal = canonicalize_name(name)
    return PackageRow(
        key=f"python:{normal}",
        source="python",
        name=normal,
        version=version,
        summary=_value(metadata, "Summary"),
        licence=stated_licence(
            _value(metadata, "License-Expression"),
            _value(metadata, "License"),
            _values(metadata, "Classifier"),
        ),
        requested=_requested(distribution),
    )


def _requested(distribution: Distribution) -> bool | None:
    """Tell by the REQUESTED file, which only installers that leave an INSTALLER file write."""
    if distribution.read_text("INSTALLER") is None:
        return None
    return distribution.read_text("REQUESTED") is not None


def _count_kept(one: _Installed, report: Report) -> None:
    report.keep(Unit.PACKAGE)
    if one.row.licence == UNKNOWN_LICENCE:
        report.remark(Reason.LICENCE_UNKNOWN, one.row.name)


def _count_repeated(one: _Installed, known: _Installed, report: Report) -> None:
    same = one.row.version == known.row.version
    reason = Reason.DUPLICATE if same else Reason.OTHER_VERSION
    report.drop(reason, f"{one.row.name} {one.row.version}")


def _dependencies(
    one: _Installed,
    installed: Mapping[str, _Installed],
    versions: Mapping[str, str],
    report: Report,
) -> Iterator[DependencyRow]:
    for text in one.distribution.requires or ():
        report.see(Unit.REQUIREMENT)
        example = f"{one.row.name}: {text}"
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            report.drop(Reason.UNPARSABLE_REQUIREMENT, example)
            continue
        extras = _extras_that_need(requirement.marker, versions)
        reason = _why_not(one.row.key, requirement, extras, installed)
        if reason:
            report.drop(reason, example)
            continue
        report.keep(Unit.REQUIREMENT)
        if len(extras) > 1:
            report.remark(Reason.SEVERAL_EXTRAS, example)
        yield from (_dependency(one.row.key, requirement, extra) for extra in extras)


def _extras_that_need(marker: Marker | None, versions: Mapping[str, str]) -> list[str]:
    """Return the extras under which a requirement counts here; [""] when it always counts."""
    if marker is None or marker.evaluate({**versions, "extra": ""}):
        return [""]
    named = {a or b for a, b in _EXTRA.findall(str(marker))}
    found = [extra for extra in named if marker.evaluate({**versions, "extra": extra})]
    return sorted({canonicalize_name(extra) for extra in found})


def _why_not(
    key: str, requirement: Requirement, extras: list[str], installed: Mapping[str, _Installed]
) -> Reason | None:
    target = _key(requirement)
    if target == key:
        return Reason.ON_ITSELF
    if not extras:
        return Reason.MARKER_EXCLUDES
    return None if target in installed else Reason.NOT_PRESENT


def _key(requirement: Requirement) -> str:
    return f"python:{canonicalize_name(requirement.name)}"


def _dependency(package: str, requirement: Requirement, extra: str) -> DependencyRow:
    return DependencyRow(
        package=package,
        requires=_key(requirement),
        specifier=str(requirement.specifier),
        kind="optional" if extra else "requires",
        extra=extra,
        marker=str(requirement.marker or ""),
        wants=tuple(sorted(requirement.extras)),
    )


def _maintainers(one: _Installed) -> Iterator[MaintainerRow]:
    for role, field in _ROLES:
        people = combine(_value(one.metadata, field), _value(one.metadata, f"{field}-email"))
        for person in dict.fromkeys(people):
            yield MaintainerRow(one.row.key, role, person.name, person.email)


def _tags(one: _Installed) -> Iterator[TagRow]:
    for classifier in dict.fromkeys(_values(one.metadata, "Classifier")):
        kind, _, topic = classifier.partition(" :: ")
        if kind == "Topic":
            yield TagRow(one.row.key, topic.strip())


def _values(metadata: Message, field: str) -> list[str]:
    return [str(value).strip() for value in metadata.get_all(field, ())]


def _value(metadata: Message, field: str) -> str:
    """Return the first value of a field, or "" for none and for the placeholder UNKNOWN."""
    value = next(iter(_values(metadata, field)), "")
    return "" if value == "UNKNOWN" else value
