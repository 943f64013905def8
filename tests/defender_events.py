"""Constructed rows of Microsoft Defender's tables, as the Event Hub brings them into Splunk and Splunk exports them.

Shape and columns are those of the streaming API and of the advanced hunting schema (Microsoft Learn, "Stream Microsoft
Defender XDR events" and "DeviceProcessEvents" …): every column is there, ``null`` if the event does not give it. The
tables are the same on Windows, macOS and Linux.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.windows_events import WindowsEvent

FORWARDER = "splunk-hf.corp.example"
"""The host of every event: the one that reads the Event Hub, never the device."""

_ACCOUNT = ("AccountDomain", "AccountName", "AccountSid", "AccountUpn", "AccountObjectId")
_VERSION = (
    *("VersionInfoCompanyName", "VersionInfoProductName", "VersionInfoProductVersion", "VersionInfoInternalFileName"),
    *("VersionInfoOriginalFileName", "VersionInfoFileDescription"),
)
_INITIATING = tuple(
    f"InitiatingProcess{name}"
    for name in (
        *("SHA1", "SHA256", "MD5", "FileName", "FileSize", "FolderPath", "Id", "CommandLine", "CreationTime"),
        *("IntegrityLevel", "TokenElevation", "ParentId", "ParentFileName", "ParentCreationTime"),
        *_ACCOUNT,
        *_VERSION,
    )
)
_FILE = ("FileName", "FolderPath", "SHA1", "SHA256", "MD5", "FileSize")
_ALL = ("DeviceId", "ActionType", "AppGuardContainerId", "AdditionalFields", *_INITIATING)

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "DeviceProcessEvents": (
        *("ProcessId", "ProcessCommandLine", "ProcessIntegrityLevel", "ProcessTokenElevation", "ProcessCreationTime"),
        *(f"Process{name}" for name in _VERSION),
        *(*_ACCOUNT, "LogonId", *_FILE, *_ALL),
    ),
    "DeviceNetworkEvents": (
        *("RemoteIP", "RemotePort", "RemoteUrl", "LocalIP", "LocalPort", "Protocol", "LocalIPType", "RemoteIPType"),
        *_ALL,
    ),
    "DeviceFileEvents": (
        *("FileOriginUrl", "FileOriginReferrerUrl", "FileOriginIP", "PreviousFileName", "PreviousFolderPath"),
        *("RequestProtocol", "ShareName", *_FILE, *_ALL),
    ),
    "DeviceRegistryEvents": (
        *("RegistryKey", "RegistryValueType", "RegistryValueName", "RegistryValueData"),
        *("PreviousRegistryKey", "PreviousRegistryValueName", "PreviousRegistryValueData", *_ALL),
    ),
}
"""The columns of each table, but for Timestamp, DeviceName and ReportId, which the event gives."""

_ACTIONS = {
    "DeviceProcessEvents": "ProcessCreated",
    "DeviceNetworkEvents": "ConnectionSuccess",
    "DeviceFileEvents": "FileCreated",
    "DeviceRegistryEvents": "RegistryValueSet",
}


def render(event: WindowsEvent) -> str:
    """One line of a Splunk export; ``code`` is the table, ``data`` its columns. Raises ValueError for unknown ones."""
    table = str(event.code)
    if table not in COLUMNS:
        raise ValueError(f"there is no table {table}; there are {', '.join(COLUMNS)}")
    if not isinstance(event.data, Mapping) or not event.data.keys() <= set(COLUMNS[table]):
        unknown = ", ".join(sorted(set(event.data) - set(COLUMNS[table])))  # type: ignore[arg-type]  # names, or no names
        raise ValueError(f"{table} has no columns {unknown}")
    properties = {
        **dict.fromkeys(COLUMNS[table]),
        "ActionType": _ACTIONS[table],
        **event.data,
        "Timestamp": event.time,
        "DeviceName": event.host,
        "ReportId": event.record,
    }
    raw = {
        "time": event.time,
        "tenantId": "00000000-0000-0000-0000-000000000001",
        "operationName": "Publish",
        "category": f"AdvancedHunting-{table}",
        "properties": properties,
    }
    return exported(
        json.dumps(raw, ensure_ascii=False),
        event.time,
        FORWARDER,
        "azure_event_hub",
        "mscs:azure:eventhub:defender:advancedhunting",
    )


def exported(raw: str, time: str, host: str, source: str, sourcetype: str) -> str:
    """An event as one line of what Splunk exports as JSON."""
    row = {"_raw": raw, "_time": time, "host": host, "source": source, "sourcetype": sourcetype, "index": "main"}
    return json.dumps({"preview": False, "result": row}, ensure_ascii=False)
