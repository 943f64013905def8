from __future__ import annotations

import json
from pathlib import Path

import pytest

from searchhead.inputs import Reader
from tests.defender_events import COLUMNS, FORWARDER, render
from tests.windows_events import HOST, WindowsEvent, from_case

TIME = "2026-03-02T09:00:00.123Z"


def test_a_row_is_read_as_the_event_hub_brings_it(tmp_path: Path) -> None:
    data = {"FileName": "sh", "FolderPath": "/bin/sh", "ProcessCommandLine": 'sh -c "é"', "ProcessId": 7}
    [event] = from_case([{"code": "DeviceProcessEvents", "time": TIME, "channel": "defender", "data": data}])
    assert event.host == HOST
    (tmp_path / "log.jsonl").write_text(render(event) + "\n", encoding="utf-8")
    reader = Reader()
    [read] = reader.read([tmp_path])
    assert reader.stats.damages == []
    assert read["_time"] == pytest.approx(1772442000.123)
    assert (read["host"], read["source"]) == (FORWARDER, "azure_event_hub")
    assert read["sourcetype"] == "mscs:azure:eventhub:defender:advancedhunting"
    raw = json.loads(read["_raw"])
    assert list(raw) == ["time", "tenantId", "operationName", "category", "properties"]
    assert (raw["time"], raw["operationName"], raw["category"]) == (
        *(TIME, "Publish", "AdvancedHunting-DeviceProcessEvents"),
    )
    properties = raw["properties"]
    assert {name: properties[name] for name in data} == data
    assert (properties["DeviceName"], properties["Timestamp"], properties["ActionType"]) == (
        *(HOST, TIME, "ProcessCreated"),
    )
    assert properties["AccountObjectId"] is None


@pytest.mark.parametrize(
    ("table", "action"),
    [
        ("DeviceNetworkEvents", "ConnectionSuccess"),
        ("DeviceFileEvents", "FileCreated"),
        ("DeviceRegistryEvents", "RegistryValueSet"),
    ],
)
def test_a_table_has_its_own_columns_and_action(table: str, action: str) -> None:
    properties = json.loads(json.loads(render(WindowsEvent(table, TIME)))["result"]["_raw"])["properties"]
    assert set(properties) == {*COLUMNS[table], "Timestamp", "DeviceName", "ReportId"}
    assert properties["ActionType"] == action
    deleted = WindowsEvent(table, TIME, {"ActionType": "FileDeleted"})
    assert '\\"ActionType\\": \\"FileDeleted\\"' in render(deleted)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (WindowsEvent("DeviceEvents", TIME), "there is no table DeviceEvents; there are DeviceProcessEvents"),
        (WindowsEvent("DeviceFileEvents", TIME, {"Filename": "a"}), "DeviceFileEvents has no columns Filename"),
        (WindowsEvent("DeviceFileEvents", TIME, ["a"]), "DeviceFileEvents has no columns a"),
    ],
)
def test_what_no_table_has_is_refused(event: WindowsEvent, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        render(event)
