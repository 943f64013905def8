"""The public rules behave as the reference on them says: what each of them misses, and at what it cries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from searchhead.savedsearches import detections
from searchhead.spl.values import Row
from tests.apps import package_abuse
from tests.published import MSIX_RULES, Rule, Telemetry, found, rules
from tests.windows_events import SYSTEM, WindowsEvent, render

ALL = {rule.id: rule for rule in rules(MSIX_RULES)}
PROJECTS = {"E": "ESCU", "S": "Sigma", "D": "df00tech", "L": "Elastic", "A": "Anvilogic"}
TELEMETRY = Telemetry()
FRAMEWORK = "Microsoft.VCLibs.140.00_14.0.33519.0_x64__8wekyb3d8bbwe"
PAYLOAD = "Northwind.Viewer_1.4.0.0_x64__c2yjt6za8ar62"
APPS = r"C:\Program Files\WindowsApps"
INSTALLER: Row = {"Channel": "Application", "Name": "'MsiInstaller'", "source": "XmlWinEventLog:Application"}
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"


def event(code: int, channel: str = "deployment", user: str | None = None, **data: str) -> WindowsEvent:
    return WindowsEvent(code, "2026-03-02T09:00:00.123Z", data, channel, user=user)


def queued(path: str) -> WindowsEvent:
    return event(854, Path=f" {path}")


def planned(*packages: str) -> WindowsEvent:
    return event(855, PackageMoniker=f" addPackageList: {' '.join(packages)}")


def process(image: str, command: str, parent: str, **data: str) -> WindowsEvent:
    more = {"CommandLine": command, "ParentImage": parent, "ParentCommandLine": parent, **data}
    return event(1, "sysmon", Image=image, **more)


def script(text: str) -> WindowsEvent:
    return event(4104, "powershell", MessageNumber="1", MessageTotal="1", ScriptBlockText=text)


def registry(key: str, value: str) -> WindowsEvent:
    return event(13, "sysmon", EventType="SetValue", TargetObject=key, Details=value)


def terminal(name: str, shell: str = POWERSHELL) -> WindowsEvent:
    return process(shell, shell, rf"{APPS}\{name}\WindowsTerminal.exe")


# What each rule finds: events, and the rules that match them; all others do not.
CASES = {
    "a payload alone is not Microsoft's": (planned(PAYLOAD), "E1"),
    "a framework beside a payload hides it": (planned(PAYLOAD, FRAMEWORK), ""),
    "so does an ID in a name": (planned("Contoso.8wekyb3d8bbwe_1.0.0.0_x64__c2yjt6za8ar62"), ""),
    "a Store publisher is not Microsoft either": (planned("SpotifyAB.SpotifyMusic_1.2.3.4_x64__zpdnekdrzrea0"), "E1"),
    "every removal is an installation": (event(855, PackageMoniker=f" destagePackageList: {PAYLOAD}"), "E1"),
    "a system update is a successful installation": (queued("x-windowsupdate://a/b/c"), "E2"),
    "AllowUnsigned alone": (event(603, DeploymentOperation="1", Flags="8388608", FlagsHigh="0"), "E3 S7"),
    "AllowUnsigned and one more option": (event(603, DeploymentOperation="1", Flags="8388609", FlagsHigh="0"), ""),
    "developer mode": (event(603, DeploymentOperation="6", Flags="2", FlagsHigh="0"), ""),
    "the same with dependencies": (event(604, DeploymentOperation="1", Flags="8388608", FlagsHigh="0"), ""),
    "full trust from the web": (
        event(400, PackageFullName=PAYLOAD, HasFullTrust="true", PackageSourceUri="https://cdn.example/a.msix"),
        "E4 S6",
    ),
    "full trust of the inner package of a bundle": (
        event(478, PackageFullName=PAYLOAD, HasFullTrust="true", PackageSourceUri="https://cdn.example/a.msix"),
        "",
    ),
    "full trust under a name that Sigma trusts": (
        event(
            400,
            PackageFullName="MicrosoftWindows.Client.X_1.0.0.0_x64__c2yjt6za8ar62",
            HasFullTrust="true",
            PackageSourceUri="https://cdn.example/a.msix",
        ),
        "E4",
    ),
    "full trust from the Store": (
        event(400, PackageFullName=PAYLOAD, HasFullTrust="true", PackageSourceUri="x-windowsupdate://a/b"),
        "E4",
    ),
    "the staging directory that is spelt right": (queued("file:///C:/Users/a/Downloads/x.msix"), "E2 S4 S5 S10"),
    "the user's Temp, which the rule spells wrong": (
        queued("file:///C:/Users/a/AppData/Local/Temp/x.msix"),
        "E2 S5 S10",
    ),
    "a host that only ends like a known one": (queued("https://notgithub.com/a.msix"), "E2 S2 S5 S10"),
    "a known host in a query": (queued("https://intranet.corp.example/a.msix?from=mega.nz"), "E2 S2 S5 S10"),
    "an allowed text in a path": (queued("https://evil.example/microsoft.com/a.msix"), "E2 S10"),
    "a file of Windows": (queued(r"C:\Windows\SystemApps\Microsoft.X_cw5n1h2txyewy\AppxManifest.xml"), "E2 S10"),
    "one code of a refusal": (event(401, PackageFullName=PAYLOAD, ErrorCode="0x80073cff"), "S3"),
    "its neighbours": (event(401, PackageFullName=PAYLOAD, ErrorCode="0x800b0109"), ""),
    "the same code in the failure's text": (event(404, PackageFullName=PAYLOAD, ErrorCode="0x80073cff"), ""),
    "an unsigned package that could not be opened": (event(465, PackageUri="a.msix", ErrorCode="0x800b0100"), ""),
    "AppLocker": (event(412, PackageFullName=PAYLOAD, ErrorCode="0x800704ec"), "S1"),
    "platform policy": (event(453, PackageFullName=PAYLOAD, PolicyReason="1"), "S9"),
    "the one malicious name": (
        event(400, PackageFullName="3669e262-ec02-4e9d-bcb4-3d008b4afac9_1.0.0.0_x64__c2yjt6za8ar62"),
        "S8",
    ),
    "the one malicious signer": (
        event(
            157,
            "packaging",
            subjectName="CN=Foresee Consulting Inc., O=Foresee Consulting Inc., L=North York, S=Ontario, C=CA, "
            "SERIALNUMBER=1004913-1, OID.1.3.6.1.4.1.311.60.2.1.3=CA, OID.2.5.4.15=Private Organization",
        ),
        "S11",
    ),
    "another malicious signer": (event(157, "packaging", subjectName="CN=FODERE TITANIUM LIMITED"), ""),
    "any reader of a package is a user": (event(171, "packaging", SYSTEM, packageFullName=FRAMEWORK), "E8"),
    "the reader of a deployment is none": (event(170, "packaging", packageFullName=PAYLOAD), ""),
    "the cmdlet as it is documented": (script("Add-AppxPackage -Path a.msix -AllowUnsigned"), "E5 S16"),
    "its parameter cut short": (script("Add-AppxPackage -Path a.msix -AllowU"), ""),
    "splatted": (script("$a=@{Path='a.msix'; AllowUnsigned=$true}\nAdd-AppxPackage @a"), ""),
    "with a tab": (script("Add-AppxPackage\t-Path a.msix -AllowUnsigned"), ""),
    "registered as a folder": (script("Add-AppxPackage -Register a\\AppxManifest.xml"), ""),
    "provisioned": (script("Add-AppxProvisionedPackage -Online -PackagePath a.msix -SkipLicense"), ""),
    "the cmdlet on a command line": (
        process(POWERSHELL, "powershell Add-AppxPackage a.msix -AllowUnsigned", r"C:\Windows\explorer.exe"),
        "S15",
    ),
    "a shell of the real Terminal": (terminal("Microsoft.WindowsTerminal_1.21.1.0_x64__8wekyb3d8bbwe"), "E6"),
    "a shell of a package that calls itself Terminal": (
        terminal("Microsoft.WindowsTerminal_1.21.1.0_x64__c2yjt6za8ar62"),
        "E6",
    ),
    "a script host of a package": (
        process(r"C:\Windows\System32\wscript.exe", "wscript a.js", rf"{APPS}\{PAYLOAD}\app.exe"),
        "S13",
    ),
    "another runtime of a package": (process(r"C:\node\node.exe", "node a.js", rf"{APPS}\{PAYLOAD}\app.exe"), ""),
    "a package on another disk": (
        process(r"C:\Windows\System32\cmd.exe", "cmd /c a.bat", rf"D:\WindowsApps\{PAYLOAD}\app.exe"),
        "",
    ),
    "a stub": (
        process(
            rf"{APPS}\{PAYLOAD}\AI_STUBS\AiStubX64.exe",
            "AiStubX64.exe",
            "sihost.exe",
            OriginalFileName="popupwrapper.exe",
        ),
        "E7 S14",
    ),
    "a stub in another folder": (
        process(rf"{APPS}\{PAYLOAD}\stub\run.exe", "run.exe", "sihost.exe", OriginalFileName="popupwrapper.exe"),
        "",
    ),
    "a stub as 4688 tells it": (
        event(
            4688, "security", NewProcessName=rf"{APPS}\{PAYLOAD}\AI_STUBS\AiStubX64.exe", CommandLine="AiStubX64.exe"
        ),
        "",
    ),
    "the protocol with slashes": (
        process("cmd.exe", "start ms-appinstaller://?source=http://a.example/a.msix", "explorer.exe"),
        "E9 S17",
    ),
    "the protocol as it is documented": (
        process("cmd.exe", "start ms-appinstaller:?source=http://a.example/a.msix", "explorer.exe"),
        "E9",
    ),
    "App Installer looks a name up": (
        event(
            22,
            "sysmon",
            QueryName="a.example",
            Image=rf"{APPS}\Microsoft.DesktopAppInstaller_1.26.430.0_x64__8wekyb3d8bbwe\AppInstaller.exe",
        ),
        "S18",
    ),
    "sideloading allowed": (
        registry(
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock\AllowAllTrustedApps", "DWORD (0x00000001)"
        ),
        "S19",
    ),
    "a certificate for TrustedPeople": (
        registry(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\TrustedPeople\Certificates\AB\Blob", "Binary Data"),
        "",
    ),
    "a root certificate": (
        registry(r"HKLM\SOFTWARE\Microsoft\SystemCertificates\ROOT\Certificates\AB\Blob", "Binary Data"),
        "S21",
    ),
    "the protocol allowed again": (
        registry(
            r"HKLM\SOFTWARE\Policies\Microsoft\Windows\AppInstaller\EnableMSAppInstallerProtocol", "DWORD (0x00000001)"
        ),
        "",
    ),
    "developer features by their own program": (
        process(
            r"C:\Windows\System32\SystemSettingsAdminFlows.exe",
            "SystemSettingsAdminFlows.exe TurnOnDeveloperFeatures DeveloperUnlock",
            r"C:\Windows\explorer.exe",
        ),
        "S20",
    ),
    "a debugger for a package": (
        registry(
            r"HKU\S-1-5-21-1\SOFTWARE\Classes\ActivatableClasses\Package\Microsoft.X_1\DebugInformation\A\DebugPath",
            "a",
        ),
        "S22",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_finds_and_misses_what_the_reference_says(case: str, tmp_path: Path) -> None:
    one, expected = CASES[case]
    log = tmp_path / "log.xml"
    log.write_text(render(one), encoding="utf-8")
    assert " ".join(found(ALL.values(), TELEMETRY.events([log]))) == expected


def test_a_rule_of_escu_reads_one_source_and_one_of_sigma_the_channel() -> None:
    row: Row = {
        "source": "XmlWinEventLog:Microsoft-Windows-AppXDeployment-Server",
        "Channel": "Microsoft-Windows-AppXDeploymentServer/Operational",
        "EventCode": "603",
        "Flags": "8388608",
        "dvc": "ws-1",
        "user_id": "'S-1-5-21-1'",
    }
    assert set(found(ALL.values(), [dict(row)])) == {"S7"}
    right = {**row, "source": "XmlWinEventLog:Microsoft-Windows-AppXDeploymentServer/Operational"}
    assert set(found(ALL.values(), [right])) == {"E3", "S7"}


def test_the_rule_of_the_runtime_looks_for_names_of_tools() -> None:
    row: Row = {"Channel": "Microsoft-Windows-AppModel-Runtime/Admin", "EventCode": "201"}
    assert set(found(ALL.values(), [{**row, "ImageName": "PsExec.exe"}])) == {"S12"}
    assert set(found(ALL.values(), [{**row, "ImageName": "PsExec64.exe"}])) == set()


def test_a_row_without_what_a_rule_groups_by_is_lost(tmp_path: Path) -> None:
    log = tmp_path / "log.xml"
    log.write_text(render(event(603, user="", Flags="8388608")), encoding="utf-8")
    assert set(found(ALL.values(), TELEMETRY.events([log]))) == {"S7"}


def test_a_rule_counts_the_events_that_it_matches(tmp_path: Path) -> None:
    log = tmp_path / "log.xml"
    log.write_text("\n".join(map(render, [planned(PAYLOAD), planned(FRAMEWORK), planned(PAYLOAD)])), encoding="utf-8")
    assert found(ALL.values(), TELEMETRY.events([log])) == {"E1": 2}


def test_a_rule_that_reads_the_message_of_a_rendered_event_finds_it_there() -> None:
    assert set(found(rules(), [{**INSTALLER, "EventCode": "1033", "Message": "Product: AteraAgent."}])) == {"S26"}


def test_the_application_log_is_of_many_providers() -> None:
    row: Row = {**INSTALLER, "EventCode": "1034"}
    assert set(found(rules(), [row])) == {"S25"}
    assert found(rules(), [{**row, "Name": "'Microsoft-Windows-Security-SPP'"}]) == {}


def test_unnamed_data_is_read_without_the_escapes_of_xml() -> None:
    row: Row = {**INSTALLER, "EventCode": "1040", "_raw": r"<Data>C:\Users\Public\a &amp; b.msi</Data>"}
    assert set(found(rules(), [row])) == {"S23"}


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    row: Row = {"source": "Syslog:Linux-Sysmon/Operational", "EventCode": "3", "Image": "/x/installer"}
    assert set(found(rules(), [{**row, "DestinationIp": address}])) == {"D2"}
    for inside in ("fe80::1", "224.0.0.1", "127.0.0.1", "100.64.0.1", "fd12::1", "not an address"):
        assert found(rules(), [{**row, "DestinationIp": inside}]) == {}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_a_rule_is_described_completely(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]\d+", rule.id)
    assert rule.project == PROJECTS[rule.id[0]]
    assert rule.name
    assert re.fullmatch(r"(?:detections|rules(?:-[a-z-]+)?)/[\w./-]+", rule.file)
    assert set(rule.ours) <= {one.slug for one in detections(package_abuse())}


def test_every_rule_finds_something_here() -> None:
    assert {one for _, expected in CASES.values() for one in expected.split()} | {"S12"} == set(ALL)


def test_no_rule_is_there_twice() -> None:
    assert len({rule.id for rule in rules()}) == len({(rule.file, rule.reads) for rule in rules()}) == len(rules())


RULE = '[[rules]]\nid = "E1"\nproject = "ESCU"\nname = "n"\nfile = "f"\nours = []\nreads = "{}"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[rules]]\nid = "E1"', "this is no rule"),
        (RULE.format("mail"), "this is no rule"),
        (RULE.format("dns") + 'all = [["a", "is", "b"]]', "there is no operator 'is'"),
    ],
)
def test_what_is_no_rule_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / MSIX_RULES.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        rules(path)
