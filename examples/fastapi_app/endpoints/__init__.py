"""What can be asked over HTTP, one router to a subject."""

from __future__ import annotations

from examples.fastapi_app.endpoints import packages, questions, reviews, statistics

ROUTERS = (packages.router, questions.router, reviews.router, statistics.router)
