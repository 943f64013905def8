from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from searchhead.spl.transactions import Definition, Pool, Transaction, time_of
from searchhead.spl.values import Row


def leaving(pool: Pool, events: Iterable[Row]) -> list[Transaction | Row]:
    left = [one for event in events for one in pool.add(event)]
    return [*left, *pool.rest()]


def sizes(definition: Definition, events: Iterable[Row]) -> list[int]:
    return [len(one.events) for one in leaving(Pool(definition), events) if isinstance(one, Transaction)]


def event(time: float, **fields: str) -> Row:
    return {"_time": time, **fields}


def test_the_bounds_themselves_are_allowed() -> None:
    events = [event(20, id="a"), event(10, id="a"), event(0, id="a")]
    assert sizes(Definition(("id",), maxspan=20), events) == [3]
    assert sizes(Definition(("id",), maxpause=10), events) == [3]
    assert sizes(Definition(("id",), maxspan=19), events) == [2, 1]
    assert sizes(Definition(("id",), maxpause=9), events) == [1, 1, 1]


def test_a_multivalue_connects_what_shares_one_of_its_values() -> None:
    events: list[Row] = [{"_time": 2, "id": ["a", "b"]}, {"_time": 1, "id": "b"}, {"_time": 0, "id": "c"}]
    assert sizes(Definition(("id",)), events) == [2, 1]


def test_the_one_that_was_added_to_last_takes_an_event_that_fits_two() -> None:
    events = [event(3, a="1"), event(2, b="2"), event(1, a="1", b="2")]
    assert sizes(Definition(("a", "b")), events) == [1, 2]


def test_a_full_pool_evicts_the_least_recently_used() -> None:
    pool = Pool(Definition(("id",), maxopentxn=2))
    left = leaving(pool, [event(3, id="a"), event(2, id="b"), event(1, id="a"), event(0, id="c")])
    assert [(one.events[0]["id"], one.complete) for one in left if isinstance(one, Transaction)] == [
        ("b", False),
        ("a", True),
        ("c", True),
    ]
    assert pool.evicted == 1


def test_an_event_without_the_fields_belongs_to_none() -> None:
    orphan = event(0, k="1")
    assert leaving(Pool(Definition(("id",))), [orphan]) == [orphan]


@given(
    st.lists(st.fixed_dictionaries({"_time": st.integers(0, 50), "id": st.sampled_from("abc")}), max_size=30),
    st.builds(
        Definition,
        fields=st.sampled_from([(), ("id",)]),
        maxspan=st.integers(-1, 20),
        maxpause=st.integers(-1, 20),
        maxevents=st.integers(1, 5),
        maxopentxn=st.integers(1, 4),
        endswith=st.sampled_from([None, lambda row: row["id"] == "a"]),
        startswith=st.sampled_from([None, lambda row: row["_time"] % 5 == 0]),
    ),
)
def test_no_event_is_lost_and_every_transaction_keeps_to_its_bounds(rows: list[Row], definition: Definition) -> None:
    events = sorted(rows, key=time_of, reverse=True)
    left = leaving(Pool(definition), events)
    transactions = [one for one in left if isinstance(one, Transaction)]
    assert sum(len(one.events) for one in transactions) == len(events)
    for one in transactions:
        times = [time_of(row) for row in one.events]
        assert times == sorted(times, reverse=True)
        assert len(times) <= definition.maxevents
        assert definition.maxspan < 0 or times[0] - times[-1] <= definition.maxspan
        assert definition.maxpause < 0 or all(a - b <= definition.maxpause for a, b in zip(times, times[1:]))  # noqa: B905, RUF007 - pairs of neighbours
