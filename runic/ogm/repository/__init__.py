"""Repositories: typed collections over a session."""

from runic.ogm.repository.async_repository import AsyncRepository, Page
from runic.ogm.repository.repository import Repository
from runic.ogm.session.repository_hook import provide_repository

__all__ = ["AsyncRepository", "Page", "Repository"]

provide_repository("async", AsyncRepository)
provide_repository("sync", Repository)
