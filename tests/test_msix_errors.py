import pytest
from msix.errors import describe

QUOTED = [
    ("", "no name: ''"),
    ("it's", 'no name: "it\'s"'),
    ("a" * 78, f"no name: '{'a' * 78}'"),  # 80 with its quotation marks
    ("a" * 79, f"no name: '{'a' * 76}..."),
    ("a" * 1_000_000, f"no name: '{'a' * 76}..."),
    ("\ud800\n", r"no name: '\ud800\n'"),
    ("\x00" * 1000, "no name: '" + "\\x00" * 19 + "..."),
]


@pytest.mark.parametrize(("text", "message"), QUOTED)
def test_a_message_quotes_the_input_in_about_80_characters(text: str, message: str) -> None:
    assert describe("no name", text) == message
