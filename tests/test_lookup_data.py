"""What the shipped lookup tables say, asked of them through the lookup engine as a search would ask."""

from __future__ import annotations

import re
from functools import cache

import pytest
from msix.publisher import publisher_id

from searchhead.lookups import Lookup, Lookups
from searchhead.spl.values import texts
from tests.apps import package_abuse
from tests.apps import table_column as column
from tests.apps import table_rows as rows

KINDS = {
    "package_operations": (
        "operation_kind",
        {"install", "update", "stage", "register", "provision", "remove", "other"},
    ),
    "package_error_codes": ("refusal", {"signature", "policy", "reputation", "zone", "none"}),
    "package_hosts": (
        "host_kind",
        {"file_sharing", "code_hosting", "cloud_storage", "tunnel", "url_shortener", "paste", "vendor", "revocation"},
    ),
    "package_folders": ("folder_kind", {"user_writable", "installed", "package_manager", "vendor_managed", "local"}),
    "package_threats": (
        "confidence",
        {"confirmed-by-moniker", "dn-from-public-rule", "confirmed", "reconstructed-dn", "name-only"},
    ),
    "package_starters": (
        "starter_kind",
        {"web_server", "database", "office", "browser", "script_host", "management", "service_account"},
    ),
    "package_interpreters": (
        "interpreter_kind",
        {"shell", "script_host", "runtime", "lolbin", "downloader", "wrapper"},
    ),
}
TABLES = [*KINDS, "package_options", "package_trust_settings", "package_source_options"]

# What is certain enough for an alert of its own: seen in a log or a report, or named in full by a public rule.
CERTAIN = {"confirmed-by-moniker", "dn-from-public-rule", "confirmed"}


@cache
def table(name: str) -> Lookup:
    return Lookups([package_abuse()]).get(name)


def found(name: str, key: str, value: str | list[str], output: str) -> list[str]:
    """What a lookup gives for a value, or for several at once."""
    return [text for row in table(name).match({key: value}) for text in texts(row.get(output))]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_no_empty_cell_no_blanks_around_a_cell_and_no_key_twice(name: str) -> None:
    assert not [cell for row in rows(name) for cell in row.values() if cell != cell.strip() or not cell]
    keys = [next(iter(row.values())) for row in rows(name)]
    assert len({key.lower() for key in keys}) == len(keys)
    assert rows(name)[0].keys() >= {"source"}


@pytest.mark.parametrize("name", KINDS)
def test_a_table_uses_every_kind_that_there_is_and_no_other(name: str) -> None:
    field, kinds = KINDS[name]
    assert set(column(name, field)) == kinds


# ---------------------------------------------------------------- operations and options


def test_every_known_operation_is_there() -> None:
    assert column("package_operations", "operation_code") == [str(code) for code in range(35) if code != 21]


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("install", {"1", "28", "30"}),
        ("update", {"3", "31"}),
        ("stage", {"4", "12"}),
        ("register", {"6", "10", "20", "27", "32"}),
        ("provision", {"29"}),
        ("remove", {"2", "5", "9", "33"}),
    ],
)
def test_the_operations_of_a_kind(kind: str, codes: set[str]) -> None:
    assert {row["operation_code"] for row in rows("package_operations") if row["operation_kind"] == kind} == codes


def bits(options: int) -> list[str]:
    """The bits that are set in 64 bits of options, as the macros name them."""
    return [f"{'high' if bit > 31 else 'low'}{bit % 32}" for bit in range(64) if options >> bit & 1]


def test_the_options_are_the_bits_of_two_halves_each_once() -> None:
    low = [f"low{bit}" for bit in range(32) if bit != 13]
    high = [f"high{bit}" for bit in range(1, 23)]
    assert column("package_options", "option_bit") == low + high
    assert len(set(column("package_options", "option"))) == 53


# The numbers are those of real events: DeploymentOptions in hexadecimal, Flags with FlagsHigh as Windows writes them.
@pytest.mark.parametrize(
    ("options", "names"),
    [
        (
            0x40004000000002,
            ["DevelopmentMode", "DeferRegistrationWhenPackagesAreInUse", "unnamed (high bit 22)"],
        ),
        (0x40040040, ["ForceTargetApplicationShutdown", "ForceUpdateFromAnyVersion", "RepairAppRegistration"]),
        (
            262144 << 32 | 33555008,
            [
                *("ForceTargetApplicationShutdown", "SkipReregisterIfPackageStatusOk", "NormalPriorityRequest"),
                "SkipDeploymentOperationRpcCallerIsAdminCheck",
            ],
        ),
        (8388608 | 1, ["ForceApplicationShutdown", "AllowUnsigned"]),
        (32768, ["SkipSignatureValidation"]),
        (0x80000000, ["FirstLogonInstall"]),
        (1 << 13, []),
        (
            0xFFFFFFFF | 0x7FFFFF << 32,  # every bit that has a name: none may be lost to max_matches
            column("package_options", "option"),
        ),
    ],
)
def test_options_are_named_bit_by_bit(options: int, names: list[str]) -> None:
    assert found("package_options", "option_bit", bits(options), "option") == names


# ---------------------------------------------------------------- error codes


def test_a_code_is_a_number_of_eight_digits_or_an_event() -> None:
    pattern = re.compile(r"0x[0-9a-f]{8}|event [0-9]{3}")
    assert [code for code in column("package_error_codes", "error_code") if not pattern.fullmatch(code)] == []
    # a meaning is a clause, which searches join with others
    assert [text for text in column("package_error_codes", "meaning") if ";" in text or text.endswith(".")] == []


@pytest.mark.parametrize(
    ("refusal", "codes"),
    [
        # what an unsigned, untrusted, mismatched or changed package fails with
        ("signature", "0x80073cff 0x80073cf0 0x800b0100 0x800b0109 0x800b010a 0x80073d2b 0x80073d2c 0x80073d2d"),
        ("signature", "0x80073cfb 0x80073d04 0x800b010c 0x80096010 event 150 event 156 event 163 event 440"),
        ("policy", "0x80073d01 0x800704ec 0x80073d21 0x80073d22 0x80073d23 event 412 event 441 event 453"),
        ("reputation", "0x80073d1b 0x80073d1c"),
        ("zone", "event 936 event 938"),
        # what happens every day and says nothing about trust
        ("none", "0x80073cf3 0x80073cf6 0x80073cf9 0x80073d02 0x80073d06 0x80070005 0x80073d28 event 465"),
    ],
)
def test_how_a_code_refuses(refusal: str, codes: str) -> None:
    for code in re.findall(r"0x\S+|event \d+", codes):
        assert found("package_error_codes", "error_code", code, "refusal") == [refusal], code


def test_several_codes_are_looked_up_at_once() -> None:
    refusals = found("package_error_codes", "error_code", ["0x80073CF9", "0x80073CF0", "event 465", "-"], "refusal")
    assert sorted(refusals) == ["none", "none", "signature"]


# ---------------------------------------------------------------- hosts


def test_a_host_stands_there_itself_and_with_everything_below_it() -> None:
    patterns = column("package_hosts", "host_pattern")
    hosts = patterns[::2]
    assert patterns[1::2] == [f"*.{host}" for host in hosts]
    assert [host for host in hosts if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host)] == []


@pytest.mark.parametrize("row", rows("package_hosts")[::2], ids=lambda row: row["host_pattern"])
def test_no_earlier_row_hides_a_host(row: dict[str, str]) -> None:
    host, kind = row["host_pattern"], row["host_kind"]
    assert found("package_hosts", "host_pattern", host, "host_kind") == [kind]
    assert found("package_hosts", "host_pattern", f"sub.{host}", "host_kind") == [kind]


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("github.com", "code_hosting"),
        ("evil.github.com", "code_hosting"),
        ("raw.githubusercontent.com", "code_hosting"),
        ("objects.githubusercontent.com", "code_hosting"),
        ("notgithub.com", ""),
        ("github.com.example", ""),
        ("github.com-download.example", ""),
        ("example.com", ""),
        ("mega.nz", "file_sharing"),
        ("omega.nz", ""),
        ("CDN.DiscordApp.com", "file_sharing"),
        ("dl.dropboxusercontent.com", "cloud_storage"),
        ("payload.s3.eu-west-1.amazonaws.com", "cloud_storage"),
        ("bucket.s3.amazonaws.com.example", ""),
        ("quiet-river.trycloudflare.com", "tunnel"),
        ("a1b2.ngrok-free.app", "tunnel"),
        ("x.workers.dev", "code_hosting"),
        ("bit.ly", "url_shortener"),
        ("rabbit.ly", ""),
        ("pastebin.com", "paste"),
        # Microsoft's own, but not everything that ends in a name of Microsoft's or that anybody can rent there
        ("go.microsoft.com", "vendor"),
        ("aka.ms", "vendor"),
        ("statics.teams.cdn.office.net", "vendor"),
        ("res.cdn.office.net", "vendor"),
        ("installer.teams.static.microsoft", "vendor"),
        ("tlu.dl.delivery.mp.microsoft.com", "vendor"),
        ("cdn.winget.microsoft.com", "vendor"),
        ("winget.azureedge.net", "vendor"),
        ("winget2.azureedge.net", "cloud_storage"),
        # where certificates say that they can be asked about
        ("crl3.digicert.com", "revocation"),
        ("ocsp.digicert.com", "revocation"),
        ("www.digicert.com", ""),
        ("crl.microsoft.com", "revocation"),
        ("ctldl.windowsupdate.com", "revocation"),
        ("download.windowsupdate.com", "vendor"),
        ("r11.c.lencr.org", "revocation"),
        ("o.pki.goog", "revocation"),
        ("ocsp.sca1b.amazontrust.com", "revocation"),
        ("crl.s3.amazonaws.com", "cloud_storage"),
        ("ocsp.digicert.com.example", ""),
        ("files.blob.core.windows.net", "cloud_storage"),
        ("techcommunity.microsoft.com", ""),
        ("go.microsoft.com.example", ""),
        ("evil-aka.ms", ""),
        ("-", ""),
    ],
)
def test_kind_of_a_host(host: str, kind: str) -> None:
    assert found("package_hosts", "host_pattern", host, "host_kind") == ([kind] if kind else [])


# ---------------------------------------------------------------- folders


def test_a_folder_is_lower_case_with_backslashes_and_ends_open_or_in_a_manifest() -> None:
    patterns = column("package_folders", "folder_pattern")
    assert [one for one in patterns if one != one.lower() or "/" in one] == []
    assert [one for one in patterns if not re.search(r"\\\*$|\\appx(bundle)?manifest\.xml$", one)] == []


def test_what_is_well_thought_of_is_bound_to_the_system_drive() -> None:
    good = [row["folder_pattern"] for row in rows("package_folders") if row["folder_kind"] != "user_writable"]
    assert [one for one in good if not one.startswith("c:\\") and not one.endswith("manifest.xml")] == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (r"c:\program files\windowsapps\msteams_24004.1307.2669.7070_x64__8wekyb3d8bbwe\appxmanifest.xml", "installed"),
        (r"c:\windows\systemapps\microsoft.ui.xaml.cbs_8wekyb3d8bbwe\appxmanifest.xml", "installed"),
        (r"d:\windowsapps\4df9e0f8.netflix_6.99.5.0_x64__mcm4njqhnhss8\appxmanifest.xml", "installed"),
        (r"c:\users\bob\appdata\local\temp\winget\jam.treesize.4.9\treesize.msix", "package_manager"),
        (r"c:\windows\ccmcache\2a\viewer.msix", "package_manager"),
        (r"c:\users\bob\appdata\local\microsoft\onedrive\24.1\onedrivesync.msix", "vendor_managed"),
        (r"c:\program files (x86)\microsoft\edge\application\130.0\msix\edge.msix", "vendor_managed"),
        (r"c:\users\bob\downloads\webex-x64.msix", "user_writable"),
        (r"c:\users\bob\desktop\webex-x64.msix", "user_writable"),
        (r"c:\users\bob\appdata\local\temp\x.msix", "user_writable"),
        (r"c:\users\bob\appdata\local\packages\some.app_8wekyb3d8bbwe\x.msix", "user_writable"),
        (r"c:\users\public\x.msix", "user_writable"),
        (r"d:\users\bob\downloads\x.msix", "user_writable"),
        (r"c:\programdata\x\x.msix", "user_writable"),
        (r"c:\perflogs\x.msix", "user_writable"),
        (r"c:\windows\temp\x.msix", "user_writable"),
        (r"c:\windows\tasks\x.msix", "user_writable"),
        (r"c:\$recycle.bin\s-1-5-21\x.msix", "user_writable"),
        (r"c:\inetpub\wwwroot\x.msix", "user_writable"),
        (r"C:\Users\Bob\Downloads\X.msix", "user_writable"),
        # tricks: a good folder's name in a folder that others may write to
        (r"c:\users\bob\downloads\program files\windowsapps\x.msix", "user_writable"),
        (r"c:\users\bob\downloads\program files\windowsapps\x\appxmanifest.xml", "user_writable"),
        (r"c:\users\bob\windowsapps\x\appxmanifest.xml", "user_writable"),
        (r"c:\users\bob\x:\program files\windowsapps\x.msix", "user_writable"),
        (r"c:\users\bob\x:\windowsapps\x\appxmanifest.xml", "user_writable"),
        (r"c:\program files\windowsapps\..\..\users\bob\x.msix", "user_writable"),
        (r"c:\windowsapps\x.msix", "user_writable"),
        (r"c:\windowsapps\northwind.viewer_1.4.0.0_x64__c2yjt6za8ar62\appxmanifest.xml", "user_writable"),
        (r"c:\users\bob\downloads\appdata\local\temp\winget\x.msix", "user_writable"),
        (r"c:\users\bob\downloads\a\b\appdata\local\microsoft\onedrive\x.msix", "user_writable"),
        (r"c:\programdata\appdata\local\temp\winget\x.msix", "user_writable"),
        (r"c:\perflogs\program files\x.msix", "user_writable"),
        (r"c:\temp\windows\systemapps\x.msix", "user_writable"),
        # a mounted image or a stick can have any folder; its package files are nobody's installed packages
        (r"e:\windowsapps\x.msix", ""),
        (r"e:\program files\windowsapps\x.msix", ""),
        (r"e:\program files\vendor\x.msix", ""),
        (r"e:\windows\systemapps\x.msix", ""),
        (r"c:\program files x\windowsapps\x.msix", "user_writable"),
        (r"c:\deploy\x.msix", "user_writable"),  # anybody may create a folder in the root
        (r"c:\windows\system32\x.msix", "local"),
        (r"\share\users\bob\x.msix", ""),
        # of Linux and macOS only where everybody or a user may write
        (r"\tmp\x.deb", "user_writable"),
        (r"\var\tmp\.x\a", "user_writable"),
        (r"\dev\shm\x", "user_writable"),
        (r"\home\u1\x.deb", "user_writable"),
        (r"\users\u1\downloads\x.pkg", "user_writable"),
        (r"\private\tmp\x.pkg", "user_writable"),
        (r"\var\folders\a1\b2\t\x.pkg", "user_writable"),
        (r"\usr\bin\x", ""),
        (r"\opt\vendor\x", ""),
        (r"\library\x", ""),
        (r"\srv2\x", ""),
        ("-", ""),
    ],
)
def test_kind_of_a_folder(path: str, kind: str) -> None:
    assert found("package_folders", "folder_pattern", path, "folder_kind") == ([kind] if kind else [])


# ---------------------------------------------------------------- threats


def test_the_key_of_an_indicator_is_its_type_and_itself() -> None:
    for row in rows("package_threats"):
        assert row["indicator_key"] == f"{row['indicator_type']}|{row['indicator']}".lower()
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", row["date"]), row
    types = {"publisher_id", "publisher", "common_name", "package_name", "source_host"}
    assert set(column("package_threats", "indicator_type")) == types


def test_a_publisher_id_is_the_hash_of_the_distinguished_name_beside_it() -> None:
    threats = rows("package_threats")
    names = [row for row in threats if row["indicator_type"] == "publisher"]
    hashed = {publisher_id(row["indicator"]): row["confidence"] for row in names}
    assert hashed == {row["indicator"]: row["confidence"] for row in threats if row["indicator_type"] == "publisher_id"}
    assert len(hashed) == 41  # one seen in a log, one from a public rule, 39 put together from certificates


def test_certain_publishers_are_the_ones_that_the_command_calls_malicious() -> None:
    certain = {
        row["indicator"]
        for row in rows("package_threats")
        if row["indicator_type"] == "publisher_id" and row["confidence"] in CERTAIN
    }
    classes = {row["publisher_id"]: row["publisher_class"] for row in rows("package_publishers")}
    assert {one for one, its_class in classes.items() if its_class == "malicious"} == certain
    # read in the log of a real infection, and named by a public rule
    assert certain == {"cvpb331a1f8hw", "vgngsjmdj8sje"}
    suspected = set(column("package_threats", "indicator")) - certain
    assert suspected & classes.keys() == set()


@pytest.mark.parametrize(
    ("key", "confidence"),
    [
        ("publisher_id|cvpb331a1f8hw", "confirmed-by-moniker"),
        (
            "publisher|CN=IMPERIOUS TECHNOLOGIES LIMITED, O=IMPERIOUS TECHNOLOGIES LIMITED, L=Ringwood, C=GB",
            "confirmed-by-moniker",
        ),
        ("package_name|ciscosystems.webex_cvpb331a1f8hw", "confirmed-by-moniker"),
        # Cisco may publish a package of that name
        ("package_name|ciscosystems.webex", ""),
        ("package_name|3669E262-ec02-4e9d-bcb4-3d008b4afac9", "dn-from-public-rule"),
        ("publisher_id|y0e1g8ps4m2sy", "reconstructed-dn"),
        ("common_name|CN=Fodere Titanium Limited", "name-only"),
        ("common_name|CN=OC Agro ApS", "name-only"),
        ('common_name|cn="hangzhou laisi intelligent technology co., ltd."', "name-only"),
        # a certain name needs no suspicion beside it
        ("common_name|cn=imperious technologies limited", ""),
        ("source_host|officemysuppbox.com", "confirmed"),
        ("source_host|www.officemysuppbox.com", "confirmed"),
        ("source_host|officemysuppbox.com.example", ""),
        ("publisher_id|8wekyb3d8bbwe", ""),
        ("publisher_id|-", ""),
    ],
)
def test_an_indicator_is_found_by_its_key(key: str, confidence: str) -> None:
    assert found("package_threats", "indicator_key", key, "confidence") == ([confidence] if confidence else [])


def test_the_outputs_of_several_indicators_stay_aligned() -> None:
    keys = ["publisher_id|cvpb331a1f8hw", "package_name|ciscosystems.webex_cvpb331a1f8hw", "source_host|-"]
    assert [
        len(found("package_threats", "indicator_key", keys, field))
        for field in ("indicator_type", "confidence", "campaign", "actor", "date", "source")
    ] == [2] * 6


# ---------------------------------------------------------------- interpreters


def test_an_interpreter_is_the_lower_case_name_of_a_program() -> None:
    names = column("package_interpreters", "process_name")
    assert [name for name in names if not re.fullmatch(r"[a-z0-9._-]+", name)] == []


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("shell", "cmd powershell powershell_ise pwsh bash wsl"),
        ("script_host", "wscript cscript mshta"),
        ("runtime", "python pythonw node java javaw autoit3"),
        (
            "lolbin",
            "rundll32 regsvr32 regasm regsvcs msbuild installutil wmic schtasks msiexec forfiles hh odbcconf cmstp",
        ),
        ("downloader", "certutil bitsadmin curl ftp ssh"),
    ],
)
def test_kind_of_an_interpreter(kind: str, names: str) -> None:
    for name in names.split():
        assert found("package_interpreters", "process_name", f"{name}.EXE", "interpreter_kind") == [kind], name


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("shell", "sh bash dash zsh ksh busybox pwsh"),
        ("script_host", "osascript"),
        (
            "runtime",
            "python python2.7 python3 python3.6 python3.14 platform-python perl ruby ruby3.1 node nodejs php php8.2",
        ),
        ("lolbin", "openssl base64 nc ncat socat launchctl security xattr"),
        ("downloader", "curl wget scp sftp ssh tftp ftp fetch nscurl"),
        ("wrapper", "timeout sudo make flock"),
    ],
)
def test_kind_of_an_interpreter_of_linux_or_macos(kind: str, names: str) -> None:
    for name in names.split():
        assert found("package_interpreters", "process_name", name, "interpreter_kind") == [kind], name


@pytest.mark.parametrize(
    "name",
    [
        *("conhost.exe", "explorer.exe", "windowsterminal.exe", "runtimebroker.exe", "werfault.exe"),
        *("dpkg", "rpm", "ldconfig", "systemctl", "chmod", "tar", "git", "gcc", "python3-config"),
    ],
)
def test_what_runs_beside_every_packaged_app_is_no_interpreter(name: str) -> None:
    assert found("package_interpreters", "process_name", name, "interpreter_kind") == []


# ---------------------------------------------------------------- manufacturers of MSI packages


def test_every_brand_has_a_manufacturer_whose_packages_may_bear_its_name() -> None:
    assert set(column("package_msi_vendors", "brand")) == set(column("package_brands", "brand"))
    patterns = column("package_msi_vendors", "manufacturer_pattern")
    assert not [one for one in patterns if len(one.strip("*")) < 4 or one != one.lower()]
    assert all(column("package_msi_vendors", "source"))


@pytest.mark.parametrize(
    ("brand", "manufacturer", "own"),
    [
        ("Google Chrome", "Google LLC", True),
        ("Google Chrome", "Chrome Team", False),
        ("PuTTY", "Simon Tatham", True),
        ("Microsoft Teams", "Microsoft Corporation", True),
        ("Microsoft Teams", "Micros0ft Corporation", False),
        ("WhatsApp", "Meta Platforms, Inc.", True),
        ("WhatsApp", "Metasoft", False),
    ],
)
def test_a_manufacturer_is_told_from_an_impostor(brand: str, manufacturer: str, own: bool) -> None:
    found_rows = table("package_msi_vendors").match({"brand": brand, "manufacturer_pattern": manufacturer})
    assert bool(list(found_rows)) == own


# ---------------------------------------------------------------- where packages come from


def test_every_row_of_options_is_of_a_known_installer_and_holds_patterns_of_whole_arguments() -> None:
    installers = column("package_source_options", "installer")
    assert len(set(installers)) == len(installers)
    assert set(installers) <= set(column("package_installers", "installer"))
    for name in ("installs", "origins", "others", "unchecked"):
        for cell in column("package_source_options", name):
            assert re.fullmatch(r"\(.+\)", cell), cell
            assert not re.compile(cell).groups > 1, cell  # they are put into other patterns


@pytest.mark.parametrize(
    ("installer", "column_name", "arguments", "others"),
    [
        ("dpkg", "installs", "-i --install --unpack -GEi", "-I --info --contents -c install"),
        ("rpm", "installs", "-i -ivh -Uvh -vih -hvU -F --upgrade", "-qpi -Kv -e -qi --import -V install"),
        ("apt-get", "installs", "install reinstall", "update remove download source"),
        ("pip", "installs", "install download wheel", "freeze list show uninstall"),
        ("pip", "origins", "--index-url -i --extra-index-url -f --find-links", "--proxy -r -e --index -I"),
        ("npm", "origins", "--registry --@corp:registry", "--proxy --prefix"),
        ("npm", "installs", "i ci npx /usr/bin/npx /x/bin/npx-cli.js", "run test start"),
        ("pipx", "installs", "install inject run", "list ensurepath"),
        ("poetry", "installs", "add install", "build publish run"),
        ("bun", "installs", "add install i", "run build test"),
        ("npm", "others", "--prefix --https-proxy --cache -C -w", "--registry --save -g"),
        (
            "dnf",
            "unchecked",
            r"--nogpgcheck --setopt|gpgcheck=0 --setopt|*.gpgcheck=0 --setopt|sslverify=False",
            "--setopt|gpgcheck=1",
        ),
        ("npm", "unchecked", "--no-strict-ssl --strict-ssl|false", "--strict-ssl --ignore-scripts"),
        (
            "apt",
            "unchecked",
            "--allow-unauthenticated --force-yes APT::Get::AllowUnauthenticated=true",
            "--yes --no-install-recommends",
        ),
    ],
)
def test_options_of_an_installer(installer: str, column_name: str, arguments: str, others: str) -> None:
    [pattern] = found("package_source_options", "installer", installer, column_name)
    assert [one for one in arguments.split() if not re.fullmatch(pattern, one)] == []
    assert [one for one in others.split() if re.fullmatch(pattern, one)] == []


@pytest.mark.parametrize(
    ("starter", "kind"),
    [
        ("apache2|/usr/sbin/apache2 -k start", "web_server"),
        ("php-fpm8.2|php-fpm: pool www", "web_server"),
        (
            "java|/usr/bin/java -classpath /opt/tomcat/bin/bootstrap.jar org.apache.catalina.startup.Bootstrap start",
            "web_server",
        ),
        ("java|/usr/bin/java -jar build.jar", ""),
        ("WINWORD.EXE|winword.exe /n", "office"),
        (
            r"wscript.exe|WScript.exe \\corp.example\SysVol\corp.example\Policies\a\Machine\Scripts\Startup\a.vbs",
            "management",
        ),
        (r"cscript.exe|cscript \\dc01\netlogon\a.vbs", "management"),
        (r"wscript.exe|wscript.exe C:\Users\jdoe\netlogon\a.vbs", "script_host"),
        ("python3.11|/usr/bin/python3 /root/.ansible/tmp/ansible-tmp-1/AnsiballZ_apt.py", "management"),
        ("python3.11|/usr/bin/python3 setup.py", ""),
        ("Python|/usr/local/munki/Python.framework/Python /usr/local/munki/managedsoftwareupdate", "management"),
        ("zsh|/bin/zsh /Library/Application Support/JAMF/tmp/8F2A / mac", "management"),
        ("bash|/bin/bash /var/lib/amazon/ssm/i-0/_script.sh", "management"),
        ("bash|-bash", ""),
        ("account|www-data", "service_account"),
        ("account|jdoe", ""),
        ("account|root", ""),
    ],
)
def test_who_starts_an_installation(starter: str, kind: str) -> None:
    assert found("package_starters", "starter", starter, "starter_kind") == [kind] * bool(kind)
