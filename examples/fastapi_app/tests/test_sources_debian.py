"""Debian packages: which are taken, how requirements are resolved, what the report says."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from examples.fastapi_app.sources import (
    UNKNOWN_LICENCE,
    DependencyRow,
    Inventory,
    MaintainerRow,
    PackageRow,
    Reason,
    SourceError,
    TagRow,
    Unit,
    read_debian,
)

ADDUSER = """\
Package: adduser
Status: install ok installed
Section: admin
Maintainer: Debian Adduser Developers <adduser@packages.debian.org>
Architecture: all
Version: 3.134
Depends: passwd (>= 1:4.1), passwd (<= 1:5)
Description: add and remove users and groups
 This package includes the 'adduser' and 'deluser' commands.
"""
PASSWD = "Package: passwd\nVersion: 1:4.13\nArchitecture: amd64\n"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Inventory]:
    """Write stanzas to a status file and read it."""

    def read(*stanzas: str) -> Inventory:
        path = tmp_path / "status"
        path.write_text("\n".join(stanzas), encoding="utf-8")
        return read_debian(path)

    return read


Read = Callable[..., Inventory]


def package(name: str, **fields: str) -> str:
    """Write a stanza; an underscore in a field's name stands for a hyphen."""
    lines = {"Package": name, "Version": "1", "Architecture": "amd64", **fields}
    return "".join(f"{field.replace('_', '-')}: {value}\n" for field, value in lines.items())


def targets(inventory: Inventory) -> list[str]:
    """Name what the dependencies lead to."""
    return [row.requires.removeprefix("debian:") for row in inventory.dependencies]


def test_a_stanza_becomes_rows(read: Read) -> None:
    """Package, section and maintainer of a stanza are rows; the licence is honestly unknown."""
    inventory = read(ADDUSER, PASSWD)
    summary = "add and remove users and groups"
    assert inventory.packages[0] == PackageRow(
        "debian:adduser", "debian", "adduser", "3.134", summary, UNKNOWN_LICENCE, None
    )
    assert inventory.tags == (TagRow("debian:adduser", "admin"),)
    assert inventory.maintainers == (
        MaintainerRow(
            "debian:adduser",
            "maintainer",
            "Debian Adduser Developers",
            "adduser@packages.debian.org",
        ),
    )


def test_two_bounds_are_one_dependency(read: Read) -> None:
    """A range stated as two requirements is one row with both bounds, and a remark."""
    inventory = read(ADDUSER, PASSWD)
    assert inventory.dependencies == (
        DependencyRow("debian:adduser", "debian:passwd", ">= 1:4.1, <= 1:5", "depends"),
    )
    assert inventory.report.remarks[Reason.MERGED] == 1


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("Pre-Depends", "pre-depends"),
        ("Depends", "depends"),
        ("Recommends", "recommends"),
        ("Suggests", "suggests"),
    ],
)
def test_each_field_is_a_kind(read: Read, field: str, kind: str) -> None:
    """The four strengths of a dependency are told apart."""
    inventory = read(package("a", **{field: "b"}), package("b"))
    assert [row.kind for row in inventory.dependencies] == [kind]


def test_alternatives_that_are_present_are_choices(read: Read) -> None:
    """Of `a | b | c` the present ones are dependencies marked as a choice, the rest counted."""
    inventory = read(package("a", Depends="b | c | d"), package("b"), package("c"))
    assert [(row.requires, row.choice) for row in inventory.dependencies] == [
        ("debian:b", True),
        ("debian:c", True),
    ]
    assert inventory.report.dropped == {Reason.ALTERNATIVE_NOT_PRESENT: 1}


def test_a_plain_requirement_makes_a_choice_needed(read: Read) -> None:
    """`b, b | c` needs b, although one of its mentions has an alternative."""
    inventory = read(package("a", Depends="b | c, b"), package("b"), package("c"))
    assert {row.requires: row.choice for row in inventory.dependencies} == {
        "debian:b": False,
        "debian:c": True,
    }


def test_a_requirement_that_nothing_meets_is_counted(read: Read) -> None:
    """A dependency on a package that is not present is dropped with its text as an example."""
    report = read(package("a", Depends="gone (>= 2)")).report
    assert report.dropped == {Reason.NOT_PRESENT: 1}
    assert report.examples[Reason.NOT_PRESENT] == ["a: gone (>= 2)"]


def test_a_virtual_package_leads_to_its_providers(read: Read) -> None:
    """A name that is only provided becomes one dependency for each provider."""
    inventory = read(
        package("a", Depends="mail-agent"),
        package("exim", Provides="mail-agent"),
        package("postfix", Provides="mail-agent (= 3), other"),
    )
    assert [(row.requires, row.virtual, row.choice) for row in inventory.dependencies] == [
        ("debian:exim", "mail-agent", True),
        ("debian:postfix", "mail-agent", True),
    ]
    assert inventory.report.remarks[Reason.THROUGH_PROVIDES] == 1


def test_a_single_provider_is_no_choice(read: Read) -> None:
    """Where one package alone provides the name, it is needed."""
    inventory = read(package("a", Depends="awk"), package("mawk", Provides="awk"))
    assert [row.choice for row in inventory.dependencies] == [False]


def test_a_real_package_is_preferred_to_providers(read: Read) -> None:
    """A package of that name stands for itself, whoever else provides it."""
    inventory = read(package("a", Depends="b"), package("b"), package("c", Provides="b"))
    assert targets(inventory) == ["b"]


def test_a_versioned_requirement_needs_a_versioned_provider(read: Read) -> None:
    """A Provides without a version does not meet a requirement with one."""
    provider = package("b", Provides="virtual")
    report = read(package("a", Depends="virtual (>= 1)"), provider).report
    assert report.dropped == {Reason.VIRTUAL_WITHOUT_VERSION: 1}


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ("not a name", Reason.UNPARSABLE_REQUIREMENT),
        ("b [arm64]", Reason.ARCHITECTURE_EXCLUDES),
        ("a", Reason.ON_ITSELF),
        ("own-virtual", Reason.ON_ITSELF),
    ],
)
def test_other_requirements_are_dropped_by_name(
    read: Read, requirement: str, reason: Reason
) -> None:
    """What cannot be parsed, does not apply or leads to itself is counted as that."""
    report = read(package("a", Depends=requirement, Provides="own-virtual"), package("b")).report
    assert report.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("stanza", "reason"),
    [
        ("Version: 1\nDescription: nameless\n", Reason.MISSING_NAME),
        ("Package: b\n", Reason.MISSING_VERSION),
        (package("b", Status="deinstall ok config-files"), Reason.NOT_INSTALLED),
        (package("b", Status="install ok half-installed"), Reason.NOT_INSTALLED),
        (package("b", Status="install ok not-installed"), Reason.NOT_INSTALLED),
    ],
)
def test_a_stanza_that_is_no_package_is_counted(read: Read, stanza: str, reason: Reason) -> None:
    """Nameless, versionless and removed packages are dropped as what they are."""
    inventory = read(package("a"), stanza)
    assert [row.name for row in inventory.packages] == ["a"]
    assert inventory.report.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("other", "kept", "reason"),
    [
        ({"Version": "1.10"}, "1.10", Reason.OTHER_VERSION),
        ({"Version": "1.9~rc1"}, "1.9", Reason.OTHER_VERSION),
        ({"Version": "1.9"}, "1.9", Reason.DUPLICATE),
        ({"Version": "1.9", "Architecture": "i386"}, "1.9", Reason.OTHER_ARCHITECTURE),
    ],
)
def test_the_newest_of_one_name_is_kept(
    read: Read, other: dict[str, str], kept: str, reason: Reason
) -> None:
    """Of several entries the newest version stays; the others are counted."""
    inventory = read(package("a", Version="1.9"), package("a", **other))
    assert [row.version for row in inventory.packages] == [kept]
    assert inventory.report.dropped == {reason: 1}


def test_everything_is_accounted_for(read: Read) -> None:
    """What was kept and what was dropped add up to what was seen."""
    report = read(ADDUSER, PASSWD, "Version: 1\n", package("a", Depends="x | passwd, ?")).report
    assert [report.unaccounted(unit) for unit in Unit] == [0, 0]
    assert report.seen == {Unit.PACKAGE: 4, Unit.REQUIREMENT: 5}


def test_a_package_with_pending_triggers_is_installed(read: Read) -> None:
    """Such a package is unpacked and configured, so it is taken."""
    inventory = read(package("a", Status="install ok triggers-pending"))
    assert [row.name for row in inventory.packages] == ["a"]


def test_a_line_that_is_no_field_is_remarked(read: Read) -> None:
    """The package is kept, the line is told."""
    report = read(package("a") + "nonsense\n").report
    assert report.remarks[Reason.MALFORMED_LINE] == 1


def test_apt_knows_what_was_requested(tmp_path: Path) -> None:
    """A package that apt marks as automatic was not requested; every other one was."""
    status, states = tmp_path / "status", tmp_path / "extended_states"
    status.write_text(package("a") + "\n" + package("b"))
    states.write_text("Package: b\nArchitecture: amd64\nAuto-Installed: 1\n")
    packages = read_debian(status, extended_states=states).packages
    assert {row.name: row.requested for row in packages} == {"a": True, "b": False}


def test_files_are_read_together(tmp_path: Path) -> None:
    """A package of one file may need one of the other."""
    (tmp_path / "main").write_text(package("a", Depends="b"))
    (tmp_path / "security").write_text(package("b"))
    assert targets(read_debian(tmp_path / "main", tmp_path / "security")) == ["b"]


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress])
def test_compressed_files_are_read(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """Compression is told by content: the name of the file does not matter."""
    path = tmp_path / "Packages"
    path.write_bytes(compress(package("a").encode()))
    assert [row.name for row in read_debian(path).packages] == ["a"]


def test_bytes_that_are_not_utf8_are_replaced_and_told(tmp_path: Path) -> None:
    """One bad byte costs neither the package nor the file."""
    path = tmp_path / "status"
    path.write_bytes(package("a", Description="caf").encode().rstrip() + b"\xe9\n")
    inventory = read_debian(path)
    assert inventory.packages[0].summary == "caf\N{REPLACEMENT CHARACTER}"
    assert inventory.report.remarks[Reason.REPLACED_TEXT] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x04\x22\x4d\x18rest", "apt-helper cat-file"),
        (gzip.compress(b"Package: a\n" * 50)[:-12], "cut off or damaged"),
        (lzma.compress(b"Package: a\n" * 50)[:-12], "cut off or damaged"),
        (gzip.compress(b"")[:10] + b"\xff" * 20, "cut off or damaged"),
        (b"", "holds no package"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, content: bytes, message: str
) -> None:
    """The error says what is wrong with the file and what to do."""
    path = tmp_path / "Packages"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_debian(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(SourceError, match="missing cannot be read"):
        read_debian(tmp_path / "missing")
