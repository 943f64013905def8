"""What Splunk's REST API tells of the apps, for the command ``rest``: answered from their conf files.

An endpoint is named as in the REST API Reference Manual, after ``/services/`` or ``/servicesNS/<user>/<app>/``, where
``-`` is every app; behind it may stand the name of one object::

    apps/local                the apps: title, label, version, disabled
    saved/searches            saved searches: title and the settings of savedsearches.conf, is_scheduled, disabled
    data/transforms/lookups   lookup definitions: title, type (file or kvstore), fields_array and the settings
    data/lookup-table-files   lookup files: title and eai:data, the path of the file that is read
    data/models               data models: title, acceleration (0)
    datamodel/model           data models: title, acceleration as JSON, with "enabled"
    configs/conf-<name>       the stanzas of a conf file: title and the settings
    admin/summarization       summaries, of which there are none here
    server/info               the search head: title, serverName, version

Truth values of settings that the manual knows as such are ``1`` and ``0``. Every row tells ``eai:acl.app`` and
``splunk_server``.

Unlike Splunk it has one user, who sees everything, and in the namespace of an app only what this app itself has. It
schedules nothing, so that it runs a search whether that is enabled or not: ``disabled`` is 0 for all of them. Nothing
is accelerated. The version is that of the manuals which its search language follows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from searchhead.conf import App, InvalidConf, Stanza, truth
from searchhead.lookupdefinitions import is_kvstore, is_lookup
from searchhead.lookups import InvalidLookup, Lookups
from searchhead.spl.values import Row, put

if TYPE_CHECKING:
    from searchhead.datamodels import DataModels

SERVER = "local"  # how the Search Reference calls the search head itself
_VERSION = "9.4"  # whose manuals the language follows

# RESTsearch, saved/searches, and RESTknowledge, data/transforms/lookups: settings that are truth values there.
_TRUTH = frozenset({
    "alert.digest_mode", "alert.suppress", "alert.track", "case_sensitive_match", "is_scheduled", "is_visible",
    "realtime_schedule", "replicate",
})  # fmt: skip
# What a setting of a conf file is called by its endpoint.
_RENAMED = {"enableSched": "is_scheduled"}
_CONF = "configs/conf-"
_CSV = (".csv", ".csv.default")
# What is nobody's: lookups and data models that live in memory only.
_NO_APP = "search"


class UnknownEndpoint(LookupError):
    """No endpoint of this name is answered here; the message names those that are."""


class Rest:
    """The answers for several apps, with their lookups and data models."""

    def __init__(self, apps: Sequence[App], lookups: Lookups, datamodels: DataModels) -> None:
        self._apps = apps
        self._lookups = lookups
        self._datamodels = datamodels
        self._endpoints: dict[str, Callable[[], Iterable[Row]]] = {
            "admin/summarization": list,
            "apps/local": self._local_apps,
            "data/lookup-table-files": self._lookup_files,
            "data/models": lambda: self._models("0"),
            "data/transforms/lookups": self._lookup_definitions,
            "datamodel/model": lambda: self._models(json.dumps({"enabled": False})),
            "saved/searches": self._saved_searches,
            "server/info": self._server,
        }

    def find(self, uri: str) -> Callable[[], list[Row]]:
        """What gives the rows of an endpoint, anew each time.

        Raises UnknownEndpoint for one that is not answered, InvalidConf when it is called and a conf file is wrong.
        """
        app, path = _namespace(uri)
        for name, rows in self._endpoints.items():
            if path == name or path.startswith(f"{name}/"):
                return lambda: _chosen(rows(), app, unquote(path[len(name) + 1 :]))
        conf, _, title = path.removeprefix(_CONF).partition("/")
        if path.startswith(_CONF) and conf:
            return lambda: _chosen(self._stanzas(conf), app, unquote(title))
        known = ", ".join(sorted([*self._endpoints, f"{_CONF}<name>"]))
        raise UnknownEndpoint(
            f"the REST endpoint {uri!r} is not answered here; behind /services/ or /servicesNS/<user>/<app>/ are: "
            + known
        )

    def _saved_searches(self) -> Iterator[Row]:
        for app, stanza in self._of("savedsearches"):
            settings = {"is_scheduled": "0", **_settings(stanza), "disabled": "0"}
            yield _row(app, stanza.name, settings)

    def _lookup_definitions(self) -> Iterator[Row]:
        named = set()
        for app, stanza in self._of("transforms"):
            named.add(stanza.name)
            if is_lookup(stanza):
                try:
                    fields = self._lookups.get(stanza.name).fields
                except InvalidConf:
                    continue  # Splunk tells of no definition whose file is missing
                except InvalidLookup:
                    fields = ()
                kind = "kvstore" if is_kvstore(stanza) else "file"
                yield _row(app, stanza.name, {**_settings(stanza), "type": kind}, fields)
        for name in self._lookups.in_memory():
            if name not in named and not name.endswith(_CSV):
                lookup = self._lookups.get(name)
                yield _row(_NO_APP, name, {"type": "kvstore" if lookup.is_collection else "file"}, lookup.fields)

    def _lookup_files(self) -> Iterator[Row]:
        for app in self._apps:
            files = sorted(path.name for path in app.lookups_folder.glob("*.csv*"))
            for title in dict.fromkeys(name.removesuffix(".default") for name in files if name.endswith(_CSV)):
                read = title if title in files or self._lookups.replaced(title) else f"{title}.default"
                yield _file(app.id, title, read)
        for name in self._lookups.in_memory():
            if name.endswith(_CSV):
                yield _file(self._apps[-1].id if self._apps else _NO_APP, name, name)

    def _models(self, acceleration: str) -> Iterator[Row]:
        apps = {path.stem: app.id for app in self._apps for path in (app.path / "models").glob("*.json")}
        for name in self._datamodels.names():
            yield _row(apps.get(name, _NO_APP), name, {"acceleration": acceleration, "disabled": "0"})

    def _local_apps(self) -> Iterator[Row]:
        for app in self._apps:
            told = {"label": app.label, "version": app.version, "disabled": "0"}
            yield _row(app.id, app.id, {name: value for name, value in told.items() if value})

    def _server(self) -> Iterator[Row]:
        yield _row(_NO_APP, "server-info", {"serverName": SERVER, "version": _VERSION})

    def _stanzas(self, conf: str) -> Iterator[Row]:
        for app, stanza in self._of(conf):
            yield _row(app, stanza.name, {"disabled": "0", **stanza})

    def _of(self, conf: str) -> Iterator[tuple[str, Stanza]]:
        """The stanzas of a conf file, each with the ID of its app."""
        for app in self._apps:
            for stanza in app.conf(conf).stanzas.values():
                yield app.id, stanza


def _namespace(uri: str) -> tuple[str | None, str]:
    """The app that is asked, None for every one, and the path of the endpoint."""
    parts = uri.strip("/").split("/")
    if parts[0] == "servicesNS" and len(parts) > 3:
        return (None if parts[2] == "-" else unquote(parts[2])), "/".join(parts[3:])
    return None, "/".join(parts[1:]) if parts[0] == "services" else ""


def _chosen(rows: Iterable[Row], app: str | None, title: str) -> list[Row]:
    return [row for row in rows if (app is None or row["eai:acl.app"] == app) and (not title or row["title"] == title)]


def _settings(stanza: Stanza) -> Mapping[str, str]:
    """The settings under the names and in the form that their endpoint gives them."""
    settings = {_RENAMED.get(name, name): value for name, value in stanza.items()}
    for name in _TRUTH & settings.keys():
        said = truth(settings[name])
        if said is not None:
            settings[name] = "1" if said else "0"
    return settings


def _file(app: str, title: str, read: str) -> Row:
    return _row(app, title, {"eai:data": f"$SPLUNK_HOME/etc/apps/{app}/lookups/{read}"})


def _row(app: str, title: str, settings: Mapping[str, str], fields: Sequence[str] = ()) -> Row:
    row: Row = {"title": title}
    for name, value in settings.items():
        put(row, name, value)
    if fields:
        row["fields_array"] = fields[0] if len(fields) == 1 else list(fields)
    row["eai:acl.app"] = app
    row["splunk_server"] = SERVER
    return row
