"""The rest of an ordinary day: processes, connections, scripts and registry writes that are nobody's attack.

Images and command lines of packaged apps are those of public Sysmon records (EVTX-ATTACK-SAMPLES, OTRF); what else runs
is chosen. ``rates.csv`` says how often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from tests.company import scripts
from tests.company.catalogue import package
from tests.company.hosts import Company, Host
from tests.company.journal import SECOND, Journal, any_hour, working_hour
from tests.company.packaged import Packaged
from tests.company.processes import CMD, EDGE, EXPLORER, SVCHOST, SYSTEM32, Telemetry, in_package, known
from tests.company.rates import per_company, table
from tests.company.settings import Settings

# Package, executable, what follows on the command line, image of the parent.
_BROKER = f"{SYSTEM32}\\RuntimeBroker.exe"
_SIHOST = f"{SYSTEM32}\\sihost.exe"
_PACKAGED = (
    (
        "Microsoft.WindowsCalculator",
        "CalculatorApp.exe",
        "-ServerName:App.AppXsm3pg4n7er43kdh1qp4e79f1j7am68r8.mca",
        SVCHOST,
    ),
    ("Microsoft.ScreenSketch", "SnippingTool\\SnippingTool.exe", "ms-screensketch:edit?source=ScreenClip", SVCHOST),
    (
        "Microsoft.MicrosoftOfficeHub",
        "LocalBridge.exe",
        "/InvokerPRAID: Microsoft.MicrosoftOfficeHub notifications",
        _BROKER,
    ),
    ("Microsoft.WindowsNotepad", "Notepad\\Notepad.exe", "", EXPLORER),
    ("Microsoft.Windows.Photos", "Photos.exe", "-ServerName:App.AppXzst44mncqdg84v7sv6p7yznqwssy6f7f.mca", SVCHOST),
    ("Microsoft.YourPhone", "PhoneExperienceHost.exe", "-ComServer:Background -Embedding", SVCHOST),
    ("MSTeams", "ms-teams.exe", "--process-start-args --profile=default", _SIHOST),
    ("Microsoft.OutlookForWindows", "olk.exe", "", EXPLORER),
    ("Microsoft.Paint", "PaintApp\\mspaint.exe", "", EXPLORER),
    ("5319275A.WhatsAppDesktop", "WhatsApp.Root.exe", "", EXPLORER),
    ("SpotifyAB.SpotifyMusic", "Spotify.exe", "--autostart", _SIHOST),
    (
        "MicrosoftWindows.Client.WebExperience",
        "Dashboard\\Widgets.exe",
        "-ServerName:Microsoft.Windows.DashboardServer",
        SVCHOST,
    ),
)
_ORDINARY = (
    (f"{SYSTEM32}\\taskhostw.exe", "taskhostw.exe", SVCHOST),
    (_BROKER, f"{_BROKER} -Embedding", SVCHOST),
    (f"{SYSTEM32}\\SearchProtocolHost.exe", "SearchProtocolHost.exe Global\\UsGthrFltPipeMssGthrPipe", SVCHOST),
    (f"{SYSTEM32}\\conhost.exe", "conhost.exe 0xffffffff -ForceV1", SVCHOST),
    (f"{SYSTEM32}\\dllhost.exe", "dllhost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}", SVCHOST),
    (SVCHOST, f"{SVCHOST} -k wsappx -p -s AppXSvc", f"{SYSTEM32}\\services.exe"),
    (EDGE, f'"{EDGE}" --type=renderer --lang=en-GB', EDGE),
    ("C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE", "EXCEL.EXE /automation", EXPLORER),
    ("C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", "OUTLOOK.EXE", EXPLORER),
    (
        f"{SYSTEM32}\\WindowsPowerShell\\v1.0\\powershell.exe",
        "powershell.exe -NonInteractive -File inventory.ps1",
        SVCHOST,
    ),
    (CMD, "cmd.exe /c logon.cmd", EXPLORER),
)
_NAMES = (
    *(
        "outlook.office365.com",
        "teams.microsoft.com",
        "login.microsoftonline.com",
        "www.bing.com",
        "edge.microsoft.com",
    ),
    *("settings-win.data.microsoft.com", "fs01.corp.example", "dc01.corp.example", "intranet.corp.example"),
)
_REGISTRY = (
    ("HKLM\\System\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\S-1-5-18\\{}", "Binary Data"),
    (
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\SecurityHealth",
        "%windir%\\system32\\SecurityHealthSystray.exe",
    ),
    ("HKU\\{}\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\FileExts\\.pdf\\UserChoice\\ProgId", "AppX"),
    ("HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate\\EncodedCtl", "Binary Data"),
    (
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Appx\\AppxAllUserStore\\{}\\Path",
        "C:\\Program Files\\WindowsApps",
    ),
)


class Noise:
    """Writes what else a company does on a day."""

    def __init__(self, company: Company, journal: Journal, telemetry: Telemetry, rng: Random) -> None:
        self.company, self.journal, self.telemetry, self.rng = company, journal, telemetry, rng

    def run(self) -> None:
        """One day of all hosts."""
        packaged = Packaged(self.company, self.journal, self.telemetry, self.rng)
        everywhere = {
            "packaged_app": self._packaged_app,
            "ordinary": self._ordinary,
            "connection": self._connection,
            "name_query": self._name_query,
            "registry": self._registry,
            "script": self._script,
            "status_query": self._status_query,
            "refresh": self._refresh,
        }
        developers = {
            "terminal": packaged.terminal,
            "python": packaged.python,
            "assistant": packaged.assistant,
            "store_powershell": packaged.store_powershell,
            "script": self._script,
        }
        admins = {
            "terminal": packaged.terminal,
            "store_powershell": packaged.store_powershell,
            "sysinternals": packaged.sysinternals,
            "script": self._script,
        }
        for host in self.company.hosts:
            self._each(host, everywhere, table("process_office"))
            if host.role != "office":
                developer = host.role == "developer"
                rates = table("process_developer" if developer else "process_admin")
                self._each(host, developers if developer else admins, rates)
        self._company(packaged)
        Settings(self.company, self.telemetry, self.rng).run()

    def _each(self, host: Host, makers: Mapping[str, Callable[[Host], None]], rates: Mapping[str, float]) -> None:
        for name, rate in rates.items():
            for _ in range(self.rng.randrange(int(rate * 0.5), int(rate * 1.5) + 1)):
                makers[name](host)

    def _company(self, packaged: Packaged) -> None:
        makers: dict[str, Callable[[Host], None]] = {
            "office_terminal": packaged.terminal,
            "office_assistant": packaged.assistant,
            "slack": packaged.slack,
            "winget": packaged.winget,
            "company_fixups": packaged.fixups,
            "company_fixups_script": packaged.fixups_script,
            "company_stub": packaged.stub,
            "package_read": packaged.package_read,
            "app_installer": packaged.app_installer,
            "installer_link": packaged.installer_link,
            "inventory": lambda host: self._text(host, self.rng.choice(scripts.INVENTORY)),
            "debloat": lambda host: self._text(host, scripts.DEBLOAT),
            "dism_import": lambda host: self._text(host, scripts.DISM_MODULE),
            "appx_import": lambda host: self._text(host, scripts.APPX_MODULE),
            "help": lambda host: self._text(host, self.rng.choice(scripts.HELP)),
        }
        for name in ("process_company", "script_company"):
            for key, count in per_company(name, len(self.company.hosts), self.rng).items():
                for _ in range(count):
                    makers[key](self.rng.choice(self.company.hosts))

    # ------------------------------------------------------------ every host

    def _packaged_app(self, host: Host) -> None:
        name, file, rest, parent = self.rng.choice(_PACKAGED)
        image = in_package(package(name).full_name(), file)
        time = working_hour(self.rng)
        above = known(host, parent, f"{parent} -k DcomLaunch -p" if parent == SVCHOST else parent)
        app = self.telemetry.start(host, time, image, f'"{image}" {rest}'.rstrip(), above)
        if name in {"MSTeams", "Microsoft.OutlookForWindows"}:
            view = "C:\\Program Files (x86)\\Microsoft\\EdgeWebView\\Application\\145.0.3800.58\\msedgewebview2.exe"
            self.telemetry.start(host, time + SECOND, view, f'"{view}" --embedded-browser-webview=1', app)
            self.telemetry.call(host, time + 2 * SECOND, app, "teams.microsoft.com")

    def _ordinary(self, host: Host) -> None:
        image, command, parent = self.rng.choice(_ORDINARY)
        service = parent == SVCHOST
        above = known(host, parent, service=service)
        self.telemetry.start(host, any_hour(self.rng), image, command, above, service=service)

    def _connection(self, host: Host) -> None:
        process = known(
            host, self.rng.choice((EDGE, SVCHOST, "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"))
        )
        address = f"93.184.216.{self.rng.randrange(1, 255)}"
        self.telemetry.connect(host, any_hour(self.rng), process, address, self.rng.choice(_NAMES))

    def _name_query(self, host: Host) -> None:
        process = known(host, self.rng.choice((EDGE, SVCHOST)))
        address = f"93.184.216.{self.rng.randrange(1, 255)}"
        self.telemetry.query(host, any_hour(self.rng), process, self.rng.choice(_NAMES), address)

    def _registry(self, host: Host) -> None:
        value, details = self.rng.choice(_REGISTRY)
        self.telemetry.registry(
            host, any_hour(self.rng), known(host, SVCHOST, service=True), value.format(host.user), details
        )

    def _script(self, host: Host) -> None:
        self._text(host, self.rng.choice(scripts.EVERYDAY))

    def _status_query(self, host: Host) -> None:
        """857, which asks whether a family is registered: noise."""
        one = package(self.rng.choice(_PACKAGED)[0])
        data = {"Error": 0, "PackageFamilyName": one.family, "FoundState": True, "ErrorCode": "0x0"}
        activity = self.journal.activity(host)
        self.journal.write(host, any_hour(self.rng), 857, data, user=host.user, activity=activity)

    def _refresh(self, host: Host) -> None:
        above = known(host, SVCHOST, f"{SVCHOST} -k wsappx -p -s AppXSvc", service=True)
        command = "rundll32.exe AppXDeploymentExtensions.OneCore.dll,ShellRefresh"
        self.telemetry.start(host, any_hour(self.rng), f"{SYSTEM32}\\rundll32.exe", command, above)

    def _text(self, host: Host, text: str) -> None:
        self.telemetry.script(host, working_hour(self.rng), text)
