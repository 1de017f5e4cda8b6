// Drives the pages of a demonstration in Chromium, as a merchant and as an operator, and prints one line per finding.
// Arguments: the links of the desk, the merchant and the auditor, and the folder of clients.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [deskLink, merchantLink, , clients] = process.argv.slice(2);
const require = createRequire(`${clients}/node/node_modules/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core"), "utf8");
const base = new URL(deskLink).origin;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const findings = [];
const finding = (words) => findings.push(words);

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const href = async (page, selector) => {
  const found = await page.getAttribute(selector, "href", { timeout: 5000 });
  return new URL(found, base).href;
};

// Every page at both widths and in both themes: answered, accessible, no wider than the window, no error in the console.
async function look(link, name, options, pages) {
  const context = await browser.newContext({ ...options, bypassCSP: true });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && finding(`${name}: ${message.text()}`));
  page.on("pageerror", (error) => finding(`${name}: ${error}`));
  await page.goto(link);
  for (const next of pages) {
    const address = typeof next === "string" ? base + next : await next(page);
    const answer = await page.goto(address);
    const where = `${name} ${new URL(address).pathname}`;
    if (answer.status() !== 200) finding(`${where}: answered ${answer.status()}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) finding(`${where}: ${wide} pixels wider than the window`);
    if (/\b1970-/.test(await page.content())) finding(`${where}: says 1970`);
    await page.evaluate(axe);
    const rules = await page.evaluate(async (tags) => {
      const { violations } = await window.axe.run(document, { runOnly: tags });
      return violations.map((rule) => `${rule.id} at ${rule.nodes[0].html}`);
    }, RULES);
    for (const rule of rules) finding(`${where}: ${rule}`);
  }
  await context.close();
}

const row = (page) => href(page, "a[data-row]");
const deskPages = ["/desk", "/desk/queue", row, (page) => href(page, "a.why[href*='/documents/']"), "/desk/findings", row, (page) => href(page, "a.why[href*='/why/']"), "/desk/ledger", "/desk/cases"];
const merchantPages = ["/", row, "/disputes", row];
const wide = { viewport: { width: 1280, height: 900 } };
const narrow = { viewport: { width: 360, height: 780 } };
for (const colorScheme of ["light", "dark"]) {
  await look(deskLink, `desk, wide, ${colorScheme}`, { ...wide, colorScheme }, deskPages);
  await look(merchantLink, `portal, narrow, ${colorScheme}`, { ...narrow, colorScheme }, merchantPages);
}
await look(deskLink, "desk, narrow", narrow, deskPages);
await look(merchantLink, "portal, wide", wide, merchantPages);

// A merchant without scripts: finds what is due, writes, seals, sends, and sees the receipt.
{
  const context = await browser.newContext({ ...wide, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(merchantLink);
  const disputes = await page.locator("a[data-row]").evaluateAll((all) => all.map((one) => one.href)).catch(() => []);
  const links = disputes.length > 0 ? disputes : [await row(page)];
  let sent = false;
  let last = "no dispute takes evidence";
  for (const link of links.slice(0, 12)) {
    await page.goto(link);
    const build = page.locator("#evidence a.button.first");
    if ((await build.count()) === 0) continue;
    await build.click();
    const form = page.locator("#slot-rebuttal_letter form[data-autosave]");
    await form.locator("textarea").fill("The parcel was handed over at the door, and the buyer signed for it on Monday.");
    await form.locator("button").click();
    for (const step of ["seal", "submit"]) {
      last = `${step}: ${await page.locator("main").innerText()}`;
      const next = page.locator(`form[action$='/evidence/${step}'] button`);
      if ((await next.count()) === 0) continue;
      const tick = page.locator(`#understood-${step}`);
      if ((await tick.count()) > 0) await tick.check();
      await next.click();
    }
    last = `answer: ${await page.locator("main").innerText()}`;
    if ((await page.locator("#receipt").count()) === 0) continue;
    const answer = await page.locator("#receipt").innerText();
    await page.locator("#receipt a.button").click();
    const receipt = await page.locator("main").innerText();
    if (/waits to be sent|was sent|has your evidence/.test(answer) && /Fingerprint/.test(receipt)) {
      sent = true;
      break;
    }
  }
  if (!sent) finding(`merchant without scripts: no dispute could be answered to its receipt; ${last}`);
  await context.close();
}

// A merchant with the keyboard alone, on a screen and on a phone: from the first page to the receipt.
async function byKeys(name, options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10000);
  const page = await context.newPage();
  page.on("pageerror", (error) => finding(`${name}: ${error}`));
  const press = (key) => page.keyboard.press(key);
  // Tabs on until what has the focus matches, as somebody without a pointer does.
  async function tabTo(selector) {
    for (let presses = 0; presses < 250; presses += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return true;
      await press("Tab");
    }
    return false;
  }
  async function follow(selector) {
    if (!(await tabTo(selector))) return false;
    await Promise.all([page.waitForNavigation(), press("Enter")]);
    return true;
  }
  let last = "nothing is due";
  for (let row = 1; row <= 12; row += 1) {
    await page.goto(merchantLink);
    for (let down = 0; down < row; down += 1) await press("j");
    await Promise.all([page.waitForNavigation(), press("Enter")]);
    if ((await page.locator("#evidence a.button.first").count()) === 0) continue;
    await follow("#evidence a.button.first");
    last = `${page.url()}: no way to the letter by Tab`;
    if (!(await tabTo("#text-rebuttal_letter"))) continue;
    await page.keyboard.type("Handed over at the door, and signed for.");
    const saved = page.locator("#status-rebuttal_letter").filter({ hasText: /Saved as version/ });
    await saved.waitFor({ state: "attached" });
    last = `${page.url()}: ${(await page.locator("#to-send").innerText()).slice(0, 300)}`;
    if (!(await follow("form[action$='/evidence/seal'] button"))) continue;
    last = `sealing: ${(await page.locator("main").innerText()).slice(0, 300)}`;
    if (!(await tabTo("#understood-submit"))) continue;
    await press("Space");
    await follow("form[action$='/evidence/submit'] button");
    await follow("#receipt a.button");
    last = await page.locator("main").innerText();
    if (/Fingerprint/.test(last)) {
      await context.close();
      return;
    }
  }
  finding(`${name}: no dispute could be answered to its receipt; ${last}`);
  await context.close();
}
await byKeys("merchant by keys, wide", wide);
await byKeys("merchant by keys, narrow", narrow);

// An operator without scripts: a won case whose money has not come back, down to the bytes.
{
  const context = await browser.newContext({ ...wide, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(deskLink);
  await page.goto(`${base}/desk/ledger`);
  await page.goto(await href(page, "section[aria-labelledby='residues'] tbody a"));
  if (!/won/.test(await page.locator(".head").innerText())) finding("operator: the residue's case is not won");
  await page.goto(await href(page, "a.why[href$='/why/divergence']"));
  const document = await href(page, "article a[href*='/documents/']");
  await page.goto(document);
  const marked = await page.locator("#mark").innerText().catch(() => "");
  if (marked === "") finding("operator: no bytes are marked in the document");
  await context.close();
}

// Nobody: every page asks to sign in, and a form of another site is refused.
{
  const context = await browser.newContext(wide);
  const page = await context.newPage();
  for (const path of ["/", "/desk", "/desk/queue", "/disputes"]) {
    await page.goto(base + path);
    if (!page.url().includes("/sign-in")) finding(`nobody: ${path} is shown`);
  }
  await page.goto(merchantLink);
  const refused = await page.request.post(`${base}/leave`, { form: { csrf: "x" }, headers: { origin: "http://other.example" } });
  if (refused.status() !== 400) finding(`another site's form was answered ${refused.status()}`);
  const stranger = await page.request.get(`${base}/desk`);
  if (stranger.status() !== 404) finding(`a merchant's look at the desk was answered ${stranger.status()}`);
  await context.close();
}

await browser.close();
for (const words of findings) console.log(words);
console.log(`${findings.length} findings`);
