"""What the endpoints return beyond the entities themselves."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from examples.fastapi_app.models import DependsOn, Package

T = TypeVar("T")


class Part(BaseModel, Generic[T]):
    """Some of `total` items: those after the first `skip`, at most `limit`."""

    total: int
    skip: int
    limit: int
    items: list[T]


class Dependency(BaseModel):
    """A package that is needed, and the requirement that first leads to it."""

    distance: int = Field(description="Steps from the package that was asked about")
    via: str = Field(description="Key of the package that needs it")
    requirement: DependsOn
    package: Package


class Affected(BaseModel):
    """A package that needs another, over some steps."""

    distance: int
    via: str = Field(description="Key of the package through which it is affected")
    package: Package


class LicenceCount(BaseModel):
    """How many packages come under a licence."""

    licence: str
    packages: int


class MaintainerCount(BaseModel):
    """How many packages somebody stands behind."""

    key: str
    name: str
    packages: int


class NeedCount(BaseModel):
    """How many packages need one directly."""

    key: str
    needed_by: int
