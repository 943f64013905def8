from collections.abc import Mapping
from pathlib import Path

import pytest

from searchhead.conf import App, Conf, InvalidConf, Stanza
from searchhead.extractions import Step, inline_extraction, report, transforms_of
from searchhead.spl.values import Row


def conf_of(folder: Path, text: str) -> Conf:
    (folder / "default").mkdir()
    (folder / "default" / "transforms.conf").write_text(text, encoding="utf-8")
    return App(folder).conf("transforms")


def stanza_of(folder: Path, text: str) -> Stanza:
    return next(iter(conf_of(folder, f"[s]\n{text}\n").stanzas.values()))


def applied(step: Step | InvalidConf, row: Mapping[str, str | list[str]]) -> Row:
    """The fields that a step adds or changes."""
    assert not isinstance(step, InvalidConf)
    after: Row = dict(row)
    step(after)
    return {name: value for name, value in after.items() if name not in row or row[name] != value}


# settings of a transform, the row, what is added
TRANSFORMS: list[tuple[str, dict[str, str | list[str]], Row]] = [
    (r"REGEX = a=(\d)\nFORMAT = a::$1", {"_raw": "a=1 a=2"}, {"a": "1"}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1\nMV_ADD = true", {"_raw": "a=1 a=2"}, {"a": ["1", "2"]}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1\nMV_ADD = 1", {"_raw": "a=1", "a": "0"}, {"a": ["0", "1"]}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1\nMV_ADD = 1", {"_raw": "a=1", "a": ["8", "9"]}, {"a": ["8", "9", "1"]}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1", {"_raw": "a=1", "a": "0"}, {}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1", {"_raw": "none"}, {}),
    (r"REGEX = a=(\d)\nFORMAT = a::$1", {}, {}),
    # names from the event: applied again and again, the first value of a name stays
    (r"REGEX = (\w+)=(\w+)\nFORMAT = $1::$2", {"_raw": "a=1 b=2 a=3"}, {"a": "1", "b": "2"}),
    (r"REGEX = (\w+)=(\w+)\nFORMAT = $1::$2\nMV_ADD = true", {"_raw": "a=1 b=2 a=3"}, {"a": ["1", "3"], "b": "2"}),
    # several pairs, constants, the whole match
    (
        r"REGEX = (.)(.)\nFORMAT = first::$1 second::$2 third::x",
        {"_raw": "ab"},
        {"first": "a", "second": "b", "third": "x"},
    ),
    (r'REGEX = (.)\nFORMAT = kind::"two words" all::$0', {"_raw": "ab"}, {"kind": "two words", "all": "a"}),
    # without FORMAT the named groups
    (r"REGEX = (?<one>.)(?<two>.)", {"_raw": "ab"}, {"one": "a", "two": "b"}),
    # a group that took no part, and one that is empty
    (r"REGEX = (?<one>a)|(?<two>b)", {"_raw": "b"}, {"two": "b"}),
    (r"REGEX = (?<one>x*)(?<two>b)", {"_raw": "b"}, {"two": "b"}),
    (r"REGEX = (?<one>x*)(?<two>b)\nKEEP_EMPTY_VALS = true", {"_raw": "b"}, {"one": "", "two": "b"}),
    # another source, each of its values
    (r"REGEX = (\w)\nFORMAT = a::$1\nSOURCE_KEY = f", {"_raw": "x", "f": "y"}, {"a": "y"}),
    (r"REGEX = (\w)\nFORMAT = a::$1\nSOURCE_KEY = f\nMV_ADD = 1", {"f": ["xy", "z"]}, {"a": ["x", "y", "z"]}),
    (r"REGEX = (\w)\nFORMAT = f::$1\nSOURCE_KEY = f\nMV_ADD = 1", {"f": ["x", "z"]}, {"f": ["x", "z", "x", "z"]}),
    # names are cleaned
    (r"REGEX = (\S+)=(\S+)\nFORMAT = $1::$2", {"_raw": "a.b-ä=1 _9c=2 99=3"}, {"a_b__": "1", "c": "2"}),
    (r"REGEX = (\S+)=(\S+)\nFORMAT = $1::$2\nCLEAN_KEYS = false", {"_raw": "a.b=1 _c=2"}, {"a.b": "1", "_c": "2"}),
    # what was set at index time stays, whatever an event says
    (r"REGEX = (\w+)=(\w+)\nFORMAT = $1::$2\nMV_ADD = 1", {"_raw": "host=x index=y", "host": "h", "index": "i"}, {}),
    # limits of PCRE are accepted
    ("REGEX = (?<a>.)\nMATCH_LIMIT = 100\nDEPTH_LIMIT = 100", {"_raw": "b"}, {"a": "b"}),
]


@pytest.mark.parametrize(("settings", "row", "expected"), TRANSFORMS)
def test_a_transform_extracts_fields(
    tmp_path: Path, settings: str, row: dict[str, str | list[str]], expected: Row
) -> None:
    lines = settings.replace(r"\n", "\n")
    transforms = transforms_of(conf_of(tmp_path, f"[t]\n{lines}\n"))
    assert applied(transforms["t"], row) == expected


INVALID_TRANSFORMS = [
    # no regular expression
    ("FORMAT = a::$1", 1, "has neither REGEX nor filename: it is no extraction and no lookup"),
    # one that cannot be compiled
    ("REGEX = (?<a>x", 2, "has REGEX: a ( is not closed, at character 7 of the regular expression '(?<a>x'"),
    # nothing to call the value
    ("REGEX = (x)", 2, "has neither FORMAT nor a named group in its REGEX"),
    # more groups than the regular expression has
    ("REGEX = (x)\nFORMAT = a::$2", 3, "has $2 in FORMAT, but its REGEX has 1 groups"),
    # joining texts is for index time
    ("REGEX = (x)(y)\nFORMAT = a::$1-$2", 3, "has FORMAT 'a::$1-$2': write name::$1 or $1::$2"),
    ("REGEX = (x)(y)\nFORMAT = a_$1::$2", 3, "has FORMAT 'a_$1::$2': write name::$1 or $1::$2"),
    # one colon
    ("REGEX = (x)\nFORMAT = b::$1 a:$1", 3, "has FORMAT 'a:$1': write name::$1 or $1::$2"),
    # empty
    ("REGEX = (x)\nFORMAT =", 3, "has FORMAT '': write name::$1 or $1::$2"),
    # no truth value
    ("REGEX = (?<a>x)\nMV_ADD = always", 3, "has MV_ADD = 'always': write true or false"),
    # a setting that is not supported, and one that does not exist
    ('DELIMS = ","\nFIELDS = a, b', 2, 'has setting "DELIMS", which is not supported'),
    ("REGEX = (?<a>x)\nmv_add = true", 3, 'has setting "mv_add", which is not supported'),
]


@pytest.mark.parametrize(("settings", "line", "message"), INVALID_TRANSFORMS)
def test_a_transform_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, settings: str, line: int, message: str
) -> None:
    conf = conf_of(tmp_path, f"[t]\n{settings}\n")
    with pytest.raises(InvalidConf) as refused:
        transforms_of(conf)
    assert str(refused.value).startswith(f"default/transforms.conf:{line}: stanza [t] {message}")


def test_lookups_are_no_extractions(tmp_path: Path) -> None:
    assert transforms_of(conf_of(tmp_path, "[t]\nfilename = t.csv\nmax_matches = 1\n")) == {}


INLINE: list[tuple[str, dict[str, str | list[str]], Row]] = [
    (r"(?<a>\d)(?<b>\d)?", {"_raw": "x12"}, {"a": "1", "b": "2"}),
    (r"(?<a>\d)(?<b>x)?", {"_raw": "12"}, {"a": "1"}),
    (r"(?<a>\d)", {"_raw": "1", "a": "0"}, {}),
    (r"(?<a>\d) in other", {"_raw": "1", "other": "2"}, {"a": "2"}),
    (r"(?<a>\d)  in  other_1", {"other_1": ["x", "3", "4"]}, {"a": "3"}),
    (r"(?<a>\d)", {"_raw": "1 2"}, {"a": "1"}),
    # props.conf.spec: how a regular expression that ends like "in <field>" is written
    (r"(?<a>\d) [i]n words", {"_raw": "7 in words", "words": "8"}, {"a": "7"}),
]


@pytest.mark.parametrize(("value", "row", "expected"), INLINE)
def test_an_inline_extraction_takes_the_first_match(
    tmp_path: Path, value: str, row: dict[str, str | list[str]], expected: Row
) -> None:
    stanza = stanza_of(tmp_path, f"EXTRACT-x = {value}")
    assert applied(inline_extraction(stanza, "EXTRACT-x"), row) == expected


INVALID_INLINE = [
    # no named group
    (r"(\d)", r"has EXTRACT-x without a named group (?<field>…)"),
    # no regular expression
    (r"(?<a>\d", r"has EXTRACT-x: a ( is not closed"),
]


@pytest.mark.parametrize(("value", "message"), INVALID_INLINE)
def test_an_inline_extraction_that_cannot_be_used_is_refused(tmp_path: Path, value: str, message: str) -> None:
    stanza = stanza_of(tmp_path, f"EXTRACT-x = {value}")
    with pytest.raises(InvalidConf) as refused:
        inline_extraction(stanza, "EXTRACT-x")
    assert str(refused.value).startswith(f"default/transforms.conf:2: stanza [s] {message}")


def test_a_report_applies_its_transforms_in_the_order_in_which_it_names_them(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "[one]\nREGEX = (?<a>1)\n[two]\nREGEX = (?<a>2)\n[next]\nREGEX = (?<b>.)\nSOURCE_KEY = a\n"
        "[s]\nREGEX = (?<c>.)\nSOURCE_KEY = b\n",
    )
    (tmp_path / "default" / "props.conf").write_text("[s]\nREPORT-x = two , one,next\n", encoding="utf-8")
    stanza = App(tmp_path).conf("props").stanzas["s"]
    assert applied(report(stanza, "REPORT-x", transforms_of(conf)), {"_raw": "12"}) == {"a": "2", "b": "2"}


def test_a_report_of_an_unknown_transform_is_refused(tmp_path: Path) -> None:
    stanza = stanza_of(tmp_path, "REPORT-x = one")
    with pytest.raises(InvalidConf, match=r"stanza \[s\] has REPORT-x: transforms\.conf has no extraction 'one'"):
        report(stanza, "REPORT-x", {})


def test_a_report_of_a_transform_of_index_time_is_refused_and_only_that(tmp_path: Path) -> None:
    conf = conf_of(tmp_path, "[route]\nREGEX = x\nDEST_KEY = _TCP_ROUTING\nFORMAT = a$1\n[s]\nREGEX = (?<a>x)\n")
    transforms = transforms_of(conf)
    (tmp_path / "default" / "props.conf").write_text("[s]\nREPORT-x = route\n", encoding="utf-8")
    with pytest.raises(
        InvalidConf,
        match=r"^default/transforms\.conf:3: stanza \[route\] has DEST_KEY: a REPORT cannot use a transform",
    ):
        report(App(tmp_path).conf("props").stanzas["s"], "REPORT-x", transforms)
