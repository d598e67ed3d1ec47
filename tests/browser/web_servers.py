"""Web servers with the documented configurations: nginx and Apache, which serve files without the built-in server."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers.programs import Program, free_port, need

DEPLOY: Final = Path(__file__).parents[2] / "docs" / "deploy"
NGINX: Final = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
access_log off;
client_body_temp_path {folder}/body;
proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi;
scgi_temp_path {folder}/scgi;
{server}
}}
"""
TYPES: Final = "text/html html\ntext/css css\napplication/json json\nimage/svg+xml svg\nimage/png png\n"
"""The types of files that Apache finds in the package ``media-types``."""
MODULES: Final = ("mpm_event", "authz_core", "alias", "deflate", "dir", "filter", "headers", "mime")
APACHE: Final = """\
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
TypesConfig {folder}/mime.types
Listen 127.0.0.1:{port}
{modules}
{user}
{server}
"""


def _folders(text: str, folder: Path) -> str:
    """Return a configuration for the site and the manual below a folder."""
    text = text.replace("/var/cache/ptgbot", str(folder / "site"))
    return text.replace("/opt/ptgbot/current/docs", str(folder / "docs")).replace("/opt/ptgbot", str(folder))


def _nginx(folder: Path, port: int) -> list[str]:
    text = (DEPLOY / "nginx-static.conf").read_text("utf-8")
    text = re.sub(r"^ *(listen \[::\]|ssl_).*\n", "", text, flags=re.MULTILINE)
    text = _folders(text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};"), folder)
    user = "" if os.geteuid() else "user root;"
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user, server=text))
    return [need("nginx", "apt-get install nginx"), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


def _apache(folder: Path, port: int) -> list[str]:
    text = (DEPLOY / "apache.conf").read_text("utf-8")
    text = re.sub(r"^ *SSL.*\n", "", text, flags=re.MULTILINE)
    text = _folders(text.replace("*:443", f"127.0.0.1:{port}"), folder)
    modules = "\n".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in MODULES)
    user = "" if os.geteuid() else "User www-data\nGroup www-data"
    made = APACHE.format(folder=folder, port=port, modules=modules, user=user, server=text)
    (folder / "apache.conf").write_text(made)
    (folder / "mime.types").write_text(TYPES)
    return [need("apache2", "apt-get install apache2-bin"), "-f", str(folder / "apache.conf"), "-DFOREGROUND"]


SERVERS: Final = {"nginx": _nginx, "apache": _apache}


@contextmanager
def web_server(name: str, html: Path, docs: Path) -> Iterator[str]:
    """Serve copies of a site and of a manual by the documented configuration, and return the address.

    The copies are in a folder that the server's own user may read.
    """
    folder = Path(tempfile.mkdtemp(prefix="ptgbot-web-"))
    port = free_port()
    try:
        folder.chmod(0o755)
        shutil.copytree(html, folder / "site" / "html")
        shutil.copytree(docs, folder / "docs")
        program = Program(SERVERS[name](folder, port), folder, lambda: _answers(port))
        program.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            program.stop()
    finally:
        shutil.rmtree(folder)


def _answers(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/index.html", timeout=5) as answer:
        return b"<title>" in answer.read()
