import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchhead.spl.regex import InvalidRegex, compile_regex

# pattern, text, what the first match covers (None: no match), as pcrepattern(3) has it
MATCHES = [
    # named groups in PCRE's spellings, and references to them
    (r"(?<a>x)(?'b'y)(?P<c>z)", "xyz", "xyz"),
    (r"(?<a>.)\k<a>\k'a'\k{a}\g{a}(?P=a)", "xxxxxx", "xxxxxx"),
    (r"(.)(.)\2\1", "abba", "abba"),
    (r"(.)\g1\g{1}\g{-1}", "aaaa", "aaaa"),
    (r"(.)\g{1}0", "aa0", "aa0"),
    # ends of the text
    (r"a\z", "a\n", None),
    (r"a\Z", "a\n", "a"),
    (r"a$", "a\n", "a"),
    (r"(?m)^b$", "a\nb\nc", "b"),
    # ASCII classes and boundaries
    (r"^\w+", "aé", "a"),
    (r"^\d+$", "\u0661", None),
    (r"^\s$", "\u00a0", None),
    (r"\bé", "é", None),
    # white space
    (r"^\h+", " \t\u00a0\u3000\n", " \t\u00a0\u3000"),
    (r"^\H+", "a b", "a"),
    (r"^\v+", "\n\x0b\u2028 ", "\n\x0b\u2028"),
    (r"^\V+", "a\x0bb", "a"),
    (r"^\R$", "\r\n", "\r\n"),
    (r"^\R\n", "\r\n", None),
    (r"(?s)^\N+", "ab\nc", "ab"),
    # characters by number
    (r"\x41\x{42}\0103\e\cA\a", "AB\x083\x1b\x01\a", "AB\x083\x1b\x01\a"),
    (r"\x2e", "a", None),
    # quoting
    (r"\Qa.b*\Ec", "a.b*c", "a.b*c"),
    (r"\Qa.b", "axb", None),
    (r"\\Q", "\\Q", "\\Q"),
    (r"a\/b\"\_\-", 'a/b"_-', 'a/b"_-'),
    # possessive and atomic
    (r"a++a", "aaa", None),
    (r"(?>a|ab)c", "abc", None),
    (r"(?:\s[^>]{0,64}+)?+>", " x>", " x>"),
    # braces that are no quantifier
    (r"{a}", "{a}", "{a}"),
    (r"a{2}{", "aa{", "aa{"),
    (r"a{1,2}+a", "aa", None),
    # flags, also in the middle, where they hold to the end of the group, later branches included
    (r"(?i)AB", "ab", "ab"),
    (r"a(?i)b|c", "aB", "aB"),
    (r"a(?i)b|c", "Ab", None),
    (r"a(?i)b|c", "C", "C"),
    (r"(a(?i)b)c", "aBc", "aBc"),
    (r"(a(?i)b)c", "aBC", None),
    (r"(?i)a(?-i)b", "Ab", "Ab"),
    (r"(?i)a(?-i)b", "AB", None),
    (r"(?i:a)b", "Ab", "Ab"),
    (r"(?x) a b # ( comment [\n c", "ab", "ab"),
    ("(?x) a # ( comment\n c", "ac", "ac"),
    (r"(?x)[ ]a\ b", " a b", " a b"),
    (r"(?s)a.b", "a\nb", "a\nb"),
    # conditions
    (r"^(a)?(?(1)b|c)$", "ab", "ab"),
    (r"^(?<n>a)?(?(<n>)b|c)$", "c", "c"),
    # comments and look-around
    (r"a(?#b)c", "ac", "ac"),
    (r"(?<=a)b(?=c)(?!d)", "abc", "b"),
    (r"(?<!a)b", "ab", None),
    # character classes
    (r"[]a]+", "a]a", "a]a"),
    (r"[^]a]", "]b", "b"),
    (r"[[:alpha:]_]+", "a_Z1", "a_Z"),
    (r"[[:punct:]]+", "a[`~]", "[`~]"),
    (r"[[:space:][:digit:]]+", "x 1\t", " 1\t"),
    (r"[\w-.]+", "a-.", "a-."),
    (r"[a\-z]+", "b-az", "-az"),
    (r"[+--]+", "a+,-", "+,-"),
    (r"[a-]+", "-a", "-a"),
    (r"[\b]", "\b", "\b"),
    (r"[\x41-\x{43}]+", "xABCD", "ABC"),
    (r"[[&&a~~||z]+", "&a~|z[", "&a~|z["),
    (r"[\h,]+", "a ,\t", " ,\t"),
    (r"[\]\\^]+", "]\\^", "]\\^"),
    (r"[.$|(){}*+?#]+", "a.$|(){}*+?#", ".$|(){}*+?#"),
]


@pytest.mark.parametrize(("pattern", "text", "matched"), MATCHES)
def test_a_pattern_matches_as_in_pcre(pattern: str, text: str, matched: str | None) -> None:
    found = compile_regex(pattern).search(text)
    assert (found[0] if found else None) == matched


def test_groups_keep_their_names_and_numbers() -> None:
    regex = compile_regex(r"(?i)(?<one>a)(b)(?:c)(?<three>d)")
    assert dict(regex.groupindex) == {"one": 1, "three": 3}
    assert regex.groups == 3


REFUSED = [
    # what Python cannot do
    (r"a\Kb", r"\K is not supported, at character 2"),
    (r"\Ga", r"\G is not supported, at character 1"),
    (r"\X", r"\X is not supported"),
    (r"\p{L}", r"\p is not supported"),
    (r"(?R)", "'(?R)' is a group that is not supported"),
    (r"(a)(?1)", "'(?1)' is a group that is not supported, at character 4"),
    (r"(?&a)", "'(?&a' is a group that is not supported"),
    (r"(?|a|b)", "'(?|a' is a group that is not supported"),
    (r"(*SKIP)a", "verbs such as (*SKIP) are not supported"),
    (r"(?U)a+", "'(?U)' is a group that is not supported"),
    (r"(?<=a|bc)d", "look-behind requires fixed-width pattern"),
    (r"[[:^alpha:]]", "[:^alpha:] is not supported in a class"),
    (r"[\H]", r"\H is not supported"),
    # case folding beyond ASCII would differ
    (r"(?i)é", "the letter 'é' within (?i) is not supported"),
    (r"(?i)[\x{e9}]", "the letter 'é' within (?i) is not supported"),
    # read differently by versions of PCRE
    (r"a{,3}", "{,n} is read in two ways"),
    # no regular expressions
    (r"(a", "a ( is not closed"),
    (r"a)", "a ) closes nothing, at character 2"),
    (r"[a", "a [ is not closed"),
    (r"[]", "a [ is not closed"),
    (r"[a-", "a [ is not closed"),
    ("a\\", "a backslash stands at the end"),
    (r"*a", "nothing to repeat"),
    (r"(?<a>x)(?<a>y)", "redefinition of group name"),
    (r"[z-a]", "bad character range"),
    (r"(a)\2", r"\2 refers to a group that has not begun before it"),
    (r"\g{-1}(a)", r"\g{-1} refers to a group that has not begun before it"),
    (r"\103", r"\10 refers to a group that has not begun before it"),
    (r"\k<a>", "unknown group name"),
    (r"\x{110000}", r"\x{110000} is no character"),
    (r"[[:letter:]]", "[:letter:] is not supported in a class"),
    # misspelt escapes and names
    (r"\j", r"\j is not supported"),
    (r"(?<1a>x)", "is a group that is not supported"),
    ("(" * 5000 + ")" * 5000, "in the regular expression"),
]


@pytest.mark.parametrize(("pattern", "message"), REFUSED)
def test_what_cannot_be_matched_alike_is_refused_with_its_place(pattern: str, message: str) -> None:
    with pytest.raises(InvalidRegex) as refused:
        compile_regex(pattern)
    assert message in str(refused.value)


@given(st.text(alphabet="ab(?<>)[]|\\*+{}^$.-:1,QEi#'PxKhR \n", max_size=20))
def test_any_text_is_compiled_or_refused(pattern: str) -> None:
    try:
        assert isinstance(compile_regex(pattern), re.Pattern)
    except InvalidRegex as refused:
        assert repr(pattern) in str(refused)  # noqa: PT017  # both ends are right, only another exception is not


@given(st.text(max_size=20))
def test_a_quoted_text_matches_itself_alone(text: str) -> None:
    quoted = text.replace("\\", "")
    regex = compile_regex(f"\\Q{quoted}\\E")
    assert regex.fullmatch(quoted)
    assert not regex.fullmatch(f"{quoted}!")


def test_a_class_of_any_characters_matches_each_of_them() -> None:
    for code in (*range(0x21, 0x30), *range(0x3A, 0x41), *range(0x5D, 0x61), *range(0x7B, 0x7F)):
        assert compile_regex(f"[a{chr(code)}b]" if chr(code) not in "]-" else f"[{chr(code)}ab]").fullmatch(chr(code))
