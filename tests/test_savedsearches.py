from __future__ import annotations

from pathlib import Path

import pytest

from searchhead.conf import App, InvalidConf
from searchhead.savedsearches import detections, named, others, slug

APP_CONF = "[ui]\nlabel = My App\n"


def app(path: Path, savedsearches: str) -> App:
    (path / "default").mkdir()
    (path / "default" / "app.conf").write_text(APP_CONF)
    (path / "default" / "savedsearches.conf").write_text(savedsearches)
    return App(path)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Windows Developer-Signed Package", "windows_developer_signed_package"),
        ("A  b/c.d", "a_b_c_d"),
        ("(Odd)", "odd"),
    ],
)
def test_a_slug_is_the_title_in_lower_case_joined_by_underscores(title: str, expected: str) -> None:
    assert slug(title) == expected


def test_only_detections_are_read_and_each_knows_its_place(tmp_path: Path) -> None:
    text = (
        "[A report]\nsearch = index=main\n\n"
        "[My App - One Thing - Rule]\ndisabled = 1\naction.correlationsearch.enabled = 1\n"
        "action.correlationsearch.label = My App - One Thing\n"
        'action.correlationsearch.annotations = {"mitre_attack": ["T1204.002"]}\nsearch = index=main \\\n| head 1\n'
    )
    made = app(tmp_path, text)
    [one] = detections(made)
    assert one.title == "One Thing"
    assert one.slug == "one_thing"
    assert one.mitre_attack == ("T1204.002",)
    assert one.search == "index=main \n| head 1"
    assert [report.name for report in others(made)] == ["A report"]
    assert str(one.place) == "default/savedsearches.conf:9: stanza [My App - One Thing - Rule]"


def test_searches_can_be_had_by_name_in_any_order(tmp_path: Path) -> None:
    made = app(tmp_path, "[One]\nsearch = a\n[Two]\nsearch = b\n")
    assert [one.search for one in named(made, ["Two", "One"])] == ["b", "a"]
    with pytest.raises(InvalidConf, match=r"^savedsearches\.conf: the app .* has no search of the name 'Three'$"):
        named(made, ["One", "Three"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("", "has no search"),
        ("search = x\naction.correlationsearch.annotations = {", "annotations that are not a JSON object"),
        ("search = x\naction.correlationsearch.annotations = []", "annotations that are not a JSON object"),
    ],
)
def test_a_broken_detection_is_refused_with_its_place(settings: str, message: str, tmp_path: Path) -> None:
    text = f"[X]\naction.correlationsearch.enabled = 1\n{settings}\n"
    with pytest.raises(InvalidConf, match=rf"^default/savedsearches\.conf:\d+: stanza \[X\] .*{message}"):
        detections(app(tmp_path, text))
