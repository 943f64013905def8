import pytest

from searchhead.spl.functions.json_documents import (
    MISSING,
    JsonText,
    at_path,
    dumped,
    native,
    parsed,
    places,
    read_path,
)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b", ("a", "b")),
        ("a{}.b{0}", ("a", None, "b", 0)),
        ("{}", (None,)),
        ("{2}.a b", (2, "a b")),
    ],
)
def test_a_path_has_names_places_and_all(path: str, steps: tuple[str | int | None, ...]) -> None:
    assert read_path(path) == steps


@pytest.mark.parametrize(
    "path",
    [
        "",  # nothing
        ".a",  # a dot at the beginning
        "a..b",  # two dots
        "a{x}",  # no place
        "a{",  # not closed
        "a" * 5000 + "{",  # long, which must not take long to refuse
    ],
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        read_path(path)


def test_all_at_a_path_is_found_in_order() -> None:
    document = {"a": [{"b": 1}, {"c": 2}, {"b": 3}]}
    assert at_path(document, read_path("a{}.b")) == [1, 3]
    assert at_path(document, read_path("a{7}.b")) == []


def test_a_place_can_be_written_to() -> None:
    holder = [{"a": [1, 2]}]
    for held, key in places(holder, read_path("a{1}")):
        held[key] = "x"
    assert holder == [{"a": [1, "x"]}]


@pytest.mark.parametrize("text", ["{", "NaN", "[" * 100_000, "[Infinity]"])
def test_text_that_is_no_json_is_missing(text: str) -> None:
    assert parsed(text) is MISSING


def test_objects_become_text_that_stays_an_object() -> None:
    made = native({"a": "é"})
    assert made == dumped({"a": "é"}) == '{"a":"é"}'
    assert isinstance(made, JsonText)
    assert [native(True), native(None), native(1.5), native("x")] == ["true", None, 1.5, "x"]
