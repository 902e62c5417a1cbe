"""Python distributions: metadata in all its generations, markers, extras, and the account."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from examples.fastapi_app.sources import (
    UNKNOWN_LICENCE,
    DependencyRow,
    Inventory,
    PackageRow,
    Reason,
    SourceError,
    TagRow,
    Unit,
    read_python_environment,
)


class Environment:
    """A virtual environment made of metadata alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.site = root / "lib" / "python3.12" / "site-packages"
        self.site.mkdir(parents=True)
        (root / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.1\n")

    def add(self, name: str, *lines: str, version: str = "1.0", **files: str) -> None:
        metadata = "\n".join([f"Name: {name}", f"Version: {version}", *lines, "", "Long text."])
        self.add_files(f"{name}-{version}.dist-info", METADATA=metadata, **files)

    def add_files(self, directory: str, **files: str) -> None:
        place = self.site / directory
        place.mkdir()
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")

    def read(self) -> Inventory:
        return read_python_environment(self.root)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """Start with an environment of Python 3.12.1 that holds nothing."""
    return Environment(tmp_path / "venv")


def test_metadata_becomes_rows(environment: Environment) -> None:
    """Name (normalised), version, summary, licence and topics are rows."""
    environment.add(
        "Zope.Interface",
        "Summary: Interfaces",
        "License-Expression: ZPL-2.1",
        "Classifier: Topic :: Software Development :: Libraries",
        "Classifier: Programming Language :: Python :: 3",
    )
    inventory = environment.read()
    assert inventory.packages == (
        PackageRow(
            "python:zope-interface",
            "python",
            "zope-interface",
            "1.0",
            "Interfaces",
            "ZPL-2.1",
            None,
        ),
    )
    assert inventory.tags == (TagRow("python:zope-interface", "Software Development :: Libraries"),)


def test_the_installer_tells_what_was_requested(environment: Environment) -> None:
    """REQUESTED beside INSTALLER means yes, INSTALLER alone no, neither: it is not known."""
    environment.add("asked", INSTALLER="pip\n", REQUESTED="")
    environment.add("pulled", INSTALLER="pip\n")
    environment.add("copied")
    packages = environment.read().packages
    assert {row.name: row.requested for row in packages} == {
        "asked": True,
        "pulled": False,
        "copied": None,
    }


def test_a_requirement_becomes_a_dependency(environment: Environment) -> None:
    """Specifier, wanted extras and marker are kept; names are compared normalised."""
    environment.add("app", 'Requires-Dist: My_Lib[fast] (>=2,<3) ; python_version >= "3.9"')
    environment.add("my.lib", version="2.5")
    assert environment.read().dependencies == (
        DependencyRow(
            package="python:app",
            requires="python:my-lib",
            specifier="<3,>=2",
            kind="requires",
            marker='python_version >= "3.9"',
            wants=("fast",),
        ),
    )


def test_an_extra_makes_a_dependency_optional(environment: Environment) -> None:
    """A requirement that counts only with an extra names it."""
    environment.add("app", "Requires-Dist: lib; extra == 'Web_UI'")
    environment.add("lib")
    (row,) = environment.read().dependencies
    assert (row.kind, row.extra) == ("optional", "web-ui")


def test_a_requirement_of_two_extras_is_two_dependencies(environment: Environment) -> None:
    """One line may belong to several extras; the report remarks it."""
    environment.add("app", "Requires-Dist: lib; extra == 'a' or extra == 'b'")
    environment.add("lib")
    inventory = environment.read()
    assert [row.extra for row in inventory.dependencies] == ["a", "b"]
    assert inventory.report.remarks[Reason.SEVERAL_EXTRAS] == 1


def test_a_plain_requirement_outside_the_extra_wins(environment: Environment) -> None:
    """A marker that also holds without any extra makes a plain dependency."""
    environment.add("app", "Requires-Dist: lib; python_version > '3' or extra == 'a'")
    environment.add("lib")
    assert [row.kind for row in environment.read().dependencies] == ["requires"]


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ("lib; python_version < '3.12'", Reason.MARKER_EXCLUDES),
        ("lib; extra == 'a' and python_full_version != '3.12.1'", Reason.MARKER_EXCLUDES),
        ("absent>=1", Reason.NOT_PRESENT),
        ("lib >== 2", Reason.UNPARSABLE_REQUIREMENT),
        ("app[all]; extra == 'dev'", Reason.ON_ITSELF),
    ],
)
def test_a_dropped_requirement_is_counted(
    environment: Environment, requirement: str, reason: Reason
) -> None:
    """Markers are judged for the environment's own Python; each reason has its count."""
    environment.add("app", f"Requires-Dist: {requirement}")
    environment.add("lib")
    inventory = environment.read()
    assert inventory.dependencies == ()
    assert inventory.report.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT", "License: BSD"], "MIT"),
        (["License: MIT License"], "MIT"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"], "MIT"),
        (["License: one\n  two", "Classifier: License :: Public Domain"], "Public Domain"),
        (["Classifier: License :: OSI Approved :: BSD License"], "BSD License"),
        (
            [
                "Classifier: License :: OSI Approved :: Apache Software License",
                "Classifier: License :: OSI Approved :: BSD License",
            ],
            "Apache Software License, BSD License",
        ),
        (["Classifier: License :: OSI Approved"], UNKNOWN_LICENCE),
        ([], UNKNOWN_LICENCE),
    ],
)
def test_the_newest_licence_field_wins(
    environment: Environment, lines: list[str], licence: str
) -> None:
    """Expression before field before classifiers; a doubtful name is not made exact."""
    environment.add("app", *lines)
    assert environment.read().packages[0].licence == licence


@pytest.mark.parametrize(
    ("lines", "people"),
    [
        (["Author: Ada", "Author-email: ada@x.org"], [("author", "Ada", "ada@x.org")]),
        (["Author-email: Ada <ada@x.org>"], [("author", "Ada", "ada@x.org")]),
        (
            ['Author-email: "Acme, Inc." <acme@x.org>, bob@x.org'],
            [("author", "Acme, Inc.", "acme@x.org"), ("author", "", "bob@x.org")],
        ),
        (
            ["Author: Ada, Bob", "Author-email: ada@x.org, bob@x.org"],
            [("author", "Ada", "ada@x.org"), ("author", "Bob", "bob@x.org")],
        ),
        (["Author: Acme, Inc."], [("author", "Acme, Inc.", "")]),
        (
            ["Author: Ada, Bob", "Author-email: Ada <ada@x.org>"],
            [("author", "Ada", "ada@x.org"), ("author", "Bob", "")],
        ),
        (
            ["Author: Ada", "Maintainer-email: Bob <bob@x.org>"],
            [("author", "Ada", ""), ("maintainer", "Bob", "bob@x.org")],
        ),
        (["Author: UNKNOWN", "Author-email: UNKNOWN"], []),
    ],
)
def test_people_are_read_from_every_form(
    environment: Environment, lines: list[str], people: list[tuple[str, str, str]]
) -> None:
    """Names and addresses come together, whichever of the fields holds them."""
    environment.add("app", *lines)
    rows = environment.read().maintainers
    assert [(row.role, row.name, row.email) for row in rows] == people


def test_the_same_person_has_the_same_key(environment: Environment) -> None:
    """An address is compared without case; without one, the name is."""
    environment.add("a", "Author-email: Ada <Ada@x.org>", "Maintainer: BOB")
    environment.add("b", "Author-email: Ada L. <ada@X.org>", "Maintainer: Bob")
    keys = {row.key for row in environment.read().maintainers}
    assert keys == {"ada@x.org", "name:bob"}


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("Version: 1\n", Reason.MISSING_NAME),
        ("Name: app\n", Reason.MISSING_VERSION),
        ("", Reason.UNREADABLE_METADATA),
    ],
)
def test_a_broken_distribution_is_counted(
    environment: Environment, metadata: str, reason: Reason
) -> None:
    """What cannot be named or read is dropped with its reason, the rest is read."""
    environment.add("fine")
    environment.add_files("broken-1.dist-info", METADATA=metadata)
    inventory = environment.read()
    assert [row.name for row in inventory.packages] == ["fine"]
    assert inventory.report.dropped == {reason: 1}


def test_metadata_that_is_not_utf8_is_counted(environment: Environment) -> None:
    """Bytes of another encoding make one distribution unreadable, not all."""
    environment.add_files("broken-1.dist-info")
    (environment.site / "broken-1.dist-info" / "METADATA").write_bytes(b"Name: caf\xe9\n")
    assert environment.read().report.dropped == {Reason.UNREADABLE_METADATA: 1}


def test_a_second_version_is_counted(environment: Environment) -> None:
    """Leftovers of an upgrade: Python imports one, the other is counted."""
    environment.add("app", version="1.0")
    environment.add("app", version="2.0")
    inventory = environment.read()
    assert len(inventory.packages) == 1
    assert inventory.report.dropped == {Reason.OTHER_VERSION: 1}


def test_everything_is_accounted_for(environment: Environment) -> None:
    """What was kept and what was dropped add up to what was seen."""
    environment.add("app", "Requires-Dist: lib", "Requires-Dist: absent", "Requires-Dist: ???")
    environment.add("lib")
    environment.add_files("broken-1.dist-info", METADATA="Version: 1\n")
    report = environment.read().report
    assert [report.unaccounted(unit) for unit in Unit] == [0, 0]
    assert report.seen == {Unit.PACKAGE: 3, Unit.REQUIREMENT: 3}


def test_the_report_reads_as_text(environment: Environment) -> None:
    """Totals come first, then each reason with its count and an example."""
    environment.add("app", "License: MIT", "Requires-Dist: absent")
    assert environment.read().report.lines() == [
        f"{environment.root}: 1 of 1 packages kept",
        f"{environment.root}: 0 of 1 requirements kept",
        "dropped: 1 requirements: the package it needs is not present (app: absent)",
    ]


def test_a_site_packages_directory_is_enough(environment: Environment) -> None:
    """The directory itself may be given; the Python version still comes from its environment."""
    environment.add("app", "Requires-Dist: lib; python_version == '3.12'")
    environment.add("lib")
    inventory = read_python_environment(environment.site)
    assert len(inventory.dependencies) == 1


def test_a_path_without_packages_is_an_error(tmp_path: Path) -> None:
    """The error names the path and what to give instead."""
    with pytest.raises(SourceError, match="virtual environment"):
        read_python_environment(tmp_path)


def test_the_running_environment_is_read() -> None:
    """This interpreter's own packages are there, consistent and accounted for."""
    inventory = read_python_environment()
    keys = {row.key for row in inventory.packages}
    assert {"python:pytest", "python:packaging"} <= keys
    assert len(keys) == len(inventory.packages)
    assert {key for row in inventory.dependencies for key in (row.package, row.requires)} <= keys
    assert [inventory.report.unaccounted(unit) for unit in Unit] == [0, 0]


def test_the_running_environment_by_path_is_the_same() -> None:
    """Read by its prefix, the environment has what it has when read from inside."""
    inside = {row.key: row.version for row in read_python_environment().packages}
    by_path = {row.key: row.version for row in read_python_environment(Path(sys.prefix)).packages}
    assert by_path.items() <= inside.items()
