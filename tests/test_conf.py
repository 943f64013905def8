from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf, layered, read_conf


@pytest.fixture
def conf_file(tmp_path: Path) -> Path:
    (tmp_path / "default").mkdir()
    return tmp_path / "default" / "macros.conf"


def write_app(folder: Path, **files: str) -> App:
    """An app with conf files given as layer_name="text"."""
    for key, text in files.items():
        layer, _, name = key.partition("_")
        (folder / layer).mkdir(parents=True, exist_ok=True)
        (folder / layer / f"{name}.conf").write_text(text, encoding="utf-8")
    return App(folder)


def test_stanzas_and_settings_are_read_in_file_order_with_their_lines(conf_file: Path) -> None:
    conf_file.write_text("# a comment\n\n[b]\nz = 1\na=2\n\n  # another\n[a]\nx = 3\n", encoding="utf-8")
    conf = read_conf(conf_file)
    assert {name: dict(stanza) for name, stanza in conf.stanzas.items()} == {"b": {"z": "1", "a": "2"}, "a": {"x": "3"}}
    assert list(conf.stanzas) == ["b", "a"]
    assert conf.stanzas["b"].line("a") == 5
    assert conf.stanzas["b"].settings["z"].place == "default/macros.conf:4"
    assert conf.stanzas["a"].place == "default/macros.conf:8"


VALUES = [
    ("x = a b", "a b"),
    ("x =  a  b \t", "a  b"),
    ("x=", ""),
    ("x = a = b", "a = b"),
    ("x = a # no comment", "a # no comment"),
    ("x = [not a stanza]", "[not a stanza]"),
    ("x = a \\\n| b", "a \n| b"),
    ("x = a\\\n  | b  \\\n\tc", "a\n  | b  \n\tc"),
    ("x = a \\\n# no comment here\\\n[no stanza here]", "a \n# no comment here\n[no stanza here]"),
    ("x = \\\na", "a"),
    ("x = C:\\dir\\file", "C:\\dir\\file"),
    ("x = ä€😀", "ä€😀"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_the_text_inside_a_value_is_kept_exactly(conf_file: Path, text: str, value: str) -> None:
    conf_file.write_text(f"[s]\n{text}\ny = after\n", encoding="utf-8")
    assert dict(read_conf(conf_file).stanzas["s"]) == {"x": value, "y": "after"}


def test_a_last_line_needs_no_line_end(conf_file: Path) -> None:
    conf_file.write_text("[s]\nx = 1", encoding="utf-8")
    assert dict(read_conf(conf_file).stanzas["s"]) == {"x": "1"}


INVALID = [
    # a setting twice, also where the first is continued over a line
    (
        b"[x]\ndefinition = a \\\nb\ndefinition = c\n",
        'default/macros.conf:4: stanza [x] has setting "definition" twice',
    ),
    # a setting twice before any stanza
    (b"a = 1\na = 2\n", 'default/macros.conf:2: stanza [default] has setting "a" twice'),
    # a stanza twice
    (b"[x]\na = 1\n[y]\n[x]\n", "default/macros.conf:4: stanza [x] stands twice, first at line 1"),
    (b"[default]\n[default]\n", "default/macros.conf:2: stanza [default] stands twice, first at line 1"),
    # a header that is not closed
    (b"[x\n", "default/macros.conf:1: '[x' is no stanza header: it must end with ]"),
    # text after a header
    (b"\n[x] # no\n", "default/macros.conf:2: '[x] # no' is no stanza header: it must end with ]"),
    # neither setting nor header
    (b"[x]\nnonsense\n", "default/macros.conf:2: 'nonsense' is neither a [stanza], a setting = value nor a # comment"),
    # no name before the equals sign
    (b"[x]\n= 1\n", "default/macros.conf:2: '= 1' is neither a [stanza], a setting = value nor a # comment"),
    # the equals sign on the continuation only
    (b"[x]\na \\\n= 1\n", "default/macros.conf:2: 'a ' is neither a [stanza], a setting = value nor a # comment"),
    # a continuation at the end of the file, with and without a line end
    (b"[x]\na = 1 \\\n", "default/macros.conf:2: ends with a backslash, but no line follows"),
    (b"[x]\na = 1 \\", "default/macros.conf:2: ends with a backslash, but no line follows"),
    # blanks that hide the end of a continuation
    (
        b"[x]\na = 1 \\ \nb = 2\n",
        "default/macros.conf:2: has blanks after the backslash at its end; remove them to continue the line",
    ),
    # Windows line ends
    (b"[x]\na = 1\r\n", "default/macros.conf:2: has a carriage return; save the file with LF line ends"),
    # a byte order mark
    (
        b"\xef\xbb\xbf[x]\n",
        "default/macros.conf:1: begins with a byte order mark; save the file as UTF-8 without it",
    ),
    # Latin-1
    (b"[x]\n\na = \xe4\n", "default/macros.conf:3: byte 0xe4 is not UTF-8; save the file as UTF-8"),
]


@pytest.mark.parametrize(("data", "message"), INVALID)
def test_what_splunk_would_resolve_quietly_is_refused_with_its_place(
    conf_file: Path, data: bytes, message: str
) -> None:
    conf_file.write_bytes(data)
    with pytest.raises(InvalidConf) as refused:
        read_conf(conf_file)
    assert str(refused.value) == message


@pytest.mark.parametrize("text", ["[default]\na = d\nb = d\n[s]\nb = s\n", "a = d\nb = d\n[s]\nb = s\n"])
def test_default_settings_reach_every_stanza_that_does_not_set_them(conf_file: Path, text: str) -> None:
    conf_file.write_text(text, encoding="utf-8")
    conf = read_conf(conf_file)
    assert dict(conf.stanzas["s"]) == {"a": "d", "b": "s"}
    assert dict(conf.default) == {"a": "d", "b": "d"}
    assert "default" not in conf.stanzas


def test_settings_before_any_stanza_and_default_are_one_stanza(conf_file: Path) -> None:
    conf_file.write_text("a = 1\n[default]\nb = 2\n", encoding="utf-8")
    assert dict(read_conf(conf_file).default) == {"a": "1", "b": "2"}


BOOLEANS = [("1", True), ("TRUE", True), ("t", True), ("yes", True), ("0", False), ("false", False), ("N", False)]


@pytest.mark.parametrize(("text", "value"), BOOLEANS)
def test_booleans_are_read_in_splunks_spellings(conf_file: Path, text: str, value: bool) -> None:
    conf_file.write_text(f"[s]\nx = {text}\n", encoding="utf-8")
    assert read_conf(conf_file).stanzas["s"].boolean("x", default=not value) is value


def test_a_missing_setting_has_its_default(conf_file: Path) -> None:
    conf_file.write_text("[s]\n", encoding="utf-8")
    stanza = read_conf(conf_file).stanzas["s"]
    assert stanza.boolean("x", default=True) is True
    assert stanza.integer("x", 7, 0, 9) == 7


# no boolean; no number; below the least; above the greatest; too long for a number; a digit that is not ASCII
@pytest.mark.parametrize("text", ["on", "x", "0", "11", "1" * 5000, "²"])
def test_a_value_of_the_wrong_kind_is_refused(conf_file: Path, text: str) -> None:
    conf_file.write_text(f"[s]\nx = {text}\n", encoding="utf-8")
    stanza = read_conf(conf_file).stanzas["s"]
    with pytest.raises(InvalidConf, match=r"^default/macros\.conf:2: stanza \[s\] has x = .*: write a whole number"):
        stanza.integer("x", 1, 1, 10)
    if text != "0":
        with pytest.raises(InvalidConf, match="write true or false"):
            stanza.boolean("x", default=True)


def test_local_wins_over_default_setting_by_setting(tmp_path: Path) -> None:
    app = write_app(
        tmp_path,
        default_macros="[a]\nx = default\ny = default\n[b]\nz = default\n",
        local_macros="[a]\nx = local\n[c]\nw = local\n",
    )
    conf = app.conf("macros")
    assert {name: dict(stanza) for name, stanza in conf.stanzas.items()} == {
        "a": {"x": "local", "y": "default"},
        "b": {"z": "default"},
        "c": {"w": "local"},
    }
    assert conf.stanzas["a"].settings["x"].place == "local/macros.conf:2"
    assert conf.stanzas["a"].settings["y"].place == "default/macros.conf:3"


def test_a_local_default_stanza_does_not_win_over_a_stanza_of_default(tmp_path: Path) -> None:
    app = write_app(tmp_path, default_macros="[a]\nx = own\n", local_macros="[default]\nx = d\ny = d\n")
    assert dict(app.conf("macros").stanzas["a"]) == {"x": "own", "y": "d"}


def test_a_conf_that_an_app_does_not_have_is_empty(tmp_path: Path) -> None:
    assert App(tmp_path).conf("macros").stanzas == {}


def test_a_later_app_wins_setting_by_setting(tmp_path: Path) -> None:
    first = write_app(tmp_path / "first", default_props="[s]\na = 1\nb = 1\n", local_props="[s]\nc = 1\n")
    second = write_app(tmp_path / "second", default_props="[s]\nb = 2\nc = 2\n")
    assert dict(layered([first, second], "props").stanzas["s"]) == {"a": "1", "b": "2", "c": "2"}


NAMES = [
    ("[package]\nid = one\n[id]\nname = two\n[ui]\nlabel = One App\n", "one", "One App"),
    ("[id]\nname = two\n", "two", "two"),
    ("", "folder", "folder"),
]


@pytest.mark.parametrize(("text", "identifier", "label"), NAMES)
def test_an_app_is_named_by_app_conf_or_by_its_folder(tmp_path: Path, text: str, identifier: str, label: str) -> None:
    app = write_app(tmp_path / "folder", default_app=text)
    assert (app.id, app.label) == (identifier, label)
    assert app.lookups_folder == tmp_path / "folder" / "lookups"


def test_the_place_of_a_text_is_that_of_its_first_character(tmp_path: Path) -> None:
    path = tmp_path / "default" / "macros.conf"
    path.parent.mkdir()
    path.write_text("[a]\nshort = x\nlong = \\\n \\\nfirst \\\nsecond\n")
    stanza = read_conf(path).stanzas["a"]
    assert str(stanza.settings["short"].text_place("a")) == "default/macros.conf:2: stanza [a]"
    assert str(stanza.settings["long"].text_place("a")) == "default/macros.conf:5: stanza [a]"
    assert stanza.settings["long"].place == "default/macros.conf:3"
