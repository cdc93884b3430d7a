#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// What the browser shows and when: web_scrub.mjs [--build DIR] [--steps N] [--only PART,...] REEL. Serves the reel with `heapreel web` and opens it in Chromium.
// Measures inside the page, from the input to the end of the frame that shows its answer: the first verdict, a drag over the
// timeline pixel by pixel on Classes and Map, on and back, each step once the one before it is drawn; the same as a hand drags,
// 60 pixels a second whatever is drawn, and the time from a frame with a new answer to the next one; the timeline finer; call
// trees at random moments. Parts: first, drag, hand, zoom, trees; all without --only. Prints a line of JSON for each, at last the server's memory. Judges nothing.
// Not to be run with a real-time priority: Chromium's threads then spin on each other and nothing else gets a core.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadavg } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
];
const WAIT_MS = 30_000;
const CLOSE_MS = 5_000; // a page that hangs does not close
// What holds the figures of the moment. It is drawn once it is not that of another moment.
const SCRUBBED = { classes: '[aria-label="Classes at the moment"]', map: ".map-sheet" };
// Figures of the answer that is shown, which are others at each moment.
const ANSWERED = { classes: '[aria-label="Classes at the moment"] .row', map: ".map .row" };
const HAND_PIXELS_PER_MS = 60 / 1000;
const TREE = '.stacks-page [role="treegrid"]';
const TREES = { live: 6, pinned: 6 };
const ZOOMS = 5;
const PARTS = ["first", "drag", "hand", "zoom", "trees"];

const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        build: { type: "string", default: join(ROOT, "build/release") },
        steps: { type: "string", default: "150" },
        only: { type: "string", default: PARTS.join() },
    },
});
const [reel] = positionals;
const parts = options.only.split(",");
if (reel === undefined || !parts.every((part) => PARTS.includes(part))) {
    console.error(`usage: web_scrub.mjs [--build DIR] [--steps N] [--only ${PARTS.join()}] REEL`);
    process.exit(2);
}

function say(what, figures) {
    console.log(JSON.stringify({ what, ...figures, load: Number(loadavg()[0].toFixed(1)) }));
}

function figuresOf(times) {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (share) => Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1));
    return { median_ms: at(0.5), p95_ms: at(0.95), most_ms: at(1), count: sorted.length };
}

async function serve() {
    const server = spawn(join(options.build, "bin/heapreel"), ["web", "--no-browser", reel], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: server.stdout })) {
        const address = /http:\S+/.exec(line)?.[0];
        if (address) return { server, address };
    }
    throw new Error("the server printed no address");
}

// In the page: the time from an input to the end of the first frame in which a condition holds.
function install() {
    window.drawn = async (begin, isDrawn, limitMs) => {
        for (;;) {
            await new Promise(requestAnimationFrame);
            if (isDrawn()) break;
            if (performance.now() - begin > limitMs) throw new Error("nothing was drawn");
        }
        await new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = resolve;
            port2.postMessage(null);
        });
        return performance.now() - begin;
    };
    window.isFresh = (selector) => {
        const found = document.querySelector(selector);
        return (
            found !== null &&
            found.closest(".is-stale") === null &&
            found.querySelector(".is-stale .flame-graph") === null
        );
    };
    window.momentText = () => document.querySelector(".now")?.textContent.split("/")[0] ?? "";
}

async function open(browser, address) {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.addInitScript(install);
    await page.goto(address);
    return page;
}

async function settle(page) {
    await page.waitForLoadState("networkidle");
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, { timeout: WAIT_MS });
}

async function firstPaint(browser, address) {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.addInitScript(install);
    await page.addInitScript((limitMs) => {
        const isThere = () =>
            document.querySelector(".verdict .is-stale, .verdict h2, .verdict p, .verdict strong") !== null;
        window.firstVerdict = window.drawn(0, isThere, limitMs);
    }, WAIT_MS);
    await page.goto(address);
    const verdict_ms = Math.round(await page.evaluate(() => window.firstVerdict));
    const contentful_ms = await page.evaluate(() =>
        Math.round(performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0),
    );
    await settle(page);
    const settled_ms = Math.round(await page.evaluate(() => performance.now()));
    await page.close();
    return { contentful_ms, verdict_ms, settled_ms };
}

async function goTo(page, state) {
    await page.evaluate((hash) => (location.hash = hash), `v=1&${state}`);
    await settle(page);
}

// Takes hold of the moment on a page: where the pointer is.
async function hold(page, name) {
    await goTo(page, `t=40%&p=${name}`);
    const plot = await page.locator(".u-over").first().boundingBox();
    const [x, y] = [Math.round(plot.x + plot.width * 0.4), plot.y + 30];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.waitForTimeout(500);
    return [x, y];
}

async function letGo(page) {
    await page.mouse.up();
    await settle(page);
}

// As a hand does, to the right and back: a move in each frame, and in which frames another answer stands.
async function dragByHand(page, name) {
    const [x, y] = await hold(page, name);
    for (const [direction, from, step] of [
        ["on", x, 1],
        ["back", x + Number(options.steps), -1],
    ]) {
        const intervals = await page.evaluate(
            async ({ selector, from, speed, y, pixels }) => {
                const over = document.querySelector(".u-over");
                const intervals = [];
                let [shown, last] = ["", 0];
                const begin = performance.now();
                for (;;) {
                    const now = await new Promise(requestAnimationFrame);
                    const found = document.querySelector(selector)?.outerHTML ?? "";
                    if (found !== shown) {
                        if (last > 0) intervals.push(now - last);
                        [shown, last] = [found, now];
                    }
                    const moved = Math.max(0, now - begin) * speed;
                    if (Math.abs(moved) > pixels) return intervals;
                    const at = { clientX: from + moved, clientY: y, bubbles: true, buttons: 1 };
                    over.dispatchEvent(new PointerEvent("pointermove", at));
                    over.dispatchEvent(new MouseEvent("mousemove", at));
                }
            },
            { selector: ANSWERED[name], from, speed: step * HAND_PIXELS_PER_MS, y, pixels: Number(options.steps) },
        );
        const figures = figuresOf(intervals);
        say(`${name} by hand, ${direction}`, { ...figures, frames_per_s: Number((1000 / figures.median_ms).toFixed(1)) });
    }
    await letGo(page);
}

// Pixel by pixel to the right and back, each step when the one before it is drawn.
async function drag(page, name) {
    const [x, y] = await hold(page, name);
    for (const [direction, from, step] of [
        ["on", x, 1],
        ["back", x + Number(options.steps), -1],
    ]) {
        const asked = [];
        const listen = (request) =>
            request.url().includes("/reels/") && asked.push(request.url().replace(/.*\/reels\/\d+\/|\?.*/g, ""));
        page.on("request", listen);
        const { times, wholeMs } = await page.evaluate(
            async ({ selector, from, step, y, steps, limitMs }) => {
                const over = document.querySelector(".u-over");
                const times = [];
                const whole = performance.now();
                for (let i = 1; i <= steps; i++) {
                    const before = window.momentText();
                    const at = { clientX: from + i * step, clientY: y, bubbles: true, buttons: 1 };
                    const begin = performance.now();
                    over.dispatchEvent(new PointerEvent("pointermove", at));
                    over.dispatchEvent(new MouseEvent("mousemove", at));
                    times.push(
                        await window.drawn(
                            begin,
                            () => window.momentText() !== before && window.isFresh(selector),
                            limitMs,
                        ),
                    );
                }
                return { times, wholeMs: performance.now() - whole };
            },
            { selector: SCRUBBED[name], from, step, y, steps: Number(options.steps), limitMs: WAIT_MS },
        );
        page.off("request", listen);
        const counts = {};
        for (const question of asked) counts[question] = (counts[question] ?? 0) + 1;
        say(`${name}, ${direction}`, {
            ...figuresOf(times),
            frames_per_s: Number(((1000 * times.length) / wholeMs).toFixed(1)),
            asked: counts,
        });
    }
    await letGo(page);
}

// The wheel turned over the timeline, up to the frame after the finer points have come.
async function zoom(page, name, questions) {
    await goTo(page, `t=40%&p=${name}`);
    const times = Object.fromEntries(questions.map((question) => [question, []]));
    for (let i = 0; i < ZOOMS; i++) {
        const found = await page.evaluate(
            async ({ questions, limitMs }) => {
                performance.clearResourceTimings();
                const over = document.querySelector(".u-over");
                const { left, width, top } = over.getBoundingClientRect();
                const begin = performance.now();
                over.dispatchEvent(
                    new WheelEvent("wheel", {
                        deltaY: -120,
                        clientX: left + width * 0.4,
                        clientY: top + 30,
                        bubbles: true,
                        cancelable: true,
                    }),
                );
                const isThere = (question) =>
                    performance
                        .getEntriesByType("resource")
                        .some(
                            (entry) =>
                                entry.name.includes(`/${question}?`) &&
                                entry.name.includes("t0_ns=") &&
                                entry.responseEnd > begin,
                        );
                return Promise.all(questions.map((question) => window.drawn(begin, () => isThere(question), limitMs)));
            },
            { questions, limitMs: WAIT_MS },
        );
        questions.forEach((question, place) => times[question].push(found[place]));
        await settle(page);
    }
    for (const question of questions) say(`zoom on ${name}: ${question}`, figuresOf(times[question]));
}

async function trees(page, measure, count) {
    await goTo(page, `t=40%&p=stacks&m=${measure}`);
    await page.waitForSelector(TREE, { timeout: WAIT_MS });
    await settle(page);
    const times = [];
    for (let i = 0; i < count; i++) {
        const percent = ((i * 37 + 11) % 97) + 0.5; // far from each other, the same in every run
        times.push(
            await page.evaluate(
                async ({ percent, measure, selector, limitMs }) => {
                    performance.clearResourceTimings();
                    const before = window.momentText();
                    const begin = performance.now();
                    location.hash = `v=1&t=${percent}%25&p=stacks&m=${measure}`;
                    // While the moment moves no tree is asked for: what was is there unchanged.
                    const isAnswered = () =>
                        performance.getEntriesByType("resource").some(({ name }) => name.includes("/flame?"));
                    const isDrawn = () =>
                        window.momentText() !== before &&
                        isAnswered() &&
                        document.querySelector('main [aria-busy="true"], main .is-stale') === null;
                    return window.drawn(begin, () => isDrawn() && document.querySelector(selector) !== null, limitMs);
                },
                { percent, measure, selector: TREE, limitMs: WAIT_MS },
            ),
        );
        await settle(page);
    }
    say(`call tree, ${measure}, at random moments`, figuresOf(times));
}

function memory(pid) {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const mib = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
    return { resident_mib: mib("VmRSS"), most_mib: mib("VmHWM") };
}

const { chromium } = createRequire(join(ROOT, "web/front/package.json"))("playwright-core");
const { server, address } = await serve();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
try {
    if (parts.includes("first")) {
        say("overview, first after the start", await firstPaint(browser, address));
        say("overview, again", await firstPaint(browser, address));
    }
    const page = await open(browser, address);
    await settle(page);
    if (parts.includes("drag")) for (const name of Object.keys(SCRUBBED)) await drag(page, name);
    if (parts.includes("hand")) for (const name of Object.keys(ANSWERED)) await dragByHand(page, name);
    if (parts.includes("zoom")) {
        await zoom(page, "map", ["timeline"]);
        await zoom(page, "classes", ["timeline", "classes_over"]);
    }
    if (parts.includes("trees"))
        for (const [measure, count] of Object.entries(TREES)) await trees(page, measure, count);
    say("server", memory(server.pid));
} finally {
    server.kill();
    await Promise.race([browser.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
}
process.exit(); // what has not closed by then ends with this process
