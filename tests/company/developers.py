"""Packages of programming languages: what pip, npm and others start when developers and build servers install some.

Most packages bring no code that runs; the rest build themselves or fetch a program. Command lines have the form that
the tools are known for, no log was at hand: pip with pyproject_hooks, npm's lifecycle scripts through ``sh -c`` or
``cmd.exe /d /s /c``, node-gyp, extconf of Ruby, build scripts of Rust, Homebrew's own curl.
"""

from __future__ import annotations

from random import Random

from tests.company.errands import Errand, Errands
from tests.company.hosts import Company
from tests.company.journal import SECOND, Journal
from tests.company.machines import MACOS
from tests.company.posix import station
from tests.company.processes import CMD, POWERSHELL, Process, Telemetry
from tests.company.rates import pick
from tests.company.stations import WINDOWS, Station, WindowsStation

_MIRROR = "10.20.1.12"  # the company's mirror of package indexes
_NODE_HOOKS = {
    # What npm runs, what that starts below it, and the host that it fetches a program from.
    "esbuild": ("node install.js", (), ""),
    "core-js": ("node -e \"try{require('./postinstall')}catch(e){}\"", (), ""),
    "husky": ("husky", ("git config core.hooksPath .husky/_",), ""),
    "node-gyp": (
        "node-gyp rebuild",
        ("{python} {gyp}/gyp_main.py binding.gyp -f make", "make BUILDTYPE=Release -C build"),
        "",
    ),
    "prebuild": ("prebuild-install || node-gyp rebuild", (), "github.com"),
    "electron": ("node install.js", (), "github.com"),
    "puppeteer": ("node install.mjs", (), "storage.googleapis.com"),
    "cypress": ("node index.js --exec install", (), "download.cypress.io"),
}


class Tools:
    """Where the tools of a developer are on one system, and how its shell is called."""

    def __init__(self, place: Station) -> None:
        self.place, self.windows = place, place.system == WINDOWS
        if self.windows:
            programs = f"{place.home}\\AppData\\Local\\Programs"
            self.python, self.node = f"{programs}\\Python\\Python312\\python.exe", "C:\\Program Files\\nodejs\\node.exe"
            self.npm = "C:\\Program Files\\nodejs\\node_modules\\npm"
            self.temporary, self.shell, self.project = (
                f"{place.home}\\AppData\\Local\\Temp",
                CMD,
                f"{place.home}\\source",
            )
        else:
            mac = place.system == MACOS
            self.python = "/opt/homebrew/bin/python3.12" if mac else "/usr/bin/python3.12"
            self.node = "/opt/homebrew/bin/node" if mac else "/usr/bin/node"
            self.npm = f"{'/opt/homebrew' if mac else '/usr'}/lib/node_modules/npm"
            self.temporary = "/private/var/folders/x1/t9/T" if mac else "/tmp"  # noqa: S108 - pip builds there
            self.shell, self.project = "/bin/sh" if mac else "/usr/bin/dash", f"{place.home}/src"
        self.slash = "\\" if self.windows else "/"

    def terminal(self) -> Process:
        """The shell that the person types in."""
        if self.windows:
            return self.place.known(POWERSHELL)
        return self.place.known("/bin/zsh" if self.place.system == MACOS else "/usr/bin/bash", "-bash")

    def program(self, name: str) -> str:
        """The path of a command."""
        if name == "node":
            return self.node
        if name.startswith("python"):
            return self.python
        if self.windows:
            return f"C:\\Program Files\\Git\\cmd\\{name}.exe"
        return f"/usr/bin/{name}"

    def hook(self, command: str) -> str:
        """The command line with which npm runs a lifecycle script."""
        return f"C:\\WINDOWS\\system32\\cmd.exe /d /s /c {command}" if self.windows else f"sh -c {command}"

    def npm_command(self, rest: str) -> str:
        """The command line of npm."""
        if self.windows:
            return f'"{self.node}" "{self.npm}\\bin\\npm-cli.js" {rest}'
        return f"node {self.npm.replace('/lib/node_modules/npm', '/bin/npm')} {rest}"


class Developers(Errands):
    """Makes these errands on all systems."""

    def __init__(self, company: Company, telemetry: Telemetry, rng: Random, done: list[Errand]) -> None:
        machines = company.machines
        super().__init__(rng, len(company.hosts), done)
        self.journal: Journal = telemetry.journal
        self.windows: list[Station] = [WindowsStation(host, telemetry) for host in company.of_role("developer")]
        self.linux = [station(one, self.journal) for one in machines if one.role == "developer" and one.system != MACOS]
        self.servers = [station(one, self.journal) for one in machines if one.role == "server"]
        self.macs = [station(one, self.journal) for one in machines if one.system == MACOS]

    def run(self) -> None:
        """One day."""
        self.repeat(
            "package_installs",
            {"pip": self._pip, "npm": self._npm, "gem": self._gem, "cargo": self._cargo, "brew": self._brew},
        )

    def _place(self) -> Station:
        where = pick(self.rng, "package_place")
        return self.rng.choice(
            {"windows": self.windows, "linux": self.linux, "server": self.servers}.get(where, self.macs)
        )

    # ------------------------------------------------------------ Python

    def _pip(self) -> None:
        place, time = self._place(), self.working()
        tools = Tools(place)
        asked = {
            "requirements": "install -r requirements.txt",
            "one": f"install {self.rng.choice(('requests', 'pandas', 'fastapi', 'pytest', 'ruff'))}",
            "mirror": "install --index-url https://packages.corp.example/simple -r requirements.txt",
            "other_index": "install torch --index-url https://wheels.pytorch.example/whl/cpu",
            "editable": "install -e .",
            "repository": "install git+https://github.com/pallets/click.git",
        }
        what = pick(self.rng, "pip_install")
        python = f'"{tools.python}"' if tools.windows else "python3"
        pip = place.start(time, tools.python, f"{python} -m pip {asked[what]}", tools.terminal(), folder=tools.project)
        address, name = (self.outside(), "-") if self.rng.random() < 0.5 else (_MIRROR, "packages.corp.example")
        if what == "other_index":
            address, name = self.outside(), "wheels.pytorch.example"
        place.connect(time + SECOND, pip, address, name if tools.windows or name != "-" else "-")
        end = time + 4 * SECOND
        if what == "repository":
            target = f"{tools.temporary}{tools.slash}pip-req-build-x1"
            clone = f"git clone --filter=blob:none --quiet https://github.com/pallets/click.git {target}"
            git = place.start(end, tools.program("git"), clone, pip, folder=tools.project)
            place.connect(end + SECOND, git, self.outside(), "github.com")
        if what in {"repository", "editable"} or pick(self.rng, "pip_form") == "source":
            end = self._builds(tools, end + 2 * SECOND, pip)
        self.note(place, f"pip_{what}", time, end)

    def _builds(self, tools: Tools, time: int, pip: Process) -> int:
        """A package without a wheel: the hooks of its build, or setup.py as of old."""
        place, slash = tools.place, tools.slash
        number = self.rng.getrandbits(32)
        folder = slash.join((tools.temporary, f"pip-install-{number:08x}", f"package_{number ^ 0x5A5A5A5A:08x}"))
        python = f'"{tools.python}"' if tools.windows else tools.python
        if self.rng.random() < 0.6:
            packages = tools.python.rpartition(slash)[0] + (f"{slash}Lib" if tools.windows else "/../lib/python3.12")
            module = ("pip", "_vendor", "pyproject_hooks", "_in_process", "_in_process.py")
            hooks = slash.join((packages, "site-packages", *module))
            steps = ("get_requires_for_build_wheel", "prepare_metadata_for_build_wheel", "build_wheel")
            lines = [f"{python} {hooks} {one} {tools.temporary}{slash}tmp{number:08x}" for one in steps]
        else:
            code = f"import os, sys, setuptools; sys.argv[0] = '{folder}{slash}setup.py'; exec(...)"
            builds = (f"egg_info --egg-base {tools.temporary}{slash}x2", f"bdist_wheel -d {tools.temporary}{slash}x3")
            lines = [f'{python} -c "{code}" {one}' for one in builds]
        for line in lines:
            build = place.start(time, tools.python, line, pip, folder=folder)
            time += self.rng.randrange(SECOND, 5 * SECOND)
        if self.rng.random() < 0.5:
            compiler, command = "/usr/bin/gcc", "gcc -pthread -fPIC -O2 -c module.c -o module.o"
            if tools.windows:
                compiler = "C:\\Program Files\\Microsoft Visual Studio\\2022\\Community\\VC\\bin\\cl.exe"
                command = "cl.exe /c /nologo /O2 module.c"
            place.start(time, compiler, command, build, folder=folder)
        elif self.rng.random() < 0.5:
            place.start(time, tools.program("git"), "git describe --tags --long", build, folder=folder)
        return time + SECOND

    # ------------------------------------------------------------ JavaScript

    def _npm(self) -> None:
        place, time = self._place(), self.working()
        tools = Tools(place)
        rest = self.rng.choice(("install", "ci", "install", "install --save-dev vite", "ci --no-audit"))
        npm = place.start(time, tools.node, tools.npm_command(rest), tools.terminal(), folder=tools.project)
        address, name = (self.outside(), "-") if self.rng.random() < 0.5 else (_MIRROR, "packages.corp.example")
        place.connect(time + SECOND, npm, address, name)
        end = time + 6 * SECOND
        for _ in range(int(pick(self.rng, "npm_hooks"))):
            end = self._npm_hook(tools, end + self.rng.randrange(SECOND, 4 * SECOND), npm)
        self.note(place, "npm", time, end)

    def _npm_hook(self, tools: Tools, time: int, npm: Process) -> int:
        """A lifecycle script of a package that many projects have."""
        place, package = tools.place, pick(self.rng, "npm_hook")
        command, below, host = _NODE_HOOKS[package]
        folder = tools.slash.join((tools.project, "app", "node_modules", package))
        shell = place.start(time, tools.shell, tools.hook(command), npm, folder=folder)
        program = command.partition(" ")[0]
        if program == "husky":
            started = shell
        else:
            line = command.partition(" ||")[0] if program == "node" else f"node ../.bin/{command.partition(' ||')[0]}"
            started = place.start(time + SECOND // 5, tools.node, line, shell, folder=folder)
        for one in below:
            filled = one.format(python="python3", gyp=f"{tools.npm}/node_modules/node-gyp/gyp")
            image = tools.program(filled.partition(" ")[0])
            time += SECOND
            place.start(time, image, filled, started, folder=folder)
        if host:
            place.connect(time + 2 * SECOND, started, self.outside(), host)
        return time + 3 * SECOND

    # ------------------------------------------------------------ Ruby, Rust, Homebrew

    def _gem(self) -> None:
        place, time = self.rng.choice((*self.linux, *self.servers)), self.working()
        tools = Tools(place)
        ruby = place.start(
            time, "/usr/bin/ruby3.2", "ruby /usr/bin/bundle install", tools.terminal(), folder=tools.project
        )
        place.connect(time + SECOND, ruby, _MIRROR)
        gems = "/var/lib/gems/3.2.0/gems/nokogiri-1.18.3/ext/nokogiri"
        build = place.start(
            time + 5 * SECOND,
            "/usr/bin/ruby3.2",
            "/usr/bin/ruby3.2 -I/usr/lib/ruby/vendor_ruby extconf.rb",
            ruby,
            folder=gems,
        )
        place.start(time + 7 * SECOND, tools.shell, "sh -c gcc -o conftest -I. conftest.c", build, folder=gems)
        place.start(time + 9 * SECOND, "/usr/bin/make", "make DESTDIR= sitearchdir=./.gem", ruby, folder=gems)
        self.note(place, "gem", time, time + 15 * SECOND)

    def _cargo(self) -> None:
        place, time = self.rng.choice((*self.linux, *self.macs)), self.working()
        tools = Tools(place)
        bins = f"{place.home}/.rustup/toolchains/stable/bin"
        cargo = place.start(time, f"{bins}/cargo", "cargo build --release", tools.terminal(), folder=tools.project)
        place.connect(time + SECOND, cargo, self.outside())
        place.start(
            time + 3 * SECOND,
            f"{bins}/rustc",
            "rustc --crate-name build_script_build build.rs",
            cargo,
            folder=tools.project,
        )
        script = f"{tools.project}/target/release/build/ring-{self.rng.getrandbits(64):016x}/build-script-build"
        build = place.start(time + 6 * SECOND, script, script, cargo, folder=tools.project)
        place.start(
            time + 7 * SECOND, "/usr/bin/cc", "cc -O3 -fPIC -c crypto/curve25519.c", build, folder=tools.project
        )
        self.note(place, "cargo", time, time + 12 * SECOND)

    def _brew(self) -> None:
        """Homebrew fetches with curl and unpacks; a formula may run a step after it."""
        place, time = self.rng.choice(self.macs), self.working()
        tools, library = Tools(place), "/opt/homebrew/Library/Homebrew"
        asked = self.rng.choice(("upgrade", "install jq", "install --cask zoom", "install postgresql@16"))
        bash = place.start(time, "/bin/bash", f"/bin/bash /opt/homebrew/bin/brew {asked}", tools.terminal())
        ruby = f"{library}/vendor/portable-ruby/current/bin/ruby"
        brew = place.start(time + SECOND, ruby, f"{ruby} -W1 --disable=gems,rubyopt {library}/brew.rb {asked}", bash)
        link = "https://github.com/Homebrew/homebrew-core/releases/download/bottle.tar.gz"
        agent = "Homebrew/4.4.22 (Macintosh; arm64 Mac OS X 15.3) curl/8.7.1"
        cache = f"{place.home}/Library/Caches/Homebrew/downloads/bottle.tar.gz.incomplete"
        command = f"/usr/bin/curl --disable --globoff --user-agent {agent} --fail --location --output {cache} {link}"
        curl = place.start(time + 3 * SECOND, "/usr/bin/curl", command, brew)
        place.connect(time + 4 * SECOND, curl, self.outside(), "github.com")
        place.start(time + 8 * SECOND, "/usr/bin/tar", f"tar --extract --no-same-owner --file {cache}", brew)
        if "cask" in asked:
            pkg = "/opt/homebrew/Caskroom/zoom/6.7.2/zoomusInstallerFull.pkg"
            sudo = f"/usr/bin/sudo -E -- /usr/bin/env LOGNAME={place.user} /usr/sbin/installer -pkg {pkg} -target /"
            shell = place.start(time + 12 * SECOND, "/usr/bin/sudo", sudo, brew, root=True)
            place.start(
                time + 13 * SECOND, "/usr/sbin/installer", f"/usr/sbin/installer -pkg {pkg} -target /", shell, root=True
            )
        elif "postgresql" in asked:
            inner = f"{ruby} -W1 -- {library}/postinstall.rb postgresql@16"
            place.start(time + 12 * SECOND, ruby, inner, brew)
        self.note(place, "brew", time, time + 30 * SECOND)
