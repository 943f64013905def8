import pytest

from searchhead.keyvalues import MODES, automatic
from searchhead.spl.values import Row


def found(mode: str, raw: str, *, try_json: bool = True, **fields: str) -> Row:
    step = automatic(mode, try_json=try_json)
    row: Row = {"_raw": raw, **fields}
    if step is not None:
        step(row)
    return {name: value for name, value in row.items() if name != "_raw"}


PAIRS: list[tuple[str, Row]] = [
    ("a=1 b=two", {"a": "1", "b": "two"}),
    ("a=1,b=2;c=3|d=4", {"a": "1", "b": "2", "c": "3", "d": "4"}),
    # a query of a web address
    ("GET /x?action=view&id=EST-6 HTTP", {"action": "view", "id": "EST-6"}),
    ('a="x, y=1" z=2', {"a": "x, y=1", "z": "2"}),
    ('empty="" a=1', {"a": "1", "empty": ""}),
    # the first value of a name counts
    ("a=1 a=2", {"a": "1"}),
    # single quotes are no quotes
    ("a='x y'", {"a": "'x"}),
    # names do not begin with a digit or an underscore, and are not parts of words
    ("1a=1 _b=2 äc=3", {}),
    # a path of XML, and what is no pair
    ('<Data Name="k">v</Data>', {"Name": "k"}),
    ("a = 1 b== c=", {}),
]


@pytest.mark.parametrize(("raw", "expected"), PAIRS)
def test_pairs_are_found(raw: str, expected: Row) -> None:
    assert found("auto", raw) == expected


def test_escaped_quotes_belong_to_the_value_in_the_mode_for_them() -> None:
    assert found("auto_escaped", r'a="x \"y\" \\" b=1') == {"a": 'x "y" \\', "b": "1"}
    assert found("auto", r'a="x \"y\" z"') == {"a": "x \\"}


def test_what_is_there_stays() -> None:
    assert found("auto", "a=1 b=2", a="0") == {"a": "0", "b": "2"}
    assert found("json", '{"a": 1, "b": 2}', a="0") == {"a": "0", "b": "2"}


def test_json_is_read_as_json_unless_that_is_switched_off() -> None:
    raw = '{"a": [{"b": 1}, {"b": 2}], "c": true, "d": "x=1"}'
    assert found("json", raw) == {"a{}.b": ["1", "2"], "c": "true", "d": "x=1"}
    assert found("auto", raw) == {"a{}.b": ["1", "2"], "c": "true", "d": "x=1", "x": "1"}
    assert found("auto", raw, try_json=False) == {"x": "1"}
    assert found("json", '{"a": 1') == {}


def test_xml_is_read_as_xml() -> None:
    raw = "<Event xmlns='e'><System><EventID>1</EventID></System><D N='a'>x</D><D N='b'>y</D></Event>"
    assert found("xml", raw) == {
        "Event{@xmlns}": "e", "Event.System.EventID": "1", "Event.D{@N}": ["a", "b"], "Event.D": ["x", "y"]
    }  # fmt: skip


def test_xml_that_declares_entities_is_not_read() -> None:
    assert found("xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>') == {}


def test_the_limits_of_splunk_hold() -> None:
    assert len(found("auto", " ".join(f"f{number}=1" for number in range(150)))) == 100
    assert found("auto", " " * 10_240 + "a=1") == {}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "raw", ["a" * 500_000, "a=" * 200_000, 'a="' * 100_000, "{" * 100_000, "<a>" * 100_000, "\\" * 99]
)
def test_hostile_text_is_read_to_its_end(mode: str, raw: str) -> None:
    assert len(found(mode, raw)) <= 2
