// An OpenID provider for a test, on this machine: PORT CLIENTS KEY_ID REDIRECT_URI. Prints its issuer when it listens.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, clients, keyId, redirectUri] = process.argv.slice(2);
const require = createRequire(`${clients}/node/package.json`);
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { Provider } = await load("oidc-provider");
const { exportJWK, generateKeyPair } = await load("jose");

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const key = { ...(await exportJWK(privateKey)), kid: keyId, use: "sig", alg: "RS256" };
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: "docket", client_secret: "a synthetic secret", redirect_uris: [redirectUri] }],
  jwks: { keys: [key] },
  cookies: { keys: ["a synthetic cookie key"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  // Claims stand in the ID token, as with most providers that companies use.
  conformIdTokenClaims: false,
  // Whoever types NAME is NAME; the address of `unverified-NAME` is NAME's, and nobody looked at it.
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id.replace("unverified-", "")}@example.com`,
      email_verified: !id.startsWith("unverified-"),
      name: `Person ${id}`,
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log(issuer));
