"""The app on indexers: its commands from a read-only knowledge bundle, and the tables that searches read there.

A search peer runs a search up to the first command that needs all of its rows, on its own events, from a copy of the
app that the search head sent it. That copy holds ``bin``, ``lookups``, some conf files and metadata and lies somewhere
else; there is no REST endpoint of the app and no KV store (Distributed Search manual, "Modify the knowledge bundle").
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import cycle, islice, pairwise
from pathlib import Path
from threading import Barrier
from typing import NamedTuple

import pytest

from searchhead.lookupdefinitions import is_kvstore
from searchhead.macros import macros_of
from searchhead.savedsearches import SavedSearch
from searchhead.scp import INDEX, MULTI, CommandProcess, encode_rows, getinfo
from searchhead.spl.pipeline import Search
from searchhead.spl.values import Row
from tests.apps import NOW, package_abuse
from tests.package_sh import digests
from tests.shipped import DETECTIONS, OTHERS, compiled

PEERS = 4
EVENTS = 1_200
NUMBER = "event_number"  # tells which event a record came from where a command may add records

# Confs that reach a peer at all: distsearch.conf [replicationSettings:refineConf]. Macros are expanded before.
REPLICATED_CONFS = ("app", "collections", "commands", "eventtypes", "props", "tags", "transforms")

STRANGER = "c2yjt6za8ar62"  # a publisher ID that our tables do not have
SITE_PUBLISHERS = (
    "publisher_id,publisher_class,publisher_name\n"
    f'{STRANGER},vendor,"Contoso, in-house"\n'
    "8wekyb3d8bbwe,vendor,The site says otherwise\n"  # the site wins over our own table
)

FAMILY = f"Contoso.Tool_{STRANGER}"
TERMINAL = "Microsoft.WindowsTerminal_1.23.12371.0_x64__8wekyb3d8bbwe"
WEBEX = "CiscoSystems.Webex_2.10.1.26171_x64__cvpb331a1f8hw"
SIGNERS = ("CN=Microsoft Corporation, O=Microsoft Corporation, L=Redmond, S=Washington, C=US", "", "CN=Contoso")


# ---------------------------------------------------------------- the peers


@pytest.fixture(scope="module")
def bundle(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a search head sends of the app, at another path and under another name, read-only."""
    # Nothing may depend on where the app lies nor on what its folder is called.
    copy = tmp_path_factory.mktemp("searchpeers") / "sh01-1772496000" / "apps" / "copy"
    for folder in ("bin", "lookups", "metadata"):
        shutil.copytree(app / folder, copy / folder)
    (copy / "default").mkdir()
    for conf in REPLICATED_CONFS:
        if (app / "default" / f"{conf}.conf").exists():
            shutil.copyfile(app / "default" / f"{conf}.conf", copy / "default" / f"{conf}.conf")
    (copy / "lookups" / "package_publishers_site.csv").write_text(SITE_PUBLISHERS, encoding="utf-8")
    for path in sorted(copy.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    copy.chmod(0o555)
    return copy


def field_values() -> Iterator[str | list[str]]:
    """What a field may hold that is decoded, in turns: names, lists, multivalues, nothing and nonsense."""
    for at in range(sys.maxsize):
        name = f"Contoso.Tool{at % 211}_{at % 7}.{at % 11}.0.0_x64__{STRANGER}"
        yield from (
            TERMINAL,
            name,
            FAMILY,
            f" addPackageList: {TERMINAL} {name} destageList: {WEBEX}",
            [WEBEX, name, "no package; with $ and\nnot a line"],
            "",
            "-",
            f'quoted "{name}", with a comma',
            "\u00dcber.Tool_1.0.0.0_x64__8wekyb3d8bbwe",
            f"C:\\Packages\\{name}.msix",
        )


def events() -> list[Row]:
    """Events as a search gives them to a command: some fields of each, and texts that CSV has to quote."""
    made: list[Row] = []
    for number, (value, signer) in enumerate(zip(islice(field_values(), EVENTS), cycle(SIGNERS), strict=False)):
        row: Row = {NUMBER: str(number), "dest": f"ws-{number % 97:04d}", "text": f'line\n"{number}", \u2014'}
        name = ("Micros0ft Teams", "CiscoSystems.Webex", "Contoso.Tool", "")[number % 4]
        row |= {"PackageMoniker": value, "signer": signer, "package_name": name, "package_publisher_id": STRANGER}
        made.append(row)
    return made


class Use(NamedTuple):
    """A command with its arguments."""

    command: str
    arguments: tuple[str, ...]


USES = [
    Use("msixdecode", ("PackageMoniker",)),
    Use("msixdecode", ("publisher=signer", "PackageMoniker")),
    Use("msixdecode", ("expand=true", "PackageMoniker")),
    Use("msixdecode", ("expand=true", "publisher=signer", "PackageMoniker")),
    Use("msixbrand", ("package_name", "package_publisher_id")),
    Use("msixbrand", ("display=text", "package_name", "package_publisher_id")),
]


class Body(NamedTuple):
    """A CSV body: its header and the text of each record, both as they came, and the number of each record's event."""

    header: bytes
    records: list[bytes]
    numbers: list[int]


def split(body: bytes) -> Body:
    """Take a body apart without touching a byte of it."""
    lines = body.decode("utf-8", "surrogateescape").split("\n")
    reader = csv.reader((f"{line}\n" for line in lines[:-1]), strict=True)
    header = next(reader)
    place = header.index(INDEX if INDEX in header else NUMBER)
    starts, numbers = [reader.line_num], []
    for row in reader:
        starts.append(reader.line_num)
        numbers.append(int(row[place]))
    assert lines[-1] == ""  # the last record ends too
    texts = ["".join(f"{line}\n" for line in lines[start:end]) for start, end in pairwise(starts)]
    first = "".join(f"{line}\n" for line in lines[: starts[0]])
    encoded = [text.encode("utf-8", "surrogateescape") for text in (first, *texts)]
    return Body(encoded[0], encoded[1:], numbers)


def decode(app: Path, use: Use, shard: Sequence[Row], chunk: int, ready: Barrier) -> Body:
    """One process as a peer drives it: the reply to all records of a shard, sent in chunks of so many records."""
    script = app / "bin" / f"{use.command}.py"
    # Modes do not bind root, for whom Python would keep its bytecode beside the modules.
    python = [sys.executable, "-B"] if os.geteuid() == 0 else [sys.executable]
    process = CommandProcess([*python, str(script)], timeout=60)
    request = getinfo(use.command, use.arguments, app="package_abuse", now=NOW)
    request["searchinfo"] |= {"sid": "remote_sh01_1772496000.1", "search": "litsearch%20*"}
    try:
        info = process.exchange(request).metadata
        ready.wait(timeout=60)  # no shard is decoded before all processes are there
        bodies = []
        for start in range(0, len(shard), chunk):
            rows = shard[start : start + chunk]
            bodies.append(split(process.exchange({"action": "execute", "finished": False}, body_of(info, rows)).body))
        last = process.exchange({"action": "execute", "finished": True})
        assert (last.metadata, last.body) == ({"finished": True}, b"")
    finally:
        status = process.close(patience=20)
    assert status == 0
    assert process.errors.empty(), process.errors.get()
    (header,) = {body.header for body in bodies}
    records = [record for body in bodies for record in body.records]
    return Body(header, records, [number for body in bodies for number in body.numbers])


def body_of(info: dict[str, object], rows: Sequence[Row]) -> bytes:
    """Records as splunkd sends them: the fields that the command asked for and a number to join by, or all fields."""
    wanted = info.get("required_fields")
    assert info["type"] == "streaming"  # or else splunkd would not run it on peers
    if not isinstance(wanted, list):
        return encode_rows(list(rows[0]), rows)
    # splunkd counts anew in each chunk; a number that is its own in the whole search tells more, and is copied alike.
    return encode_rows([*wanted, INDEX], ({**row, INDEX: row[NUMBER]} for row in rows))


def run_at_once(app: Path, use: Use, shards: Sequence[Sequence[Row]], chunk: int) -> list[Body]:
    """A process for each shard, all running at the same time."""
    ready = Barrier(len(shards))
    with ThreadPoolExecutor(len(shards)) as pool:
        return list(pool.map(lambda shard: decode(app, use, shard, chunk, ready), shards))


def text(bodies: Sequence[Body]) -> bytes:
    """Bodies as one: a header, and the records of one after those of the other."""
    (header,) = {body.header for body in bodies}
    return header + b"".join(record for body in bodies for record in body.records)


def in_order_of_events(bodies: Sequence[Body]) -> list[Body]:
    """Bodies as one, the records in the order of their events; those that one event became stay in theirs."""
    (header,) = {body.header for body in bodies}
    pairs = [pair for body in bodies for pair in zip(body.numbers, body.records, strict=True)]
    pairs.sort(key=lambda pair: pair[0])
    return [Body(header, [record for _, record in pairs], [number for number, _ in pairs])]


@pytest.mark.parametrize("use", USES, ids=lambda use: " ".join((use.command, *use.arguments)))
def test_four_peers_give_what_one_process_gives(app: Path, bundle: Path, use: Use, tmp_path: Path) -> None:
    rows = events()
    before = digests(bundle)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in bundle.rglob("*")}

    # The single run is that of a search head: the app where it was installed, writable, all records in one chunk.
    installed = shutil.copytree(app, tmp_path / "etc" / "apps" / "package_abuse")
    (installed / "lookups" / "package_publishers_site.csv").write_text(SITE_PUBLISHERS, encoding="utf-8")
    (single,) = run_at_once(installed, use, [rows], EVENTS)
    assert sorted(set(single.numbers)) == list(range(EVENTS))
    assert (len(single.records) > EVENTS) == ("expand=true" in use.arguments)
    assert b"Contoso, in-house" in text([single]) or b"lookalike" in text([single])  # there is something to differ in

    size = EVENTS // PEERS
    blocks = run_at_once(bundle, use, [rows[at : at + size] for at in range(0, EVENTS, size)], 97)
    assert text(blocks) == text([single])

    dealt = run_at_once(bundle, use, [list(islice(rows, peer, None, PEERS)) for peer in range(PEERS)], 61)
    assert text(in_order_of_events(dealt)) == text([single])
    assert text(dealt) != text([single])  # they did get other shards

    assert digests(bundle) == before  # nothing written, no __pycache__
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in bundle.rglob("*")} == modes


def test_peers_read_the_publishers_of_the_site(bundle: Path) -> None:
    rows: list[Row] = [{NUMBER: str(at), "PackageMoniker": name} for at, name in enumerate((TERMINAL, FAMILY, WEBEX))]
    bodies = run_at_once(bundle, Use("msixdecode", ("expand=true", "PackageMoniker")), [[row] for row in rows], 10)
    found = [next(csv.DictReader(io.StringIO(text([body]).decode(), newline=""))) for body in bodies]
    assert [(row["publisher_class"], row["publisher_name"]) for row in found] == [
        ("vendor", "The site says otherwise"),
        ("vendor", "Contoso, in-house"),
        ("malicious", "IMPERIOUS TECHNOLOGIES LIMITED"),  # package-identity: the fake Webex of a campaign
    ]


def test_a_body_is_taken_apart_without_touching_it() -> None:
    body = f'a,{INDEX},"{MULTI}a"\n"x\ny",7,\n,8,"$1$;$2$"\n'.encode()
    assert split(body) == Body(f'a,{INDEX},"{MULTI}a"\n'.encode(), [b'"x\ny",7,\n', b',8,"$1$;$2$"\n'], [7, 8])


# ---------------------------------------------------------------- lookups on peers

# What peers load of a table: limits.conf.spec [lookup] max_memtable_bytes, in its smallest default (10,000,000 bytes),
# above which a peer builds an index file first. Ours stay far below: the bundle is sent again whenever one changes.
LARGEST_TABLE = 1_000_000
ALL_TABLES = 2_000_000

# The tables that commands read by themselves, on whichever machine they run: newest file of the name, and the site's.
READ_BY_COMMANDS = {"package_publishers", "package_publishers_site", "package_brands", "package_confusables"}

# Peers stop at the first command that is not distributable streaming (Search Reference, "Command types"). The search
# head may run some of them row by row, so that they do not wait for all rows and yet end what peers do.
CENTRALISED = frozenset({"append", "dedup", "head", "inputlookup", "loadjob", "rest", "streamstats", "transaction"})
LOOKUP = re.compile(r"(?:^|[|\[])\s*lookup\s+((?:\w+=\S+\s+)*)([\w.-]+)", re.MULTILINE)


def local_of(options: str) -> bool:
    return re.search(r"\blocal=(?:true|t|1)\b", options, re.IGNORECASE) is not None


SAVED = [*DETECTIONS, *OTHERS]


def first_on_the_search_head(search: Search) -> int:
    """The number of the first command that peers do not run; 0 for a search that reads no events by itself."""
    if not search.takes_rows:
        return 0
    for at, (command, plan) in enumerate(zip(search.commands, search.plans, strict=True)):
        if not plan.streams or command.split()[0] in CENTRALISED:
            return at
    return len(search.commands)


class LookupUse(NamedTuple):
    """A lookup in a search: the number of its command, whether it is local, whether in brackets, and its table."""

    at: int
    local: bool
    nested: bool
    name: str


def lookups_of(search: Search) -> list[LookupUse]:
    """Every lookup of a search, in its order."""
    return [
        LookupUse(at, local_of(options), not command.startswith("lookup"), name)
        for at, command in enumerate(search.commands)
        for options, name in LOOKUP.findall(command)
    ]


def on_peers(search: Search, use: LookupUse) -> bool:
    """Whether peers run it; a search in brackets begins with no events of its own here, so the search head does."""
    return use.at < first_on_the_search_head(search) and not use.nested


@cache
def tables_on_peers() -> frozenset[str]:
    """The lookup definitions whose tables peers read, in any saved search or by a command."""
    found = set(READ_BY_COMMANDS)
    for saved in SAVED:
        search = compiled(saved)
        found |= {use.name for use in lookups_of(search) if on_peers(search, use)}
    return frozenset(found)


@pytest.mark.parametrize("saved", SAVED, ids=lambda saved: saved.slug)
def test_a_lookup_is_local_where_the_search_head_runs_it_and_nowhere_else(saved: SavedSearch) -> None:
    search = compiled(saved)
    collections = {name for name, stanza in package_abuse().conf("transforms").stanzas.items() if is_kvstore(stanza)}
    for at, names in enumerate(search.reads[: first_on_the_search_head(search)]):
        assert names <= {use.name for use in lookups_of(search) if use.at == at}  # no other way to read a table
    for use in lookups_of(search):
        assert use.local == (not on_peers(search, use)), search.commands[use.at]
        # Peers have CSV files, but no collection.
        assert use.local or use.name not in collections, search.commands[use.at]


def test_no_text_of_the_app_looks_up_on_peers_what_is_not_there() -> None:
    app = package_abuse()
    texts = {f"macro {macro.key}": macro.definition for macro in macros_of(app).values()}
    for conf in ("savedsearches", "workflow_actions", "eventtypes"):
        for stanza in app.conf(conf).stanzas.values():
            texts |= {f"{conf} {stanza.name} {name}": value for name, value in stanza.items()}
    for view in sorted((app.path / "default" / "data" / "ui" / "views").glob("*.xml")):
        texts[view.name] = view.read_text(encoding="utf-8")
    anywhere = {
        place: names
        for place, value in texts.items()
        for names in [{name for options, name in LOOKUP.findall(value) if not local_of(options)}]
        if not names <= tables_on_peers()
    }
    assert anywhere == {}


def test_the_tables_that_peers_read_are_small_files_that_reach_them(app: Path) -> None:
    transforms = package_abuse().conf("transforms").stanzas
    sizes = {}
    for name in tables_on_peers():
        stanza = transforms[name]
        assert "replicate" not in stanza
        file_name = stanza["filename"]
        assert file_name.endswith(".csv")
        shipped = [app / "lookups" / one for one in (file_name, f"{file_name}.default")]
        (path,) = [path for path in shipped if path.is_file()]
        sizes[name] = path.stat().st_size
    assert {name: size for name, size in sizes.items() if size > LARGEST_TABLE} == {}
    assert sum(sizes.values()) <= ALL_TABLES
    # An app can keep its own files from being sent; ESCU does so with its lookups, and ours would be missed.
    assert not (app / "default" / "distsearch.conf").exists()


def test_what_peers_read_is_what_is_expected_of_them() -> None:
    # A search that begins to read another table on peers makes the bundle matter for it: then it belongs here.
    assert tables_on_peers() == READ_BY_COMMANDS | {"package_interpreters", "package_trust_settings"}
