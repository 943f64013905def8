from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from searchhead.addons import stand_ins
from searchhead.conf import App
from searchhead.datamodels import (
    DataModels,
    Dataset,
    InvalidDataModel,
    SharedEvent,
    UnknownDataset,
    datamodels_of,
    in_memory,
)
from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.evaluation import Expression
from searchhead.spl.matching import DEFAULT_FIELDS, constant
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_search, run
from searchhead.spl.values import Row
from tests.apps import ADDONS

MODEL: dict[str, Any] = {
    "One": {
        "constraint": "source=s* kind=one",
        "fields": ["name", "path", "kind"],
        "unknown": ["user", "name"],
        "calculated": {"upper": "upper(name)", "name": 'nullif(name, "-")'},
    },
    "Two": {"constraint": "kind=two", "fields": ["a"]},
}


def models(folder: Path, model: object = MODEL, name: str = "M") -> DataModels:
    (folder / "models").mkdir(parents=True)
    (folder / "models" / f"{name}.json").write_text(json.dumps(model), encoding="utf-8")
    return datamodels_of([App(folder)], Environment(lookups=Lookups()))


def one(folder: Path) -> Dataset:
    [found] = models(folder).datasets("M", "One")
    return found


EVENT: Row = {"_time": 5.0, "_raw": "r", "source": "src", "host": "h", "kind": "one", "name": "n", "other": "x"}


def test_a_row_has_the_fields_of_the_model_with_the_name_of_the_dataset(tmp_path: Path) -> None:
    assert list(one(tmp_path).read([EVENT])) == [
        {
            "_time": 5.0, "_raw": "r", "source": "src", "host": "h",
            "One.name": "n", "One.kind": "one", "One.user": "unknown", "One.upper": "N",
        }
    ]  # fmt: skip


def test_missing_and_empty_values_are_unknown(tmp_path: Path) -> None:
    for name in ("-", ""):
        [row] = one(tmp_path / (name or "empty")).read([{**EVENT, "name": name, "user": ""}])
        assert (row["One.name"], row["One.user"]) == ("unknown", "unknown")


def test_events_that_the_constraint_does_not_match_do_not_belong(tmp_path: Path) -> None:
    assert list(one(tmp_path).read([{**EVENT, "kind": "two"}, {**EVENT, "source": "x"}])) == []


EVENTS: list[Row] = [
    EVENT,
    {**EVENT, "name": "-", "user": "", "path": ["a", "b"], "vendor": "v"},
    {
        "_time": 5.0, "_raw": "r", "process": '"C:\\Windows\\x y.exe" -a', "parent_process": "/bin/sh -c id",
        "process_integrity_level": "High", "file_size": "12", "vendor": "v", "product": "p", "dest_port": "443",
        "sourcetype": "t", "src_port": "none", "tag": ["process", "report"], "action": "allowed", "user": "",
    },
]  # fmt: skip


def everything(dataset: Dataset) -> Dataset:
    """The dataset, with every event in it."""
    return replace(dataset, constraint=constant(True))


def test_a_view_computes_for_its_fields_what_all_of_them_have(tmp_path: Path) -> None:
    shipped = datamodels_of(stand_ins("cim"), Environment(lookups=Lookups()))
    names = sorted(path.stem for path in (ADDONS / "cim" / "models").glob("*.json"))
    datasets = [everything(one(tmp_path)), *(everything(each) for name in names for each in shipped.datasets(name))]
    assert len(datasets) > 5
    for dataset in datasets:
        for event in EVENTS:
            [whole] = dataset.read([event])
            for name in dataset.fields:
                shown = f"{dataset.prefix}.{name}"
                of_event = {key: value for key, value in whole.items() if key in DEFAULT_FIELDS or key == shown}
                assert dataset.view([shown]).row(event) == of_event


def test_a_view_has_the_name_of_the_dataset_where_it_is_asked_for_and_nothing_of_others(tmp_path: Path) -> None:
    row = one(tmp_path).view(["nodename", "Two.a", "One.path"]).row({**EVENT, "path": "p", "a": "1"})
    assert row == {"_time": 5.0, "_raw": "r", "source": "src", "host": "h", "nodename": "One", "One.path": "p"}


class Counted:
    """A dataset of events with ``kind``, of which it is counted how often they are looked at."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        constraint = replace(constant(True), matches=self._matches, possible=self._possible)
        fields = [(name, Expression(self._evaluate(name), "value", 0, 0, frozenset({"kind"}))) for name in "ab"]
        self.dataset = Dataset("M.One", None, constraint, ("a", "b"), tuple(fields))

    def _matches(self, event: Row) -> bool:
        self.counts["matches"] += 1
        return "kind" in event

    def _possible(self, _event: Row) -> None:
        self.counts["possible"] += 1

    def _evaluate(self, name: str) -> Callable[[Row], str]:
        def evaluate(row: Row) -> str:
            self.counts[name] += 1
            return f"{name} of {row['kind']}"

        return evaluate


def test_what_one_search_finds_out_about_a_shared_event_the_others_are_told() -> None:
    counted = Counted()
    only_a, both = counted.dataset.view(["One.a"]), counted.dataset.view(["One.a", "One.b"])
    for event, expected in ((SharedEvent({"kind": "k"}), {"One.a": "a of k"}), (SharedEvent({}), None)):
        for _ in range(3):
            assert counted.dataset.possible(event)
            assert only_a.row(event) == expected
        assert both.row(event) == (expected and {**expected, "One.b": "b of k"})
    assert counted.counts == {"possible": 2, "matches": 2, "a": 2, "b": 1}
    assert counted.dataset.view(["One.a"]) is only_a


def test_of_an_event_of_ones_own_nothing_is_kept() -> None:
    counted = Counted()
    event: Row = {"kind": "k"}
    assert counted.dataset.view(["One.a"]).row(event) == {"One.a": "a of k"}
    event["kind"] = "l"
    assert counted.dataset.view(["One.a"]).row(event) == {"One.a": "a of l"}


def test_a_dataset_without_events_has_none() -> None:
    [dataset] = in_memory({"M.One": [{"One.a": "1"}]}).datasets("M")
    assert (dataset.possible({}), list(dataset.read([{"a": "2"}]))) == (False, [])
    assert list(dataset.own_rows()) == [{"nodename": "One", "One.a": "1"}]


def test_an_event_stays_as_it_is(tmp_path: Path) -> None:
    event = dict(EVENT)
    list(one(tmp_path).read([event]))
    assert event == EVENT


@pytest.mark.parametrize(
    ("field", "known"),
    [("One.path", True), ("One.user", True), ("source", True), ("nodename", True), ("path", False), ("Two.a", False)],
)
def test_a_dataset_knows_its_fields(tmp_path: Path, field: str, known: bool) -> None:
    assert one(tmp_path).has(field) is known
    assert in_memory({"M.One": []}).datasets("M", "One")[0].has(field)


def test_datasets_are_found_by_name(tmp_path: Path) -> None:
    found = models(tmp_path)
    assert [dataset.name for dataset in found.datasets("M")] == ["M.One", "M.Two"]
    with pytest.raises(UnknownDataset, match=r"^there is no data model 'N'; there are: M$"):
        found.datasets("N")
    with pytest.raises(UnknownDataset, match=r"^data model M has no dataset 'Three'; it has One, Two$"):
        found.datasets("M", "Three")


INVALID: list[tuple[object, str]] = [
    # no datasets, no dataset, without its constraint, with another key
    ([], "must be an object of datasets"),
    ({"D": 1}, "dataset D: needs constraint and fields"),
    ({"D": {"fields": []}}, "dataset D: needs constraint and fields"),
    ({"D": {"constraint": "a", "fields": [], "more": 1}}, "dataset D: needs constraint and fields"),
]


@pytest.mark.parametrize(("model", "message"), INVALID)
def test_what_describes_no_data_model_is_refused(tmp_path: Path, model: object, message: str) -> None:
    with pytest.raises(InvalidDataModel) as refused:
        models(tmp_path, model)
    assert str(refused.value).startswith(f"models/M.json: {message}")


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "M.json").write_text("{", encoding="utf-8")
    with pytest.raises(InvalidDataModel, match=r"^models/M\.json: Expecting"):
        datamodels_of([App(tmp_path)], Environment(lookups=Lookups()))


@pytest.mark.parametrize(
    "dataset", [{"constraint": "(a", "fields": []}, {"constraint": "a", "fields": [], "calculated": {"x": "nosuch(1)"}}]
)
def test_a_wrong_constraint_or_expression_is_refused_with_its_place(tmp_path: Path, dataset: object) -> None:
    with pytest.raises(SplError, match=r"^models/M\.json: dataset D: "):
        models(tmp_path, {"D": dataset})


def test_a_command_over_a_data_model_reads_events_by_itself_wherever_it_stands(tmp_path: Path) -> None:
    environment = Environment(lookups=Lookups(), datamodels=models(tmp_path))
    first = compile_search("| tstats count from datamodel=M.One by One.name | search One.name=n", environment)
    later = compile_search(
        "search source=other | fields name | tstats prestats=t append=t count from datamodel=M.One by One.name"
        " | stats count by One.name, source",
        environment,
    )
    assert (first.generating, later.generating) == (False, False)
    events: list[Row] = [EVENT, {**EVENT, "name": "m"}, {**EVENT, "source": "x"}]
    for search, expected in ((first, [{"One.name": "n", "count": 2}]), (later, [])):
        with search.start() as run:
            rows = [*run.feed(events), *run.feed([EVENT]), *run.finish()]
        assert rows == expected
    assert events[0] == EVENT


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("One.upper=N", ["n"]),
        ('[| makeresults | eval "One.upper"="M" | table "One.upper"]', ["m"]),  # known when it has run
        ('One.kind=one [| makeresults | eval "One.upper"="M" | return "One.upper"]', ["m"]),
        ("nodename=One One.upper=*", ["m", "n"]),
        ("raw", []),
        ("r OR One.upper=X", ["m", "n"]),
    ],
)
def test_a_condition_sees_fields_that_nothing_else_of_the_command_uses(
    tmp_path: Path, where: str, expected: list[str]
) -> None:
    environment = Environment(lookups=Lookups(), datamodels=models(tmp_path))
    search = compile_search(f"| tstats count from datamodel=M.One where {where} by One.name", environment)
    events = [SharedEvent(EVENT), SharedEvent({**EVENT, "name": "m"})]
    for _ in range(2):
        assert [row["One.name"] for row in run(search, events)] == expected
    assert events[0] == EVENT


def test_only_events_that_a_dataset_may_want_are_wanted(tmp_path: Path) -> None:
    environment = Environment(lookups=Lookups(), datamodels=models(tmp_path))
    over_model = compile_search("| tstats count from datamodel=M.One where host=h", environment)
    rows = compile_search("| from datamodel:M.One | search name=n", environment)
    both = compile_search("source=y | tstats prestats=t append=t count from datamodel=M.One", environment)
    over_index = compile_search("| tstats count where source=y", environment)
    wanted = [
        [search.could_match({"source": source, "host": host, "_raw": ""}) for source, host in ("sh", "sg", "yh")]
        for search in (over_model, rows, both, over_index)
    ]
    assert wanted == [[True, False, False], [True, True, False], [True, True, True], [False, False, True]]
    assert over_model.text_needs({"source": "y"}) == frozenset()


def test_a_field_that_a_dataset_does_not_have_is_refused(tmp_path: Path) -> None:
    environment = Environment(lookups=Lookups(), datamodels=models(tmp_path))
    for spl in (
        "| tstats count from datamodel=M.One by One.nam",
        "| tstats values(One.nam) from datamodel=M.One",
        "| tstats count from datamodel=M.One where nam=x",
    ):
        with pytest.raises(SplError, match=r"is no field of M\.One; its fields are One\.name, One\.path, "):
            compile_search(spl, environment)
