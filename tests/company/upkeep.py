"""Deployments of the Store and of Windows: nearly all there are, in the shares of the public counts."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.company.catalogue import Package, package, packages, update_uri
from tests.company.deployments import (
    DESTAGE,
    ON_DEMAND,
    PRE_REGISTER,
    PROVISION,
    REGISTER,
    REGISTER_FAMILY,
    REGISTER_FULL_NAME,
    REMOVE,
    STAGE,
    STAGE_USER_DATA,
    Deployment,
    deploy,
)
from tests.company.hosts import Company, Host
from tests.company.journal import HOUR, MINUTE, SECOND, SYSTEM, Journal, any_hour, working_hour
from tests.company.processes import WINDOWS_APPS
from tests.company.rates import pick, table

# 603 Flags and FlagsHigh seen in public logs, and what Windows adds: [LZ], for a Store update [ESCU].
_STAGE_FLAGS = 64 << 32 | 67109440
_LOGON_FLAGS = 268435456
_UPDATE_FLAGS = 0x40040040


@dataclass(frozen=True)
class Benign:
    """A deployment that is nobody's attack: ``story`` says in a word why it happens."""

    host: str
    activity: str
    story: str
    operation: int
    packages: tuple[str, ...]


class Upkeep:
    """Makes the deployments of Store and Windows over a company; keeps account of all in ``done``."""

    def __init__(self, company: Company, journal: Journal, rng: Random) -> None:
        self.company, self.journal, self.rng = company, journal, rng
        self.done: list[Benign] = []
        self._staged: list[tuple[Host, Package, int, str, tuple[tuple[str, str], ...]]] = []
        self._left: dict[str, list[Package]] = {}

    def run(self, counts: dict[int, int], updates: int, provisioned: int) -> None:
        """Make so many of each operation; ``updates`` is how many of them are Registers of what was staged."""
        for _ in range(counts[STAGE]):
            self._stage()
        self.rng.shuffle(self._staged)
        registered = self._staged[:updates]
        for staged in registered:
            self._register(*staged)
        for host, one, time, _uri, _inner in registered[: counts[DESTAGE]]:
            old = one.bundle(one.before()) if one.bundled else one.full_name(one.before())
            later = time + self.rng.randrange(HOUR // 2, 5 * HOUR)
            self._simple(DESTAGE, host, old, later, "svchost.exe,AppXSvc", requested=old)
        for _ in range(provisioned):
            self._provision()
        makers = {
            REGISTER_FAMILY: self._by_family,
            PRE_REGISTER: self._pre_register,
            STAGE_USER_DATA: self._user_data,
            REMOVE: self._remove,
            ON_DEMAND: self._on_demand,
            REGISTER_FULL_NAME: self._by_full_name,
        }
        for operation, make in makers.items():
            for _ in range(counts[operation]):
                make()

    def deploy(self, host: Host, time: int, story: str, one: Deployment) -> None:
        """Let it happen, and note that it is benign."""
        self.done.append(Benign(host.name, deploy(self.journal, host, time, one), story, one.operation, one.names))

    def failure(self) -> dict[str, object]:
        """What may make a deployment fail, as often as public counts have it."""
        rates = table("failure")
        if self.rng.random() >= (rates["failed"] + rates["told_alone"]) / sum(rates.values()):
            return {}
        alone = self.rng.random() < rates["told_alone"] / (rates["failed"] + rates["told_alone"])
        code = pick(self.rng, "failure_code")
        return {"error": code, "told_alone": alone, "nameless": pick(self.rng, "failure_name") == "blank"}

    def any_host(self) -> Host:
        """A host by chance."""
        return self.rng.choice(self.company.hosts)

    def installed(self, host: Host, *, apps: bool = True) -> Package:
        """A package that such a host has."""
        known = packages("store", "windows", host.maker)
        return self.rng.choice([one for one in known if not apps or one.form != "framework"])

    # ------------------------------------------------------------ updates

    def _stage(self) -> None:
        host, one = self._not_yet_updated()
        uri = update_uri(self.rng)
        content = uri.rpartition("/")[2]
        inner = inner_packages(self.rng, one)
        names = tuple(name for _file, name in inner)
        main = one.bundle() if one.bundled else one.full_name()
        time = any_hour(self.rng)
        self.deploy(
            host,
            time,
            "store",
            Deployment(
                operation=STAGE,
                user=SYSTEM if self.rng.random() < 0.4 else host.user,
                caller="svchost.exe,AppXSvc",
                requested=content,
                main=main,
                inner=inner,
                uris=(uri, *(f"{uri}\\{file}" for file, _name in inner)),
                added=self._shuffled((*names, main) if one.bundled else (main,)),
                source=uri,
                flags=_STAGE_FLAGS,
                form=one.form,
                full_trust=one.full_trust,
                signer=one.publisher,
                **self.failure(),  # type: ignore[arg-type]  # names and types are those of Deployment
            ),
        )
        self._staged.append((host, one, time, uri, inner))

    def _not_yet_updated(self) -> tuple[Host, Package]:
        """A host and a package that it has not got anew today."""
        while True:
            host = self.any_host()
            if host.name not in self._left:
                known = [one for one in packages("store", "windows", host.maker) if one.form != "system"]
                self._left[host.name] = self.rng.sample(known, len(known))
            if self._left[host.name]:
                return host, self._left[host.name].pop()

    def _register(self, host: Host, one: Package, staged: int, uri: str, inner: tuple[tuple[str, str], ...]) -> None:
        time = staged + self.rng.randrange(30 * SECOND, 3 * HOUR)
        old, new = one.full_name(one.before()), one.full_name()
        splits = tuple(name for _file, name in inner if name != new)
        file = "AppxBundleManifest.xml" if one.bundled else "AppxManifest.xml"
        main = one.bundle() if one.bundled else new
        manifest = "AppxMetadata\\AppxBundleManifest.xml" if one.bundled else file
        self.deploy(
            host,
            time,
            "store",
            Deployment(
                operation=REGISTER,
                user=host.user,
                caller="sihost.exe" if self.rng.random() < 0.5 else "svchost.exe,AppReadiness",
                requested=file,
                main=main,
                inner=inner,
                uris=(f"{WINDOWS_APPS}\\{main}\\{manifest}",),
                added=self._shuffled((*splits, main)) if one.bundled else (),
                updated=((old, new),),
                destaged=(one.bundle(one.before()),) if one.bundled and self.rng.random() < 0.3 else (),
                source=uri if self.rng.random() < 0.8 else "",  # empty while registration is deferred
                flags=_UPDATE_FLAGS,
                form=one.form,
                full_trust=one.full_trust,
                **self.failure(),  # type: ignore[arg-type]  # as above
            ),
        )

    def _provision(self) -> None:
        host, one = self.any_host(), package(self.rng.choice(("Microsoft.WindowsTerminal", "Microsoft.ScreenSketch")))
        inner = inner_packages(self.rng, one)
        names = tuple(name for _file, name in inner)
        self.deploy(
            host,
            any_hour(self.rng),
            "store",
            Deployment(
                operation=PROVISION,
                user=SYSTEM,
                caller="svchost.exe,AppXSvc",
                requested=one.family,
                main=one.bundle(),
                inner=inner,
                added=(one.bundle(), *names),
                source=update_uri(self.rng),
                form=one.form,
                full_trust=one.full_trust,
            ),
        )

    # ------------------------------------------------------------ sessions

    def _by_family(self) -> None:
        host = self.any_host()
        one = self.installed(host)
        main = one.full_name()
        manifest = (f"{WINDOWS_APPS}\\{main}\\AppxManifest.xml",)
        deployment = Deployment(
            operation=REGISTER_FAMILY,
            user=host.user,
            caller=pick(self.rng, "caller_logon"),
            requested=one.family,
            main=main,
            uris=manifest if self.rng.random() < 0.5 else (),
            added=(main,),
            source=update_uri(self.rng),
            flags=_LOGON_FLAGS,
            form="package" if one.bundled else one.form,
            full_trust=one.full_trust,
            **self.failure(),  # type: ignore[arg-type]  # as above
        )
        self.deploy(host, self._logon(), "logon", deployment)

    def _pre_register(self) -> None:
        host = self.any_host()
        one = self.installed(host, apps=False)
        self._simple(PRE_REGISTER, host, one.full_name(), self._logon(), "svchost.exe,AppReadiness")

    def _user_data(self) -> None:
        host = self.any_host()
        one = self.installed(host)
        self._simple(STAGE_USER_DATA, host, one.full_name(), self._logon(), pick(self.rng, "caller_logon"))

    def _remove(self) -> None:
        host = self.any_host()
        name = self.installed(host).full_name()
        caller = self.rng.choice(("svchost.exe,AppXSvc", "explorer.exe", "sihost.exe", "powershell.exe"))
        self._simple(REMOVE, host, name, any_hour(self.rng), caller, requested=name)

    def _on_demand(self) -> None:
        host = self.any_host()
        one = self.installed(host)
        deployment = Deployment(
            operation=ON_DEMAND,
            user=host.user,
            caller="svchost.exe,AppXSvc",
            requested=one.family,
            main=one.full_name(),
            added=(one.full_name(),),
            form="package" if one.bundled else one.form,
            full_trust=one.full_trust,
        )
        self.deploy(host, working_hour(self.rng), "on_demand", deployment)

    def _by_full_name(self) -> None:
        host = self.any_host()
        one = self.rng.choice(packages("windows"))
        deployment = Deployment(
            operation=REGISTER_FULL_NAME,
            user=SYSTEM,
            caller="svchost.exe,AppXSvc",
            requested=one.full_name(),
            main=one.full_name(),
            added=(one.full_name(),),
            form=one.form,
        )
        self.deploy(host, self._logon(), "logon", deployment)

    def _simple(self, operation: int, host: Host, name: str, time: int, caller: str, requested: str = "") -> None:
        """An operation that brings nothing."""
        asked = requested or name
        self.deploy(
            host,
            time,
            "logon" if operation in {PRE_REGISTER, STAGE_USER_DATA} else "tidying",
            Deployment(operation=operation, user=host.user, caller=caller, requested=asked, main=name),
        )

    def _logon(self) -> int:
        """A moment after somebody logs on: most do so between seven and nine."""
        return int(self.rng.triangular(6.8, 12.0, 8.0) * HOUR) + self.rng.randrange(5 * MINUTE)

    def _shuffled(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.rng.sample(names, len(names)))


def inner_packages(rng: Random, one: Package) -> tuple[tuple[str, str], ...]:
    """What a host gets of a bundle: the app package, often a resource package; files and full names."""
    if not one.bundled:
        return ()
    title = one.name.rpartition(".")[2]
    inner = [(f"{title}_{one.version}_x64.msix", one.full_name())]
    if rng.random() < 0.5:
        split = one.full_name(architecture="neutral", resource="split.scale-100")
        inner.append((f"{title}_{one.version}_scale-100.msix", split))
    return tuple(inner)
