# SPDX-License-Identifier: MIT
"""The commands behind `heapreel web` and `heapreel report`. heapreel has checked the reels; errors are one line."""

import argparse
import sys

USAGE, UNABLE = 2, 3


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
    serving.add_argument("--limit-seconds", type=float, default=10.0, metavar="S")
    serving.add_argument("--static", required=True)
    serving.add_argument("--extension", required=True)
    serving.add_argument("reels", nargs="+", metavar="REEL")
    describing = commands.add_parser("describe", prog="heapreel web describe")
    describing.set_defaults(reels=())
    return parser.parse_args(arguments)


def run(options):
    if options.command == "describe":
        import json

        from .openapi import describe
        json.dump(describe("1"), sys.stdout, indent=1)
        return 0
    from .serve import serve
    return serve(options)


def main(arguments):
    options = read_arguments(arguments)
    try:
        return run(options)
    except ModuleNotFoundError as error:
        complain("is not installed", f"Python's module {error.name}",
                 "on Debian: apt-get install python3-flask python3-waitress python3-webargs python3-apispec")
    except OSError as error:
        complain(error.strerror or str(error), f"{options.command}", "choose another --port or --host")
    return UNABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
