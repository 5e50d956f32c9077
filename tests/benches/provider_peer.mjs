// The OpenID provider that the bench `provider` holds ours against: npm oidc-provider with the same clients, everything
// in its own memory, on a free port of this machine.
//
// usage: node provider_peer.mjs CLIENT_SECRET COUNT
// Its packages are those of tests/clients. Prints one line of JSON when it is ready: its issuer, and COUNT access tokens
// and refresh tokens, each of a grant of its own.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const packages = createRequire(new URL("../clients/package.json", import.meta.url));
const { default: Provider } = await import(pathToFileURL(packages.resolve("oidc-provider")));

const [secret, count] = process.argv.slice(2);
const key = (kind, alg, options) => {
    const jwk = generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" });
    return { ...jwk, kid: alg, alg, use: "sig" };
};
const client = (name, scope, grants, algorithm) => ({
    client_id: name,
    client_secret: secret,
    grant_types: grants,
    response_types: grants.includes("authorization_code") ? ["code"] : [],
    redirect_uris: grants.includes("authorization_code") ? ["https://shop.example/callback"] : [],
    scope,
    id_token_signed_response_alg: algorithm,
});
// Clients that get signed access tokens, and how.
const signed = { eddsa: "EdDSA", rs256: "RS256" };
const service = (name, algorithm) => client(name, "stock.read", ["client_credentials"], algorithm);

/** Everything in a map. The one that it brings forgets what is beyond a thousand. */
class Store {
    static all = new Map();
    constructor(model) {
        this.model = model;
    }
    key = (id) => `${this.model}:${id}`;
    find = async (id) => Store.all.get(this.key(id));
    upsert = async (id, payload) => void Store.all.set(this.key(id), payload);
    destroy = async (id) => void Store.all.delete(this.key(id));
    consume = async (id) => void (Store.all.get(this.key(id)).consumed = Math.floor(Date.now() / 1000));
    revokeByGrantId = async () => {
        throw new Error("nobody uses a token twice here");
    };
}

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
    adapter: Store,
    clients: [
        service("eddsa", "EdDSA"),
        service("rs256", "RS256"),
        service("opaque", "EdDSA"),
        client("shop", "openid profile offline_access", ["authorization_code", "refresh_token"], "EdDSA"),
    ],
    jwks: { keys: [key("ed25519", "EdDSA"), key("rsa", "RS256", { modulusLength: 2048 })] },
    scopes: ["openid", "profile", "offline_access", "stock.read"],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    enabledJWA: { idTokenSigningAlgValues: ["EdDSA", "RS256"] },
    findAccount: (_, accountId) => ({
        accountId,
        claims: () => ({ sub: accountId, preferred_username: accountId }),
    }),
    rotateRefreshToken: true,
    ttl: { AccessToken: 3600, ClientCredentials: 3600, Grant: 86400, IdToken: 3600, RefreshToken: 86400 },
    features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
        revocation: { enabled: true },
        resourceIndicators: {
            enabled: true,
            defaultResource: (_, { clientId }) => (signed[clientId] ? "https://stock.example" : undefined),
            getResourceServerInfo: (_, __, { clientId }) => ({
                scope: "stock.read",
                accessTokenFormat: "jwt",
                jwt: { sign: { alg: signed[clientId] } },
            }),
        },
    },
    cookies: { keys: ["of a bench"] },
});

const shop = await provider.Client.find("shop");
const access = [];
const refresh = [];
for (let number = 0; number < Number(count); number += 1) {
    const grant = new provider.Grant({ clientId: "shop", accountId: "admin" });
    grant.addOIDCScope("openid profile offline_access");
    const about = {
        client: shop,
        accountId: "admin",
        grantId: await grant.save(),
        gty: "authorization_code",
        scope: "openid profile offline_access",
        authTime: Math.floor(Date.now() / 1000),
    };
    access.push(await new provider.AccessToken(about).save());
    refresh.push(await new provider.RefreshToken(about).save());
}
server.on("request", provider.callback());
console.log(JSON.stringify({ issuer, access, refresh }));
