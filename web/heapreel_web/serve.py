# SPDX-License-Identifier: MIT
"""heapreel web: the application behind waitress, on an address that only its user knows."""

import ctypes
import logging
import os
import secrets
import socket
import sys
import threading
import webbrowser

import waitress

from .application import create_application

THREADS = 12  # most wait for one of a reel's connections
# Of glibc's malloc, in place of one for nearly each thread: what a question's pass over all blocks took and gave back is
# there for the next, whichever thread it comes to.
M_ARENA_MAX, ARENAS = -8, 2
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def bind(host, port):
    """A listening socket; OSError as the system says."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()  # the address is printed before the server begins to accept
    return listener


def names_of(host, port):
    """Under which names a browser may ask. A server that was opened to other machines cannot know all of its names."""
    if host not in LOOPBACK:
        return ()
    return {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}


def has_screen():
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def let_go_of_output():
    """Nothing that the recorded program writes to is held open, by a browser neither, and its terminal is left alone."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(null, stream)
    os.close(null)


def share_arenas():
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not every libc has it
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def serve(options):
    """Runs until it is interrupted."""
    share_arenas()
    listener = bind(options.host, options.port)
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(16)
    application = create_application(
        options.reels, extension=options.extension, static=options.static, token=token,
        hosts=names_of(options.host, port), port=port, limit_seconds=options.limit_seconds)
    reels = application.config["HEAPREEL_REELS"]
    threading.Thread(target=reels[0].prepare, daemon=True).start()  # while a browser starts and reads its scripts
    shown = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{shown}:{port}/?token={token}"
    if options.host not in LOOPBACK:
        print("heapreel: warning: other machines can reach this server; all that protects it is the token, which "
              "travels unencrypted", file=sys.stderr)
    print(f"heapreel: {address}", flush=True)
    if options.beside_recording:
        let_go_of_output()
    else:
        print("heapreel: ^C ends the server; a recording goes on", file=sys.stderr, flush=True)
    if not options.no_browser and has_screen():
        webbrowser.open(address)
    # Many pages may wait for one reel: that is no news to who started the server.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        # Looking ahead tells when a browser has hung up, so that its question ends.
        waitress.serve(application, sockets=[listener], threads=THREADS, channel_request_lookahead=1, ident=None,
                       clear_untrusted_proxy_headers=True)
    except KeyboardInterrupt:
        pass
    finally:
        for reel in reels:
            reel.close()
    return 0
