"""The same questions for databases whose client blocks: FastAPI runs `def` endpoints in threads."""

from __future__ import annotations

from examples.fastapi_app.threaded import packages, questions, reviews, statistics

ROUTERS = (packages.router, questions.router, reviews.router, statistics.router)
