# SPDX-License-Identifier: MIT
"""The commands behind `heapreel web` and `heapreel report`. heapreel has checked the reels; errors are one line."""

import argparse
import sys

USAGE, UNABLE, INTERRUPTED = 2, 3, 130


def complain(what, where, to_do):
    print(f"heapreel: {where}: {what}; {to_do}", file=sys.stderr)


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        print(f"heapreel: {message}; see {self.prog} --help", file=sys.stderr)
        sys.exit(USAGE)


def read_arguments(arguments):
    parser = Arguments(prog="heapreel")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Arguments)
    serving = commands.add_parser("serve", prog="heapreel web")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=0, choices=range(65536), metavar="N")
    serving.add_argument("--no-browser", action="store_true")
    serving.add_argument("--beside-recording", action="store_true")
    serving.add_argument("--limit-seconds", type=float, default=10.0, metavar="S")
    serving.add_argument("--static", required=True)
    serving.add_argument("--extension", required=True)
    serving.add_argument("reels", nargs="+", metavar="REEL")
    reporting = commands.add_parser("report", prog="heapreel report")
    reporting.add_argument("--output", required=True)
    reporting.add_argument("--force", action="store_true")
    reporting.add_argument("--max-bytes", type=int, default=5_000_000, metavar="N")
    reporting.add_argument("--points", type=int, default=24, metavar="N")
    reporting.add_argument("--static", required=True)
    reporting.add_argument("--extension", required=True)
    reporting.add_argument("reels", nargs=1, metavar="REEL")
    describing = commands.add_parser("describe", prog="heapreel web describe")
    describing.set_defaults(reels=())
    return parser.parse_args(arguments)


def run(options):
    if options.command == "describe":
        import json

        from .openapi import describe
        json.dump(describe("1"), sys.stdout, indent=1)
        return 0
    if options.command == "report":
        return write_report(options)
    from .serve import serve
    return serve(options)


def write_report(options):
    from .report import ReportError, report
    try:
        return report(options)
    except ReportError as error:
        complain(error.what, error.where, error.to_do)
        return UNABLE


def main(arguments):
    options = read_arguments(arguments)
    try:
        return run(options)
    except ModuleNotFoundError as error:
        complain("is not installed", f"Python's module {error.name}",
                 "on Debian: apt-get install python3-flask python3-waitress python3-webargs python3-apispec")
    except OSError as error:
        to_do = "choose another --output" if options.command == "report" else "choose another --port or --host"
        complain(error.strerror or str(error), f"{options.command}", to_do)
    except KeyboardInterrupt:
        return INTERRUPTED
    return UNABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
