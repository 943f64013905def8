"""Texts of script blocks that are nobody's attack, in the style of what 4104 holds."""

from __future__ import annotations

EVERYDAY = (
    "prompt",
    "$global:?",
    "Get-Process | Sort-Object CPU -Descending | Select-Object -First 10",
    "Get-ChildItem -Path $env:TEMP -Recurse -ErrorAction SilentlyContinue | Measure-Object -Property Length -Sum",
    "Import-Module ActiveDirectory; Get-ADUser -Filter * -Properties LastLogonDate",
    "Test-NetConnection -ComputerName fs01.corp.example -Port 445",
    "git status; dotnet build .\\src\\App.sln -c Debug",
    "Get-ItemProperty HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\* | Select-Object DisplayName",
    "Set-StrictMode -Version 1; $_.PSMessageDetails",
    "function Get-ManagedDeviceState { param([string]$Name) Get-CimInstance -ClassName Win32_ComputerSystem }",
)

INVENTORY = (
    "Get-AppxPackage -AllUsers | Select-Object Name, PackageFullName, SignatureKind, InstallLocation",
    "Get-AppxPackage -Name Microsoft.DesktopAppInstaller | Select-Object -ExpandProperty Version",
    "Get-AppxProvisionedPackage -Online | Format-Table DisplayName, PackageName",
    "(Get-AppxPackage *Teams*).Version",
)

DEBLOAT = (
    "$unwanted = 'Microsoft.BingNews','Microsoft.ZuneVideo','Microsoft.XboxIdentityProvider'\n"
    "foreach ($name in $unwanted) {\n"
    "    Get-AppxPackage -AllUsers -Name $name | Remove-AppxPackage -AllUsers\n"
    "    Get-AppxProvisionedPackage -Online | Where-Object DisplayName -eq $name | "
    "Remove-AppxProvisionedPackage -Online\n"
    "}"
)

# What the modules themselves say when they are imported: names of cmdlets, and nobody calls them.
DISM_MODULE = (
    "Set-Alias -Name Add-ProvisionedAppPackage -Value Add-AppxProvisionedPackage\n"
    "Set-Alias -Name Remove-ProvisionedAppPackage -Value Remove-AppxProvisionedPackage\n"
    "Set-Alias -Name Get-ProvisionedAppPackage -Value Get-AppxProvisionedPackage\n"
    "Set-Alias -Name Apply-WindowsUnattend -Value Use-WindowsUnattend\n"
    "Export-ModuleMember -Alias * -Function * -Cmdlet *"
)
APPX_MODULE = (
    "Set-Alias -Name Add-AppPackage -Value Add-AppxPackage\n"
    "Set-Alias -Name Add-AppPackageVolume -Value Add-AppxVolume\n"
    "Set-Alias -Name Get-AppPackage -Value Get-AppxPackage\n"
    "Set-Alias -Name Remove-AppPackage -Value Remove-AppxPackage\n"
    "function Get-AppxLastError { param() }\n"
    "Export-ModuleMember -Function Get-AppxLastError, Get-AppxLog -Alias * -Cmdlet *"
)

HELP = (
    "Get-Help Add-AppxPackage -Full",
    "Get-Help Add-AppxPackage -Parameter AllowUnsigned",
    "Get-Command -Module Appx | Where-Object Name -like 'Add-*'",
)


def first_run(folder: str, script: str) -> str:
    """The command line with which the Package Support Framework runs a script [PSF]."""
    inner = f"Powershell.exe -ExecutionPolicy Bypass -file '.\\{script}'"
    return f'Powershell.exe -ExecutionPolicy Bypass -file "{folder}StartingScriptWrapper.ps1" "{inner}"'
