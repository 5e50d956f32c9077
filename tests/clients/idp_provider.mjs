// An upstream OpenID provider: npm oidc-provider on a free port of this machine, with its own pages for login and
// consent. `POST /lie/WORD` makes its ID tokens wrong from then on, signed with its own key where a word says nothing
// else; `POST /lie/nothing` makes it honest again.
//
// usage: node idp_provider.mjs CLIENT_SECRET REDIRECT_URI
// Prints its issuer when it is ready.

import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [clientSecret, redirectUri] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = { ...privateKey.export({ format: "jwk" }), kid: "first", alg: "RS256", use: "sig" };

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
    clients: [{ client_id: "gatewright", client_secret: clientSecret, redirect_uris: [redirectUri] }],
    jwks: { keys: [jwk] },
    claims: { openid: ["sub"], email: ["email"] },
    findAccount: (_, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, email: `${accountId}@upstream.example` }),
    }),
    cookies: { keys: ["of a test"] },
});

const b64 = (value) => Buffer.from(value).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);

// Each gets header and claims, and may return how to sign.
const lies = {
    issuer: (h, c) => void (c.iss = "https://other.example"),
    audience: (h, c) => void (c.aud = "somebody else"),
    audiences: (h, c) => void (c.aud = [c.aud, "somebody else"]),
    azp: (h, c) => void (c.azp = "somebody else"),
    nonce: (h, c) => void (c.nonce = "another"),
    expired: (h, c) => void (c.exp = now() - 120),
    future: (h, c) => void (c.iat = now() + 120),
    at_hash: (h, c) => void (c.at_hash = b64(createHash("sha256").update("other").digest().subarray(0, 16))),
    kid: (h) => void (h.kid = "unknown"),
    subject: (h, c) => void (c.sub = ""),
    crit: (h) => void (h.crit = ["b64"]),
    type: (h) => void (h.typ = "at+jwt"),
    none: (h) => {
        h.alg = "none";
        return () => "";
    },
    unsigned: () => () => "",
    "public-key": (h) => {
        // For who takes the public key for a shared secret.
        h.alg = "HS256";
        const pem = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
        return (text) => createHmac("sha256", pem).update(text).digest("base64url");
    },
    stranger: () => {
        const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
        return (text) => sign("sha256", Buffer.from(text), other).toString("base64url");
    },
};
let lie = null;

function changed(token) {
    const [header, claims] = token.split(".", 2).map((part) => JSON.parse(Buffer.from(part, "base64url")));
    const own = (text) => sign("sha256", Buffer.from(text), privateKey).toString("base64url");
    const how = lies[lie](header, claims) ?? own;
    const text = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;
    return `${text}.${how(text)}`;
}

provider.use(async (ctx, next) => {
    await next();
    if (lie && ctx.path === "/token" && ctx.body?.id_token) {
        ctx.body = { ...ctx.body, id_token: changed(ctx.body.id_token) };
    }
});

const answer = provider.callback();
server.on("request", (request, response) => {
    const word = request.method === "POST" && request.url.match(/^\/lie\/([a-z_-]+)$/)?.[1];
    if (!word) {
        return answer(request, response);
    }
    lie = word === "nothing" ? null : word;
    response.statusCode = lie === null || lies[lie] ? 204 : 404;
    response.end();
});
console.log(issuer);
