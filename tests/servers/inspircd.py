"""Fixtures: a real InspIRCd with TLS of a private authority, and Atheme's services linked to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from attrs import define

from tests.servers.irc_servers import IrcServer, StartIrc, welcome
from tests.servers.programs import Program, free_port, need

INSTALL = "apt-get install --no-install-recommends inspircd atheme-services openssl"

MODULES = """
account banredirect botmode cap chanhistory ctctags customprefix deaf hidechans hideoper ircv3
ircv3_accounttag ircv3_batch ircv3_capnotify ircv3_chghost ircv3_ctctags ircv3_echomessage ircv3_invitenotify
ircv3_labeledresponse ircv3_msgid ircv3_servertime kicknorejoin namesx override sasl sslinfo services_account
servprotect spanningtree ssl_gnutls redirect samode sajoin sapart svshold uhnames
"""

CONFIG = """\
<server name="{name}" description="test" network="TestNet" id="{number}">
<admin name="a" nick="a" email="a@localhost">
<bind address="127.0.0.1" port="{port}" type="clients">
<bind address="127.0.0.1" port="{tls}" type="clients" sslprofile="tls">
<bind address="127.0.0.1" port="{link}" type="servers">
{modules}
<sslprofile name="tls" provider="gnutls" cafile="{folder}/ca.pem" certfile="{folder}/server.pem"
 keyfile="{folder}/server.key" requestclientcert="yes" hash="sha256">
<customprefix name="founder" letter="q" prefix="~" rank="50000" ranktoset="50000">
<customprefix name="admin" letter="a" prefix="&amp;" rank="40000" ranktoset="50000">
<customprefix name="halfop" letter="h" prefix="%" rank="20000" ranktoset="30000">
<connect name="main" allow="*" timeout="30" pingfreq="60" localmax="1000" globalmax="1000" resolvehostnames="no"
 maxchans="{channels}" {limits} softsendq="1M" hardsendq="4M">
<class name="A" commands="*" privs="*" usermodes="*" chanmodes="*">
<type name="netadmin" classes="A"><oper name="op" password="oppw" host="*@*" type="netadmin">
<files motd="{folder}/motd.txt"><options casemapping="rfc1459" syntaxhints="no">
<channels users="{channels}" opers="{channels}"><performance nouserdns="yes"><limits maxnick="31">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd.log">
<pid file="{folder}/inspircd.pid">
<path configdir="{folder}" datadir="{folder}/data" logdir="{folder}" moduledir="/usr/lib/inspircd/modules"
 runtimedir="{folder}">
<sasl target="services.test" requiressl="no"><chanhistory bots="yes" prefixmsg="no" maxlines="50">
<link name="services.test" ipaddr="127.0.0.1" port="{link}" allowmask="127.0.0.1/32" sendpass="linkpw"
 recvpass="linkpw"><link name="{other}" ipaddr="127.0.0.1" port="{other_link}" allowmask="127.0.0.1/32"
 sendpass="linkpw" recvpass="linkpw"><uline server="services.test" silent="yes">
"""

FREE = 'commandrate="1000000" threshold="1000000" fakelag="no" recvq="64K"'
AS_DISTRIBUTED = 'commandrate="1000" threshold="10" fakelag="yes" recvq="10K"'

SERVICES = """\
{modules}
serverinfo {{ name = "services.test"; desc = "services"; numeric = "00A"; recontime = 1; netname = "TestNet";
 hidehostsuffix = "users.test"; adminname = "a"; adminemail = "a@localhost"; registeremail = "a@localhost";
 mta = "/bin/true"; loglevel = {{ error; info; }}; maxlogins = 20; maxusers = 0; auth = none;
 casemapping = rfc1459; }};
uplink "irc.test" {{ host = "127.0.0.1"; port = {link}; send_password = "linkpw"; receive_password = "linkpw"; }};
{nicks}
database {{ }};
general {{ commit_interval = 5; flood_msgs = 0; ratelimit_uses = 0; }};
"""
SERVICE_MODULES = """
protocol/inspircd backend/opensex crypto/posix nickserv/main nickserv/identify nickserv/register nickserv/set_core
nickserv/ghost nickserv/group nickserv/logout nickserv/cert saslserv/main saslserv/plain saslserv/external
operserv/main chanserv/main chanserv/register chanserv/op chanserv/topic chanserv/flags
"""


@define(eq=False)
class InspIrcd(IrcServer):
    """An InspIRCd; ``services`` once :func:`services` has linked them."""

    tls: int = 0
    link: int = 0
    services: Program | None = None

    @property
    def authority(self) -> Path:
        """Certificate of the authority that signed the server's."""
        return self.program.folder / "ca.pem"

    def account(self, name: str, password: str) -> None:
        """Register a services account."""
        command = f"PRIVMSG NickServ :REGISTER {password} {name}@example.test\r\n".encode()
        welcome(self.port, name, after=command, until=(b"is now registered",))


def make_authority(folder: Path) -> None:
    """Make ca.pem and a certificate for localhost and 127.0.0.1 (server.pem, server.key)."""
    openssl = need("openssl", INSTALL)

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *key, "-days", "30", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "ext").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n"
    )
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
        "-extfile", "ext", "-out", "server.pem")  # fmt: skip


def make_own_certificate(folder: Path) -> Path:
    """Make a certificate with its key in one file, as somebody does for CertFP."""
    openssl = need("openssl", INSTALL)
    path = folder / "own.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
         "-keyout", "own.key", "-out", "own.crt", "-subj", "/CN=bot"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    path.write_text((folder / "own.key").read_text() + (folder / "own.crt").read_text())
    return path


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of a certificate as services write it."""
    openssl = need("openssl", INSTALL)
    shown = subprocess.run(
        [openssl, "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return shown.partition("=")[2].strip().replace(":", "").lower()


@pytest.fixture(scope="session")
def start_inspircd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartIrc]:
    """Start real InspIRCds; each call is one server. ``flood`` for the limits as they are distributed.

    ``without`` names modules that are left out. With ``hub`` it is a second server of that network, leaf.test,
    not linked yet: an operator there says CONNECT irc.test.
    """
    path = need("inspircd", INSTALL)
    programs: list[Program] = []

    def start(
        *, flood: bool = False, channels: int = 200, without: Collection[str] = (), hub: InspIrcd | None = None
    ) -> InspIrcd:
        folder = tmp_path_factory.mktemp("inspircd")
        (folder / "data").mkdir()
        (folder / "motd.txt").write_text("hello\n")
        make_authority(folder)
        port, tls, link = free_port(), free_port(), free_port()
        present = {module.stem.removeprefix("m_") for module in Path("/usr/lib/inspircd/modules").glob("m_*.so")}
        name, other = ("leaf.test", "irc.test") if hub else ("irc.test", "leaf.test")
        config = folder / "inspircd.conf"
        config.write_text(
            CONFIG.format(
                name=name,
                number="002" if hub else "001",
                other=other,
                other_link=hub.link if hub else link,
                port=port,
                tls=tls,
                link=link,
                folder=folder,
                channels=channels,
                limits=AS_DISTRIBUTED if flood else FREE,
                modules="\n".join(
                    f'<module name="{name}">' for name in MODULES.split() if name in present - {*without}
                ),
            )
        )
        program = Program(
            [path, *(["--runasroot"] if os.geteuid() == 0 else []), "--nofork", "--config", str(config)],
            folder,
            lambda: f":{name} 001 ".encode() in welcome(port, "probe"),
        )
        programs.append(program)
        program.start()
        return InspIrcd(program, "127.0.0.1", port, name, tls=tls, link=link)

    yield start
    for program in programs:
        program.kill()


@pytest.fixture(scope="session")
def inspircd(start_inspircd: Callable[..., InspIrcd]) -> InspIrcd:
    """A real InspIRCd without flood limits and without services; tests share it, because it is slow to greet."""
    return start_inspircd()


StartServices = Callable[[InspIrcd], Program]


@pytest.fixture(scope="session")
def start_services() -> Iterator[StartServices]:
    """Link Atheme's services to a server."""
    path = need("atheme-services", INSTALL)
    programs: list[Program] = []

    def start(server: InspIrcd) -> Program:
        folder = server.program.folder / "services"
        folder.mkdir()
        names = ("NickServ", "SaslServ", "ChanServ", "OperServ")
        config = folder / "atheme.conf"
        config.write_text(
            SERVICES.format(
                link=server.link,
                modules="\n".join(f'loadmodule "modules/{name}";' for name in SERVICE_MODULES.split()),
                nicks="\n".join(
                    f'{name.lower()} {{ nick = "{name}"; user = "{name}"; host = "services.test"; real = "{name}"; }};'
                    for name in names
                ),
            )
        )
        program = Program(
            [path, "-n", "-c", str(config), "-D", str(folder), "-p", str(folder / "pid"), "-l", str(folder / "log")],
            folder,
            lambda: b"NickServ!" in _asked(server.port),
        )
        programs.append(program)
        program.start()
        server.services = program
        return program

    yield start
    for program in programs:
        program.kill()


def _asked(port: int) -> bytes:
    return welcome(port, "probe", after=b"PRIVMSG NickServ :HELP\r\n", until=(b"NickServ!", b" 401 "))


@pytest.fixture(scope="session")
def services(start_inspircd: Callable[..., InspIrcd], start_services: StartServices) -> InspIrcd:
    """A real InspIRCd with services and two accounts: ``bot`` (``bot-secret``), ``ada`` (``ada-secret``)."""
    server = start_inspircd()
    start_services(server)
    for name in ("bot", "ada"):
        server.account(name, f"{name}-secret")
    return server
