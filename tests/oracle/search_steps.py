"""Steps that search: by words, by nearness, by both, and what becomes of a search's index."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.oracle.ask_steps import AskSteps
from tests.oracle.models import Firm
from tests.oracle.values import WORDS

POINTS = st.sampled_from([[0.0, 0.0], [0.75, 0.25], [2.0, 1.0]])
ASKED = st.lists(WORDS, min_size=1, max_size=2)


class SearchSteps(AskSteps):
    """What searches find: the right set; of scores the order, of equal ones any."""

    def indexed(self, name: str) -> dict[str, Any]:
        """Return a field of every firm that has it; what is searched is committed."""
        self.commit_all()
        rows = {key: self.stored.nodes[key].values[name] for key in self.stored.keys("f")}
        return {key: value for key, value in rows.items() if value is not None}

    def having(self, asked: list[str]) -> list[str]:
        """Return the firms whose text has all of some words."""
        texts = self.indexed("words").items()
        return sorted(key for key, text in texts if set(asked) <= set(text.split()))

    @rule(asked=ASKED, noise=st.sampled_from(["", " - ", '"', "(@"]))
    def search_words(self, asked: list[str], noise: str) -> None:
        """Words are found where all of them are, whatever stands between them."""
        if self.has("fulltext"):
            self.tell("fulltext_search")
            wanted = self.having(asked)
            search = self.session.fulltext_search(Firm, f" {noise}".join(asked), fields=["words"])
            assert sorted(each.id for each in self.call(search.all)) == wanted
            scores = [score for _, score in self.call(search.scored)]
            assert scores == sorted(scores, reverse=True)
            first = self.call(search.first)
            assert first.id in wanted if wanted else first is None
            assert self.ids(search.order_by(Firm.id).skip(1).limit(1).all) == wanted[1:2]
            if self.has("explain"):
                assert self.call(search.explain)

    @rule(point=POINTS, k=st.integers(1, 4), rank=st.sampled_from([None, 0]))
    def search_near(self, point: list[float], k: int, rank: int | None) -> None:
        """The nearest are found, the nearest first; of those that satisfy a criterion, too."""
        if self.has("vector"):
            self.tell("vector_search")
            far = {key: _distance(spot, point) for key, spot in self.indexed("spot").items()}
            search = self.session.vector_search(Firm, field="spot", vector=point, k=k)
            self.check_near(search, far, k)
            some = {k: d for k, d in far.items() if self.stored.nodes[k].values["rank"] == rank}
            self.check_near(search.where(Firm.rank == rank), some, k)

    def check_near(self, search: Any, far: dict[str, float], k: int) -> None:
        """Compare the distances of what is found with those of the nearest."""
        found = [each.id for each, _ in self.call(search.scored)]
        assert len(set(found)) == len(found)
        assert [far[key] for key in found] == sorted(far.values())[:k], (found, far)

    @rule(asked=ASKED, point=POINTS, k=st.integers(1, 4))
    def search_both(self, asked: list[str], point: list[float], k: int) -> None:
        """What both searches find, neither or one of them, the best first."""
        if self.has("fulltext", "vector"):
            self.tell("hybrid_search")
            by_words, near = self.having(asked), self.indexed("spot")
            search = self.session.hybrid_search(
                Firm, " ".join(asked), field=Firm.spot, vector=point, k=k, fields=["words"]
            )
            found = self.call(search.scored)
            keys = [each.id for each, _ in found]
            nearest = sorted(near, key=lambda key: _distance(near[key], point))
            several = set(by_words) | set(near)
            if len(near) <= 4 * k:
                assert len(keys) == min(k, len(several)), (keys, by_words, nearest)
            assert len(set(keys)) == len(keys)
            assert set(keys) <= several
            scores = [score for _, score in found]
            assert scores == sorted(scores, reverse=True)


def _distance(spot: list[float], point: list[float]) -> float:
    """Return the square of a distance: it sorts alike, and these have no rounding."""
    return sum((one - other) ** 2 for one, other in zip(spot, point, strict=True))
