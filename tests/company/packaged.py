"""What packaged apps do on an ordinary day that an attacker's packages do too: shells, launchers, scripts, links."""

from __future__ import annotations

from random import Random

from tests.company import scripts
from tests.company.catalogue import package
from tests.company.hosts import Company, Host
from tests.company.journal import SECOND, SYSTEM, Journal, working_hour
from tests.company.processes import (
    CMD,
    EDGE,
    EXPLORER,
    POWERSHELL,
    SVCHOST,
    SYSTEM32,
    Process,
    Telemetry,
    in_package,
    known,
)


class Packaged:
    """Each method is one thing that happens once on a host."""

    def __init__(self, company: Company, journal: Journal, telemetry: Telemetry, rng: Random) -> None:
        self.company, self.journal, self.telemetry, self.rng = company, journal, telemetry, rng

    def terminal(self, host: Host) -> None:
        """Windows Terminal opens a shell."""
        terminal = known(host, in_package(package("Microsoft.WindowsTerminal").full_name(), "WindowsTerminal.exe"))
        image, command = self.rng.choice(
            ((POWERSHELL, POWERSHELL), (CMD, CMD), (f"{SYSTEM32}\\wsl.exe", "C:\\WINDOWS\\system32\\wsl.exe -d Ubuntu"))
        )
        self.telemetry.start(host, working_hour(self.rng), image, command, terminal, folder=f"{host.profile}\\")

    def python(self, host: Host) -> None:
        """The Store's Python runs a script, which asks git or a package index."""
        python = in_package(package("PythonSoftwareFoundation.Python.3.13").full_name(), "python3.13.exe")
        time = working_hour(self.rng)
        folder = f"{host.profile}\\source\\repos\\"
        started = self.telemetry.start(host, time, python, "python build.py", known(host, CMD), folder=folder)
        if self.rng.random() < 0.5:
            command = 'C:\\WINDOWS\\system32\\cmd.exe /c "git rev-parse HEAD"'
            self.telemetry.start(host, time + SECOND, CMD, command, started, folder=folder)
        else:
            self.telemetry.call(host, time + SECOND, started, "packages.example")

    def assistant(self, host: Host) -> None:
        """A packaged assistant runs a command for the person who asked it to."""
        one, file = self.rng.choice(
            ((package("OpenAI.Codex"), "app\\Codex.exe"), (package("Claude"), "app\\claude.exe"))
        )
        assistant = known(host, in_package(one.full_name(), file))
        image, command = self.rng.choice(
            (
                (POWERSHELL, "powershell.exe -NoProfile -Command Get-ChildItem -Recurse -Filter *.cs"),
                (CMD, 'C:\\WINDOWS\\system32\\cmd.exe /d /s /c "git status --porcelain"'),
            )
        )
        time = working_hour(self.rng)
        self.telemetry.start(host, time, image, command, assistant, folder=f"{host.profile}\\source\\repos\\")
        self.telemetry.call(
            host, time + SECOND, assistant, "api.openai.com" if one.name.startswith("OpenAI") else "api.anthropic.com"
        )

    def store_powershell(self, host: Host) -> None:
        """The Store's PowerShell, within Windows Terminal, runs a command."""
        pwsh = in_package(package("Microsoft.PowerShell").full_name(), "pwsh.exe")
        terminal = known(host, in_package(package("Microsoft.WindowsTerminal").full_name(), "WindowsTerminal.exe"))
        time = working_hour(self.rng)
        shell = self.telemetry.start(host, time, pwsh, f'"{pwsh}" -NoLogo', terminal, folder=f"{host.profile}\\")
        self.telemetry.start(host, time + SECOND, CMD, "cmd.exe /c ver", shell, folder=f"{host.profile}\\")

    def sysinternals(self, host: Host) -> None:
        """A Sysinternals tool opens a shell."""
        folder = package("Microsoft.SysinternalsSuite").full_name()
        time = working_hour(self.rng)
        tool = self.telemetry.start(
            host, time, in_package(folder, "Tools\\procexp64.exe"), parent=known(host, EXPLORER)
        )
        self.telemetry.start(host, time + SECOND, CMD, CMD, tool)

    def slack(self, host: Host) -> None:
        """The Store's Slack looks into the registry."""
        slack = known(host, in_package(package("91750D7E.Slack").full_name(), "app\\slack.exe"))
        command = 'C:\\WINDOWS\\System32\\reg.exe QUERY "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run"'
        self.telemetry.start(host, working_hour(self.rng), f"{SYSTEM32}\\reg.exe", command, slack)

    def winget(self, host: Host) -> None:
        """WinGet brings programs up to date."""
        installer = package("Microsoft.DesktopAppInstaller")
        time = working_hour(self.rng)
        image = in_package(installer.full_name(), "winget.exe")
        winget = self.telemetry.start(host, time, image, "winget upgrade --all --silent", known(host, CMD))
        self.telemetry.call(host, time + SECOND, winget, "cdn.winget.microsoft.com")
        setup = f"{host.profile}\\AppData\\Local\\Temp\\WinGet\\7zip.7zip.25.01\\7z2501-x64.msi"
        self.telemetry.start(
            host, time + 5 * SECOND, f"{SYSTEM32}\\msiexec.exe", f'msiexec /i "{setup}" /passive', winget
        )

    # ------------------------------------------------------------ the company's own packages

    def fixups(self, host: Host) -> None:
        """IT packed an old program with the Package Support Framework."""
        self._launcher(host, self.company.full_name(1))

    def fixups_script(self, host: Host) -> None:
        """IT packed an old program with a script that runs first [PSF]."""
        full_name = self.company.full_name(2)
        launcher, time = self._launcher(host, full_name)
        folder = in_package(full_name, "")
        self.telemetry.start(
            host, time + SECOND, POWERSHELL, scripts.first_run(folder, "prepare.ps1"), launcher, folder=folder
        )

    def _launcher(self, host: Host, full_name: str) -> tuple[Process, int]:
        time = working_hour(self.rng)
        launcher = self.telemetry.start(
            host, time, in_package(full_name, "PsfLauncher64.exe"), parent=known(host, EXPLORER)
        )
        title = full_name.partition("_")[0].rpartition(".")[2]
        program = in_package(full_name, f"VFS\\ProgramFilesX64\\{title}\\{title}.exe")
        self.telemetry.start(host, time + 3 * SECOND, program, parent=launcher)
        return launcher, time

    def stub(self, host: Host) -> None:
        """IT packed a program with Advanced Installer, whose stub starts it."""
        full_name = self.company.full_name(3)
        time = working_hour(self.rng)
        image = in_package(full_name, "AI_STUBS\\AiStubX64.exe")
        stub = self.telemetry.start(host, time, image, original="popupwrapper.exe", parent=known(host, EXPLORER))
        title = full_name.partition("_")[0].rpartition(".")[2]
        self.telemetry.start(host, time + SECOND, in_package(full_name, f"{title}.exe"), parent=stub)

    # ------------------------------------------------------------ packages that are only looked at

    def package_read(self, host: Host) -> None:
        """171: a program opens a package that nobody installs; an indexer, a scanner, a person who looks into it."""
        if not host.packaging:
            return
        names = (
            package("Microsoft.WindowsTerminal").full_name(),
            self.company.full_name(0),
            package("Claude").full_name(),
        )
        user = self.rng.choice((SYSTEM, host.user))
        data = {"packageFullName": self.rng.choice(names)}
        self.journal.write(
            host, working_hour(self.rng), 171, data, "packaging", user=user, activity=self.journal.activity(host)
        )

    def app_installer(self, host: Host) -> None:
        """A person opens App Installer on a file."""
        image, time = app_installer_image(), working_hour(self.rng)
        installer = self.telemetry.start(
            host, time, image, f'"{image}" -ServerName:App.AppXbtsh.mca', known(host, SVCHOST)
        )
        self.telemetry.call(host, time + SECOND, installer, "settings-win.data.microsoft.com")

    def installer_link(self, host: Host) -> None:
        """A person follows the intranet's link to the company's own app-installer file."""
        title = self.company.apps[4].rpartition(".")[2].lower()
        image, time = app_installer_image(), working_hour(self.rng)
        link = f"ms-appinstaller:?source=https://apps.corp.example/{title}/{title}.appinstaller"
        installer = self.telemetry.start(host, time, image, f'"{image}" "{link}"', known(host, EDGE))
        self.telemetry.query(host, time + SECOND, installer, "apps.corp.example", "10.20.1.9")
        self.telemetry.connect(host, time + 2 * SECOND, installer, "10.20.1.9", "apps.corp.example")


def app_installer_image() -> str:
    """The path of App Installer."""
    return in_package(package("Microsoft.DesktopAppInstaller").full_name(), "AppInstaller.exe")
