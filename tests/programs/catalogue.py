# SPDX-License-Identifier: MIT
"""The real programs that must not notice that they are recorded: one row each.

A row's command is run in a directory that holds its files; it must print the same bytes every time. Rows with several
programs are shell scripts; servers are started, loaded and stopped by their row, bounded in number and time.
"""
import re
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Program:
    name: str
    needs: tuple  # executables without which the row is skipped
    command: str  # of /bin/sh, where argv is not given
    argv: tuple = ()
    files: dict = field(default_factory=dict)
    prepare: str = ""  # run plainly before, in the directory; its files are part of the row's
    stdin: bytes = b""
    env: dict = field(default_factory=dict)
    unstable: tuple = ()  # expressions replaced by # in both outputs: process ids and the like
    artifacts: tuple = ()  # files that the command makes, compared too
    processes: int = 1  # at least so many distinct pids
    status: int = 0
    seconds: int = 120  # that it may take, however slow the machine

    def words(self):
        return list(self.argv) or ["/bin/sh", "-c", self.command]

    def stable(self, output):
        for expression in self.unstable:
            output = re.sub(expression.encode(), b"#", output)
        return output


ROWS_SQL = """
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i+1 from n where i<5000) insert into t select i, 'row '||i||hex(i*7919), i*0.5 from n;
create index tb on t(b);
select count(*), sum(length(b)) from t where b like '%9%';
select substr(b,5,2) x, count(*), group_concat(a) from t group by x order by 2 desc limit 3;
"""

JSON_PY = """
import json
d = {str(i): {"name": "item%d" % i, "vals": list(range(i % 20)), "t": (i, str(i * 7))} for i in range(500)}
e = json.loads(json.dumps(d))
print(len(json.dumps(e)), sorted(e)[:5])
"""

THREADS_PY = """
import threading, queue
todo, done = queue.Queue(), queue.Queue()
def work():
    while (n := todo.get()) is not None:
        done.put((n, sum(len(str(i)) for i in range(n))))
workers = [threading.Thread(target=work) for _ in range(8)]
for w in workers: w.start()
for n in range(200): todo.put(n)
for w in workers: todo.put(None)
for w in workers: w.join()
print(sorted(done.get() for _ in range(200))[-3:])
"""

MULTIPROCESSING_PY = """
import multiprocessing, sys
def square(n): return n, n * n, len([0] * n)
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(3) as pool:
        print(sum(square for _, square, _ in pool.map(square, range(300))))
        pool.close()
        pool.join()
"""

TEMPLATES_CC = """
#include <algorithm>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>
template <int N> struct fib { static constexpr long value = fib<N - 1>::value + fib<N - 2>::value; };
template <> struct fib<1> { static constexpr long value = 1; };
template <> struct fib<0> { static constexpr long value = 0; };
template <class T> T checked(const std::map<std::string, T> &m, const std::string &k)
{
    auto i = m.find(k);
    if (i == m.end()) throw std::out_of_range("no " + k);
    return i->second;
}
int main()
{
    std::map<std::string, std::vector<long>> m{{"a", {3, 1, 2}}};
    auto v = checked(m, "a");
    std::sort(v.begin(), v.end());
    try { checked(m, "b"); } catch (const std::out_of_range &e) { std::cout << e.what() << '\\n'; }
    std::cout << v[0] << ' ' << fib<40>::value << '\\n';
}
"""

C_FILE = """
#include <stdio.h>
#include <stdlib.h>
int square(int n) { return n * n; }
int main(void) { int *p = malloc(sizeof *p); *p = square(7); printf("%d\\n", *p); free(p); return 3; }
"""

MAKEFILE = """
OBJECTS = one.o two.o three.o four.o
all: $(OBJECTS) ; @cat $(OBJECTS) | wc -c
%.o: %.c ; @$(CC) -O1 -c -o $@ $<
%.c: ; @echo 'int $*(int n) { return n + 1; }' > $@
.PRECIOUS: %.c
"""

GIT_SH = """set -e
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
export GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' GIT_PAGER=cat
git -c init.defaultBranch=main init repository
cd repository
for n in 1 2 3 4 5; do seq $n 100 > file$n; git add .; git commit -m "commit $n"; done
git checkout -q -b side HEAD~2; echo more >> file1; git commit -q -a -m side; git checkout -q main
git merge -m merged side
git log --stat --graph
git repack -a -d -q; git fsck --strict; git diff HEAD~3 | head -40; git blame file1 | tail -3
"""

BASH_SH = """
shopt -s extglob; declare -A seen
for i in {1..200}; do seen[k$((i % 17))]+=$i; done
for k in $(printf '%s\\n' "${!seen[@]}" | sort); do echo "$k ${#seen[$k]}"; done | tail -3
total=0; while read -r n; do total=$((total + n)); done < <(seq 1 300); echo $total
( trap 'echo bye' EXIT; (exit 3); echo $? ); f() { local x=$1; ((x > 0)) && f $((x - 1)); }; f 200
seq 1 1000 | grep 7 | tr 7 8 | sort -u | wc -l; cat <<< "${PATH//\\//_}"; exit 9
"""

REDIS_SH = """
redis-server --port 0 --unixsocket ./r.sock --save '' --appendonly no --dir . --io-threads 2 --logfile log &
n=0; until redis-cli -s ./r.sock ping > pong 2>&1 && grep -q PONG pong; do n=$((n+1)); [ $n -lt 2000 ] || exit 9; sleep 0.01; done
redis-benchmark -s ./r.sock -q -n 2000 -c 10 -P 4 -t set,get,lpush,lrange_100,mset > benchmark || exit 8
grep -c 'requests per second' benchmark
redis-cli -s ./r.sock eval 'for i=1,500 do redis.call("rpush","l",i) end return redis.call("llen","l")' 0
redis-cli -s ./r.sock dbsize; redis-cli -s ./r.sock shutdown nosave; wait $!; echo server $?
"""

NGINX_CONF = """
daemon off; master_process on; worker_processes 2; pid nginx.pid; error_log error.log; user root;
events { worker_connections 64; }
http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server { listen unix:nginx.sock; gzip on; gzip_types text/plain; location / { root .; } } }
"""

NGINX_SH = """
nginx -p "$PWD" -e error.log -c nginx.conf & server=$!
n=0; until curl -s -o first --unix-socket nginx.sock http://h/page.txt; do n=$((n+1)); [ $n -lt 2000 ] || exit 9; sleep 0.01; done
for n in 1 2 3; do curl -s --compressed --unix-socket nginx.sock "http://h/page.txt?[1-100]" | wc -c; done
curl -s -o /dev/null -w '%{http_code}\\n' --unix-socket nginx.sock http://h/none
kill -QUIT $server; wait $server; echo server $?
"""

TMUX_SH = """
t() { tmux -S ./t.sock -f /dev/null "$@"; }
t new-session -d -x 80 -y 24 'seq 1 20; exec cat' || exit 9
n=0; until t capture-pane -p | grep -q '^20$'; do n=$((n+1)); [ $n -lt 2000 ] || exit 8; sleep 0.01; done
t split-window -h 'echo beside; exec cat'; t list-panes -F '#{pane_index} #{pane_width}x#{pane_height}'
n=0; until t capture-pane -p -t 1 | grep -q beside; do n=$((n+1)); [ $n -lt 2000 ] || exit 7; sleep 0.01; done
t capture-pane -p -t 0; t kill-server
"""

NODE_JS = """
const zlib = require('zlib'), crypto = require('crypto'), { Worker } = require('worker_threads');
const o = {}; for (let i = 0; i < 20000; i++) o['k' + i] = { a: [i, i * 2], s: 'x'.repeat(i % 50) };
const s = JSON.stringify(o); console.log(s.length, Object.keys(JSON.parse(s)).length);
console.log(zlib.gunzipSync(zlib.gzipSync(s)).length, crypto.createHash('sha256').update(s).digest('hex'));
const code = "require('worker_threads').parentPort.postMessage([...Array(1e4).keys()].map(x => x * x).reduce((a, b) => a + b))";
new Worker(code, { eval: true }).on('message', m => console.log(m)).on('exit', c => console.log('worker', c));
"""

COMPILE_SH = """
for source in lib/*/*.c reel/*.c tracer/*.c; do gcc -std=gnu17 -O2 -g -I. -Ilib -I/usr/include/libiberty -DHEAPREEL_VERSION='"0"' -c -o object.o $source || exit 1; sha256sum < object.o; done
"""

PUBLIC_KEY = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvH1D8a1pZpDgr7mzfIGsjN0Tm0PrdjbcuHJQXRjkCm somebody@example\n")

WORDS = "for i in $(seq 1 3000); do echo \"$((i * 7919 % 3001)) word$((i % 97))\"; done > words"

GZIPPED = "tar --sort=name --mtime=@0 --owner=0 --group=0 -cf usr.tar -C /usr/include linux"

CATALOGUE = (
    Program("sqlite3", ("sqlite3",), "sqlite3 rows.db < rows.sql && sqlite3 rows.db 'pragma integrity_check'",
            files={"rows.sql": ROWS_SQL}, processes=2),
    Program("python3", ("python3",), "", argv=("/usr/bin/python3", "work.py"), files={"work.py": JSON_PY},
            env={"PYTHONMALLOC": "malloc"}),
    Program("python_threads", ("python3",), "", argv=("/usr/bin/python3", "work.py"), files={"work.py": THREADS_PY}),
    Program("python_multiprocessing_fork", ("python3",), "", argv=("/usr/bin/python3", "work.py", "fork"),
            files={"work.py": MULTIPROCESSING_PY}, processes=4),
    Program("python_multiprocessing_spawn", ("python3",), "", argv=("/usr/bin/python3", "work.py", "spawn"),
            files={"work.py": MULTIPROCESSING_PY}, processes=5),
    Program("perl", ("perl",), "", argv=(
        "perl", "-e", "my %h; $h{$_ % 97} .= qq{$_,} for 1..20000; print join(qq{\\n}, map {qq{$_ } . length $h{$_}} "
        "sort {$a <=> $b} keys %h), qq{\\n}; my @l = sort map {scalar reverse} 1..5000; print qq{@l[0..5]\\n}; "
        "eval {die [1]}; print ref $@, qq{\\n}; my $p = fork // die; exit 3 unless $p; waitpid $p, 0; print $? >> 8, qq{\\n}"),
            processes=2),
    Program("git", ("git",), GIT_SH, processes=20),
    Program("gcc", ("gcc",), "gcc -O2 -g -o made work.c && ./made", files={"work.c": C_FILE}, processes=4, status=3,
            artifacts=("made",)),
    Program("gcc_of_heapreel", ("gcc",), COMPILE_SH.replace("lib/*/*.c reel/*.c tracer/*.c", "lib/record/[t-w]*.c"),
            prepare=f"cp -r {PROJECT}/lib .", processes=15),
    Program("g++", ("g++",), "g++ -O2 -std=c++17 -o made work.cc && ./made", files={"work.cc": TEMPLATES_CC},
            processes=4, artifacts=("made",)),
    Program("make", ("make", "gcc"), "", argv=("make", "-j2", "CC=gcc"), files={"Makefile": MAKEFILE}, processes=10,
            artifacts=("one.o", "two.o", "three.o", "four.o")),
    Program("bash", ("bash",), "", argv=("bash", "work.sh"), files={"work.sh": BASH_SH}, processes=8, status=9),
    Program("dash", ("dash",), "", argv=(
        "dash", "-c", "i=0; while [ $i -lt 50 ]; do x=$(echo $i | cat); i=$((x + 1)); done; echo $i; (exit 4)"),
            processes=100, status=4),
    Program("gawk", ("gawk",), "", argv=(
        "gawk", 'BEGIN {for (i = 0; i < 20000; i++) a[i % 501] = a[i % 501] i; n = asorti(a, b); print n, b[1], length(a[7]); '
        '"echo piped" | getline x; print toupper(x); printf "%.10f\\n", atan2(0, -1); exit 5}'), processes=2, status=5),
    Program("sed", ("sed",), "sed -E -e 's/([0-9]+) (w)/\\2\\1/; /9$/d; y/abc/xyz/; $!N; P; D' words", prepare=WORDS),
    Program("grep", ("grep",), "grep -rnE '(define|include) .*(SIZE|[a-z]+_t)' /usr/include/linux/*.h | tail -50"),
    Program("sort", ("sort",), "sort --parallel=2 -k2,2 -k1,1n -S 1M words words words | uniq -c | tail -5", prepare=WORDS,
            processes=3),
    Program("find", ("find",), "find /usr/include/linux -name '*e*.h' -size +2k | sort | tail -20; "
            "find /usr/include/linux -type d -exec echo {} + | wc -w", processes=3),
    Program("ls", ("ls",), "", argv=("ls", "-lR", "--color=always", "/usr/share/perl")),
    Program("diff", ("diff",), "diff -u words other", prepare=WORDS + "; sed 's/word9/WORD/' words > other", status=1,
            unstable=(r"(?m)^[-+]{3} .*$",)),
    Program("patch", ("patch", "diff"), "patch words changes && cat words | tail -3", artifacts=("words",),
            prepare=WORDS + "; sed 's/word9/WORD/' words > other; diff words other > changes; true", processes=2),
    Program("tar", ("tar", "gzip"), GZIPPED + " && gzip -n usr.tar && tar -tzf usr.tar.gz | tail -3 && sha256sum usr.tar.gz",
            processes=4),
    Program("xz", ("xz",), "xz -T2 --block-size=1MiB -6 -k usr.tar && sha256sum usr.tar.xz && xz -d -c usr.tar.xz | cmp - usr.tar",
            prepare=GZIPPED, processes=3),
    Program("zstd", ("zstd",), "zstd -q -T2 -12 usr.tar && zstd -q -d -c usr.tar.zst | cmp - usr.tar && echo same",
            prepare=GZIPPED, processes=3),
    Program("redis", ("redis-server", "redis-benchmark", "redis-cli"), REDIS_SH, processes=5),
    Program("nginx", ("nginx", "curl"), NGINX_SH, files={"nginx.conf": NGINX_CONF, "page.txt": "some text\n" * 2000},
            processes=5),
    Program("node", ("node",), "", argv=("node", "work.js"), files={"work.js": NODE_JS}),
    Program("gdb", ("gdb", "gcc"), "", argv=(
        "gdb", "-nx", "-batch", "-ex", "info line main", "-ex", "disassemble square", "-ex", "break square", "-ex", "run",
        "-ex", "bt", "-ex", "finish", "-ex", "continue", "./made"),
            files={"work.c": C_FILE}, prepare="gcc -g -o made work.c", unstable=(r"process \d+", r"0x[0-9a-f]{8,}"),
            processes=2),
    Program("openssl", ("openssl",), "openssl dgst -sha256 -sha512 /bin/sh /bin/ls; seq 1 999 | openssl enc -aes-256-cbc "
            "-K 00112233445566778899aabbccddeeff -iv 0123456789abcdef 2>&1 | openssl base64 | tail -2; "
            "openssl req -x509 -newkey rsa:1024 -nodes -keyout key -subj /CN=x -days 1 2>/dev/null | openssl x509 -noout -subject; "
            "openssl prime 1000003; openssl list -digest-algorithms | head -5", processes=8),
    Program("curl", ("curl",), "", argv=("curl", "-sS", "--path-as-is", "file:///usr/include/stdio.h", "file:///nonexistent"),
            status=37),
    Program("vim", ("vim.tiny",), "", argv=(
        "vim.tiny", "-u", "NONE", "-i", "NONE", "-n", "-es", "-c", "%s/word/WORD/g", "-c", "sort n", "-c", "1,5p", "-c", "wq", "words"),
            prepare=WORDS, artifacts=("words",)),
    Program("ed", ("ed",), "", argv=("ed", "-s", "words"), prepare=WORDS, stdin=b"g/word9/s/word/W/\n1,3p\n$d\nw\nq\n",
            artifacts=("words",)),
    Program("tmux", ("tmux",), TMUX_SH, processes=10),
    Program("ssh-keygen", ("ssh-keygen",), "ssh-keygen -l -f key.pub; ssh-keygen -l -E md5 -v -f key.pub; ssh-keygen -B -f key.pub; "
            "ssh-keygen -y -f made; ssh-keygen -e -m PKCS8 -f rsa.pub", files={"key.pub": PUBLIC_KEY},
            prepare="ssh-keygen -q -t ed25519 -N '' -C '' -f made; ssh-keygen -q -t rsa -b 1024 -N '' -C '' -f rsa", processes=5),
    Program("jq", ("jq",), "seq 1 3000 | jq -s 'map({k: (. % 37 | tostring), v: .}) | group_by(.k) | map({(.[0].k): (map(.v) | add)}) "
            "| add | to_entries | sort_by(.value) | .[0:5], (reduce range(2000) as $i (\"\"; . + ($i | tostring)) | length)'",
            processes=2),
    Program("lua", ("lua5.4",), "", argv=(
        "lua5.4", "-e", "local t = {} for i = 1, 20000 do t[#t + 1] = ('x'):rep(i % 30) .. i end table.sort(t) print(#t, t[1], "
        "t[#t]) local c = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) print(c(), c(), pcall(error, {}) "
        "== false) print(#table.concat(t)) os.exit(6, true)"), status=6),
    Program("tclsh", ("tclsh",), "", argv=("tclsh", "work.tcl"), files={
        "work.tcl": "for {set i 0} {$i < 5000} {incr i} {dict lappend d [expr {$i % 31}] x$i}\n"
                    "puts [llength [dict get $d 7]]\nputs [exec echo [lindex [lsort [dict values $d]] 0] | wc -c]\n"}, processes=3),
    Program("bc", ("bc",), "", argv=("bc", "-lq"), stdin=b"scale=200; 4*a(1); 2^2000; \ndefine f(n) {\nif (n < 2) return 1;\nreturn n * f(n - 1);\n}\nf(200)\nquit\n"),
    Program("rsync", ("rsync",), "rsync -a --itemize-changes from/ to/ | sort | tail -5; echo new >> from/linux/fb.h; "
            "touch -d 2001-01-01 from/linux/fb.h; rsync -ac --itemize-changes from/ to/; diff -r from to && echo same",
            prepare="mkdir from && cp -r /usr/include/linux from", processes=7),
    Program("imagemagick", ("convert-im6.q16",), "convert-im6.q16 -size 120x90 gradient:red-blue -rotate 30 -blur 0x2 -resize 50% "
            "-colors 32 ppm:- | sha256sum", processes=2),
    Program("objdump", ("objdump",), "objdump -d -C --no-show-raw-insn /bin/cat | tail -100; readelf -aW /bin/ls | tail -40", processes=4),
    Program("strip", ("strip", "gcc"), "strip -g -o small made && objcopy -O binary made flat && ar rcD lib.a made && nm -S made",
            files={"work.c": C_FILE}, prepare="gcc -g -c -o made work.c", artifacts=("small", "flat", "lib.a"), processes=4),
    Program("file", ("file",), "file -b /bin/sh /usr/bin/perl /usr/include/stdio.h /usr/share/perl"),
)

REDIS_LONG_SH = REDIS_SH.replace("-n 2000 -c 10 -P 4 -t set,get,lpush,lrange_100,mset",
                                 "-n 25000 -c 40 -P 16 -r 50000 -d 300 -t set,get,incr,lpush,rpop,sadd,hset,zadd,lrange_300,mset")

# What takes long: only in soak.
LONG_CATALOGUE = (
    Program("redis_long", ("redis-server", "redis-benchmark", "redis-cli"),
            REDIS_LONG_SH.replace("redis-cli -s ./r.sock dbsize;", ""), processes=5, seconds=600),
    # As a copy: the sources may change while tests run.
    Program("compile_of_heapreel", ("gcc",), COMPILE_SH, prepare=f"cp -r {PROJECT}/lib {PROJECT}/reel {PROJECT}/tracer .",
            processes=150, seconds=600),
)


def names(programs=CATALOGUE):
    return [program.name for program in programs]
