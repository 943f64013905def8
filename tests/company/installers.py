"""What the Windows Installer does on an ordinary day: roll-outs, updates, repairs, vendors' setups, IT's tools."""

from __future__ import annotations

from random import Random

from tests.company.custom_actions import custom_actions
from tests.company.errands import Errand, Errands
from tests.company.hosts import Company, Host, guid
from tests.company.journal import MINUTE, SECOND, any_hour
from tests.company.msi import MSIEXEC, Msi, Run
from tests.company.processes import CMD, EDGE, EXPLORER, POWERSHELL, SYSTEM32, Process, Telemetry, known
from tests.company.products import PRODUCTS, REMOTE, Product
from tests.company.rates import pick, table

_CCM = "C:\\Windows\\CCM\\CcmExec.exe"
_INTUNE = "C:\\Program Files (x86)\\Microsoft Intune Management Extension"
_WMI = f"{SYSTEM32}\\wbem\\wmiprvse.exe"
_CONTROL = "HKLM\\System\\CurrentControlSet\\Services"
_RUN = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"
# Hosts that a check of a signature asks; DigiCert, Sectigo and Microsoft sign most of what is installed.
_REVOCATION = ("ocsp.digicert.com", "crl3.digicert.com", "crl.sectigo.com", "crl.microsoft.com")
# Tasks that the Windows remediation package creates, and keys whose values it deletes: windows-events.md section 9.
_TASKS = ("shell", "shell-compact", "shell-restore", "shell-unlock", "shell-unlock-sih", "shell-usoscan", "shell-appr")
_KEYS = ("appr", "shell", "Settings")
_OFFICE = (
    "Microsoft Office Proofing Tools 2016 - English",
    "Microsoft Office MUI (English) 2016",
    "Office 16 Click-to-Run",
)
_FILES = (
    (EDGE, "{}\\Downloads\\report.pdf"),
    (EDGE, "{}\\AppData\\Local\\Microsoft\\Edge\\User Data\\Default\\Cache\\f_0003a1"),
    (EXPLORER, "{}\\Documents\\minutes.docx"),
    (f"{SYSTEM32}\\svchost.exe", "C:\\Windows\\System32\\Tasks\\Microsoft\\Windows\\UpdateOrchestrator\\Reboot"),
    (f"{SYSTEM32}\\svchost.exe", "C:\\Windows\\System32\\Tasks\\MicrosoftEdgeUpdateTaskMachineCore"),
    (EXPLORER, "{}\\AppData\\Roaming\\Microsoft\\Windows\\Recent\\minutes.lnk"),
)


class Installers(Errands):
    """Makes these."""

    def __init__(self, company: Company, telemetry: Telemetry, rng: Random, done: list[Errand]) -> None:
        super().__init__(rng, len(company.hosts), done)
        self.company, self.telemetry = company, telemetry
        self.admins, self.developers = company.of_role("admin"), company.of_role("developer")

    def run(self) -> None:
        """One day of all hosts."""
        for host in self.company.hosts:
            for _ in range(self.rng.randrange(int(table("windows_files")["file"]) + 1)):
                self._file(host)
        self.repeat("msi_kind", {"install": self._install, "update": self._update, "reconfigure": self._reconfigure})
        rare = {
            "remediation": self._remediation,
            "product_query": self._product_query,
            "remote_tool": self._remote_tool,
            "remove": self._remove,
            "failed": self._failed,
            "repair": self._repair,
        }
        self.repeat("msi_company", rare)

    def _host(self) -> Host:
        return self.rng.choice(self.company.hosts)

    def _file(self, host: Host) -> None:
        """A program writes a file of its own, or what lets it start with Windows."""
        image, path = self.rng.choice(_FILES)
        self.telemetry.file(host, any_hour(self.rng), known(host, image), path.format(host.profile))
        if self.rng.random() < 0.1:
            drive = f"{host.profile}\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe"
            value = f"HKU\\{host.user}\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\OneDrive"
            self.telemetry.registry(host, any_hour(self.rng), known(host, drive), value, f'"{drive}" /background')

    # ------------------------------------------------------------ installations

    def _install(self) -> None:
        makers = {
            "configuration_manager": self._configuration_manager,
            "intune": self._intune,
            "intune_line_of_business": self._line_of_business,
            "group_policy": self._group_policy,
            "winget": self._winget,
            "chocolatey": self._chocolatey,
            "vendor_download": self._vendor_download,
            "vendor_bootstrapper": self._bootstrapper,
            "admin_share": self._admin_share,
            "vendor_url": self._vendor_url,
            "developer_build": self._developer_build,
        }
        makers[pick(self.rng, "msi_story")]()

    def _configuration_manager(self) -> None:
        """Software Center: CcmExec runs msiexec from its cache."""
        product, folder = self.rng.choice(PRODUCTS), f"C:\\Windows\\ccmcache\\{self.rng.randrange(16, 255):x}"
        above = known(host := self._host(), _CCM, service=True)
        command = f'"{MSIEXEC}" /i "{folder}\\{product.file}" {product.arguments}'
        self._as_system(host, product, f"{folder}\\{product.file}", command, above, "configuration_manager")

    def _intune(self) -> None:
        """A Win32 app of Intune: its agent starts msiexec, or a script that does."""
        product, host = self.rng.choice(PRODUCTS), self._host()
        folder = f"C:\\Windows\\IMECache\\{guid(self.rng)}_1"
        agent = known(host, f"{_INTUNE}\\Microsoft.Management.Services.IntuneWindowsAgent.exe", service=True)
        time, above = self.working(), agent
        if self.rng.random() < 0.4:
            shell = f"powershell.exe -ExecutionPolicy Bypass -NoProfile -File {folder}\\Install-Application.ps1"
            above = self.telemetry.start(host, time, POWERSHELL, shell, agent, service=True)
        command = f'msiexec /i "{product.file}" {product.arguments}'
        self._as_system(host, product, f"{folder}\\{product.file}", command, above, "intune", time + SECOND)

    def _line_of_business(self) -> None:
        """A line-of-business app of Intune: the device management client installs an MSI of the company's own."""
        host, product = self._host(), self._own()
        path = f"C:\\Windows\\System32\\config\\systemprofile\\AppData\\Local\\mdm\\{{{guid(self.rng).upper()}}}.msi"
        above = known(host, f"{SYSTEM32}\\omadmclient.exe", service=True)
        command = f'"{MSIEXEC}" /quiet /i "{path}"'
        self._as_system(host, product, path, command, above, "intune_line_of_business")

    def _group_policy(self) -> None:
        """Group policy assigns a package of a share; no client's process tells of it, winlogon waits."""
        host, product = self._host(), self.rng.choice((self._own(), self.rng.choice(PRODUCTS)))
        share = f"\\\\{self.company_domain()}\\SYSVOL\\{self.company_domain()}\\Software\\{product.file}"
        start = self.working()
        run = self._run(host, start, product, share, machine=True)
        run.begin(known(host, f"{SYSTEM32}\\svchost.exe", "svchost.exe -k netsvcs -p -s gpsvc", service=True).pid)
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "group_policy")

    def _winget(self) -> None:
        """WinGet installs what a developer or an admin asks for."""
        host, product, start = (
            self.rng.choice((*self.developers, *self.admins)),
            self.rng.choice(PRODUCTS),
            self.working(),
        )
        name = product.maker.replace(" ", "").replace(",", "").replace(".", "")
        setup = f"{host.profile}\\AppData\\Local\\Temp\\WinGet\\{name}.{product.version}\\{product.file}"
        local = f"{host.profile}\\AppData\\Local\\Microsoft\\WindowsApps\\winget.exe"
        tool = self.telemetry.start(host, start, local, f"winget install --id {name}", known(host, POWERSHELL))
        self.telemetry.call(host, start + SECOND, tool, "cdn.winget.microsoft.com")
        run = self._run(host, start + 6 * SECOND, product, setup)
        run.client(f'"{MSIEXEC}" /quiet /norestart /i "{setup}"', tool)
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "winget")

    def _chocolatey(self) -> None:
        """Chocolatey brings a developer's tools up to date."""
        host, product, start = self.rng.choice(self.developers), self.rng.choice(PRODUCTS), self.working()
        image = "C:\\ProgramData\\chocolatey\\choco.exe"
        name = product.folder.partition("\\")[0].lower().replace(" ", "")
        tool = self.telemetry.start(host, start, image, "choco upgrade all -y", known(host, POWERSHELL), level="High")
        self.telemetry.call(host, start + 2 * SECOND, tool, "feed.chocolatey.example")
        path = f"{host.profile}\\AppData\\Local\\Temp\\chocolatey\\{name}\\{product.version}\\{product.file}"
        run = self._run(host, start + 9 * SECOND, product, path)
        log = f"{path}.{product.version}-Install.log"
        run.client(f'"{MSIEXEC}" /i "{path}" /qn /norestart /l*v "{log}"', tool)
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "chocolatey")

    def _vendor_download(self) -> None:
        """A person with the rights for it installs what a vendor's site gave."""
        host, product, start = (
            self.rng.choice((*self.developers, *self.admins)),
            self.rng.choice(PRODUCTS),
            self.working(),
        )
        path = f"{host.profile}\\Downloads\\{product.file}"
        self.telemetry.file(host, start - 40 * SECOND, known(host, EDGE), path)
        run = self._run(host, start, product, path)
        run.client(f'"{MSIEXEC}" /i "{path}" ', known(host, EXPLORER), level="Medium")
        run.server()
        if self.rng.random() < 0.5:
            run.calls(self.rng.choice(_REVOCATION), port=80)
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "vendor_download")

    def _bootstrapper(self) -> None:
        """A setup program unpacks packages into the temporary folder and asks msiexec to install them."""
        host, product, start = self._host(), self.rng.choice(PRODUCTS), self.working()
        setup = f"{host.profile}\\Downloads\\{product.file.rpartition('.')[0]}-setup.exe"
        above = self.telemetry.start(host, start, setup, f'"{setup}"', known(host, EXPLORER), level="High")
        if self.rng.random() < 0.6:
            self.telemetry.call(host, start + 3 * SECOND, above, "download.visualstudio.microsoft.com")
        path = f"C:\\Windows\\Temp\\{{{guid(self.rng).upper()}}}\\{product.file}"
        run = self._run(host, start + 8 * SECOND, product, path)
        run.client(f'"{MSIEXEC}" /i "{path}" /qn REBOOT=ReallySuppress', above)
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "vendor_bootstrapper")

    def _admin_share(self) -> None:
        """An admin installs from the share where IT keeps software, now and then with IT's transform."""
        host, product, start = self._host(), self.rng.choice(PRODUCTS), self.working()
        path = f"\\\\fs01.corp.example\\software\\{product.folder.partition(chr(92))[0]}\\{product.file}"
        transform = f' TRANSFORMS="{path.rpartition(".")[0]}.mst"' if self.rng.random() < 0.3 else ""
        run = self._run(host, start, product, path)
        run.client(f'msiexec.exe /i "{path}"{transform} /qb', known(host, CMD))
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "admin_share")

    def _vendor_url(self) -> None:
        """An admin has msiexec fetch the package from the vendor of an agent."""
        host, product, start = self.rng.choice(self.admins), PRODUCTS[10], self.working()
        url = "https://windows-agent.datadoghq.com/datadog-agent-7-latest.amd64.msi"
        command = f"powershell.exe -Command \"Start-Process -Wait msiexec -ArgumentList '/qn /i {url}'\""
        shell = self.telemetry.start(host, start, POWERSHELL, command, known(host, CMD), level="High")
        run = self._run(host, start + SECOND, product, url)
        asked = run.client(f'"{MSIEXEC}" /qn /i {url} APIKEY=REDACTED SITE=datadoghq.eu', shell)
        self.telemetry.call(host, run.time, asked, "windows-agent.datadoghq.com")
        run.calls("windows-agent.datadoghq.com")
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "vendor_url")

    def _developer_build(self) -> None:
        """A developer tries the setup of a project."""
        host, product, start = self.rng.choice(self.developers), self._own("0.1.0"), self.working()
        path = f"{host.profile}\\source\\repos\\{product.folder}\\Setup\\bin\\Debug\\{product.file}"
        run = self._run(host, start, product, path)
        run.client(f'"{MSIEXEC}" /i "{path}" /l*v install.log', known(host, CMD))
        custom_actions(run, product, self.rng)
        self._end(run, product, start, "developer_build")

    # ------------------------------------------------------------ what is no installation

    def _update(self) -> None:
        """Office and Windows Update bring a product up to date: no client of msiexec."""
        host, start = self._host(), any_hour(self.rng)
        msi = Msi(
            self.rng.choice(_OFFICE),
            "16.0.4266.1001",
            "Microsoft Corporation",
            f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi",
        )
        run = Run(self.telemetry, host, start, msi, machine=True)
        client = known(host, f"{SYSTEM32}\\svchost.exe", "svchost.exe -k netsvcs -p -s wuauserv", service=True).pid
        if self.rng.random() < 0.2:
            run.begin(client)
        else:  # the service still runs from the update before
            run.opens(client)
        run.finish("update")
        self.note(host, "msi_update", start, run.time)

    def _reconfigure(self) -> None:
        """A product looks after itself when it starts: configuration completed."""
        host, start, product = self._host(), any_hour(self.rng), self.rng.choice(PRODUCTS)
        run = self._run(host, start, product, f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi")
        run.finish("reconfigure")
        self.note(host, "msi_reconfigure", start, run.time)

    def _remediation(self) -> None:
        """Windows' own remediation package: schtasks and reg below the service."""
        host, start = self._host(), any_hour(self.rng)
        msi = Msi(
            "Microsoft Update Health Tools",
            "5.72.0.0",
            "Microsoft Corporation",
            "C:\\Windows\\SoftwareDistribution\\Download\\Install\\rempl.msi",
        )
        run = Run(self.telemetry, host, start, msi, machine=True)
        run.begin(known(host, f"{SYSTEM32}\\svchost.exe", "svchost.exe -k netsvcs -p -s wuauserv", service=True).pid)
        tool = "C:\\Windows\\SysWOW64\\{}.exe"
        for task in _TASKS:
            image = tool.format("schtasks")
            run.action(image, f"{image} -create -tn Microsoft\\Windows\\rempl\\{task} -xml {task}.xml -F")
        for key in _KEYS:
            image = tool.format("reg")
            run.action(
                image, f"{image} delete HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\rempl\\{key} /va /f /reg:64"
            )
        run.finish()
        self.note(host, "remediation", start, run.time)

    def _product_query(self) -> None:
        """A script asks Win32_Product, and Windows looks after every product that there is (Microsoft KB974524)."""
        host, start = self._host(), any_hour(self.rng)
        client = known(host, _WMI, f"{_WMI} -secured -Embedding", service=True)
        time = start
        for product in PRODUCTS:
            path = f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi"
            run = self._run(host, time, product, path, machine=True)
            if time == start:
                run.begin(client.pid)
            run.finish("reconfigure")
            time = run.time
        self.note(host, "product_query", start, time)

    def _remote_tool(self) -> None:
        """IT rolls out what it gives remote help with; its service starts and calls home."""
        host, product, start = self._host(), self.rng.choice(REMOTE), self.working()
        folder = f"C:\\Windows\\IMECache\\{guid(self.rng)}_1"
        above = known(host, f"{_INTUNE}\\Microsoft.Management.Services.IntuneWindowsAgent.exe", service=True)
        run = self._run(host, start, product, f"{folder}\\{product.file}", machine=True)
        run.client(f'msiexec /i "{product.file}" {product.arguments}', above)
        program = f"C:\\Program Files\\{product.folder}\\{product.program}"
        run.keeps(program)
        service = product.program.partition(".")[0]
        run.sets(f"{_CONTROL}\\{service}\\ImagePath", f'"{program}" --service')
        run.action(program, f'"{program}" --install-service')
        run.finish()
        services = known(host, f"{SYSTEM32}\\services.exe", service=True)
        tool = self.telemetry.start(
            host, run.time + 3 * SECOND, program, f'"{program}" --service', services, service=True
        )
        self.telemetry.call(host, run.time + 5 * SECOND, tool, f"router1.{product.maker.partition(' ')[0].lower()}.com")
        self.note(host, "remote_tool", start, run.time + 20 * SECOND)

    def _remove(self) -> None:
        host, product, start = self._host(), self.rng.choice(PRODUCTS), self.working()
        code = guid(self.rng).upper()
        run = self._run(host, start, product, f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi", machine=True)
        run.client(f'"{MSIEXEC}" /X{{{code}}} /qn /norestart', known(host, _CCM, service=True))
        run.finish("remove")
        self.note(host, "msi_remove", start, run.time)

    def _failed(self) -> None:
        host, product, start = self._host(), self.rng.choice(PRODUCTS), self.working()
        path = f"{host.profile}\\Downloads\\{product.file}"
        run = self._run(host, start, product, path)
        run.client(f'"{MSIEXEC}" /i "{path}" ', known(host, EXPLORER), level="Medium")
        run.finish("failed")
        self.note(host, "msi_failed", start, run.time)

    def _repair(self) -> None:
        """Somebody, or IT's script, repairs a product that does not start."""
        host, product, start = self._host(), self.rng.choice(PRODUCTS), self.working()
        code = guid(self.rng).upper()
        run = self._run(host, start, product, f"C:\\Windows\\Installer\\{self.rng.getrandbits(24):x}.msi")
        run.client(f'"{MSIEXEC}" /fa {{{code}}} /qb', known(host, self.rng.choice((CMD, EXPLORER))), level="Medium")
        custom_actions(run, product, self.rng)
        run.finish("reconfigure")
        self.note(host, "msi_repair", start, run.time)

    # ------------------------------------------------------------ parts

    def company_domain(self) -> str:
        """The company's domain, from a host's name."""
        return self.company.hosts[0].name.partition(".")[2]

    def _own(self, version: str = "4.2.0") -> Product:
        """A product of the company's own, whom no list knows."""
        title = self.rng.choice(self.company.apps).rpartition(".")[2]
        folder, file = f"{self.company.name.rstrip('.')}\\{title}", f"{title}.msi"
        return Product(title, version, self.company.name, file, folder, f"{title}.exe", "script")

    def _run(self, host: Host, time: int, product: Product, path: str, *, machine: bool = False) -> Run:
        msi = Msi(product.name, product.version, product.maker, path)
        return Run(self.telemetry, host, time, msi, machine=machine)

    def _as_system(
        self, host: Host, product: Product, path: str, command: str, above: Process, story: str, start: int = 0
    ) -> None:
        begin = start or self.working()
        run = self._run(host, begin, product, path, machine=True)
        run.client(command, above)
        custom_actions(run, product, self.rng)
        self._end(run, product, begin, story)

    def _end(self, run: Run, product: Product, start: int, story: str) -> None:
        run.keeps(f"C:\\Program Files\\{product.folder}\\{product.program}")
        if self.rng.random() < 0.15:
            program = f"C:\\Program Files\\{product.folder}\\{product.program}"
            run.sets(f"{_RUN}\\{product.folder.partition(chr(92))[0]}", f'"{program}" --autostart')
        run.finish()
        self.note(run.host, story, start, run.time + MINUTE)
