from __future__ import annotations

from lab.bench.search import Search


class Path:
    """A way that carries so much, and less the more it is overloaded."""

    def __init__(self, most: float) -> None:
        self.most = most
        self.offered: list[float] = []

    def __call__(self, offered: float) -> float:
        self.offered.append(offered)
        return offered if offered <= self.most else max(0.0, self.most - (offered - self.most) / 2)


def test_the_rate_found_is_near_the_most_that_is_carried() -> None:
    path = Path(100_000)
    assert 85_000 <= Search().sample(path) <= 100_000


def test_it_is_searched_only_once_from_the_bottom() -> None:
    path, search = Path(100_000), Search()
    search.sample(path)
    path.offered.clear()
    search.sample(path)
    assert len(path.offered) == 3
    assert min(path.offered) > 50_000


def test_the_rate_follows_a_path_that_gets_faster() -> None:
    path, search = Path(100_000), Search()
    search.sample(path)
    path.most = 180_000
    delivered = [search.sample(path) for _ in range(6)]
    assert delivered[-1] >= 0.85 * path.most
    assert delivered == sorted(delivered)


def test_a_path_that_carries_anything_ends_the_search() -> None:
    path = Path(float("inf"))
    assert Search().sample(path) > 1_000_000
    assert len(path.offered) < 20
