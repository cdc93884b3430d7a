# SPDX-License-Identifier: MIT
"""heapreel report: the application's answers at chosen moments in one page, which asks them of itself. Takes them in
the order of the table of questions until the page would be larger than it may be, and says what it left out."""

import base64
import hashlib
import html
import json
import os
import pathlib
import re
import secrets
import signal
import struct
import sys
import tempfile
import time
import zlib

from . import subjects
from .application import PREFIX, create_application
from .report_plan import Plan
from .report_questions import CHOOSE_NONE, defaults_of

VERSION = 1
ANSWER_SECONDS = 60.0
LAST_BYTES = 24_000  # room for the record that tells of the report itself
POLICY_BYTES = 2048
LEFT_OUT_TOLD = 4  # on the terminal; the report tells all
GZIP = 31
SCRIPT = re.compile(r"<script(?P<about>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style[^>]*>(?P<text>.*?)</style>", re.DOTALL)
POLICY_PLACE = re.compile(r'<meta name="heapreel-policy"[^>]*>')
ANSWERS_PLACE = re.compile(r'(<script[^>]* id="answers"[^>]*>)\s*(</script>)')


class ReportError(Exception):
    def __init__(self, what, where, to_do):
        super().__init__(what)
        self.what, self.where, self.to_do = what, where, to_do


class Pack:
    """Answers by their addresses, compressed one after the other: a record is the lengths of both, and both."""

    def __init__(self, bytes_max):
        self.bytes_max = bytes_max
        self.parts, self.bytes = [], 0
        self.packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)

    def keep(self, address, body):
        """False where there is no room for it; what is packed stays as it was."""
        packer = self.packer.copy()
        name = address.encode()
        packed = packer.compress(struct.pack("<II", len(name), len(body)) + name + body)
        packed += packer.flush(zlib.Z_SYNC_FLUSH)
        if self.bytes + len(packed) > self.bytes_max:
            return False
        self.packer = packer
        self.parts.append(packed)
        self.bytes += len(packed)
        return True

    def whole(self):
        return b"".join((*self.parts, self.packer.flush()))


class Progress:
    """One line on the terminal while it takes long."""

    def __init__(self, page_bytes, bytes_max):
        self.is_shown, self.page_bytes, self.bytes_max = sys.stderr.isatty(), page_bytes, bytes_max

    def show(self, count, packed):
        if self.is_shown:
            size = self.page_bytes + packed * 4 / 3
            print(f"\rheapreel: {count} answers, {size / 1e6:.1f} of at most {self.bytes_max / 1e6:.1f} MB\x1b[K",
                  end="", file=sys.stderr, flush=True)

    def end(self):
        if self.is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Asking:
    """The application's answers as a browser gets them."""

    def __init__(self, options):
        token = secrets.token_urlsafe(16)
        self.application = create_application(options.reels, extension=options.extension, static=options.static,
                                              token=token, limit_seconds=ANSWER_SECONDS)
        self.headers = {"Authorization": "Bearer " + token}
        self.client = self.application.test_client()
        self.is_interrupted = False
        signal.signal(signal.SIGINT, self.interrupt)

    def interrupt(self, _signal, _frame):
        """SQLite loses what is raised while it asks whether it should stop: it is remembered here."""
        self.is_interrupted = True
        raise KeyboardInterrupt

    def get(self, path, parameters=None):
        response = self.client.get(f"{PREFIX}/{path}", query_string=parameters or {}, headers=self.headers)
        if self.is_interrupted:
            raise KeyboardInterrupt
        return response.status_code == 200, response.get_data()

    def rows(self, path, parameters=None):
        """The columns of an answer; ReportError where it is refused."""
        is_answer, body = self.get("reels/0/" + path, parameters)
        found = json.loads(body)
        if not is_answer:
            error = found["error"]
            raise ReportError(error["what"], error["where"], error["to_do"])
        return found["columns"]

    def close(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for reel in self.application.config["HEAPREEL_REELS"]:
            reel.close()


def read_template(static):
    path = pathlib.Path(static) / "report.html"
    text = path.read_text(encoding="utf-8")
    if len(POLICY_PLACE.findall(text)) != 1 or len(ANSWERS_PLACE.findall(text)) != 1:
        raise ReportError("is no page for reports", str(path), "install heapreel again")
    return text


def digests(pattern, text):
    """Of the scripts that run, or the styles, as a policy names them."""
    found = [match["text"] for match in pattern.finditer(text)
             if "about" not in match.groupdict() or "type=" not in match["about"] or 'type="module"' in match["about"]]
    return " ".join("'sha256-" + base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() + "'"
                    for each in found) or "'none'"


def page_of(template, name, packed):
    """The page: nothing runs in it or is drawn from it but what the template holds, and nothing is loaded."""
    policy = (f"default-src 'none'; script-src {digests(SCRIPT, template)}; style-src {digests(STYLE, template)}; "
              "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    title = f"<title>{html.escape(name)} - Heapreel</title>"
    text = POLICY_PLACE.sub(lambda _: meta, template, count=1)
    text = re.sub(r"<title>[^<]*</title>", lambda _: title, text, count=1)
    data = base64.b64encode(packed).decode()
    return ANSWERS_PLACE.sub(lambda place: place[1] + data + place[2], text, count=1).encode("utf-8", "replace")


def target_of(options):
    """Where the report goes, links followed; ReportError where it must not."""
    target = pathlib.Path(os.path.realpath(options.output))
    if target.is_dir():
        raise ReportError("is a folder", options.output, "name a file")
    if target.exists():
        if any(target.samefile(reel) for reel in options.reels):
            raise ReportError("is the reel itself", options.output, "name another file")
        if not target.is_file():
            raise ReportError("is no file that can be replaced", options.output, "name another one")
        if not options.force:
            raise ReportError("exists", options.output, "name another one, or give --force")
    if not os.access(target.parent, os.W_OK):
        raise ReportError("the folder is not there or not yours to write into", options.output, "name another one")
    return target


def write(target, data):
    """Whole or not at all."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".heapreel-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def fill(pack, plan, asking, progress):
    """Asks what is planned and keeps what there is room for."""
    for ask in plan.asks():
        begin = time.thread_time()
        is_answer, body = asking.get("reels/0/" + ask.path, ask.parameters)
        plan.took(ask, time.thread_time() - begin)
        if is_answer and pack.keep(ask.address, body):
            plan.kept(ask, body)
        elif is_answer and ask.is_needed:
            raise ReportError("is too little for the least that a report holds", f"{pack.bytes_max} bytes",
                              "give a larger --max-size")
        else:
            plan.left_out(ask, is_answer)
        progress.show(plan.kept_count, pack.bytes)


def about(plan, asking, defaults):
    """What the page knows of itself."""
    (reel,) = json.loads(asking.get("reels")[1])["reels"]
    return {"version": VERSION, "reel": {**reel, "is_growing": False}, "processes": plan.process_count,
            "defaults": defaults, "choose_none": CHOOSE_NONE, "left_out": plan.told()}


def make(options, target):
    template = read_template(options.static)
    page_bytes = len(template.encode()) + POLICY_BYTES
    room = (options.max_bytes - page_bytes) * 3 // 4 - LAST_BYTES
    pack, progress = Pack(room), Progress(page_bytes, options.max_bytes)
    asking = Asking(options)
    try:
        defaults = defaults_of([question for blueprint in subjects.ALL for question in blueprint.questions])
        plan = Plan(asking, options.points, defaults)
        fill(pack, plan, asking, progress)
        told = about(plan, asking, defaults)
        pack.bytes_max += LAST_BYTES
        if not pack.keep("about", json.dumps(told).encode()):
            raise ReportError("is too little", f"{options.max_bytes} bytes", "give a larger --max-size")
        data = page_of(template, told["reel"]["name"], pack.whole())
        write(target, data)
    finally:
        progress.end()
        asking.close()
    return plan, len(data)


def report(options):
    """Writes the report and tells in one line what it holds."""
    plan, size = make(options, target_of(options))
    told = plan.told()
    more = f" and {len(told) - LEFT_OUT_TOLD} more" if len(told) > LEFT_OUT_TOLD else ""
    left_out = f"; left out, as the report says: {', '.join(told[:LEFT_OUT_TOLD])}{more}" if told else ""
    print(f"heapreel: {options.output}: {plan.moment_count} moments in {size / 1e6:.1f} MB{left_out}", file=sys.stderr)
    return 0
