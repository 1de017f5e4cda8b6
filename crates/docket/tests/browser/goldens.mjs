// Compares every page of the desk with the picture of it that was approved.
// Arguments: the links of an analyst and an auditor, the folder of clients, the folder of pictures. BLESS=1 writes them.
//
// A picture is kept at a quarter of its size and in grey: small, and a font of another package or a browser of another month
// moves it by little, while a missing column, a broken grid or a theme without contrast moves it by much.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { narrow, start, wide } from "./chromium.mjs";

const [deskLink, auditorLink, clients, folder] = process.argv.slice(2);
const { browser, finding, end } = await start(clients);
const base = new URL(deskLink).origin;
const bless = process.env.BLESS === "1";
mkdirSync(folder, { recursive: true });

// The mean difference of grey, of 255, and the share of points that differ by more than a fifth of it.
const MEAN_MAX = 4;
const FAR = 51;
const FAR_MAX = 0.03;

const easel = await (await browser.newContext()).newPage();

// The picture at a quarter, in grey: its points, and a PNG of them.
async function grey(png) {
  return easel.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width / 4);
    canvas.height = Math.round(image.height / 4);
    const pen = canvas.getContext("2d");
    pen.imageSmoothingQuality = "high";
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const data = pen.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.data.length; at += 4) {
      const [red, green, blue] = data.data.slice(at, at + 3);
      // Sixteen greys: what the eye tells apart at this size, and a file of a few kilobytes.
      const light = Math.round((0.2126 * red + 0.7152 * green + 0.0722 * blue) / 17) * 17;
      data.data.set([light, light, light], at);
    }
    pen.putImageData(data, 0, 0);
    return canvas.toDataURL("image/png");
  }, `data:image/png;base64,${png.toString("base64")}`);
}

async function apart(one, other) {
  return easel.evaluate(async (sources) => {
    const points = await Promise.all(sources.map(async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height;
      const pen = canvas.getContext("2d");
      pen.drawImage(image, 0, 0);
      return { width: image.width, height: image.height, data: pen.getImageData(0, 0, image.width, image.height).data };
    }));
    const [first, second] = points;
    if (first.width !== second.width || first.height !== second.height) return { mean: 255, far: [255] };
    const differences = [];
    for (let at = 0; at < first.data.length; at += 4) differences.push(Math.abs(first.data[at] - second.data[at]));
    return { mean: differences.reduce((sum, one) => sum + one, 0) / differences.length, far: differences };
  }, [one, other]);
}

async function check(page, name) {
  await page.evaluate(() => {
    for (const random of document.querySelectorAll("[data-random]")) random.textContent = "…";
    document.activeElement?.blur();
  });
  await page.evaluate(() => document.fonts.ready);
  const png = await page.screenshot({ animations: "disabled", caret: "hide" });
  if (process.env.DOCKET_SCREENSHOTS) writeFileSync(`${process.env.DOCKET_SCREENSHOTS}/${name}.png`, png);
  const seen = await grey(png);
  const path = `${folder}/${name}.png`;
  if (bless) {
    writeFileSync(path, Buffer.from(seen.split(",")[1], "base64"));
    return;
  }
  if (!existsSync(path)) {
    finding(`${name}: no picture was approved; look at it and run again with BLESS=1`);
    return;
  }
  const approved = `data:image/png;base64,${readFileSync(path).toString("base64")}`;
  const { mean, far } = await apart(seen, approved);
  const share = far.filter((one) => one > FAR).length / far.length;
  if (mean > MEAN_MAX || share > FAR_MAX) finding(`${name}: differs by ${mean.toFixed(1)} in the mean, ${(share * 100).toFixed(1)} % of it by much`);
}

const desk = [
  ["morning", "/desk"],
  ["queue", "/desk/queue"],
  ["cases", "/desk/cases?divergent=yes"],
  ["case", (page) => first(page, "/desk/cases?divergent=yes&status=won", "main a[data-row]")],
  ["case-due", (page) => first(page, "/desk/queue?stage=chargeback&order=time", "main a[data-row]")],
  ["why", (page) => first(page, page.url(), "main a.why[href*='/why/status']")],
  ["document", (page) => first(page, page.url(), "main a[href*='/desk/documents/']")],
  ["bytes", (page) => page.url().replace(/#.*$/, "").replace(/(\?|$)/, "?view=bytes&")],
  ["findings", "/desk/findings"],
  ["ledger", "/desk/ledger"],
  ["entries", "/desk/ledger/entries"],
  ["account", (page) => first(page, "/desk/ledger", "main a[href*='/ledger/account']")],
  ["feeds", "/desk/feeds"],
  ["documents", "/desk/documents"],
  ["quarantine", "/desk/quarantine"],
  ["sends", "/desk/sends"],
  ["rules", "/desk/rules?q=visa+10"],
  ["providers", "/desk/providers"],
  ["search", "/desk/search?q=stripe"],
  ["missing", "/desk/cases/nowhere"],
];

async function first(page, address, selector) {
  await page.goto(new URL(address, base).href);
  const href = await page.locator(selector).first().getAttribute("href");
  return new URL(href, base).href;
}

async function all(link, pages, name, options) {
  const context = await browser.newContext({ ...options, reducedMotion: "reduce", locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(link);
  for (const [title, next] of pages) {
    const address = typeof next === "string" ? base + next : await next(page);
    await page.goto(address.split("#")[0]);
    await check(page, `desk-${title}-${name}`);
  }
  await context.close();
}

for (const colorScheme of ["light", "dark"]) {
  await all(deskLink, desk, colorScheme, { ...wide, colorScheme });
  await all(auditorLink, [["audit", "/desk/audit"]], colorScheme, { ...wide, colorScheme });
}
await all(deskLink, desk.filter(([title]) => ["morning", "queue", "case", "document", "findings"].includes(title)), "phone", narrow);

await end();
