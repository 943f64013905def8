from __future__ import annotations

import pytest

from searchhead.spl.xml_documents import at_path, elements, read_path


def found(text: str, path: str) -> list[str]:
    return list(at_path(text, *read_path(path)))


def test_elements_come_with_their_paths_texts_and_attributes() -> None:
    shown = [(one.path, one.text, one.attributes) for one in elements('<a x="1"><b>é &lt; 2</b><b/></a>')]
    assert shown == [("a", "<b>é &lt; 2</b><b/>", {"x": "1"}), ("a.b", "é < 2", {}), ("a.b", "", {})]


def test_the_first_of_several_elements_has_the_number_one() -> None:
    text = "<a><b><c>1</c></b><b><c>2</c><c>3</c></b></a>"
    assert found(text, "a.b{2}.c") == ["2", "3"]
    assert found(text, "a.b.c{1}") == ["1", "2"]
    assert found(text, "a.b{3}.c") == []


def test_a_path_ends_with_an_attribute() -> None:
    assert found('<a><b q="x>y"/><b/></a>', "a.b{@q}") == ["x>y"]


def test_markup_begins_behind_a_tag_that_holds_a_greater_than_sign() -> None:
    assert found('<a q="x>y"><b>1</b></a>', "a") == ["<b>1</b>"]


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "<a>",  # not closed
        "<a></b>",  # not well-formed
        "plain",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',  # declares a type
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',  # asks for a file
        "<a>\ud800</a>",  # no text that can be encoded
        "<a>" * 201 + "</a>" * 201,  # deeper than any log
    ],
)
def test_other_text_has_no_elements(text: str) -> None:
    assert elements(text) == []


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "a{}", "a{x}", "{@q}", "a{@q}.b", "a{@}"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        read_path(path)
