# SPDX-License-Identifier: MIT
"""Who is let in, and what a page may do."""

import pytest

TOKEN = "token-of-the-tests"
HOSTS = ("127.0.0.1:8800", "localhost:8800")


@pytest.fixture
def guarded(serving, planted):
    return serving(planted, hosts=HOSTS, port=8800).client


def test_nobody_without_the_token(guarded):
    for path in ("/", "/api/v1/reels", "/api/v1/reels/0/run", "/api/v1/openapi.json", "/assets/x.js"):
        response = guarded.get(path, headers={"Host": HOSTS[0]})
        assert response.status_code == 403, path
        assert response.get_json()["error"]["where"] == "token"


def test_a_person_is_refused_in_words(guarded):
    response = guarded.get("/", headers={"Host": HOSTS[0], "Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
    assert (response.status_code, response.mimetype) == (403, "text/plain")
    assert response.text.count("\n") == 1 and "the address that heapreel web printed" in response.text


@pytest.mark.parametrize("given", ["wrong", "", TOKEN + "x", TOKEN[:-1], "ü"])
def test_another_token_is_none(guarded, given):
    headers = {"Host": HOSTS[0], "Authorization": "Bearer " + given}
    assert guarded.get("/api/v1/reels", headers=headers).status_code == 403
    assert guarded.get("/", query_string={"token": given}, headers={"Host": HOSTS[0]}).status_code == 403


def test_the_printed_address_becomes_a_cookie_and_loses_the_token(guarded):
    entered = guarded.get("/?token=" + TOKEN, headers={"Host": HOSTS[0]})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith("heapreel-8800=") and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert guarded.get("/api/v1/reels", headers={"Host": HOSTS[0]}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example:8800", "127.0.0.1", "127.0.0.1:8801", "localhost.evil.example:8800", ""])
def test_only_under_its_own_names(guarded, host):
    response = guarded.get("/api/v1/reels", headers={"Host": host, "Authorization": "Bearer " + TOKEN})
    assert response.status_code == 421
    assert response.get_json()["error"]["where"] == "Host"


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_nothing_can_be_changed(guarded, method):
    headers = {"Host": HOSTS[0], "Authorization": "Bearer " + TOKEN, "Origin": "http://evil.example"}
    response = getattr(guarded, method)("/api/v1/reels", headers=headers)
    assert response.status_code == 405
    assert not [name for name in response.headers.keys() if name.lower().startswith("access-control")]


def test_every_response_forbids_scripts_of_others(serving, planted):
    asking = serving(planted)
    for path in ("/api/v1/reels", "/api/v1/reels/0/run", "/nowhere", "/"):
        headers = asking.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'", path
        assert policy["frame-ancestors"] == "'none'" and "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", [
    "/assets/../index.html", "/assets/..%2f..%2fpackage.json", "/assets/%2e%2e/package.json", "/assets//etc/passwd",
    "/assets/....//package.json", "/../../etc/passwd", "/assets/%00", "/api/v1/reels/-1/run",
    "/api/v1/reels/99999999999999999999/run", "/api/v1/reels/0x0/run"])
def test_no_path_leads_outside(serving, planted, path):
    response = serving(planted).get(path)
    assert response.status_code in (308, 404), path
    assert b"heapreel-web" not in response.data and b"root:" not in response.data
