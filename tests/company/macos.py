"""What macOS machines do on an ordinary day: apps, management, packages of vendors with their scripts.

Scripts of packages are run by package_script_service from PKInstallSandbox (autopkg/homebysix-recipes issue 594). That
they load a daemon or call osascript is what admins wrote of Zoom's (pull request 527 there, fleetdm/fleet issue 45955,
Homebrew/homebrew-cask pull request 106752); all else they do was chosen.
"""

from __future__ import annotations

from random import Random

from tests.company.errands import Errand, Errands
from tests.company.journal import MINUTE, SECOND, Journal, any_hour
from tests.company.machines import Machine
from tests.company.posix import station
from tests.company.processes import Process
from tests.company.rates import table
from tests.company.stations import Station

SERVICE = (
    "/System/Library/PrivateFrameworks/PackageKit.framework/Versions/A/XPCServices/package_script_service.xpc"
    "/Contents/MacOS/package_script_service"
)
INSTALLD = "/System/Library/PrivateFrameworks/PackageKit.framework/Resources/installd"
LAUNCHD = "/sbin/launchd"
_SHELL = "/bin/sh"
_ORDINARY = (
    ("/usr/libexec/xpcproxy", "xpcproxy com.apple.mdworker.shared"),
    ("/System/Library/Frameworks/CoreServices.framework/Frameworks/Metadata.framework/Versions/A/Support/mdworker_shared",
     "mdworker_shared -s mdworker -c MDSImporterWorker -m com.apple.mdworker.shared"),
    ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "Google Chrome --restart"),
    ("/Applications/Microsoft Outlook.app/Contents/MacOS/Microsoft Outlook", "Microsoft Outlook"),
    ("/usr/sbin/softwareupdate", "/usr/sbin/softwareupdate -l"),
    ("/usr/bin/defaults", "/usr/bin/defaults read /Library/Preferences/com.apple.loginwindow lastUserName"),
    ("/bin/ps", "/bin/ps -axo pid,command"),
    ("/usr/sbin/system_profiler", "/usr/sbin/system_profiler SPHardwareDataType -xml"),
)  # fmt: skip
_FILES = (
    ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "{}/Downloads/report.pdf"),
    ("/Applications/Microsoft Outlook.app/Contents/MacOS/Microsoft Outlook", "{}/Library/Caches/Outlook/cache.db"),
    (
        "{}/Library/Google/GoogleUpdater/145/GoogleUpdater",
        "{}/Library/LaunchAgents/com.google.GoogleUpdater.wake.plist",
    ),
    ("/usr/local/munki/managedsoftwareupdate", "/Library/Managed Installs/Cache/GoogleChrome.pkg"),
)
_TERMINAL = (
    ("/usr/bin/git", "git status --short"),
    ("/bin/ls", "ls -G"),
    ("/usr/bin/curl", "curl -sL https://github.com/derailed/k9s/releases/latest"),
    ("/usr/bin/ssh", "ssh dv-0231.corp.example"),
    ("/usr/bin/open", "open ."),
)


class Mac(Errands):
    """Makes the ordinary day of all macOS machines."""

    def __init__(self, machines: list[Machine], journal: Journal, rng: Random, hosts: int, done: list[Errand]) -> None:
        super().__init__(rng, hosts, done)
        self.machines, self.journal = machines, journal

    def run(self) -> None:
        """One day."""
        makers = {
            "ordinary": self._ordinary,
            "connection": self._connection,
            "terminal": self._terminal,
            "file": self._file,
        }
        for machine in self.machines:
            place = station(machine, self.journal)
            for name, rate in table("macos_machine").items():
                for _ in range(self.rng.randrange(int(rate * 0.5), int(rate * 1.5) + 1)):
                    makers[name](place)
        self.repeat("macos_company", {"munki": self._munki, "jamf": self._jamf, "person": self._person})

    def _ordinary(self, place: Station) -> None:
        image, command = self.rng.choice(_ORDINARY)
        place.start(any_hour(self.rng), image, command, place.known(LAUNCHD, root=True), root=self.rng.random() < 0.4)

    def _connection(self, place: Station) -> None:
        image, name = self.rng.choice(
            (
                ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "www.google.com"),
                ("/Applications/Microsoft Outlook.app/Contents/MacOS/Microsoft Outlook", "outlook.office365.com"),
                ("/usr/libexec/nsurlsessiond", "swcdn.apple.com"),
                ("/System/Library/PrivateFrameworks/CloudKitDaemon.framework/Support/cloudd", "gateway.icloud.com"),
            )
        )
        place.connect(any_hour(self.rng), place.known(image), self.outside(), name)

    def _terminal(self, place: Station) -> None:
        image, command = self.rng.choice(_TERMINAL)
        time = self.working()
        started = place.start(time, image, command, place.known("/bin/zsh", "-zsh"))
        if "github.com" in command:
            place.connect(time + SECOND, started, self.outside(), "github.com")

    def _file(self, place: Station) -> None:
        """Apps write files of their own; some let their updater start by itself."""
        image, path = self.rng.choice(_FILES)
        place.file(any_hour(self.rng), place.known(image.format(place.home)), path.format(place.home))

    # ------------------------------------------------------------ packages

    def _munki(self) -> None:
        """Munki installs what is due: its Python asks installer."""
        machine = self.rng.choice(self.machines)
        place, time, (name, file) = station(machine, self.journal), any_hour(self.rng), self._package()
        python = "/usr/local/munki/Python.framework/Versions/Current/bin/python3"
        update = place.start(time, python, f"{python} /usr/local/munki/managedsoftwareupdate --auto",
                             place.known(LAUNCHD, root=True), root=True)  # fmt: skip
        place.connect(time + SECOND, update, "10.20.1.14", "munki.corp.example")
        command = f"/usr/sbin/installer -verboseR -pkg /Library/Managed Installs/Cache/{file} -target /"
        place.start(time + 4 * SECOND, "/usr/sbin/installer", command, update, root=True)
        self.note(machine, "munki", time, self.scripts(place, time + 8 * SECOND, name))

    def _jamf(self) -> None:
        """Jamf runs a policy."""
        machine = self.rng.choice(self.machines)
        place, time, (name, file) = station(machine, self.journal), any_hour(self.rng), self._package()
        jamf = place.start(time, "/usr/local/jamf/bin/jamf", "/usr/local/jamf/bin/jamf policy -randomDelaySeconds 300",
                           place.known(LAUNCHD, root=True), root=True)  # fmt: skip
        place.connect(time + SECOND, jamf, self.outside(), "corp.jamfcloud.com")
        command = f"/usr/sbin/installer -pkg /Library/Application Support/JAMF/Waiting Room/{file} -target /"
        place.start(time + 4 * SECOND, "/usr/sbin/installer", command, jamf, root=True)
        self.note(machine, "jamf", time, self.scripts(place, time + 8 * SECOND, name))

    def _person(self) -> None:
        """A person opens a vendor's package in Installer."""
        machine = self.rng.choice(self.machines)
        place, time, (name, file) = station(machine, self.journal), self.working(), self._package()
        browser = place.known("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
        place.file(time - 30 * SECOND, browser, f"{place.home}/Downloads/{file}")
        image = "/System/Library/CoreServices/Installer.app/Contents/MacOS/Installer"
        place.start(time, image, image, place.known(LAUNCHD, root=True))
        self.note(machine, "macos_person", time, self.scripts(place, time + 25 * SECOND, name))

    def _package(self) -> tuple[str, str]:
        return self.rng.choice(
            (
                ("us.zoom.pkg.videomeeting", "ZoomInstallerIT.pkg"),
                ("com.microsoft.wdav", "wdav.pkg"),
                ("com.microsoft.package.Microsoft_Word.app", "Microsoft_Word_Updater.pkg"),
                ("com.google.Chrome", "GoogleChrome.pkg"),
                ("com.paloaltonetworks.globalprotect.pkg", "GlobalProtect.pkg"),
                ("org.nodejs.node.npm.pkg", "node-v22.14.0.pkg"),
                ("com.docker.docker", "Docker.pkg"),
            )
        )

    def scripts(self, place: Station, time: int, name: str) -> int:
        """The scripts of a package, and what they do; returns the time of the end."""
        above = place.known(SERVICE, root=True)
        sandbox = "".join(self.rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(6))
        folder = f"/tmp/PKInstallSandbox.{sandbox}/Scripts/{name}.{sandbox[::-1]}"  # noqa: S108 - as macOS names it
        for which in ("preinstall", "postinstall"):
            time += self.rng.randrange(SECOND, 4 * SECOND)
            package = f"/Library/Caches/{name}.pkg / / /"
            script = place.start(time, _SHELL, f"/bin/sh {folder}/{which} {package}", above, root=True)
            time = self._does(place, time, name, which, script)
        return time + MINUTE // 4

    def _does(self, place: Station, time: int, name: str, which: str, script: Process) -> int:
        """Ordinary steps of such scripts."""
        daemon = f"/Library/LaunchDaemons/{name}.plist"
        before = (
            ("/usr/bin/pkill", f"/usr/bin/pkill -f {name}"),
            ("/bin/launchctl", f"/bin/launchctl bootout system {daemon}"),
            ("/usr/bin/osascript", '/usr/bin/osascript -e tell application "zoom.us" to quit'),
            ("/usr/bin/sw_vers", "/usr/bin/sw_vers -productVersion"),
        )
        after = (
            ("/bin/launchctl", f"/bin/launchctl bootstrap system {daemon}"),
            ("/usr/sbin/chown", f"/usr/sbin/chown -R root:wheel /Library/Application Support/{name}"),
            ("/bin/chmod", f"/bin/chmod 644 {daemon}"),
            ("/usr/bin/xattr", f"/usr/bin/xattr -r -d com.apple.quarantine /Applications/{name}.app"),
            ("/usr/bin/defaults", f"/usr/bin/defaults write /Library/Preferences/{name} AutoUpdate -bool true"),
            ("/usr/bin/stat", "/usr/bin/stat -f %Su /dev/console"),
            ("/usr/bin/sudo", f"/usr/bin/sudo -u {place.user} /usr/bin/open -g /Applications/{name}.app"),
        )
        steps = before if which == "preinstall" else after
        for image, command in self.rng.sample(steps, self.rng.randrange(1, 4)):
            time += self.rng.randrange(SECOND // 10, SECOND)
            place.start(time, image, command, script, root=True)
        if which == "postinstall" and self.rng.random() < 0.3:
            place.file(time, place.known(INSTALLD, root=True), daemon)
        return time
