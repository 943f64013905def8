"""What the custom actions of ordinary products start; ``products`` says which kind each product has."""

from __future__ import annotations

from random import Random

from tests.company.msi import Run
from tests.company.processes import CMD, POWERSHELL, SYSTEM32, Process
from tests.company.products import Product


def custom_actions(run: Run, product: Product, rng: Random) -> None:
    """What the product's custom actions start."""
    folder = f"C:\\Program Files\\{product.folder}"
    if product.action != "none" and rng.random() < 0.7:
        server = run.server(elevated=run.machine or rng.random() < 0.5)
    else:
        server = None
    if product.action == "managed":
        number = rng.randrange(10_000_000, 99_999_999)
        what = f"SfxCA_{number} 3 CustomActions!CustomActions.CustomActions.Configure"
        image = "C:\\Windows\\SysWOW64\\rundll32.exe"
        run.action(image, f'rundll32.exe "{run.temporary()}",zzzzInvokeManagedCustomActionOutOfProc {what}', server)
    elif product.action == "script":
        _script(run, folder, server, rng)
    elif product.action == "tool":
        program = f"{folder}\\{product.program}"
        rule = f'name="{product.name}" dir=in action=allow program="{program}"'
        tool, rest = rng.choice(
            (
                ("netsh.exe", f"advfirewall firewall add rule {rule}"),
                ("regsvr32.exe", f'/s "{folder}\\shellext.dll"'),
                ("icacls.exe", f'"{folder}" /grant *S-1-5-32-545:(OI)(CI)RX'),
                ("schtasks.exe", f'/Create /F /RU SYSTEM /SC DAILY /TN "{product.maker} update" /TR "{program}"'),
                ("sc.exe", f'failure "{product.name}" reset= 86400 actions= restart/60000'),
            )
        )
        run.action(f"{SYSTEM32}\\{tool}", f"{SYSTEM32}\\{tool} {rest}", server)


def _script(run: Run, folder: str, server: Process | None, rng: Random) -> None:
    """A script of the product's own folder, by cmd or by PowerShell."""
    if rng.random() < 0.5:
        command = f'"C:\\Windows\\system32\\cmd.exe" /c ""{folder}\\register.cmd" install"'
        shell = run.action(CMD, command, server)
        run.action(
            f"{SYSTEM32}\\reg.exe", f'reg add "HKLM\\SOFTWARE\\{run.msi.manufacturer}" /v Installed /d 1 /f', shell
        )
    else:
        command = f'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "{folder}\\Configure.ps1"'
        run.action(POWERSHELL, command, server)
