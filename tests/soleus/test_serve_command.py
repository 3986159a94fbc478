"""``soleus serve``: whom it lets in, said before anything listens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from soleus.commands.config import command as config_command
from soleus.commands.serve import command
from soleus.errors import ConfigError
from soleus.settings import WebSettings
from soleus.web import Access, _configured, access_of, is_loopback
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from pathlib import Path

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens
VARIABLE = "SOLEUS_WEB_PASSWORD"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.2"])
def test_on_this_computer_alone_nobody_signs_in_also_if_there_is_a_password(host: str) -> None:
    assert access_of(WebSettings(host), {VARIABLE: "long enough"}) == Access()


OPEN = (WebSettings(EVERYWHERE), WebSettings("::"), WebSettings("192.0.2.7"), WebSettings(""), WebSettings(name="a.b"))


@pytest.mark.parametrize("web", OPEN)
def test_whoever_lets_others_in_needs_a_password(web: WebSettings) -> None:
    with pytest.raises(ConfigError, match=f"others can reach the pages, expected web.password_file or {VARIABLE}"):
        access_of(web, {})
    access = access_of(web, {VARIABLE: "long enough"})
    assert access.password == "long enough"  # noqa: S105 - of no real thing
    assert web.host in access.names
    assert web.name is None or web.name in access.names
    assert "long enough" not in repr(access)


@pytest.mark.parametrize("content", ["", "\n", "seven77\n", "   x      \nlonger than eight"])
def test_a_short_password_is_refused_by_the_name_of_its_file(tmp_path: Path, content: str) -> None:
    file = tmp_path / "password"
    file.write_text(content)
    with pytest.raises(ConfigError, match=f"{file}: the password has . characters, expected at least 8"):
        access_of(WebSettings(EVERYWHERE, password_file=file), {})


def test_the_file_goes_before_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("from the file\nsecond line\n")
    access = access_of(WebSettings(EVERYWHERE, password_file=file), {VARIABLE: "from the environment"})
    assert access.password == "from the file"  # noqa: S105 - of no real thing


def test_what_is_no_loopback_address_for_certain_is_none() -> None:
    assert not any(map(is_loopback, ("0", "127.1", "localhost.evil.example", "2130706433", "fe80::1", "my-computer")))


def form_cookie(web: WebSettings, client: str) -> str:
    """Return the name of the cookie that comes with the form, asked through something that says it ended TLS."""
    app = _configured(FakeNightBook(), web.host, access_of(web, {VARIABLE: "long enough"})).loaded_app
    asked = TestClient(app, base_url="http://127.0.0.1", client=(client, 1))
    (cookie,) = asked.get("/login", headers={"x-forwarded-proto": "https"}).headers.get_list("set-cookie")
    return str(cookie).partition("=")[0]


@pytest.mark.slow
def test_only_a_proxy_on_this_computer_is_believed_that_it_ended_tls() -> None:
    assert form_cookie(WebSettings(name="nights.example"), "127.0.0.1") == "__Host-soleus_browser"
    assert form_cookie(WebSettings(name="nights.example"), "192.0.2.1") == "soleus_browser"
    assert form_cookie(WebSettings(EVERYWHERE), "127.0.0.1") == "soleus_browser"


def serve(tmp_path: Path, text: str) -> str:
    file = tmp_path / "soleus.toml"
    file.write_text(f"data_dir = {json.dumps(str(tmp_path / 'data'))}\n{text}")
    result = CliRunner().invoke(command, ["--config", str(file), "--port", "0"], standalone_mode=False)
    assert isinstance(result.exception, ConfigError)
    return str(result.exception)


def test_the_command_refuses_before_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert "others can reach the pages" in serve(tmp_path, f"[web]\nhost = '{EVERYWHERE}'\n")
    missing = tmp_path / "missing"
    assert f"{missing}: the secret cannot be read" in serve(
        tmp_path, f"[web]\nhost = '{EVERYWHERE}'\npassword_file = {json.dumps(str(missing))}\n"
    )


def test_a_certificate_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cert").write_text("nothing")
    for key in ("cert", "missing"):
        paths = f"tls_cert = {json.dumps(str(tmp_path / 'cert'))}\ntls_key = {json.dumps(str(tmp_path / key))}\n"
        said = serve(tmp_path, f"[web]\n{paths}")
        assert "not a certificate and its key" in said
        assert "\n" not in said


def test_the_configuration_is_printed_without_the_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a1b2c3d4e5")
    file = tmp_path / "soleus.toml"
    file.write_text(f"[web]\npassword_file = {json.dumps(str(tmp_path / 'password'))}\n")
    printed = CliRunner().invoke(config_command, ["--config", str(file), "--json"]).stdout
    assert "a1b2c3d4e5" not in printed
    assert json.loads(printed)["settings"]["web.password"]["value"] == "(hidden)"
