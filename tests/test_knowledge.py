from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.knowledge import INDEX_TIME_PROPS, Knowledge
from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.operators import Environment
from searchhead.spl.values import Row

EVENT: Row = {
    "_raw": "a:1 b:2",
    "_time": 1.0,
    "host": "h1",
    "source": "/var/log/x.log",
    "sourcetype": "st",
    "index": "main",
}


def app_with(folder: Path, props: str, transforms: str = "", **tables: str) -> App:
    for name in ("default", "lookups"):
        (folder / name).mkdir(parents=True)
    (folder / "default" / "props.conf").write_text(props, encoding="utf-8")
    (folder / "default" / "transforms.conf").write_text(transforms, encoding="utf-8")
    for name, text in tables.items():
        (folder / "lookups" / f"{name}.csv").write_text(text, encoding="utf-8")
    return App(folder)


def knowledge_of(*apps: App) -> Knowledge:
    return Knowledge(apps, Environment(lookups=Lookups(apps)))


def fields_of(knowledge: Knowledge, **event: str) -> Row:
    """The fields that an event gets beside its default fields."""
    row = knowledge.extract({**EVENT, **event})
    return {name: value for name, value in row.items() if name not in EVENT}


# One setting in each stanza, the events (source, host, sourcetype) it is for and is not for.
STANZAS = [
    ("st", {}, {"sourcetype": "ST"}),
    ("st*", {"sourcetype": "st*"}, {"sourcetype": "stx"}),
    ("source::/var/log/x.log", {}, {"source": "/var/log/X.log"}),
    ("source::/var/log/x.log", {}, {"source": "/var/log/x.log.1"}),
    ("source::/var/log/x.log", {}, {"source": "/var/log/xylog"}),
    ("source::/var/*/x.log", {}, {"source": "/var/a/b/x.log"}),
    ("source::...x.log", {"source": "/a/b/x.log"}, {"source": "/a/b/x.logs"}),
    ("source::/var/log/*", {"source": "/var/log/"}, {"source": "/var/log/a\\b"}),
    ("source::*WinEventLog:A/B", {"source": "XmlWinEventLog:A/B"}, {"source": "x/WinEventLog:A/B"}),
    ("source::*WinEventLog:A/B", {"source": "WinEventLog:A/B"}, {"source": "WinEventLog:A/Bc"}),
    ("source::/var/(log|run)/x.log", {"source": "/var/run/x.log"}, {"source": "/var/opt/x.log"}),
    ("source::/var/log/x.log|/run/*", {"source": "/run/y"}, {"source": "/run/y/z"}),
    ("host::h1", {"host": "H1"}, {"host": "h11"}),
    ("host::h*", {"host": "HOST"}, {"host": "x"}),
    ("(?::){0}st*", {"sourcetype": "stx"}, {"sourcetype": "xst"}),
    ("source::C:\\\\logs\\\\*", {"source": "C:\\logs\\a.log"}, {"source": "C:\\logs\\a\\b.log"}),
]


@pytest.mark.parametrize(("stanza", "match", "other"), STANZAS)
def test_a_stanza_is_for_the_events_that_its_pattern_matches_as_a_whole(
    tmp_path: Path, stanza: str, match: dict[str, str], other: dict[str, str]
) -> None:
    knowledge = knowledge_of(app_with(tmp_path / "app", f"[{stanza}]\nEVAL-found = 1\n"))
    assert fields_of(knowledge, **match) == {"found": 1}
    assert fields_of(knowledge, **other) == {}


PRECEDENCE = [
    # source over host over sourcetype
    (["st", "host::h1", "source::/var/log/x.log"], "source::/var/log/x.log"),
    (["st", "host::h1"], "host::h1"),
    # also when it is a pattern
    (["st", "host::*"], "host::*"),
    (["host::h1", "source::..."], "source::..."),
    # a literal name over a pattern, then ASCII order
    (["source::/var/log/x.log", "source::...", "source::/var/*"], "source::/var/log/x.log"),
    (["source::...x.log", "source::...a..."], "source::...a..."),
    (["source::...x...", "source::.../X.log", "source::...log..."], "source::...log..."),
    # the priority that is set, within one kind
    (["source::...a...", "source::...x.log]\npriority = 5\n#["], "source::...x.log]\npriority = 5\n#["),
    (["source::/var/log/x.log]\npriority = 5\n#[", "source::...]\npriority = 6\n#["], "source::...]\npriority = 6\n#["),
]


@pytest.mark.parametrize(("stanzas", "winner"), PRECEDENCE)
def test_of_one_setting_in_several_stanzas_the_more_specific_wins(
    tmp_path: Path, stanzas: list[str], winner: str
) -> None:
    props = "".join(f"[{name}]\nEVAL-winner = {index}\n" for index, name in enumerate(stanzas))
    assert fields_of(knowledge_of(app_with(tmp_path / "app", props)))["winner"] == stanzas.index(winner)


def test_settings_of_all_matching_stanzas_come_together(tmp_path: Path) -> None:
    props = (
        "[st]\nEXTRACT-a = a:(?<a>.)\nEXTRACT-b = b:(?<from_sourcetype>.)\n"
        "[source::...]\nEXTRACT-b = b:(?<from_source>.)\n"
        "[host::h1]\nFIELDALIAS-b = a AS c\n"
    )
    assert fields_of(knowledge_of(app_with(tmp_path / "app", props))) == {"a": "1", "from_source": "2", "c": "1"}


def test_a_later_app_wins_and_apps_use_each_others_transforms(tmp_path: Path) -> None:
    first = app_with(tmp_path / "1", "[st]\nREPORT-x = mine\nEVAL-who = 1\n", "[theirs]\nREGEX = a:(?<a>.)\n")
    second = app_with(tmp_path / "2", "[st]\nREPORT-x = theirs\nEVAL-app = 2\n", "[mine]\nREGEX = b:(?<b>.)\n")
    assert fields_of(knowledge_of(first, second)) == {"a": "1", "who": 1, "app": 2}
    assert fields_of(knowledge_of(second, first)) == {"b": "2", "who": 1, "app": 2}


def test_the_order_is_extract_report_alias_calculated_field_lookup(tmp_path: Path) -> None:
    props = (
        "[st]\n"
        "LOOKUP-x = names calculated AS calculated OUTPUT name\n"
        'EVAL-calculated = alias."!"\n'
        "FIELDALIAS-x = reported AS alias\n"
        "REPORT-x = from_extracted\n"
        "EXTRACT-x = a:(?<extracted>.)\n"
    )
    transforms = "[from_extracted]\nREGEX = (?<reported>.)\nSOURCE_KEY = extracted\n[names]\nfilename = names.csv\n"
    app = app_with(tmp_path / "app", props, transforms, names="calculated,name\n1!,one\n")
    assert fields_of(knowledge_of(app)) == {
        "extracted": "1", "reported": "1", "alias": "1", "calculated": "1!", "name": "one"
    }  # fmt: skip


def test_class_names_count_in_ascii_order_whatever_the_stanza_and_the_file(tmp_path: Path) -> None:
    props = "[st]\nREPORT-zz = digit\nREPORT-a = letter\n[source::...]\nREPORT-Z = both\n"
    transforms = "[digit]\nREGEX = (?<x>1)\n[letter]\nREGEX = (?<x>a)\n[both]\nREGEX = (?<x>a:1)\n"
    assert fields_of(knowledge_of(app_with(tmp_path / "app", props, transforms))) == {"x": "a:1"}


ALIASES: list[tuple[str, dict[str, str], Row]] = [
    ("a AS x", {"a": "1"}, {"a": "1", "x": "1"}),
    ("a AS x a as y, b AS z", {"a": "1", "b": "2"}, {"a": "1", "b": "2", "x": "1", "y": "1", "z": "2"}),
    # an alias that is there: AS overwrites, or removes it with the field, ASNEW leaves it
    ("a AS x", {"a": "1", "x": "0"}, {"a": "1", "x": "1"}),
    ("a AS x", {"x": "0"}, {}),
    ("a ASNEW x", {"a": "1", "x": "0"}, {"a": "1", "x": "0"}),
    ("a ASNEW x", {"x": "0"}, {"x": "0"}),
    ("a ASNEW x", {"a": "1"}, {"a": "1", "x": "1"}),
    ('a AS "my x"', {"a": "1"}, {"a": "1", "my x": "1"}),
]


@pytest.mark.parametrize(("value", "fields", "expected"), ALIASES)
def test_an_alias_gives_a_field_a_second_name(
    tmp_path: Path, value: str, fields: dict[str, str], expected: Row
) -> None:
    knowledge = knowledge_of(app_with(tmp_path / "app", f"[st]\nFIELDALIAS-x = {value}\n"))
    assert fields_of(knowledge, **fields) == expected


def test_calculated_fields_do_not_see_each_other(tmp_path: Path) -> None:
    props = "[st]\nEVAL-x = x*2\nEVAL-y = x*2\nEVAL-gone = null()\n"
    assert fields_of(knowledge_of(app_with(tmp_path / "app", props)), x="4", gone="here") == {"x": 8, "y": 8}


LOOKUPS: list[tuple[str, dict[str, str], Row]] = [
    ("t k OUTPUT v", {"k": "a"}, {"k": "a", "v": ["1", "2"]}),
    ("t k AS key OUTPUT v AS value, w", {"key": "a"}, {"key": "a", "value": ["1", "2"], "w": ["x", "y"]}),
    ("t.csv k AS key, w AS other OUTPUT v", {"key": "a", "other": "y"}, {"key": "a", "other": "y", "v": "2"}),
    ("t k OUTPUTNEW v w", {"k": "a", "v": "0"}, {"k": "a", "v": "0", "w": ["x", "y"]}),
    ("t k output v", {"k": "none", "v": "0"}, {"k": "none"}),
    ("t k outputnew v", {"k": "none", "v": "0"}, {"k": "none", "v": "0"}),
    ("t k", {"k": "a", "v": "0"}, {"k": "a", "v": ["1", "2"], "w": ["x", "y"]}),
    ('t k AS "my key" OUTPUT v AS "my value"', {"my key": "a"}, {"my key": "a", "my value": ["1", "2"]}),
]


@pytest.mark.parametrize(("value", "fields", "expected"), LOOKUPS)
def test_an_automatic_lookup_adds_fields(tmp_path: Path, value: str, fields: dict[str, str], expected: Row) -> None:
    table = "k,v,w\na,1,x\na,2,y\n"
    app = app_with(tmp_path / "app", f"[st]\nLOOKUP-x = {value}\n", "[t]\nfilename = t.csv\n", t=table)
    assert fields_of(knowledge_of(app), **fields) == expected


def test_an_event_without_knowledge_is_copied() -> None:
    event = dict(EVENT)
    row = knowledge_of().extract(event)
    assert row == EVENT
    assert row is not event


def test_settings_of_index_time_mean_nothing(tmp_path: Path) -> None:
    names = [*INDEX_TIME_PROPS, "SEDCMD-x", "TRANSFORMS-x"]
    props = "[st]\nKV_MODE = none\n" + "".join(f"{name} = x\n" for name in names)
    assert fields_of(knowledge_of(app_with(tmp_path / "app", props))) == {}


INVALID = [
    # settings that are not supported, misspelt, or without a class
    ("[st]\nKV_MODE = multi\n", "default/props.conf:2: stanza [st] has KV_MODE = multi; supported are none, auto, "),
    ("[st]\nKV_MODE = yes\n", "default/props.conf:2: stanza [st] has KV_MODE = yes; supported are none, auto, "),
    ("[st]\nAUTO_KV_JSON = x\n", "default/props.conf:2: stanza [st] has AUTO_KV_JSON = 'x': write true or false"),
    ("[host::h]\nrename = x\n", "default/props.conf:2: stanza [host::h] has rename, which gives a sourcetype another"),
    ("[st]\nrename =\n", "default/props.conf:2: stanza [st] has rename, which gives a sourcetype another name"),
    ("[st]\nEXTRAKT-x = x\n", 'default/props.conf:2: stanza [st] has setting "EXTRAKT-x", which is not supported'),
    ("[st]\nEVAL- = x\n", 'default/props.conf:2: stanza [st] has setting "EVAL-", which is not supported'),
    ("[st]\npriority = -1\n", "default/props.conf:2: stanza [st] has priority = '-1': write a whole number from 0"),
    # stanzas that are not supported
    ("[rule::x]\n", "default/props.conf:1: stanza [rule::x] is of no supported kind"),
    ("[(?:st|x)]\n", "default/props.conf:1: stanza [(?:st|x)] is of no supported kind"),
    ("[host::(?-i)x]\n", "default/props.conf:1: stanza [host::(?-i)x] is of no supported kind"),
    ("[source::x[0-9]]\n", "default/props.conf:1: stanza [source::x[0-9]] has '[' in its pattern"),
    ("[source::C:\\x]\n", "default/props.conf:1: stanza [source::C:\\x] has '\\\\' in its pattern"),
    ("[source::(x]\n", "default/props.conf:1: stanza [source::(x] is no pattern"),
    ("[default]\nEVAL-x = 1\n", "default/props.conf:2: stanza [default] sets EVAL-x for every app's events"),
    # an alias without its name, with another word, with a quote that is not closed
    ("[st]\nFIELDALIAS-x = a AS\n", "default/props.conf:2: stanza [st] has FIELDALIAS-x = 'a AS': write <field> AS"),
    ("[st]\nFIELDALIAS-x = a TO b\n", "default/props.conf:2: stanza [st] has FIELDALIAS-x = 'a TO b'"),
    ('[st]\nFIELDALIAS-x = a AS "b\n', "default/props.conf:2: stanza [st] has FIELDALIAS-x = 'a AS \"b', with a quote"),
    # a transform and lookups that are not there, fields that a lookup does not have, no output, no key
    ("[st]\nREPORT-x = y\n", "default/props.conf:2: stanza [st] has REPORT-x: transforms.conf has no extraction 'y'"),
    ("[st]\nLOOKUP-x = u k OUTPUT v\n", "default/props.conf:2: stanza [st] has LOOKUP-x: there is no lookup 'u'"),
    ("[st]\nLOOKUP-x = t q OUTPUT v\n", "default/props.conf:2: stanza [st] has LOOKUP-x: lookup t has no field 'q'"),
    ("[st]\nLOOKUP-x = t k OUTPUT q\n", "default/props.conf:2: stanza [st] has LOOKUP-x: lookup t has no field 'q'"),
    ("[st]\nLOOKUP-x = t k OUTPUT\n", "default/props.conf:2: stanza [st] has LOOKUP-x = 't k OUTPUT': write <lookup>"),
    ("[st]\nLOOKUP-x = t OUTPUT v\n", "default/props.conf:2: stanza [st] has LOOKUP-x = 't OUTPUT v': write"),
    ("[st]\nLOOKUP-x = t k AS OUTPUT v\n", "default/props.conf:2: stanza [st] has LOOKUP-x = 't k AS OUTPUT v': write"),
    ("[st]\nLOOKUP-x =\n", "default/props.conf:2: stanza [st] has LOOKUP-x = '': write"),
    # no regular expression
    ("[st]\nEXTRACT-x = (?<a>\n", "default/props.conf:2: stanza [st] has EXTRACT-x: a ( is not closed"),
]


@pytest.mark.parametrize(("props", "message"), INVALID)
def test_what_is_wrong_or_not_supported_is_refused_at_once_with_its_place(
    tmp_path: Path, props: str, message: str
) -> None:
    app = app_with(tmp_path / "app", props, "[t]\nfilename = t.csv\n", t="k,v\n")
    with pytest.raises(InvalidConf) as refused:
        knowledge_of(app)
    assert str(refused.value).startswith(message)


def test_an_expression_that_cannot_be_compiled_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SplError) as refused:
        knowledge_of(app_with(tmp_path / "app", "[st]\nEVAL-x = nosuch(1)\n"))
    assert str(refused.value).startswith("default/props.conf:2: stanza [st] EVAL-x: ")


def test_many_sources_and_hosts_do_not_pile_up(tmp_path: Path) -> None:
    knowledge = knowledge_of(app_with(tmp_path / "app", "[host::h*]\nEVAL-found = 1\n"))
    assert [fields_of(knowledge, host=f"h{number}") for number in range(3_000)] == [{"found": 1}] * 3_000


def test_automatic_extraction_comes_after_the_explicit_ones_and_before_aliases(tmp_path: Path) -> None:
    props = "[st]\nEXTRACT-a = a=(?<a>\\d)\nFIELDALIAS-b = b AS c\n"
    knowledge = knowledge_of(app_with(tmp_path / "app", props))
    assert fields_of(knowledge, _raw="a=12 b=3") == {"a": "1", "b": "3", "c": "3"}


MODES: list[tuple[str, str, Row]] = [
    # without a setting pairs are looked for, and JSON
    ("", "a=1", {"a": "1"}),
    ("", '{"a": {"b": [1, 2]}}', {"a.b{}": ["1", "2"]}),
    ("KV_MODE = none", "a=1", {}),
    ("KV_MODE = none", '{"a": 1}', {}),
    ("KV_MODE = auto\nAUTO_KV_JSON = false", '{"a": 1} b=2', {"b": "2"}),
    ("KV_MODE = auto_escaped", r'a="x \"y\" z"', {"a": 'x "y" z'}),
    ("KV_MODE = json", '{"a": 1}', {"a": "1"}),
    ("KV_MODE = json", "a=1", {}),
    ("KV_MODE = xml", "<a b='1'><c>2</c></a>", {"a{@b}": "1", "a.c": "2"}),
    ("KV_MODE = xml", "a=1", {}),
]


@pytest.mark.parametrize(("settings", "raw", "expected"), MODES)
def test_kv_mode_decides_what_is_extracted_by_itself(tmp_path: Path, settings: str, raw: str, expected: Row) -> None:
    knowledge = knowledge_of(app_with(tmp_path / "app", f"[st]\n{settings}\n"))
    assert fields_of(knowledge, _raw=raw) == expected


def test_kv_mode_follows_the_precedence_of_stanzas(tmp_path: Path) -> None:
    props = "[st]\nKV_MODE = none\n[source::...x.log]\nKV_MODE = auto\n"
    knowledge = knowledge_of(app_with(tmp_path / "app", props))
    assert fields_of(knowledge, _raw="a=1") == {"a": "1"}
    assert fields_of(knowledge, _raw="a=1", source="y") == {}


def test_a_renamed_sourcetype_has_the_knowledge_of_its_new_name_only(tmp_path: Path) -> None:
    props = "[st]\nrename = new\nEVAL-old = 1\n[new]\nEVAL-new = 1\n"
    knowledge = knowledge_of(app_with(tmp_path / "app", props))
    row = knowledge.extract(knowledge.identify(EVENT))
    assert {name: value for name, value in row.items() if EVENT.get(name) != value} == {
        "sourcetype": "new", "_sourcetype": "st", "new": 1
    }  # fmt: skip
    other: Row = {**EVENT, "sourcetype": "other"}
    assert knowledge.identify(other) is other


def test_event_types_and_tags_come_last(tmp_path: Path) -> None:
    app = app_with(tmp_path / "app", '[st]\nEVAL-x = "1"\n')
    (tmp_path / "app/default/eventtypes.conf").write_text("[one]\nsearch = x=1\n", encoding="utf-8")
    (tmp_path / "app/default/tags.conf").write_text("[eventtype=one]\nt = enabled\n", encoding="utf-8")
    knowledge = knowledge_of(app)
    assert fields_of(knowledge) == {"x": "1", "eventtype": "one", "tag": "t", "tag::eventtype": "t"}
    found = knowledge.terms("tag", "t".__eq__)
    assert found is not None
    assert knowledge.terms("x", "1".__eq__) is None
