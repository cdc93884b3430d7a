# SPDX-License-Identifier: MIT
"""The set-up with everything that would change the machine replaced by a note of what was asked for."""

import os
import pathlib
import re
import subprocess

import pytest

SOURCE = pathlib.Path(os.environ["HEAPREEL_SOURCE"])
DEBIAN = "ID=debian\nVERSION_ID=12\n"


def packages(*groups):
    lines = (SOURCE / "tools" / "packages.txt").read_text().splitlines()
    rows = [line.split(None, 2) for line in lines if line and not line.startswith("#")]
    return [row[1] for row in rows if row[0] in groups]


class Machine:
    """Stand-ins in front of PATH: dpkg-query tells what is installed, sudo notes what it would run."""

    def __init__(self, folder, installed, system=DEBIAN, has_sudo=True, apt_status=0):
        self.notes = folder / "notes"
        self.notes.touch()
        self.folder = folder
        (folder / "os-release").write_text(system)
        (folder / "installed").write_text("".join(f"installed {name}\n" for name in installed))
        self.stand_in("dpkg-query", f"cat {folder}/installed")
        self.stand_in("id", "echo 1000")
        if has_sudo:
            self.stand_in("sudo", f'echo "$*" >>{self.notes}; case "$*" in *apt-get*install*) echo apt says no; exit {apt_status};; esac')

    def stand_in(self, name, body):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def setup(self, *groups):
        # PATH holds what the script needs and no sudo of the machine's own.
        for tool in ("awk", "sed", "grep", "fold", "mktemp", "cat", "rm", "env", "tr"):
            if not (self.folder / tool).exists():
                (self.folder / tool).symlink_to(subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip())
        script = f'set -euo pipefail; root={SOURCE}; say() {{ echo "== $*"; }}; . {SOURCE}/tools/setup.sh; setup "$@"'
        result = subprocess.run(["/bin/bash", "-c", script, "setup", *groups], capture_output=True, text=True, timeout=60,
                                env={"PATH": str(self.folder), "OS_RELEASE_FILE": str(self.folder / "os-release")})
        return result.returncode, result.stdout, result.stderr

    def installs(self):
        return [line for line in self.notes.read_text().splitlines() if "apt-get install" in line]


def test_nothing_missing_is_silent_and_touches_nothing(tmp_path):
    machine = Machine(tmp_path, packages("runtime", "build"))
    assert machine.setup("runtime", "build") == (0, "", "")
    assert machine.notes.read_text() == ""


def test_exactly_what_is_missing_is_installed(tmp_path):
    machine = Machine(tmp_path, set(packages("runtime", "build")) - {"cmake", "libzstd-dev"})
    status, output, _ = machine.setup("runtime", "build")
    assert status == 0 and set(re.search(r"missing: (.*)", output)[1].split()) == {"cmake", "libzstd-dev"}
    [install] = machine.installs()
    assert set(install.split("--no-install-recommends ")[1].split()) == {"cmake", "libzstd-dev"}
    assert "DEBIAN_FRONTEND=noninteractive" in install


def test_daemons_are_neither_started_nor_left_enabled(tmp_path):
    machine = Machine(tmp_path, set(packages("test")) - {"redis-server", "nginx-light"})
    assert machine.setup("test")[0] == 0
    notes = machine.notes.read_text()
    assert "update-rc.d redis-server disable" in notes and "update-rc.d nginx disable" in notes
    if not pathlib.Path("/usr/sbin/policy-rc.d").exists():
        assert notes.index("tee /usr/sbin/policy-rc.d") < notes.index("apt-get") < notes.index("rm -f /usr/sbin/policy-rc.d")


def test_a_node_from_elsewhere_is_not_replaced(tmp_path):
    machine = Machine(tmp_path, set(packages("build")) - {"nodejs", "npm"})
    machine.stand_in("node", "true")
    machine.stand_in("npm", "true")
    assert machine.setup("build") == (0, "", "")


def test_failure_of_apt_is_shown_and_reported(tmp_path):
    machine = Machine(tmp_path, set(packages("build")) - {"cmake"}, apt_status=100)
    status, output, errors = machine.setup("build")
    assert status == 3 and "could not install" in output and "apt says no" in errors


def test_without_root_and_sudo_the_packages_are_named(tmp_path):
    machine = Machine(tmp_path, set(packages("build")) - {"cmake"}, has_sudo=False)
    status, output, _ = machine.setup("build")
    assert status == 3 and "apt-get install --no-install-recommends cmake" in output


@pytest.mark.parametrize("system", ["ID=fedora\nVERSION_ID=40\n", "ID=debian\nVERSION_ID=11\n"])
def test_elsewhere_the_packages_are_named_and_nothing_is_done(tmp_path, system):
    machine = Machine(tmp_path, [], system=system)
    status, output, _ = machine.setup("runtime", "build")
    assert status == 0 and "not Debian 12" in output
    assert set(packages("runtime", "build")) <= set(output.split())
    assert machine.notes.read_text() == ""


def test_every_package_has_a_known_group_and_a_reason():
    for line in (SOURCE / "tools" / "packages.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            group, _, reason = line.split(None, 2)
            assert group in {"runtime", "build", "demo", "test"} and reason
