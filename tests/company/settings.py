"""Registry writes of developers and of group policy that an attacker would make too."""

from __future__ import annotations

from random import Random

from tests.company.hosts import Company, Host
from tests.company.journal import SECOND, working_hour
from tests.company.processes import POWERSHELL, SVCHOST, SYSTEM32, Process, Telemetry, known
from tests.company.rates import per_company

UNLOCK = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\AppModelUnlock"
POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Appx"
TRUSTED_PEOPLE = "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\TrustedPeople\\Certificates"
TRUSTED_PEOPLE_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\TrustedPeople\\Certificates"
ON = "DWORD (0x00000001)"


class Settings:
    """Writes these of one day."""

    def __init__(self, company: Company, telemetry: Telemetry, rng: Random) -> None:
        self.company, self.telemetry, self.rng = company, telemetry, rng

    def run(self) -> None:
        """So many of each as the rates tell; a host without Sysmon writes none."""
        makers = {
            "developer_mode": self._developer_mode,
            "sideloading_policy": self._sideloading_policy,
            "company_certificate": self._company_certificate,
        }
        for name, count in per_company("setting_company", len(self.company.hosts), self.rng).items():
            for _ in range(count):
                makers[name](working_hour(self.rng))

    def _developer_mode(self, time: int) -> None:
        """A developer turns developer mode on in Settings."""
        host = self.rng.choice(self.company.of_role("developer"))
        image = f"{SYSTEM32}\\SystemSettingsAdminFlows.exe"
        flows = self.telemetry.start(
            host, time, image, "SystemSettingsAdminFlows.exe TurnOnDeveloperFeatures DeveloperUnlock"
        )
        self.telemetry.registry(host, time + SECOND, flows, f"{UNLOCK}\\AllowDevelopmentWithoutDevLicense", ON)

    def _sideloading_policy(self, time: int) -> None:
        """Group policy allows trusted packages on a host that joined the domain."""
        host = self.rng.choice(self.company.hosts)
        policy = known(host, SVCHOST, f"{SVCHOST} -k netsvcs -p -s gpsvc", service=True)
        self.telemetry.registry(host, time, policy, f"{POLICY}\\AllowAllTrustedApps", ON)

    def _company_certificate(self, time: int) -> None:
        """Group policy brings the certificate with which IT signs its packages."""
        host = self.rng.choice(self.company.hosts)
        policy = known(host, SVCHOST, f"{SVCHOST} -k netsvcs -p -s gpsvc", service=True)
        own = Random(self.company.publisher).getrandbits(160)  # noqa: S311 - one certificate
        self.telemetry.registry(host, time, policy, f"{TRUSTED_PEOPLE_POLICY}\\{own:040X}\\Blob", "Binary Data")


def trust_test_certificate(telemetry: Telemetry, host: Host, time: int, folder: str) -> Process:
    """A developer trusts the certificate of a test build with the script that Visual Studio puts beside it."""
    command = f'powershell.exe -ExecutionPolicy Bypass -File "{folder}\\Add-AppDevPackage.ps1"'
    shell = telemetry.start(host, time, POWERSHELL, command, level="High")
    number = telemetry.journal.rng.getrandbits(160)
    telemetry.registry(host, time + 2 * SECOND, shell, f"{TRUSTED_PEOPLE}\\{number:040X}\\Blob", "Binary Data")
    return shell
