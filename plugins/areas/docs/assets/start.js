// Shows the API reference: of all plugins at /docs, of one at /docs?plugin=<id>.
// Nothing here, or in what is loaded here, asks any other host for anything.

// Scalar's validator tries out `Function("")` to see whether it may compile code. The page's policy forbids that, and
// each try would be reported as a breach of it. This tells the validator beforehand.
globalThis.__zod_globalConfig = { jitless: true };

const TITLE = "Gatewright API";
const element = (id) => document.getElementById(id);

// The document to show. Only one is loaded, however many plugins there are.
async function choose() {
  const wanted = new URLSearchParams(location.search).get("plugin") ?? "";
  const chosen = (await plugins()).find(({ id }) => id === wanted);
  if (!chosen) return { title: TITLE, url: "/openapi.json" };
  element("plugin").value = chosen.id;
  element("json").href = chosen.url;
  element("yaml").hidden = true;
  return { title: chosen.title, url: chosen.url };
}

// Fills the picker with the list of plugins: `[{ id, title, url }]`. Without the list there is still the whole.
async function plugins() {
  const list = await fetch("/openapi/plugins.json")
    .then((answer) => (answer.ok ? answer.json() : []))
    .catch(() => []);
  const picker = element("plugin");
  picker.append(...list.map(({ id, title }) => new Option(title, id)));
  picker.hidden = list.length === 0;
  picker.addEventListener("change", () => {
    location.assign(picker.value ? `/docs?${new URLSearchParams({ plugin: picker.value })}` : "/docs");
  });
  return list;
}

function load(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
}

async function start() {
  const [chosen] = await Promise.all([choose(), load("/docs/assets/scalar.js")]);
  const here = location.origin;
  globalThis.Scalar.createApiReference(element("reference"), {
    ...chosen,
    // Requests from the page go straight to this server, and nothing goes to Scalar's.
    servers: [{ url: here }],
    proxyUrl: "",
    externalUrls: { dashboardUrl: here, registryUrl: here, proxyUrl: here, apiBaseUrl: here },
    telemetry: false,
    withDefaultFonts: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: "never",
    hideClientButton: true,
    // The header has the links.
    documentDownloadType: "none",
    // As the authors wrote it: the order of the fields means something.
    orderSchemaPropertiesBy: "preserve",
    modelsSectionLabel: "Schemas",
    showOperationId: true,
    // A token that was typed in here is gone with the page.
    persistAuth: false,
    setPageTitle: ({ title }) => (title && title !== TITLE ? `${title} · ${TITLE}` : TITLE),
  });
  element("note").remove();
}

element("note").textContent = "Loading the API reference …";
start().catch(() => {
  element("note").textContent = "The API reference could not be loaded. The documents above have all of it.";
});
