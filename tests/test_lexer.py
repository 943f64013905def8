import pytest

from searchhead.spl.errors import SplError, UnsupportedSpl
from searchhead.spl.lexer import Cursor, closing_bracket, closing_quote, unescape


def tokens(spl: str, *, expression: bool) -> list[tuple[str, str]]:
    cursor = Cursor(spl, expression=expression)
    found: list[tuple[str, str]] = []
    while (token := cursor.next()).kind != "end":
        found.append((token.kind, token.text))
    return found


def test_words_run_to_the_next_blank_comma_or_comparison() -> None:
    assert tokens('src-ip=10.0.0.* user!="a b",x<=5', expression=False) == [
        ("word", "src-ip"),
        ("symbol", "="),
        ("word", "10.0.0.*"),
        ("word", "user"),
        ("symbol", "!="),
        ("string", "a b"),
        ("symbol", ","),
        ("word", "x"),
        ("symbol", "<="),
        ("word", "5"),
    ]


def test_expressions_are_cut_at_operators() -> None:
    assert tokens("a-b.'c d'*2.5>=len(\"x\")", expression=True) == [
        ("word", "a"),
        ("symbol", "-"),
        ("word", "b"),
        ("symbol", "."),
        ("field", "c d"),
        ("symbol", "*"),
        ("number", "2.5"),
        ("symbol", ">="),
        ("word", "len"),
        ("symbol", "("),
        ("string", "x"),
        ("symbol", ")"),
    ]


@pytest.mark.parametrize(
    ("quoted", "expected"),
    [(r"a\"b", 'a"b'), (r"C:\\Temp", r"C:\Temp"), (r"\d+", r"\d+"), (r"\\\\", r"\\"), (r"\n", r"\n")],
)
def test_only_quotes_and_backslashes_are_unescaped(quoted: str, expected: str) -> None:
    assert unescape(quoted) == expected


def test_a_token_keeps_its_span_with_its_quotes() -> None:
    cursor = Cursor('  x="a b"', expression=True)
    spans = [(token.start, token.end) for token in (cursor.next(), cursor.next(), cursor.next())]
    assert spans == [(2, 3), (3, 4), (4, 9)]


def test_peeking_consumes_nothing() -> None:
    cursor = Cursor("a b")
    assert cursor.peek() == cursor.next()
    assert cursor.position == 1
    assert cursor.rest() == " b"
    assert cursor.next().kind == "end"


def test_switching_cuts_the_next_token_anew() -> None:
    cursor = Cursor("a-b c", expression=False)
    assert cursor.peek().text == "a-b"
    cursor.switch(expression=True)
    assert cursor.next().text == "a"


def test_keywords_are_bare_words_in_any_case() -> None:
    cursor = Cursor('by "by"')
    assert cursor.take_keyword("BY") is not None
    assert cursor.take_keyword("BY") is None


def test_a_subsearch_is_one_token() -> None:
    cursor = Cursor('x [search "]" [inner] | return y] z')
    cursor.next()
    assert cursor.next().text == 'search "]" [inner] | return y'
    assert cursor.next().text == "z"


@pytest.mark.parametrize(
    ("spl", "start"),
    [
        ('a="b', 2),  # the quote is not closed
        ("a [b", 2),  # the bracket is not closed
        ("a ]", 2),  # a bracket that nothing opened
        ("a;b", 1),  # no operator of eval
    ],
)
def test_what_is_no_token_is_an_error_at_its_place(spl: str, start: int) -> None:
    with pytest.raises(SplError) as caught:
        tokens(spl, expression=True)
    assert caught.value.start == start


def test_failing_points_at_the_next_token() -> None:
    cursor = Cursor("a (b")
    cursor.next()
    with pytest.raises(SplError, match=r'expected "\)"') as caught:
        cursor.expect_symbol(")")
    assert (caught.value.start, caught.value.end) == (2, 3)
    with pytest.raises(UnsupportedSpl):
        cursor.unsupported("not this")


def test_closing_places_are_found_past_quotes_and_escapes() -> None:
    assert closing_bracket('["]"]', 0, 5) == 4
    assert closing_quote(r'"a\"b"', 0, 6) == 5
    with pytest.raises(SplError, match="quote that is not closed"):
        closing_quote('"a', 0, 2)
