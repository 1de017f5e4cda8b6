// Drives the desk's pages of a demonstration in Chromium and prints one line per finding.
// Arguments: the links of the desk, the merchant and the auditor, and the folder of clients.
import { gzipSync } from "node:zlib";
import { narrow, start, wide } from "./chromium.mjs";

const [deskLink, merchantLink, auditorLink, clients] = process.argv.slice(2);
const { browser, finding, look, open, end } = await start(clients);
const base = new URL(deskLink).origin;

const PAGES = [
  "/desk",
  "/desk/queue",
  "/desk/queue?order=time",
  "/desk/queue?order=money&assigned=nobody",
  "/desk/cases",
  "/desk/cases?divergent=yes",
  "/desk/findings",
  "/desk/findings?kind=residue",
  "/desk/ledger",
  "/desk/ledger/entries",
  "/desk/feeds",
  "/desk/documents",
  "/desk/quarantine",
  "/desk/sends",
  "/desk/rules?q=visa+10.4",
  "/desk/providers",
  "/desk/search?q=stripe",
  "/desk/search?q=59.00",
];

// Every page, and the pages behind its lists, at both widths and in both themes.
async function everyPage(name, options) {
  const page = await open(deskLink, name, options);
  const seen = new Set();
  for (const path of PAGES) {
    const answer = await page.goto(base + path);
    if (answer.status() !== 200) finding(`${name} ${path}: answered ${answer.status()}`);
    await look(page, `${name} ${path}`);
    const behind = ["main a[data-row]", "main a.why[href*='/why/']", "main a[href*='/desk/documents/']", "main a[href*='/ledger/account']", "main a[rel='next']"];
    for (const selector of behind) {
      const link = page.locator(selector).first();
      if ((await link.count()) === 0) continue;
      const address = new URL(await link.getAttribute("href"), base);
      const kind = address.pathname.replace(/(dp|doc|fi)_[a-z0-9]+/g, "*").replace(/why\/.*/, "why");
      if (seen.has(kind)) continue;
      seen.add(kind);
      const found = await page.goto(address.href);
      if (found.status() !== 200) finding(`${name} ${address.pathname}: answered ${found.status()}`);
      await look(page, `${name} ${kind}`);
      if (kind === "/desk/documents/*") {
        await page.goto(`${address.href.replace("#mark", "")}${address.search === "" ? "?" : "&"}view=bytes`);
        await look(page, `${name} ${kind} as bytes`);
      }
      await page.goto(base + path);
    }
  }
  await page.context().close();
}
await everyPage("wide, light", { ...wide, colorScheme: "light" });
await everyPage("narrow, dark", { ...narrow, colorScheme: "dark" });

// Right to left, and letters at double size: nothing leaves the window.
{
  const page = await open(deskLink, "right to left", narrow);
  for (const path of ["/desk", "/desk/queue", "/desk/findings", "/desk/ledger"]) {
    await page.goto(base + path);
    await page.evaluate(() => {
      document.documentElement.dir = "rtl";
      document.documentElement.style.fontSize = "150%";
    });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wider > 0) finding(`right to left ${path}: ${wider} pixels wider than the window`);
  }
  await page.context().close();
}

// A name as long as a provider allows, without a place to break: the table holds it.
{
  const page = await open(deskLink, "long names", narrow);
  await page.goto(`${base}/desk/queue`);
  await page.evaluate(() => {
    for (const link of document.querySelectorAll("a[data-row]")) link.textContent = "du_".padEnd(180, "x");
  });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wider > 0) finding(`long names: ${wider} pixels wider than the window`);
  await page.context().close();
}

// A new operator finds why a won case's money has not come back, down to the bytes, with the keyboard alone.
async function whyNotBack(name, options) {
  const page = await open(deskLink, name, options);
  const press = (key) => page.keyboard.press(key);
  // Tabs until what has the focus matches, as somebody without a pointer does.
  async function tabTo(selector, what) {
    for (let presses = 0; presses < 400; presses += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return true;
      await press("Tab");
    }
    finding(`${name}: no way to ${what} by Tab`);
    return false;
  }
  async function follow(selector, what) {
    if (!(await tabTo(selector, what))) return false;
    await Promise.all([page.waitForNavigation(), press("Enter")]);
    return true;
  }
  await follow("a.tile[href='/desk/cases?divergent=yes']", "the divergence");
  await press("j");
  let found = false;
  const rows = await page.locator("a[data-row]").count();
  for (let row = 0; row < rows && !found; row += 1) {
    const won = await page.evaluate(() => /\bwon\b/.test(document.activeElement.closest("tr").innerText));
    if (won) found = true;
    else await press("j");
  }
  if (!found) finding(`${name}: no won case among those that diverge`);
  await Promise.all([page.waitForNavigation(), press("Enter")]);
  const words = await page.locator(".why-money").innerText();
  if (!/is won/.test(words)) finding(`${name}: the case does not say that it is won: ${words}`);
  if (!/is not where the status says/.test(words)) finding(`${name}: the case does not say what is missing: ${words}`);
  if (!/owe(s|d) it back/.test(words)) finding(`${name}: the case does not say who owes it: ${words}`);
  await look(page, `${name}, the case`);
  await follow(".why-money a.why[href$='/why/divergence']", "why the money diverges");
  await look(page, `${name}, why`);
  const statements = await page.locator("article.panel").count();
  if (statements < 2) finding(`${name}: ${statements} statements behind the divergence`);
  await press("j");
  await Promise.all([page.waitForNavigation(), press("Enter")]);
  const marked = await page.locator("#mark").innerText().catch(() => "");
  if (marked === "") finding(`${name}: no bytes are marked in the document`);
  await look(page, `${name}, the bytes`);
  await page.context().close();
}
await whyNotBack("operator, wide", wide);
await whyNotBack("operator, narrow", narrow);
await whyNotBack("operator, dark", { ...wide, colorScheme: "dark" });

// Keys: the palette finds, the list of keys opens, a letter leads to a page.
{
  const page = await open(deskLink, "keys", wide);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("quar");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  if (!page.url().endsWith("/desk/quarantine")) finding(`keys: the palette led to ${page.url()}`);
  await page.keyboard.press("g");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("q")]);
  if (!page.url().endsWith("/desk/queue")) finding(`keys: g q led to ${page.url()}`);
  await page.keyboard.press("?");
  if (!(await page.locator("#keys").isVisible())) finding("keys: ? shows no list");
  await look(page, "keys, the list of them");
  await page.keyboard.press("Escape");
  // Two rows chosen and claimed without a hand on the mouse.
  for (const key of ["j", "x", "j", "x"]) await page.keyboard.press(key);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("c")]);
  const claimed = await page.locator("main td .chip").allInnerTexts();
  if (claimed.join() !== "done,done") finding(`keys: x and c claimed ${claimed}`);
  await page.goBack();
  const reference = await page.locator("a[data-row]").first().innerText();
  await page.keyboard.press("/");
  await page.keyboard.type(reference.split("\n")[0]);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  if (!page.url().includes("/desk/cases/")) finding(`keys: a whole reference led to ${page.url()}`);
  await page.context().close();
}

// Without scripts: many are claimed at once, each with what became of it; a list is saved and forgotten; a case is noted.
{
  const page = await open(deskLink, "without scripts", { ...wide, javaScriptEnabled: false });
  await page.goto(`${base}/desk/queue?order=time`);
  const boxes = page.locator("input[name='case']");
  const chosen = Math.min(await boxes.count(), 3);
  for (let box = 0; box < chosen; box += 1) await boxes.nth(box).check();
  await page.locator("button[value='claim']").click();
  const became = await page.locator("table").innerText();
  if ((became.match(/\bdone\b/g) ?? []).length < chosen) finding(`bulk: of ${chosen} claimed became: ${became}`);
  await page.locator("main a.first").click();
  await page.goto(`${base}/desk/queue?assigned=me`);
  if ((await page.locator("a[data-row]").count()) < 1) finding("bulk: nothing is mine after claiming");
  await page.locator("summary", { hasText: "Save this list" }).click();
  await page.locator("#view-name").fill("Mine");
  await page.locator("button[value='save']").click();
  const saved = page.locator(".views .chip", { hasText: "Mine" });
  if ((await saved.count()) !== 1) finding("lists: the saved list is not shown");
  await page.locator("button[value='drop']").click();
  if ((await saved.count()) !== 0) finding("lists: the forgotten list is still shown");
  await page.locator("a[data-row]").first().click();
  await page.locator("#note").fill("Asked the merchant for the receipt.");
  await page.locator("form[action$='/note'] button").click();
  if (!(await page.locator("main").innerText()).includes("Asked the merchant")) finding("case: the note is not there");
  await page.context().close();
}

// An auditor verifies the log; an analyst does not see it.
{
  const page = await open(auditorLink, "auditor", wide);
  await page.goto(`${base}/desk/audit`);
  await look(page, "auditor, the log");
  await page.locator("form[action='/desk/audit/verify'] button").click();
  const outcome = await page.locator(".note").innerText();
  if (!/The log holds/.test(outcome)) finding(`auditor: ${outcome}`);
  await look(page, "auditor, the log verified");
  await page.context().close();
  const other = await browser.newContext(wide);
  const analyst = await other.newPage();
  await analyst.goto(deskLink);
  const refused = await analyst.goto(`${base}/desk/audit`);
  if (refused.status() !== 403) finding(`audit: an analyst was answered ${refused.status()}`);
  await other.close();
}

// A held document is released or rejected, with a reason, and who did it stands in the log.
{
  const page = await open(deskLink, "quarantine", wide);
  await page.goto(`${base}/desk/quarantine`);
  const held = page.locator("a[data-row]");
  if ((await held.count()) === 0) finding("quarantine: nothing is held in the demonstration");
  else {
    await held.first().click();
    await look(page, "quarantine, the document");
    await page.locator("input[value='reject']").check();
    await page.locator("#why").fill("Its sender is not known to us.");
    await page.locator("form[action$='/decide'] button").click();
    if (!/rejected/.test(await page.locator(".head").innerText())) finding(`quarantine: became ${await page.locator("main").innerText()}`);
  }
  await page.context().close();
}

// A merchant does not learn that the desk is there, and a form without its proof does nothing.
{
  const context = await browser.newContext(wide);
  const page = await context.newPage();
  await page.goto(merchantLink);
  for (const path of [...PAGES, "/desk/audit", "/desk/ledger/journal"]) {
    const answer = await page.request.get(base + path);
    if (answer.status() !== 404) finding(`a merchant at ${path} was answered ${answer.status()}`);
  }
  await context.close();
  const analyst = await browser.newContext(wide);
  const own = await analyst.newPage();
  await own.goto(deskLink);
  for (const path of ["/desk/queue", "/desk/cases/dp_x/accept", "/desk/documents/doc_x/decide", "/desk/lists"]) {
    const answer = await own.request.post(base + path, { form: { do: "claim" } });
    if (answer.status() !== 400) finding(`a form without its proof at ${path} was answered ${answer.status()}`);
  }
  await analyst.close();
}

// A slow network (400 kbit/s, 400 ms there and back): the words are there with the first answer, and nothing shifts.
{
  const page = await open(deskLink, "slow", wide);
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  const rate = 50_000;
  await wire.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: rate, uploadThroughput: rate });
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of ["/desk", "/desk/queue"]) {
    await page.goto(base + path, { waitUntil: "load" });
    const shifted = await page.evaluate(() => window.shifted);
    if (shifted > 0.01) finding(`slow ${path}: layout shifted by ${shifted}`);
    // What a proxy in front sends packed: Docket itself packs no page, since pages hold what is secret beside what is searched.
    const parts = await page.evaluate(() => [location.href, ...performance.getEntriesByType("resource").map((one) => one.name)]);
    let packed = 0;
    for (const part of parts) packed += gzipSync(await (await page.request.get(part)).body()).length;
    if (packed > 150_000) finding(`slow ${path}: ${packed} bytes packed for a first view`);
  }
  await page.context().close();
}

await end();
