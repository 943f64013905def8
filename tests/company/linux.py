"""What Linux machines do on an ordinary day: services, people at the shell, and the upgrades that run by themselves.

Processes of an upgrade have the form that apt.systemd.daily, unattended-upgrades, dpkg, dnf and rpm are known for; no
log of one was at hand. Maintainer scripts do what debhelper puts into them, in the shares counted over Debian.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.company.errands import Errand, Errands
from tests.company.journal import HOUR, MINUTE, SECOND, Journal, any_hour
from tests.company.machines import DEBIAN, Machine
from tests.company.maintainers import BASH, DASH, DPKG, PYTHON, SYSTEMD, Dpkg, rpm_scriptlets
from tests.company.posix import station
from tests.company.rates import pick, table
from tests.company.stations import Station

_METHOD = "/usr/lib/apt/methods/http"
_MIRROR = "10.20.1.12"  # the company's mirror of the distribution

_INIT = "/sbin/init"
_HOURLY = "run-parts --report /etc/cron.hourly"
_SETUP = "/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1772431/AnsiballZ_setup.py"
# Image, command line, and the same of the parent.
_ORDINARY = (
    (DASH, "/bin/sh -c command -v debian-sa1 > /dev/null && debian-sa1 1 1", "/usr/sbin/cron", "/usr/sbin/CRON -f -P"),
    ("/usr/bin/run-parts", _HOURLY, DASH, f"/bin/sh -c cd / && {_HOURLY}"),
    ("/usr/sbin/logrotate", "/usr/sbin/logrotate /etc/logrotate.conf", SYSTEMD, _INIT),
    ("/usr/bin/fstrim", "/sbin/fstrim --listed /etc/fstab:/proc/self/mountinfo --verbose", SYSTEMD, _INIT),
    ("/usr/bin/systemctl", "systemctl is-active --quiet nginx", DASH, "/bin/sh /usr/local/bin/healthcheck.sh"),
    ("/usr/bin/df", "df -P -x tmpfs", "/opt/zabbix/zabbix_agentd", "/opt/zabbix/zabbix_agentd -f"),
    ("/usr/bin/ps", "ps -eo pid,comm,rss", PYTHON, "python3 /opt/monitoring/agent.py"),
    (f"{SYSTEMD}-executor", f"{SYSTEMD}-executor --deserialize 74", SYSTEMD, _INIT),
    (PYTHON, _SETUP, DASH, f"/bin/sh -c {_SETUP}"),
    ("/usr/sbin/sshd", "/usr/sbin/sshd -D -R", "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100"),
)
_FILES = (
    (PYTHON, "/etc/systemd/system/ledger-worker.service"),
    (PYTHON, "/etc/cron.d/backup"),
    (PYTHON, "/etc/nginx/sites-available/ledger.conf"),
    ("/usr/bin/dockerd", "/var/lib/docker/containers/hostconfig.json"),
    ("/usr/sbin/logrotate", "/var/lib/logrotate/status.tmp"),
    (BASH, "/tmp/build.log"),  # noqa: S108 - where builds write
    ("/usr/sbin/chronyd", "/var/lib/chrony/drift.tmp"),
)
_SHELL = (
    ("/usr/bin/git", "git pull --ff-only"),
    ("/usr/bin/ls", "ls --color=auto -la"),
    ("/usr/bin/curl", "curl -s http://localhost:8080/health"),
    ("/usr/bin/curl", "curl -fsSLO https://github.com/kubernetes-sigs/kustomize/releases/download/v5.6.0/kustomize.tar.gz"),
    ("/usr/bin/tar", "tar xzf kustomize.tar.gz"),
    ("/usr/bin/docker", "docker compose up -d"),
    ("/usr/bin/less", "less /var/log/syslog"),
    ("/usr/bin/systemctl", "systemctl status nginx"),
    ("/usr/bin/journalctl", "journalctl -u nginx -n 50"),
    ("/usr/bin/vim.basic", "vim config.yaml"),
)  # fmt: skip
_PACKAGES = (
    *("libssl3t64", "openssl", "libc6", "curl", "libcurl4t64", "python3.12-minimal", "vim-common", "tzdata", "sudo"),
    *(
        "openssh-server",
        "libxml2",
        "git",
        "perl-base",
        "libgnutls30t64",
        "nginx",
        "postgresql-16",
        "containerd",
        "snapd",
    ),
    *("cloud-init", "linux-firmware", "rsync", "libexpat1", "bind9-libs", "apparmor", "libarchive13t64", "cups-daemon"),
)


class Linux(Errands):
    """Makes the ordinary day of all Linux machines."""

    def __init__(self, machines: list[Machine], journal: Journal, rng: Random, hosts: int, done: list[Errand]) -> None:
        super().__init__(rng, hosts, done)
        self.machines, self.journal = machines, journal

    def run(self) -> None:
        """One day."""
        makers = {"ordinary": self._ordinary, "connection": self._connection, "shell": self._shell, "file": self._file}
        for machine in self.machines:
            place = station(machine, self.journal)
            for name, rate in table("linux_machine").items():
                make = makers[name]
                for _ in range(self.rng.randrange(int(rate * 0.5), int(rate * 1.5) + 1)):
                    make(place)
            self._upgrades(machine, place)
        everyday: dict[str, Callable[[], None]] = {
            "vendor_deb": self._vendor_deb,
            "vendor_rpm": self._vendor_rpm,
            "agent_from_tmp": self._agent_from_tmp,
            "server_package": self._server_package,
        }
        self.repeat("linux_company", everyday)

    def _of(self, *, system: str = "", role: str = "") -> Machine:
        found = [one for one in self.machines if system in {"", one.system} and role in {"", one.role}]
        return self.rng.choice(found or self.machines)

    # ------------------------------------------------------------ what is no installation

    def _ordinary(self, place: Station) -> None:
        image, command, parent, parent_command = self.rng.choice(_ORDINARY)
        above = place.known(parent, parent_command, root=True)
        place.start(any_hour(self.rng), image, command, above, root=True)

    def _connection(self, place: Station) -> None:
        image = self.rng.choice(("/usr/sbin/chronyd", "/usr/bin/python3.12", "/usr/sbin/nginx", "/usr/bin/dockerd"))
        address = self.rng.choice((self.outside(), "10.20.1.30", "10.20.1.31"))
        place.connect(any_hour(self.rng), place.known(image, root=True), address)

    def _shell(self, place: Station) -> None:
        image, command = self.rng.choice(_SHELL)
        time = self.working()
        shell = place.known(BASH, "-bash")
        started = place.start(time, image, command, shell)
        if "https://" in command or "git" in command:
            place.connect(time + SECOND, started, self.outside())

    def _file(self, place: Station) -> None:
        """Configuration management and services write files, also such as let things start by themselves."""
        image, path = self.rng.choice(_FILES)
        place.file(any_hour(self.rng), place.known(image, root=True), path)

    # ------------------------------------------------------------ upgrades

    def _upgrades(self, machine: Machine, place: Station) -> None:
        """The timers at six in the morning, with a delay of up to an hour, and what they find to do."""
        time = 6 * HOUR + self.rng.randrange(HOUR)
        if machine.system == DEBIAN:
            self._apt(machine, place, time)
        elif pick(self.rng, "upgrade_day") == "some":
            self._dnf(machine, place, time)

    def _apt(self, machine: Machine, place: Station, time: int) -> None:
        init = place.known(SYSTEMD, "/sbin/init", root=True)
        daily = place.start(time, DASH, "/bin/sh /usr/lib/apt/apt.systemd.daily update", init, root=True)
        getter = place.start(time + SECOND, "/usr/bin/apt-get", "apt-get -qq -y update", daily, root=True)
        method = place.start(time + 2 * SECOND, _METHOD, _METHOD, getter, root=True)
        place.connect(time + 2 * SECOND, method, _MIRROR, port=80)
        begin = time + 10 * MINUTE
        daily = place.start(begin, DASH, "/bin/sh /usr/lib/apt/apt.systemd.daily install", init, root=True)
        upgrade = "/usr/bin/python3 /usr/bin/unattended-upgrade"
        upgrader = place.start(begin + SECOND, PYTHON, upgrade, daily, root=True)
        if pick(self.rng, "upgrade_day") == "none":
            return
        names = self.rng.sample(_PACKAGES, self.rng.randrange(1, 7))
        end = Dpkg(place, self.rng, begin + 8 * SECOND).upgrades(names, upgrader)
        self.note(machine, "unattended_upgrade", time, end)

    def _dnf(self, machine: Machine, place: Station, time: int) -> None:
        init = place.known(SYSTEMD, "/usr/lib/systemd/systemd --switched-root --system --deserialize 31", root=True)
        command = "/usr/bin/python3 /usr/bin/dnf-automatic /etc/dnf/automatic.conf --timer"
        dnf = place.start(time, "/usr/bin/python3.9", command, init, root=True)
        place.connect(time + SECOND, dnf, _MIRROR)
        end = rpm_scriptlets(place, self.rng, time + 20 * SECOND, dnf, self.rng.randrange(1, 6))
        self.note(machine, "dnf_upgrade", time, end)

    # ------------------------------------------------------------ by hand and by configuration management

    def _vendor_deb(self) -> None:
        """A developer installs the package that a vendor's site gave: a browser, an editor, a chat."""
        machine = self._of(system=DEBIAN, role="developer")
        place, time = station(machine, self.journal), self.working()
        name, file, script = self.rng.choice(
            (
                ("google-chrome-stable", "google-chrome-stable_current_amd64.deb", "chrome"),
                ("code", "code_1.98.0-1740512345_amd64.deb", "code"),
                ("slack-desktop", "slack-desktop-4.42.120-amd64.deb", "chrome"),
                ("zoom", "zoom_amd64.deb", "plain"),
            )
        )
        shell = place.known(BASH, "bash")
        asked = self.rng.choice((f"apt install ./{file}", f"dpkg -i {file}"))
        sudo = place.start(time, "/usr/bin/sudo", f"sudo {asked}", shell, folder=f"{place.home}/Downloads")
        tool = "/usr/bin/apt" if asked.startswith("apt") else DPKG
        started = place.start(time + SECOND, tool, asked, sudo, root=True, folder=f"{place.home}/Downloads")
        dpkg = Dpkg(place, self.rng, time + 3 * SECOND)
        end = dpkg.installs(name, f"{place.home}/Downloads/{file}", started if tool != DPKG else None, started, script)
        self.note(machine, "vendor_deb", time, end)

    def _vendor_rpm(self) -> None:
        """An admin installs an agent's package from the folder where IT keeps such."""
        machine = self._of(role="server")
        place, time = station(machine, self.journal), self.working()
        if machine.system == DEBIAN:
            command, image = "dpkg -i /opt/software/splunkforwarder-9.4.1-amd64.deb", DPKG
        else:
            command, image = "rpm -Uvh /opt/software/splunkforwarder-9.4.1.x86_64.rpm", "/usr/bin/rpm"
        sudo = place.start(time, "/usr/bin/sudo", f"sudo {command}", place.known(BASH, "-bash"))
        tool = place.start(time + SECOND, image, command, sudo, root=True)
        if machine.system == DEBIAN:
            end = Dpkg(place, self.rng, time + 2 * SECOND).script(
                "splunkforwarder", "postinst", "configure", tool, "plain"
            )
        else:
            end = rpm_scriptlets(place, self.rng, time + 2 * SECOND, tool, 1)
        self.note(machine, "vendor_rpm", time, end)

    def _agent_from_tmp(self) -> None:
        """Configuration management copies a package into the temporary folder and installs it there."""
        machine = self._of(role="server")
        place, time = station(machine, self.journal), self.working()
        work = f"/root/.ansible/tmp/ansible-tmp-{self.rng.randrange(10**9)}/"
        module = "AnsiballZ_apt.py" if machine.system == DEBIAN else "AnsiballZ_dnf.py"
        shell = place.known(
            DASH if machine.system == DEBIAN else BASH, f"/bin/sh -c /usr/bin/python3 {work}{module}", root=True
        )
        ansible = place.start(time, PYTHON, f"/usr/bin/python3 {work}{module}", shell, root=True)
        if machine.system == DEBIAN:
            command = "/usr/bin/dpkg --force-confdef --force-confold -i /tmp/falcon-sensor_7.22.0_amd64.deb"
            tool = place.start(time + SECOND, DPKG, command, ansible, root=True)
            end = Dpkg(place, self.rng, time + 2 * SECOND).script(
                "falcon-sensor", "postinst", "configure", tool, "service"
            )
        else:
            end = rpm_scriptlets(place, self.rng, time + 3 * SECOND, ansible, 1)
        self.note(machine, "agent_from_tmp", time, end)

    def _server_package(self) -> None:
        """An admin, or configuration management, installs what a server needs from the distribution."""
        machine = self._of(role="server")
        place, time = station(machine, self.journal), self.working()
        name = self.rng.choice(("nginx", "postgresql-16", "haproxy", "redis-server", "ttf-mscorefonts-installer"))
        above = place.known(BASH, "-bash")
        if machine.system == DEBIAN:
            sudo = place.start(time, "/usr/bin/sudo", f"sudo apt-get install -y {name}", above)
            tool = place.start(time + SECOND, "/usr/bin/apt-get", f"apt-get install -y {name}", sudo, root=True)
            method = place.start(time + 2 * SECOND, _METHOD, _METHOD, tool, root=True)
            place.connect(time + 2 * SECOND, method, _MIRROR, port=80)
            script = "fonts" if name.startswith("ttf") else "service"
            end = Dpkg(place, self.rng, time + 5 * SECOND).installs(name, "", tool, tool, script)
        else:
            sudo = place.start(time, "/usr/bin/sudo", f"sudo dnf install -y {name}", above)
            command = f"/usr/bin/python3 /usr/bin/dnf install -y {name}"
            tool = place.start(time + SECOND, "/usr/bin/python3.9", command, sudo, root=True)
            place.connect(time + 2 * SECOND, tool, _MIRROR)
            end = rpm_scriptlets(place, self.rng, time + 5 * SECOND, tool, 1)
        self.note(machine, "server_package", time, end)
