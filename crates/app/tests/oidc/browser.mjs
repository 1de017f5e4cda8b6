// The browser of somebody who signs in: URL NAME. Follows redirects, fills in the provider's pages, and prints the address of
// ours to which it is sent in the end, without going there.
const [start, name] = process.argv.slice(2);
const provider = new URL(start).origin;
const cookies = new Map();

async function go(url, form) {
  const response = await fetch(url, {
    method: form ? "POST" : "GET",
    redirect: "manual",
    headers: { cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join("; ") },
    body: form ? new URLSearchParams(form) : undefined,
  });
  for (const cookie of response.headers.getSetCookie()) {
    const [pair] = cookie.split(";");
    cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
  }
  return response;
}

let url = start;
let form;
for (let step = 0; step < 20; step += 1) {
  const response = await go(url, form);
  form = undefined;
  const location = response.headers.get("location");
  if (location) {
    url = new URL(location, url).href;
    if (new URL(url).origin !== provider) {
      console.log(url);
      process.exit(0);
    }
    continue;
  }
  const page = await response.text();
  const action = /<form[^>]*action="([^"]+)"/.exec(page);
  const prompt = /name="prompt" value="([^"]+)"/.exec(page);
  if (!action || !prompt) throw new Error(`step ${step}: ${response.status} ${page}`);
  url = new URL(action[1], url).href;
  form = { prompt: prompt[1], ...(prompt[1] === "login" ? { login: name, password: "any" } : {}) };
}
throw new Error("the provider never sent the browser back");
