"""Who has a library: the owner's folder, else this machine's own user and nobody else."""

from types import SimpleNamespace

import pytest

from gnviz.lab.library import folder
from gnviz.lab.library.folder import at_home, library, local, opened


def request(host="localhost:5006", address="127.0.0.1", **headers):
    return SimpleNamespace(remote_ip=address, headers={"Host": host} | headers)


def test_the_owner_names_a_folder_or_none(monkeypatch, tmp_path):
    monkeypatch.setenv("GNVIZ_LIBRARY", str(tmp_path))
    assert library().folder == tmp_path
    monkeypatch.setenv("GNVIZ_LIBRARY", "")
    assert library() is None
    monkeypatch.delenv("GNVIZ_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(folder.sys, "platform", "linux")
    assert library().folder == tmp_path / "gnviz" / "library", "in a notebook the user is the owner"
    assert not (tmp_path / "gnviz").exists()


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_each_system_has_a_folder_of_the_users_own(monkeypatch, platform):
    monkeypatch.setattr(folder.sys, "platform", platform)
    assert folder.data_folder().is_absolute()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:5006", "127.0.0.1:80", "[::1]:5006"])
def test_names_of_this_machine(host):
    assert local(host)
    assert at_home(request(host))


@pytest.mark.parametrize(
    "host", ["", "gnviz.org", "localhost.evil.org:5006", "10.0.0.1", "127.0.0.1.nip.io", "*"]
)
def test_other_names(host):
    assert not local(host)
    assert not at_home(request(host))


def test_a_visitor_cannot_claim_to_be_at_home():
    assert not at_home(request("localhost:5006", address="203.0.113.9"))
    assert not at_home(request("localhost:5006", **{"X-Forwarded-For": "203.0.113.9"}))
    assert not at_home(request("localhost:5006", **{"forwarded": "for=203.0.113.9"}))


@pytest.mark.parametrize(("arguments", "environment", "found"), [
    (["serve", "app"], {}, False),
    (["serve", "app", "--allow-websocket-origin", "localhost:5006"], {}, False),
    (["serve", "app", "--allow-websocket-origin", "gnviz.org"], {}, True),
    (["serve", "app", "--allow-websocket-origin=*"], {}, True),
    (["serve"], {"BOKEH_ALLOW_WS_ORIGIN": "localhost,gnviz.org"}, True),
])  # fmt: skip
def test_a_server_that_others_may_connect_to_is_open(arguments, environment, found):
    assert opened(arguments, environment) is found
