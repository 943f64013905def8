"""What package managers of Linux run while they unpack and configure: maintainer scripts and scriptlets."""

from __future__ import annotations

from random import Random

from tests.company.journal import MINUTE, SECOND
from tests.company.processes import Process
from tests.company.rates import pick
from tests.company.stations import Station

DASH, BASH, PERL, PYTHON = "/usr/bin/dash", "/usr/bin/bash", "/usr/bin/perl", "/usr/bin/python3.12"
DPKG, SYSTEMD = "/usr/bin/dpkg", "/usr/lib/systemd/systemd"
_INFO = "/var/lib/dpkg/info"

# What maintainer scripts start: by debhelper's snippets, and by the scripts of a few packages that do more.
_SNIPPETS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        (PYTHON, "/usr/bin/python3 /usr/bin/py3clean -p {name}"),
        (PYTHON, "/usr/bin/python3 /usr/bin/py3compile -p {name} -V 3.8-"),
    ),
    "service": (
        (PERL, "/usr/bin/perl /usr/bin/deb-systemd-helper unmask {name}.service"),
        (PERL, "/usr/bin/perl /usr/bin/deb-systemd-helper enable {name}.service"),
        ("/usr/bin/systemctl", "systemctl --system daemon-reload"),
        (PERL, "/usr/bin/perl /usr/bin/deb-systemd-invoke restart {name}.service"),
    ),
    "library": (("/usr/sbin/ldconfig", "ldconfig"),),
    "debconf": (
        (PERL, "/usr/bin/perl -w /usr/share/debconf/frontend {info}/{name}.postinst configure 1.0"),
        ("/usr/sbin/adduser", "adduser --quiet --system --group --no-create-home {name}"),
    ),
    "maintscript": (
        (DASH, "/bin/sh /usr/bin/dpkg-maintscript-helper rm_conffile /etc/{name}/old.conf 1.0-1 -- configure"),
    ),
    "kernel": (
        (DASH, "/bin/sh /usr/sbin/update-initramfs -c -k 6.8.0-55-generic"),
        (DASH, "/bin/sh /usr/sbin/mkinitramfs -o /boot/initrd.img-6.8.0-55-generic.new 6.8.0-55-generic"),
        ("/usr/bin/cpio", "cpio --quiet -R 0:0 -o -H newc"),
        (DASH, "/bin/sh /usr/sbin/update-grub"),
        (DASH, "/bin/sh /usr/sbin/dkms autoinstall --kernelver 6.8.0-55-generic"),
        ("/usr/bin/make", "make -j4 KERNELRELEASE=6.8.0-55-generic -C /lib/modules/6.8.0-55-generic/build"),
    ),
    "certificates": (
        (DASH, "/bin/sh /usr/sbin/update-ca-certificates"),
        ("/usr/bin/openssl", "openssl rehash ."),
        ("/usr/bin/mktemp", "mktemp -t ca-certificates.tmp.XXXXXX"),
    ),
    "plain": (
        ("/usr/bin/chmod", "chmod 755 /opt/{name}/bin/{name}"),
        ("/usr/bin/chown", "chown -R root:root /opt/{name}"),
        ("/usr/bin/gtk-update-icon-cache", "gtk-update-icon-cache -f -t /usr/share/icons/hicolor"),
    ),
    # Chrome's runs its own daily job at once, as a public script adapted from it does; for others it is chosen.
    "chrome": (
        ("/usr/bin/update-alternatives", "update-alternatives --install /usr/bin/browser browser /usr/bin/{name} 200"),
        (DASH, "sh /etc/cron.daily/{name}"),
    ),
    "code": (
        ("/usr/bin/update-desktop-database", "update-desktop-database"),
        ("/usr/bin/cat", "cat /usr/share/keyrings/microsoft.gpg"),
        ("/usr/bin/rm", "rm -f /etc/apt/sources.list.d/vscode.list"),
    ),
    # The fonts are no part of the package: it fetches them, by a mechanism of the distribution.
    "fonts": (
        (PYTHON, "/usr/bin/python3 /usr/lib/update-notifier/package-data-downloader"),
        ("/usr/bin/fc-cache", "fc-cache -s -v"),
    ),
}  # fmt: skip
_WRITES = {
    "chrome": ("/etc/apt/sources.list.d/{name}.list", "/etc/cron.daily/{name}"),
    "code": ("/etc/apt/sources.list.d/vscode.sources",),
    "service": ("/etc/systemd/system/multi-user.target.wants/{name}.service",),
}

_SCRIPTLETS = (
    ("/usr/sbin/ldconfig", "/sbin/ldconfig"),
    ("/usr/bin/systemctl", "systemctl --no-reload preset sshd.service"),
    (BASH, "/bin/bash /usr/lib/systemd/systemd-update-helper mark-restart-system-units sshd.service"),
    ("/usr/sbin/restorecon", "/usr/sbin/restorecon -R /etc/ssh"),
    ("/usr/sbin/alternatives", "/usr/sbin/update-alternatives --install /usr/bin/editor editor /usr/bin/nano 10"),
    (BASH, "/bin/bash /usr/bin/dracut -f /boot/initramfs-5.14.0-570.el9.x86_64.img 5.14.0-570.el9.x86_64"),
    ("/usr/bin/getent", "getent passwd sshd"),
    ("/usr/sbin/useradd", "/usr/sbin/useradd -c Privilege-separated -u 74 -g sshd -s /sbin/nologin -r sshd"),
)


class Dpkg:
    """dpkg at work on one machine; time passes with each step."""

    def __init__(self, place: Station, rng: Random, time: int) -> None:
        self.place, self.rng, self.time = place, rng, time

    def upgrades(self, names: list[str], above: Process) -> int:
        """Packages are unpacked and configured, with their scripts and the triggers; returns the time of its end."""
        folder = f"/tmp/apt-dpkg-install-{self.rng.getrandbits(24):06x}"  # noqa: S108 - as apt names it
        unpack = self._dpkg(f"--unpack --auto-deconfigure --recursive {folder}", above)
        for name in names:
            self._start(DPKG.replace("dpkg", "dpkg-deb"), f"dpkg-deb --fsys-tarfile {folder}/{name}.deb", unpack)
        configure = self._dpkg("--configure --pending", above)
        for name in names:
            if pick(self.rng, "maintainer_scripts") == "some":
                self.script(name, "postinst", "configure 1.0-1ubuntu1", configure, pick(self.rng, "maintainer_script"))
        self._triggers(configure)
        self._start(PERL, "/usr/bin/perl /usr/sbin/needrestart -m u", above)
        return self.time

    def installs(self, name: str, path: str, apt: Process | None, above: Process, script: str) -> int:
        """One package is installed, of a file or of the distribution; without apt, dpkg itself was asked."""
        file = path or f"/var/cache/apt/archives/{name}.deb"
        unpack = self._dpkg(f"--unpack --auto-deconfigure {file}", apt) if apt else above
        self.script(name, "preinst", "install", unpack, "")
        configure = self._dpkg("--configure --pending", apt) if apt else above
        self.script(name, "postinst", "configure", configure, script)
        self._triggers(configure)
        return self.time

    def script(self, name: str, which: str, arguments: str, above: Process, does: str) -> int:
        """A maintainer script, and what it starts and writes."""
        path = f"{_INFO}/{name}.{which}" if which != "preinst" else "/var/lib/dpkg/tmp.ci/preinst"
        shell = self._start(DASH, f"/bin/sh {path} {arguments}", above)
        for image, command in _SNIPPETS.get(does, ()):
            started = self._start(image, command.format(name=name, info=_INFO), shell)
            if "package-data-downloader" in command:
                self.place.connect(self.time, started, "93.184.216.61")
        for written in _WRITES.get(does, ()):
            self.place.file(self.time, shell, written.format(name=name))
        return self.time

    def _triggers(self, above: Process) -> None:
        """libc-bin and man-db want to know of everything."""
        shell = self._start(DASH, f"/bin/sh {_INFO}/libc-bin.postinst triggered ldconfig", above)
        self._start("/usr/sbin/ldconfig", "/sbin/ldconfig", shell)
        shell = self._start(DASH, f"/bin/sh {_INFO}/man-db.postinst triggered /usr/share/man", above)
        self._start("/usr/bin/mandb", "/usr/bin/mandb -pq", shell)

    def _dpkg(self, rest: str, above: Process) -> Process:
        return self._start(DPKG, f"/usr/bin/dpkg --status-fd {self.rng.randrange(11, 30)} {rest}", above)

    def _start(self, image: str, command: str, above: Process) -> Process:
        self.time += self.rng.randrange(SECOND // 20, SECOND)
        return self.place.start(self.time, image, command, above, root=True)


def rpm_scriptlets(place: Station, rng: Random, time: int, above: Process, packages: int) -> int:
    """The scriptlets of so many packages, and what they start; returns the time of the end."""
    for _ in range(packages):
        time += rng.randrange(SECOND // 4, 3 * SECOND)
        path = "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(6))
        scriptlet = f"/bin/sh /var/tmp/rpm-tmp.{path} {rng.randrange(1, 3)}"
        shell = place.start(time, BASH, scriptlet, above, root=True)
        for image, command in rng.sample(_SCRIPTLETS, rng.randrange(1, 3)):
            time += rng.randrange(SECOND // 20, SECOND)
            place.start(time, image, command, shell, root=True)
    return time + MINUTE // 6
