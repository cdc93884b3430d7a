# SPDX-License-Identifier: MIT
"""Who may ask: only pages of this server, by somebody who was given its address.

A page elsewhere can send requests to loopback, and with DNS rebinding read what comes back. So the name that was asked
must be one of ours (Host), the address carries a secret that becomes a cookie, nothing is allowed across origins, and
the page may load nothing from elsewhere and run no script but the server's own.
"""

import hmac

import flask

COOKIE_SECONDS = 30 * 24 * 3600
POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
))
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class Refused(Exception):
    def __init__(self, status, what, where, to_do):
        super().__init__(what)
        self.status, self.what, self.where, self.to_do = status, what, where, to_do


def cookie_name(port):
    """Cookies do not know ports: two servers on one host must not forget each other's."""
    return f"heapreel-{port}"


def has_token(request, token, name):
    given = request.cookies.get(name) or request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


def install(application, token, hosts, port):
    """`hosts`: names with ports as a browser sends them, in lower case; empty: any (the user opened it to others)."""
    name = cookie_name(port)

    @application.before_request
    def check():
        request = flask.request
        if hosts and request.headers.get("Host", "").lower() not in hosts:
            raise Refused(421, "asked under a name that is not this server's", "Host", "use the address it printed")
        if request.method not in ("GET", "HEAD"):
            raise Refused(405, "nothing here can be changed", request.method, "use GET")
        if request.path == "/" and "token" in request.args:
            return enter(request.args["token"])
        if not has_token(request, token, name):
            raise Refused(403, "the address lacks the token", "token", "use the address that heapreel web printed")
        return None

    def enter(given):
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Refused(403, "the token is another server's", "token", "use the address that heapreel web printed")
        response = flask.redirect("/", 303)  # the browser keeps the part behind #
        response.set_cookie(name, token, max_age=COOKIE_SECONDS, httponly=True, samesite="Strict", path="/")
        return response

    @application.after_request
    def close(response):
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
