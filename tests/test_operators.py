from __future__ import annotations

from collections.abc import Iterable

import pytest

from searchhead.lookups import Lookups
from searchhead.spl.operators import Environment, Operator, Streaming
from searchhead.spl.values import Row


def test_a_streaming_command_is_its_function_and_has_nothing_left_at_the_end() -> None:
    def doubled(rows: Iterable[Row]) -> Iterable[Row]:
        return [row for row in rows for _ in range(2)]

    operator = Streaming(doubled)
    assert list(operator.process([{"a": "1"}])) == [{"a": "1"}, {"a": "1"}]
    assert list(operator.finish()) == []
    operator.close()


def test_a_command_must_say_what_it_does_with_rows() -> None:
    with pytest.raises(NotImplementedError, match="Operator"):
        Operator().process([])


def test_an_environment_without_more_is_empty_in_utc_and_silent() -> None:
    environment = Environment(Lookups(()))
    environment.warn("nobody hears this")
    assert dict(environment.macros) == {}
    assert environment.commands is None
    assert str(environment.timezone) == "UTC"
    assert (environment.earliest, environment.latest) == (None, None)
