"""Products that companies install with the Windows Installer: real names and makers, made-up versions.

Names and manufacturers are as these products are known to write them, not looked up one by one. What custom actions do
was chosen for each product; it is one of these kinds:

- ``none``: nothing that starts a process;
- ``library``: a custom action server for a DLL, and no child;
- ``managed``: rundll32 runs a managed action, as everything made with WiX does (SigmaHQ/sigma pull request 2749);
- ``script``: cmd or PowerShell runs a script of the product's own folder;
- ``tool``: a program of the product's own folder, or one of Windows that registers it.
"""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A product; ``folder`` is below Program Files, ``program`` in it, ``file`` the package's name."""

    name: str
    version: str
    maker: str
    file: str
    folder: str
    program: str
    action: str
    arguments: str = "/qn /norestart"


PRODUCTS = (
    Product("7-Zip 25.01 (x64 edition)", "25.01.00.0", "Igor Pavlov", "7z2501-x64.msi", "7-Zip", "7zFM.exe", "none"),
    Product("Google Chrome", "145.0.7632.46", "Google LLC", "GoogleChromeStandaloneEnterprise64.msi",
            "Google\\Chrome\\Application", "chrome.exe", "tool"),
    Product("Zoom Workplace (64-bit)", "6.7.2.28514", "Zoom", "ZoomInstallerFull.msi", "Zoom\\bin", "Zoom.exe",
            "managed", "/qn /norestart ZoomAutoUpdate=true"),
    Product("Node.js", "22.14.0", "Node.js Foundation", "node-v22.14.0-x64.msi", "nodejs", "node.exe", "library"),
    Product("PowerShell 7-x64", "7.5.1.0", "Microsoft Corporation", "PowerShell-7.5.1-win-x64.msi", "PowerShell\\7",
            "pwsh.exe", "script", "/qn REGISTER_MANIFEST=1 ENABLE_PSREMOTING=0"),
    Product("PuTTY release 0.83 (64-bit)", "0.83.0.0", "Simon Tatham", "putty-64bit-0.83-installer.msi", "PuTTY",
            "putty.exe", "none"),
    Product("LibreOffice 25.2.1.2", "25.2.1.2", "The Document Foundation", "LibreOffice_25.2.1_Win_x86-64.msi",
            "LibreOffice\\program", "soffice.exe", "library"),
    Product("Eclipse Temurin JDK with Hotspot 21.0.6+7 (x64)", "21.0.6.7", "Eclipse Adoptium",
            "OpenJDK21U-jdk_x64_windows_hotspot_21.0.6_7.msi", "Eclipse Adoptium\\jdk-21.0.6.7-hotspot\\bin",
            "java.exe", "none"),
    Product("KeePassXC", "2.7.10", "KeePassXC Team", "KeePassXC-2.7.10-Win64.msi", "KeePassXC", "KeePassXC.exe",
            "managed"),
    Product("UniversalForwarder", "9.4.1.0", "Splunk, Inc.", "splunkforwarder-9.4.1-windows-x64.msi",
            "SplunkUniversalForwarder\\bin", "splunk.exe", "script",
            "/quiet AGREETOLICENSE=yes DEPLOYMENT_SERVER=deploy.corp.example:8089"),
    Product("Datadog Agent", "7.63.2.0", "Datadog, Inc.", "datadog-agent-7.63.2-1-x86_64.msi",
            "Datadog\\Datadog Agent\\bin", "agent.exe", "managed", "/qn APIKEY=REDACTED SITE=datadoghq.eu"),
    Product("AWS Command Line Interface v2", "2.24.10.0", "Amazon Web Services", "AWSCLIV2.msi", "Amazon\\AWSCLIV2",
            "aws.exe", "none"),
    Product("Microsoft Azure CLI (64-bit)", "2.70.0", "Microsoft Corporation", "azure-cli-2.70.0-x64.msi",
            "Microsoft SDKs\\Azure\\CLI2\\wbin", "az.cmd", "script"),
    Product("Cisco Secure Client - AnyConnect VPN", "5.1.8.105", "Cisco Systems, Inc.",
            "cisco-secure-client-win-5.1.8.105-core-vpn-predeploy-k9.msi", "Cisco\\Cisco Secure Client",
            "vpnui.exe", "tool"),
    Product("Dell Command | Update for Windows Universal", "5.5.0", "Dell, Inc.", "DellCommandUpdateApp.msi",
            "Dell\\CommandUpdate", "dcu-cli.exe", "script"),
    Product("VMware Tools", "12.5.0.24276846", "VMware, Inc.", "VMware Tools64.msi", "VMware\\VMware Tools",
            "vmtoolsd.exe", "tool"),
    Product("Citrix Workspace(USB)", "24.9.1.16", "Citrix Systems, Inc.", "GenericUSB.msi",
            "Citrix\\ICA Client", "wfcrun32.exe", "library"),
    Product("Microsoft Visual C++ 2022 X64 Minimum Runtime - 14.42.34433", "14.42.34433", "Microsoft Corporation",
            "vc_runtimeMinimum_x64.msi", "Microsoft Visual Studio\\Shared", "vcredist.dll", "none"),
    Product("Microsoft Update Health Tools", "5.72.0.0", "Microsoft Corporation", "UpdHealthTools.msi",
            "Microsoft Update Health Tools", "uhssvc.exe", "tool"),
    Product("GlobalProtect", "6.2.7", "Palo Alto Networks", "GlobalProtect64.msi", "Palo Alto Networks\\GlobalProtect",
            "PanGPA.exe", "tool", "/quiet PORTAL=vpn.corp.example"),
)  # fmt: skip

# What IT gives people remote help with; the packages that the makers offer for mass deployment.
REMOTE = (
    Product("TeamViewer Host", "15.63.4", "TeamViewer", "TeamViewer_Host.msi", "TeamViewer", "TeamViewer_Service.exe",
            "tool", "/qn CUSTOMCONFIGID=6h2k9q3 ASSIGNMENTOPTIONS=\"--grant-easy-access\""),
    Product("AnyDesk MSI", "9.0.5", "AnyDesk Software GmbH", "AnyDesk.msi", "AnyDeskMSI", "AnyDeskMSI.exe", "tool"),
)  # fmt: skip
