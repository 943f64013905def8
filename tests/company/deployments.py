"""The events of one deployment, in the order, with the fields and by the users that real logs show.

The order is that of six operations of one public log of Windows 11 (lezzi/msix-ondemandregisterpackage-bug): all share
one ActivityID, ``157/164, 170/391, 603|604, 10002, 607, [614], 854, 855, 10000, 10001, 400, [478], 613``; what fails
ends with ``605, 401, 404`` instead. Operations that only remove or prepare have neither 854 nor 855.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.company.hosts import Host, guid
from tests.company.journal import SECOND, SYSTEM, Journal
from tests.company.rates import table

ADD, REMOVE, STAGE, DESTAGE, REGISTER, REGISTER_FULL_NAME = 1, 2, 4, 5, 6, 10
STAGE_USER_DATA, PRE_REGISTER, REGISTER_FAMILY, ON_DEMAND, PROVISION = 11, 12, 20, 27, 29
APP_INSTALLER, APP_INSTALLER_UPDATE = 30, 31

_PLANNED = {ADD, STAGE, REGISTER, REGISTER_FULL_NAME, REGISTER_FAMILY, ON_DEMAND, PROVISION}
_PLANNED |= {APP_INSTALLER, APP_INSTALLER_UPDATE}
# What reads a package file and checks its signature.
_OPENED = {ADD, STAGE, APP_INSTALLER, APP_INSTALLER_UPDATE}

# PackageType of 400, after the public enumeration PackageTypes.
_TYPES = {"framework": 2, "bundle": 8}
_FULL_TRUST_FLAGS = 0x80304C

_TEXTS = {
    "0x80073d02": "0x80073D02: Unable to install because the following apps need to be closed.",
    "0x80073cf9": "0x80073CF9: Install failed. Please contact your software vendor.",
    "0x80073cf6": "0x80073CF6: Package could not be registered.",
    "0x80073cf3": "0x80073CF3: Package failed updates, dependency or conflict validation.",
    "0x80073d06": "0x80073D06: The package could not be installed because a higher version of it is installed.",
    "0x80073cff": "0x80073CFF: To install this app you need a sideloading-enabled system.",
    "0x80073d1b": "0x80073D1B: The package deployment operation is blocked by the reputation check.",
    "0x80070005": "0x80070005: Access is denied.",
    "0x800b0109": "0x800B0109: The root certificate of the signature in the app package must be trusted.",
    "0x800b0100": "0x800B0100: No signature was present in the subject.",
}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What is asked of Windows, and what comes of it.

    Attributes:
        operation: DeploymentOperation, a number.
        user: SID of the one for whom it runs.
        caller: CallingProcess, a bare image name, maybe with a service.
        requested: the main parameter, in 603: the last part of a URI, or a full or family name.
        main: full name of the package, of the bundle where it is one.
        inner: full names of the packages of that bundle which this host gets, with their files.
        uris: what 854 tells; empty, no 854.
        added, updated, destaged: the lists of 855; pairs are old and new.
        source: PackageSourceUri.
        flags: 603 Flags and, shifted by 32, FlagsHigh.
        server_flags: what Windows adds to them in DeploymentOptions.
        external: ExternalLocation.
        dependencies: URIs of dependencies given with the package: then 604 stands in place of 603.
        form: bundle, framework or package.
        full_trust: of the app package.
        signer: subject of the signature; empty: no 157 or 164.
        error: ErrorCode if it fails.
        failed_early: it fails before anything is planned: no 854, no 855.
        told_alone: 404 without 401.
        nameless: 404 without the package's name.
    """

    operation: int
    user: str
    caller: str
    requested: str
    main: str
    inner: tuple[tuple[str, str], ...] = ()
    uris: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    updated: tuple[tuple[str, str], ...] = ()
    destaged: tuple[str, ...] = ()
    source: str = ""
    flags: int = 0
    server_flags: int = 0
    external: str = ""
    dependencies: tuple[str, ...] = ()
    form: str = "package"
    full_trust: bool = False
    signer: str = ""
    display: str = " "
    error: str = ""
    failed_early: bool = False
    told_alone: bool = False
    nameless: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of all packages that it brings, removes or touches, each once."""
        listed = (*self.added, *(new for _old, new in self.updated), *(name for _file, name in self.inner))
        return tuple(dict.fromkeys((self.main, *listed)))


def deploy(journal: Journal, host: Host, start: int, one: Deployment) -> str:
    """Write the events of a deployment that begins at this time; returns its ActivityID."""
    return _Writer(journal, host, start, one).run()


class _Writer:
    """One deployment on one host; time passes while it writes."""

    def __init__(self, journal: Journal, host: Host, start: int, one: Deployment) -> None:
        self.journal, self.host, self.one, self.time = journal, host, one, start
        self.activity = journal.activity(host)
        self.caller = "" if one.caller == "NULL" else one.caller

    def write(self, code: int, data: Mapping[str, object], *, user: str = "", channel: str = "deployment") -> None:
        self.journal.write(
            self.host, self.time, code, data, channel, user=user or self.one.user, activity=self.activity
        )
        self.time += self.journal.rng.randrange(2_000, 90_000)

    def run(self) -> str:
        one = self.one
        if one.operation in _OPENED and self.host.packaging:
            self._opened()
        self._begin()
        planned = one.operation in _PLANNED
        if planned and not one.failed_early:
            self._plan()
        if one.error:
            self._failure()
        else:
            self._steps(planned)
            self._success()
            self._summary()
        return self.activity

    def _opened(self) -> None:
        """AppxPackaging: signature checked, reader made, and the warnings about the manifest."""
        one = self.one
        bundled = one.form == "bundle"
        reader = SYSTEM if one.source.startswith("x-windowsupdate") else one.user
        packaging = {"user": reader, "channel": "packaging"}
        if one.signer and one.error not in {"0x800b0109", "0x800b0100"}:
            self.write(164 if bundled else 157, {"subjectName": one.signer}, **packaging)
        if one.error != "0x800b0100":
            self.write(391 if bundled else 170, {"packageFullName": one.main}, **packaging)
        expected = table("packaging")["216"] / table("packaging")["signed"]
        warnings = int(expected) + (self.journal.rng.random() < expected % 1)
        namespace = "http://schemas.microsoft.com/appx/manifest/uap/windows10/"
        for number in range(warnings):
            self.write(216, {"namespace": f"{namespace}{number + 10}"}, **packaging)

    def _begin(self) -> None:
        one = self.one
        asked: dict[str, object] = {"DeploymentOperation": one.operation, "Path": one.requested}
        if one.dependencies:
            asked["DependencyPaths"] = " ".join(one.dependencies)
        asked |= {"Flags": one.flags & 0xFFFFFFFF, "FlagsHigh": one.flags >> 32}
        asked |= {"CallingProcess": self.caller, "ExternalLocation": one.external}
        self.write(604 if one.dependencies else 603, asked)
        if one.failed_early and one.error:
            return
        rng = self.journal.rng
        resiliency = "C:\\ProgramData\\Microsoft\\Windows\\AppRepository\\"
        resiliency += f"{guid(rng)}_{one.user}_{rng.randrange(1, 9)}.rslc"
        pointer = {"MainPackageMoniker": one.main, "ResiliencyFilePath": resiliency}
        self.write(10002, {"DeploymentOperation": one.operation, **pointer}, user=SYSTEM)
        running = {"PackageFullName": one.main, "UserSid": one.user, "CallingProcess": one.caller}
        self.write(607, {"DeploymentOperation": one.operation, **running})

    def _plan(self) -> None:
        one = self.one
        if one.form == "bundle" and one.inner and one.uris and "://" in one.uris[0]:
            listed = " ".join(f'"{file}": {name}' for file, name in one.inner)
            self.write(614, {"PathOne": one.uris[0], "PathTwo": listed})
        if one.uris:
            self.write(854, {"Path": "".join(f" {uri}" for uri in one.uris)})
        plan = action_lists(one.added, one.updated, one.destaged)
        if plan:
            self.write(855, {"PackageMoniker": plan})

    def _steps(self, planned: bool) -> None:
        """The steps that 10000 and 10001 tell: more where something is brought."""
        for code in (10000, 10001) if planned else (10000,):
            self.write(code, {"PackageFullName": self.one.main, "ErrorCode": "0x0"}, user=SYSTEM)
        self.time += self.journal.rng.randrange(SECOND // 5, SECOND * (20 if planned else 3))

    def _success(self) -> None:
        one = self.one
        if one.operation in {STAGE, ADD} and one.form == "bundle":
            shown = f" ({one.requested}) " if one.requested else " "
        else:
            shown = f" ({one.requested or one.main}) "
        self.write(400, self._result(one.main, one.form, one.full_trust and not one.inner, shown))
        if one.form == "bundle":
            for file, name in one.inner:
                inner_form = "resource" if "_split." in name else "package"
                full_trust = one.full_trust and inner_form == "package"
                self.write(478, self._result(name, inner_form, full_trust, f" ({file}) "))
        if one.operation == PROVISION:
            self.write(813, {"PackageMoniker": one.main}, user=SYSTEM)
        elif one.operation == PRE_REGISTER:
            self.write(633, {"PackageFullName": one.main, "IsInstalled": True})
        elif one.operation == ON_DEMAND:
            self.write(643, {"PackageFullName": one.main, "Bundle": 0, "AppDataVolume": 0})
        elif one.operation in {REMOVE, DESTAGE}:
            folder = "C:\\Program Files\\WindowsApps\\"
            deleted = f"{folder}Deleted\\{one.main}{guid(self.journal.rng)}"
            moved = {"SourceFolderPath": f"{folder}{one.main}", "DestinationFolderPath": deleted, "ErrorCode": "0x0"}
            self.write(472, moved, user=SYSTEM)

    def _failure(self) -> None:
        one = self.one
        self.time += self.journal.rng.randrange(SECOND // 10, 4 * SECOND)
        text = _TEXTS.get(one.error, f"{one.error[:2]}{one.error[2:].upper()}: The operation failed.")
        if not one.failed_early:
            self.write(605, {"FailedDeploymentState": "Indexed", "ErrorCode": one.error})
        elif one.uris and one.error in {"0x800b0109", "0x800b0100"}:
            self.write(465, {"PackageUri": one.uris[0], "ErrorCode": one.error})
        if not one.told_alone:
            fields = self._result(one.main, one.form, one.full_trust and not one.inner, f" ({one.requested}) ")
            failed: dict[str, object] = {}
            for name, value in fields.items():
                failed[name] = value
                if name == "Path":
                    failed["ErrorCode"] = one.error
                elif name == "CallingProcess":
                    failed |= {"IsInPlaceUpdate": "0x0", "ErrorFileInfo": "", "DetailedMessageInfo": ""}
                    failed |= {"RollbackErrorFileInfo": "", "RollbackDetailedMessageInfo": ""}
            failed["IsOptional"] = 0
            self.write(401, failed)
        name = "" if one.nameless else one.main
        failure = {"SummaryError": f"error {text}", "PackageFullName": name, "ErrorCode": one.error, "MountPoint": "C:"}
        failure |= {"TargetPlatform": "0x0", "CallingProcess": self.caller, "ExternalLocation": one.external}
        self.write(404, failure)

    def _result(self, name: str, form: str, full_trust: bool, path: str) -> dict[str, object]:
        """The fields of 400 and 478, in their order."""
        one = self.one
        flags = 0x400 if form == "bundle" else _FULL_TRUST_FLAGS if full_trust else 0x0
        return {
            "DeploymentOperation": one.operation,
            "PackageFullName": name,
            "Path": path,
            "MountPoint": "C:",
            "TargetPlatform": "0x3" if full_trust else "0x0",
            "SystemVolume": True,
            "StorageId": f"\\\\?\\Volume{{{self.host.volume}}}",
            "IsCentennial": full_trust,
            "PackageType": f"0x{_TYPES.get(form, 4 if form == 'resource' else 1):x}",
            "IsPackageEncrypted": False,
            "DeploymentOptions": f"0x{one.flags | one.server_flags:x}",
            "IsStreamingPackage": False,
            "IsInRelatedSet": False,
            "IsPackageUsingBDC": False,
            "MainPackageFamilyName": "NULL",
            "CallingProcess": self.caller,
            "IsOptional": False,
            "PackageFlags": f"0x{flags:x}",
            "PackageFlags2": "0x800",
            "HasWin32alacarte": False,
            "HasFullTrust": full_trust,
            "ExternalLocation": one.external,
            "PackageSourceUri": one.source,
            "PackageDisplayName": one.display,
        }

    def _summary(self) -> None:
        """613: how long the phases took, on several lines."""
        took = self.journal.rng.randrange(90, 20_000)
        lines = (f"Total: {took}ms", f"ResolveDependencies: {took // 7}ms", f"Commit: {took // 3}ms", "")
        summary = {"PackageFullName": self.one.main, "Summary": "\r\n".join(lines)}
        self.write(613, {"DeploymentOperation": self.one.operation, **summary})


def action_lists(added: tuple[str, ...], updated: tuple[tuple[str, str], ...], destaged: tuple[str, ...]) -> str:
    """The value of 855: lists in their order, one blank before everything; empty for nothing."""
    pairs = (f"{old} is updating to {new}" for old, new in updated)
    lists = {"addPackageList": added, "updateList": tuple(pairs), "destagePackageList": destaged}
    return "".join(f" {name}: {' '.join(items)}" for name, items in lists.items() if items)
