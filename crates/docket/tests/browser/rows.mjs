// Ten thousand disputes of one merchant: walked with keys, searched, kept as a file, on a screen and on a phone. What a first
// view weighs, when its first words are there and whether it shifts is measured; weight and shift are bounded.
// Arguments: the links of the merchant and of an analyst, the folder of clients.
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { narrow, start, wide } from "./chromium.mjs";

const [merchantLink, deskLink, clients] = process.argv.slice(2);
const { finding, look, open, end } = await start(clients);
const base = new URL(merchantLink).origin;
const PACKED_MAX = 150_000;

async function measured(link, paths, words, options) {
  const page = await open(link, words, options);
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of paths) {
    await page.goto(base + path, { waitUntil: "load" });
    const seen = await page.evaluate(async () => {
      // The paint is said a moment after it was, and never in a window that nobody sees.
      const painted = new Promise((done) => {
        new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").forEach(done)).observe({ type: "paint", buffered: true });
      });
      const first = (await painted).startTime;
      const parts = [location.href, ...performance.getEntriesByType("resource").map((one) => one.name)];
      return { first, parts, shifted: window.shifted };
    });
    let packed = 0;
    for (const part of seen.parts) packed += gzipSync(await (await page.request.get(part)).body()).length;
    console.error(`${words} ${path}: ${packed} bytes packed, first contentful paint ${seen.first.toFixed(0)} ms, shift ${seen.shifted.toFixed(4)}`);
    if (packed > PACKED_MAX) finding(`${words} ${path}: ${packed} bytes packed for a first view`);
    if (seen.shifted > 0.01) finding(`${words} ${path}: layout shifted by ${seen.shifted}`);
    await look(page, `${words} ${path}`);
  }
  await page.context().close();
}

for (const [options, words] of [[wide, "wide"], [narrow, "narrow"]]) {
  await measured(merchantLink, ["/", "/?order=money", "/disputes", "/insights"], words, options);
  await measured(deskLink, ["/desk", "/desk/queue", "/desk/cases"], `desk, ${words}`, options);
}

// With keys alone: pages on, and back to the first; every row is another.
{
  const page = await open(merchantLink, "keys", wide);
  await page.goto(`${base}/disputes`);
  const names = () => page.locator("a[data-row]").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  const pages = [await names()];
  for (let turn = 0; turn < 4; turn += 1) {
    const from = page.url();
    await page.keyboard.press("n");
    await page.waitForURL((url) => url.href !== from);
    pages.push(await names());
  }
  const all = new Set(pages.flat());
  if (all.size !== pages.flat().length || all.size < 250) finding(`five pages hold ${all.size} rows, ${pages.flat().length} with those twice`);
  for (let turn = 3; turn >= 0; turn -= 1) {
    const from = page.url();
    await page.keyboard.press("p");
    await page.waitForURL((url) => url.href !== from);
    if ((await names()).join() !== pages[turn].join()) finding(`the way back to page ${turn + 1} is another`);
  }
  await page.context().close();
}

// Without scripts: the first page says how many there are, a search finds one of them, and the file has all of them.
{
  const page = await open(merchantLink, "without scripts", { ...wide, javaScriptEnabled: false });
  const text = await page.innerText("main");
  if (!/To answer\s+10,000/.test(text)) finding(`the first page does not count them: ${text.slice(0, 200)}`);
  // Rows alone have no documents behind them, so that no page of one dispute is opened here.
  await page.goto(`${base}/disputes?status=ours&q=du_999`);
  const found = await page.locator("a[data-row]").allInnerTexts();
  if (found.length !== 11 || !found.every((name) => name.startsWith("du_999"))) finding(`a search finds ${found}`);
  await page.goto(`${base}/disputes`);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[href^='/disputes.csv']")]);
  const lines = readFileSync(await file.path(), "utf8").trimEnd().split("\n").length;
  if (lines !== 10_001) finding(`the file has ${lines} lines`);
  await page.context().close();
}

await end();
