// A small web application that logs people in through Gatewright, with the library openid-client: the code flow with
// PKCE, state and nonce, userinfo, and a logout that ends the session there too.
//
// usage: node --env-file=.env server.mjs
//
//   ISSUER, CLIENT_ID, CLIENT_SECRET   as `gatewright client add … --for env` prints them
//   BASE_URL                           where this application is found; http://localhost:3000 where it is left out

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import * as oidc from "openid-client";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, BASE_URL = "http://localhost:3000" } = process.env;
if (!ISSUER || !CLIENT_ID || !CLIENT_SECRET) {
    console.error("Set ISSUER, CLIENT_ID and CLIENT_SECRET: README.md says where they come from.");
    process.exit(1);
}

const issuer = new URL(ISSUER);
// http is for trying it out on one's own machine.
const options = issuer.protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : undefined;
const config = await oidc.discovery(issuer, CLIENT_ID, CLIENT_SECRET, undefined, options);
const redirectUri = new URL("/callback", BASE_URL).href;
const secure = BASE_URL.startsWith("https:") ? "; Secure" : "";

// What this application knows of a browser. In one that is more than an example: in a database.
const sessions = new Map();
const MOST = 1000;

function remember(what) {
    const id = randomBytes(32).toString("base64url");
    if (sessions.size >= MOST) sessions.delete(sessions.keys().next().value);
    sessions.set(id, what);
    return `session=${id}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

function cookie(request) {
    return /(?:^|;\s*)session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function page(response, status, body) {
    response.writeHead(status, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "no-store",
    });
    response.end(`<!doctype html><html lang="en"><title>Relying party</title><main>${body}</main></html>`);
}

function go(response, location, setCookie) {
    response.writeHead(303, { Location: location, ...(setCookie && { "Set-Cookie": setCookie }) });
    response.end();
}

// Keeps what only this browser may come back with, and sends it to Gatewright.
async function login(_, response) {
    const codeVerifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const to = oidc.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: "openid profile email",
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
        state,
        nonce,
    });
    go(response, to.href, remember({ codeVerifier, state, nonce }));
}

// The code becomes tokens: the library checks state, nonce, issuer and the ID token.
async function callback(request, response) {
    const begun = sessions.get(cookie(request));
    if (!begun?.codeVerifier) return page(response, 400, '<p>This login was not begun here. <a href="/">Begin anew.</a></p>');
    sessions.delete(cookie(request));
    const tokens = await oidc.authorizationCodeGrant(config, new URL(request.url, BASE_URL), {
        pkceCodeVerifier: begun.codeVerifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
    });
    const { sub } = tokens.claims();
    const person = await oidc.fetchUserInfo(config, tokens.access_token, sub);
    // A new session: an id that somebody else has planted is worth nothing.
    go(response, "/", remember({ person, idToken: tokens.id_token }));
}

async function logout(request, response) {
    const session = sessions.get(cookie(request));
    sessions.delete(cookie(request));
    if (!session?.idToken || !config.serverMetadata().end_session_endpoint) return go(response, "/");
    const to = oidc.buildEndSessionUrl(config, {
        id_token_hint: session.idToken,
        post_logout_redirect_uri: new URL("/", BASE_URL).href,
    });
    go(response, to.href);
}

async function home(request, response) {
    const person = sessions.get(cookie(request))?.person;
    if (!person) return page(response, 200, '<p>Nobody is logged in.</p><p><a href="/login">Log in</a></p>');
    const facts = Object.entries(person).map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
    page(
        response,
        200,
        `<h1>Hello, ${escaped(person.name ?? person.preferred_username ?? person.sub)}</h1>
        <dl>${facts.join("")}</dl><form method="post" action="/logout"><button>Log out</button></form>`,
    );
}

const routes = { "GET /": home, "GET /login": login, "GET /callback": callback, "POST /logout": logout };

const server = createServer(async (request, response) => {
    const route = routes[`${request.method} ${new URL(request.url, BASE_URL).pathname}`];
    try {
        if (!route) return page(response, 404, "<p>There is nothing here.</p>");
        await route(request, response);
    } catch (error) {
        // What went wrong is for whoever runs this; the person begins anew.
        console.error(`${error.name}: ${error.message}${error.error ? ` (${error.error})` : ""}`);
        page(response, 502, '<p>The login did not work. <a href="/login">Try again.</a></p>');
    }
});

server.listen(Number(new URL(BASE_URL).port) || 3000, new URL(BASE_URL).hostname, () => {
    console.log(`Open ${BASE_URL}/`);
});
