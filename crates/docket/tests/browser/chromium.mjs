// What every script over the pages needs: a browser, findings, and a look at one page.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

export const wide = { viewport: { width: 1280, height: 900 } };
export const narrow = { viewport: { width: 360, height: 780 } };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

export async function start(clients) {
  const require = createRequire(`${clients}/node/node_modules/`);
  const { chromium } = require("playwright-core");
  const axe = readFileSync(require.resolve("axe-core"), "utf8");
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
  const findings = [];
  const finding = (words) => findings.push(words);

  // What a page does against WCAG 2.2 AA, or against some of its rules alone.
  async function violations(page, runOnly = RULES) {
    await page.evaluate(axe);
    return page.evaluate(async (tags) => {
      const { violations } = await window.axe.run(document, { runOnly: tags });
      return violations.map((rule) => `${rule.id} at ${rule.nodes[0].html}: ${rule.nodes[0].failureSummary}`);
    }, runOnly);
  }

  // One page: no wider than the window, accessible, nothing of 1970, nothing shifting under the reader.
  async function look(page, where) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) finding(`${where}: ${wide} pixels wider than the window`);
    if (/\b1970-/.test(await page.content())) finding(`${where}: says 1970`);
    for (const rule of await violations(page)) finding(`${where}: ${rule}`);
  }

  // A page of its own context, whose troubles are findings.
  async function open(link, name, options) {
    const context = await browser.newContext({ ...options, bypassCSP: true });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && finding(`${name}: ${message.text()}`));
    page.on("pageerror", (error) => finding(`${name}: ${error}`));
    await page.goto(link);
    return page;
  }

  async function end() {
    await browser.close();
    for (const words of findings) console.log(words);
    console.log(`${findings.length} findings`);
  }

  return { browser, finding, look, open, violations, end };
}
