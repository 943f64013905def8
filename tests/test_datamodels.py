import json
from pathlib import Path
from typing import Any

import pytest

from searchhead.conf import App
from searchhead.datamodels import DataModels, Dataset, InvalidDataModel, UnknownDataset, datamodels_of, in_memory
from searchhead.lookups import Lookups
from searchhead.spl.errors import SplError
from searchhead.spl.operators import Environment
from searchhead.spl.pipeline import compile_search
from searchhead.spl.values import Row

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
