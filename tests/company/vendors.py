"""Packages of Microsoft and of vendors that come from elsewhere than the Store, each by its vendor's own way.

Facts behind the stories: hosts and folders of Teams and WinGet from the filters of Sigma's rules; Claude's updates from
its bug reports (anthropics/claude-code issues 66017 and 83932); TreeSize's menu from a public log; the repair of WinGet
from microsoft/winget-cli issue 5772; WinGet's index from its own address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from msix.publisher import publisher_id

from tests.company.catalogue import MICROSOFT, frameworks, package, packages
from tests.company.deployments import ADD, Deployment
from tests.company.hosts import Host, any_publisher
from tests.company.journal import MINUTE, SECOND, working_hour
from tests.company.processes import EXPLORER, in_package, known
from tests.company.stories import FORCE, REPUTATION, Stories

_JAM_FLAGS = 262144 | 33554432  # ForceUpdateFromAnyVersion, NormalPriorityRequest [JAM]
_SMALL_VENDORS = ("Blue Heron Labs", "Kestrel Optics", "Pinewood Measuring", "Quayside Software", "Saltmarsh Audio")


class Vendors(Stories):
    """Makes these deployments."""

    def run(self, stories: Mapping[str, int]) -> None:
        """Make so many of each story."""
        name, publisher = any_publisher(self.rng, _SMALL_VENDORS)
        self._vendor = ("".join(name.split()), publisher)
        makers = {
            "winget_source": self._winget_source,
            "teams": self._teams,
            "onedrive": self._onedrive,
            "vendor_update": self._vendor_update,
            "vendor_download": self._vendor_download,
            "shell_extension": self._shell_extension,
            "winget_package": self._winget_package,
            "repair_winget": self._repair_winget,
            "small_vendor": self._small_vendor,
        }
        self.repeat(makers, stories)

    def _winget_source(self) -> None:
        host = self.upkeep.any_host()
        version = f"2026.302.{self.rng.randrange(100, 2400)}.{self.rng.randrange(1000)}"
        uri = "https://cdn.winget.microsoft.com/cache/source2.msix"
        main = f"Microsoft.Winget.Source_{version}_neutral__8wekyb3d8bbwe"
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller=self.rng.choice(("winget.exe", "WindowsPackageManagerServer.exe")),
            requested="source2.msix",
            main=main,
            uris=(uri,),
            added=(main,),
            source=uri,
            flags=REPUTATION,
            signer=MICROSOFT,
        )
        unreachable = self.rng.random() < 0.04  # microsoft/winget-cli issue 276
        self.add(host, "winget_source", replace(one, error="0x80073d1b") if unreachable else one)

    def _teams(self) -> None:
        host, teams = self.upkeep.any_host(), package("MSTeams")
        place = self.rng.choice(("statics.teams.cdn.office.net", "installer.teams.static.microsoft"))
        uri = f"https://{place}/production-windows-x64/{teams.version}/MSTeams-x64.msix"
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="ms-teamsupdate.exe",
            requested="MSTeams-x64.msix",
            main=teams.full_name(),
            uris=(uri,),
            updated=((teams.full_name(teams.before()), teams.full_name()),),
            source=uri,
            flags=FORCE,
            full_trust=True,
            signer=MICROSOFT,
            display="Microsoft Teams",
            **self.upkeep.failure(),  # type: ignore[arg-type]  # names and types are those of Deployment
        )
        self.add(host, "teams", one)

    def _onedrive(self) -> None:
        host = self.upkeep.any_host()
        folder = "AppData/Local/Microsoft/OneDrive/26.020.0202.0002"
        uri = f"{host.profile_uri}/{folder}/OneDrive.Sync.Package.msix"
        main = "Microsoft.OneDriveSync_26020.202.2.0_neutral__8wekyb3d8bbwe"
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="OneDriveSetup.exe",
            requested="OneDrive.Sync.Package.msix",
            main=main,
            uris=(uri,),
            updated=(("Microsoft.OneDriveSync_26010.112.2.0_neutral__8wekyb3d8bbwe", main),),
            source=uri,
            external=f"{host.profile}\\{folder}".replace("/", "\\"),
            full_trust=True,
            signer=MICROSOFT,
        )
        self.add(host, "onedrive", one)

    def _vendor_update(self) -> None:
        host, claude = self.upkeep.any_host(), package("Claude")
        file = f"Claude-{self.rng.getrandbits(32):08x}.msix"
        uri = f"{host.profile_uri}/AppData/Local/Temp/{file}"
        time = working_hour(self.rng)
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="claude.exe",
            requested=file,
            main=claude.full_name(),
            uris=(uri,),
            updated=((claude.full_name(claude.before()), claude.full_name()),),
            source=uri,
            flags=1 | 262144,
            full_trust=True,
            display="Claude",
            **self.upkeep.failure(),  # type: ignore[arg-type]  # as above
        )
        self.add(host, "vendor_update", one, time)
        if not one.error:
            self._opens(host, time + 2 * MINUTE, claude.full_name(), "app\\claude.exe", "api.anthropic.com")

    def _vendor_download(self) -> None:
        host = self.upkeep.any_host()
        one = self.rng.choice([vendor for vendor in packages("vendor") if vendor.publisher])
        file = f"{one.name.rpartition('.')[2]}_x64.msix"
        self._user_install(
            host, "vendor_download", one.full_name(), f"{host.profile_uri}/Downloads/{file}", one.publisher
        )

    def _small_vendor(self) -> None:
        name, publisher = self._vendor
        main = f"{name}.Studio_2.7.1.0_x64__{publisher_id(publisher)}"
        uri = f"https://download.{name.lower()}.example/releases/2.7.1/{name}Studio.msix"
        self._user_install(self.upkeep.any_host(), "small_vendor", main, uri, publisher)

    def _user_install(self, host: Host, story: str, main: str, uri: str, publisher: str) -> None:
        """A person opens a package in App Installer, agrees, and the app starts."""
        time = working_hour(self.rng)
        needed = frameworks(("Microsoft.VCLibs.140.00.UWPDesktop",)) if self.rng.random() < 0.4 else ()
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="AppInstaller.exe",
            requested=uri.rpartition("/")[2],
            main=main,
            uris=(uri,),
            added=(*needed, main),
            source=uri,
            flags=REPUTATION,
            full_trust=True,
            signer=publisher,
        )
        self.add(host, story, one, time)
        title = main.partition("_")[0].rpartition(".")[2]
        self._opens(host, time + MINUTE, main, f"{title}.exe", f"www.{title.lower()}.example")

    def _opens(self, host: Host, time: int, main: str, file: str, name: str) -> None:
        """A person opens the app; it calls home."""
        parent = known(host, EXPLORER)
        app = self.telemetry.start(host, time, in_package(main, file), parent=parent)
        self.telemetry.call(host, time + SECOND, app, name)

    def _shell_extension(self) -> None:
        host = self.upkeep.any_host()
        title = self.rng.choice(("NotepadPlusPlus", "WinRAR.ShellExtension", "JAMSoftware.TreeSizeContextMenu"))
        folder, file, caller = {
            "NotepadPlusPlus": ("C:/Program Files/Notepad++/contextMenu", "NppShell.msix", "rundll32.exe"),
            "WinRAR.ShellExtension": ("C:/Program Files/WinRAR", "RarExtPackage.msix", "RarExtInstaller.exe"),
            "JAMSoftware.TreeSizeContextMenu": (
                f"C:/Users/{host.login}/AppData/Local/Programs/JAM Software/TreeSize",
                "TreeSizeContextMenu.msix",
                "TreeSize.exe",
            ),
        }[title]
        menu = package(title)
        uri = f"file:///{folder}/{file}".replace(" ", "%20")
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller=caller,
            requested=file,
            main=menu.full_name(),
            uris=(uri,),
            added=(menu.full_name(),),
            source=uri,
            flags=_JAM_FLAGS,
            external=folder.replace("/", "\\"),
            full_trust=True,
            signer=menu.publisher,
        )
        self.add(host, "shell_extension", one)

    def _winget_package(self) -> None:
        host = self.upkeep.any_host()
        one = self.rng.choice(packages("winget"))
        file = f"{self.rng.getrandbits(160):040x}.msix"
        uri = f"{host.profile_uri}/AppData/Local/Temp/WinGet/{one.name}.{one.version}/{file}"
        installed = Deployment(
            operation=ADD,
            user=host.user,
            caller="winget.exe",
            requested=file,
            main=one.full_name(),
            uris=(uri,),
            added=(one.full_name(),),
            source=uri,
            full_trust=True,
            signer=one.publisher,
        )
        self.add(host, "winget_package", installed)

    def _repair_winget(self) -> None:
        host, installer = self.rng.choice(self.admins), package("Microsoft.DesktopAppInstaller")
        file = "Microsoft.DesktopAppInstaller_8wekyb3d8bbwe.msixbundle"
        uri = f"https://github.com/microsoft/winget-cli/releases/download/v1.27.460/{file}"
        time = working_hour(self.rng)
        inner = (("AppInstaller_x64.msix", installer.full_name()),)
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="powershell.exe",
            requested=file,
            main=installer.bundle(),
            inner=inner,
            uris=(uri, *(f"{uri}\\{name}" for name, _full in inner)),
            added=(installer.full_name(), installer.bundle()),
            source=uri,
            flags=FORCE,
            dependencies=("https://aka.ms/Microsoft.VCLibs.x64.14.00.Desktop.appx",),
            form="bundle",
            full_trust=True,
            signer=MICROSOFT,
        )
        self.add(host, "repair_winget", one, time)
        self.telemetry.script(host, time - 5 * SECOND, "Repair-WinGetPackageManager -Latest -Force -AllUsers")
