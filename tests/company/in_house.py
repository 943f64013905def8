"""The company's own packages, which no list knows, and what its developers and admins do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from msix.publisher import publisher_id

from tests.company.catalogue import frameworks, package, packages, update_uri
from tests.company.deployments import ADD, APP_INSTALLER, APP_INSTALLER_UPDATE, PROVISION, REGISTER, STAGE, Deployment
from tests.company.hosts import Host, guid
from tests.company.journal import MINUTE, SECOND, SYSTEM, working_hour
from tests.company.processes import EXPLORER, POWERSHELL, WINDOWS_APPS, known
from tests.company.settings import trust_test_certificate
from tests.company.stories import FORCE, Stories

_SHARE = "file://fs01.corp.example/software"
_PORTAL = "https://apps.corp.example"
_DEVELOPMENT = 2
_DEVELOPMENT_SERVER_FLAGS = 0x400040 << 32  # as in 0x40004000000002 of a public log
_PROJECTS = ("PhotoSorter", "InvoiceScanner", "WidgetBoard", "RouteMap", "TeaTimer", "LogReader")


class InHouse(Stories):
    """Makes these deployments."""

    def run(self, stories: Mapping[str, int]) -> None:
        """Make so many of each story."""
        self._refused = False
        makers = {
            "company_app": self._company_app,
            "company_image": self._company_image,
            "app_installer": self._app_installer,
            "app_installer_update": self._app_installer_update,
            "developer_package": self._developer_package,
            "developer": self._developer,
            "microsoft_project": self._microsoft_project,
        }
        self.repeat(makers, stories)
        self._repairs(stories.get("repair", 0))

    def _company_app(self) -> None:
        """IT's new version of an app reaches a host; on the first one the certificate was late."""
        host = self.upkeep.any_host()
        new, old = self.company.full_name(0), self.company.full_name(0, "4.1.9.0")
        file = f"{self.company.apps[0].rpartition('.')[2]}_4.2.0.0_x64.msix"
        uri, caller, user = self.rng.choice(
            (
                (f"file:///C:/Windows/ccmcache/{self.rng.randrange(16, 99):x}/{file}", "powershell.exe", host.user),
                (f"file:///C:/Windows/IMECache/{guid(self.rng)}_1/{file}", "powershell.exe", SYSTEM),
                (f"{_SHARE}/{file}", "powershell.exe", host.user),
                (f"{_SHARE}/{file}", "AppInstaller.exe", host.user),
            )
        )
        one = Deployment(
            operation=ADD,
            user=user,
            caller=caller,
            requested=file,
            main=new,
            uris=(uri,),
            added=() if self.rng.random() < 0.7 else (*frameworks(("Microsoft.VCLibs.140.00.UWPDesktop",)), new),
            source=uri,
            flags=FORCE,
            full_trust=True,
            signer=self.company.publisher,
        )
        if not one.added:
            one = replace(one, updated=((old, new),))
        time = working_hour(self.rng)
        if not self._refused:
            self._refused = True
            self.add(host, "company_app", replace(one, error="0x800b0109", failed_early=True), time)
            time += 40 * MINUTE
        self.add(host, "company_app", one, time)

    def _company_image(self) -> None:
        """IT provisions an app for all users of a host by script."""
        host = self.upkeep.any_host()
        main = self.company.full_name(5)
        title = self.company.apps[5].rpartition(".")[2]
        time = working_hour(self.rng)
        command = f"Add-AppxProvisionedPackage -Online -PackagePath \\\\fs01\\software\\{title}.msix -SkipLicense"
        shell = self.telemetry.start(
            host,
            time - 3 * SECOND,
            POWERSHELL,
            f"powershell.exe -NoProfile -ExecutionPolicy Bypass -File C:\\Windows\\ccmcache\\2b\\{title}.ps1",
            known(host, "C:\\Windows\\CCM\\CcmExec.exe", service=True),
            service=True,
        )
        self.telemetry.script(host, time - SECOND, command, f"C:\\Windows\\ccmcache\\2b\\{title}.ps1", user=SYSTEM)
        self.telemetry.connect(host, time, shell, "10.20.1.5", "fs01.corp.example", 445)
        uri = f"{_SHARE}/{title}.msix"
        staged = Deployment(
            operation=STAGE,
            user=SYSTEM,
            caller="dismhost.exe",
            requested=f"{title}.msix",
            main=main,
            uris=(uri,),
            added=(main,),
            source=uri,
            full_trust=True,
            signer=self.company.publisher,
        )
        self.add(host, "company_image", staged, time)
        family = f"{main.partition('_')[0]}_{self.company.publisher_id}"
        manifest = (f"{WINDOWS_APPS}\\{main}\\AppxManifest.xml",)
        provisioned = replace(staged, operation=PROVISION, requested=family, uris=manifest)
        self.add(host, "company_image", provisioned, time + 30 * SECOND)

    def _app_installer(self) -> None:
        self._from_portal(APP_INSTALLER, "AppInstaller.exe", "4.2.0.0", "app_installer")

    def _app_installer_update(self) -> None:
        self._from_portal(APP_INSTALLER_UPDATE, "svchost.exe,AppXSvc", "4.2.1.0", "app_installer_update")

    def _from_portal(self, operation: int, caller: str, version: str, story: str) -> None:
        host, main = self.upkeep.any_host(), self.company.full_name(4, version)
        title = self.company.apps[4].rpartition(".")[2]
        uri = f"{_PORTAL}/{title.lower()}/{title}_{version}_x64.msix"
        update = operation == APP_INSTALLER_UPDATE
        one = Deployment(
            operation=operation,
            user=host.user,
            caller=caller,
            requested=f"{title}.appinstaller",
            main=main,
            uris=(uri,),
            added=() if update else (main,),
            updated=((self.company.full_name(4), main),) if update else (),
            source=uri,
            full_trust=True,
            signer=self.company.publisher,
        )
        self.add(host, story, one)

    # ------------------------------------------------------------ developers and admins

    def _developer(self) -> None:
        """A developer starts a project: Windows registers its folder, unsigned, in developer mode."""
        host = self.rng.choice(self.developers)
        own = Random(host.machine)  # noqa: S311 - a developer has one project
        project = own.choice(_PROJECTS)
        # Templates of Visual Studio write a GUID as the name, and the person's login or "User Name" as the publisher.
        publisher = own.choice((f"CN={host.login}", "CN=User Name", self.company.publisher))
        self._from_folder(host, project, f"{guid(own)}_1.0.0.0_x64__{publisher_id(publisher)}", "developer")

    def _microsoft_project(self) -> None:
        main = "WindowsTerminalDev_0.0.1.0_x64__8wekyb3d8bbwe"
        self._from_folder(self.developers[0], "terminal", main, "microsoft_project")

    def _from_folder(self, host: Host, project: str, main: str, story: str) -> None:
        folder = f"{host.profile}\\source\\repos\\{project}\\bin\\x64\\Debug\\AppX"
        one = Deployment(
            operation=REGISTER,
            user=host.user,
            caller=self.rng.choice(("devenv.exe", "devenv.exe", "DeployAppRecipe.exe", "powershell.exe")),
            requested="AppxManifest.xml",
            main=main,
            uris=(f"{folder}\\AppxManifest.xml",),
            added=(main,),
            flags=_DEVELOPMENT | FORCE,
            server_flags=_DEVELOPMENT_SERVER_FLAGS,
            full_trust=True,
        )
        time = working_hour(self.rng)
        self.add(host, story, one, time)
        if one.caller == "powershell.exe":
            self.telemetry.script(host, time - SECOND, f"Add-AppxPackage -Register {folder}\\AppxManifest.xml")
        self.telemetry.start(host, time + 20 * SECOND, f"{folder}\\{project}.exe", parent=known(host, EXPLORER))

    def _developer_package(self) -> None:
        """A test build, signed with a certificate made on the way, with the script that lies beside it."""
        host = self.rng.choice(self.developers)
        project = self.rng.choice(_PROJECTS)
        publisher = f"CN={host.login}"
        main = f"{project}_1.0.{self.rng.randrange(9)}.0_x64__{publisher_id(publisher)}"
        folder = f"{host.profile_uri}/source/repos/{project}/AppPackages/{project}_Test"
        runtime = package("Microsoft.WindowsAppRuntime.1.6")
        time = working_hour(self.rng)
        one = Deployment(
            operation=ADD,
            user=host.user,
            caller="powershell.exe",
            requested=f"{project}_x64.msix",
            main=main,
            uris=(f"{folder}/{project}_x64.msix", f"{folder}/Dependencies/x64/{runtime.name}.msix"),
            added=(runtime.full_name(), main),
            source=f"{folder}/{project}_x64.msix",
            dependencies=(f"{folder}/Dependencies/x64/{runtime.name}.msix",),
            full_trust=True,
            signer=publisher,
        )
        place = f"{host.profile}\\source\\repos\\{project}\\AppPackages\\{project}_Test"
        if self.rng.random() < 0.5:
            trust_test_certificate(self.telemetry, host, time - 30 * SECOND, place)
        text = (
            "Add-AppxPackage -Path $DeveloperPackagePath -DependencyPath $DependencyPackages -ForceApplicationShutdown"
        )
        block = f"function InstallPackageWithDependencies {{ {text} }}"
        self.telemetry.script(host, time - 2 * SECOND, block, f"{place}\\Add-AppDevPackage.ps1")
        self.add(host, "developer_package", one, time)

    def _repairs(self, count: int) -> None:
        """Admins register inbox apps anew, some fifteen on a host."""
        for _ in range((count + 14) // 15):
            host = self.rng.choice(self.company.hosts)
            time = working_hour(self.rng)
            line = "Get-AppxPackage -AllUsers | Foreach {Add-AppxPackage -DisableDevelopmentMode -Register "
            line += '"$($_.InstallLocation)\\AppXManifest.xml"}'
            self.telemetry.script(host, time, line, user=self.company.admin)
            some = self.rng.sample([one for one in packages("store") if one.form == "bundle"], min(15, count))
            for number, one in enumerate(some):
                main = one.full_name()
                failing = self.rng.random() < 0.2
                again = Deployment(
                    operation=REGISTER,
                    user=host.user,
                    caller="powershell.exe",
                    requested="AppxManifest.xml",
                    main=main,
                    uris=(f"{WINDOWS_APPS}\\{main}\\AppxManifest.xml",),
                    added=(main,),
                    source=update_uri(self.rng) if self.rng.random() < 0.5 else "",
                    full_trust=one.full_trust,
                    error=self.rng.choice(("0x80073d02", "0x80073cf6", "0x80073d06")) if failing else "",
                )
                self.upkeep.deploy(host, time + number * 3 * SECOND, "repair", again)
            count -= len(some)
