// Asks a running gateway over its WebSocket. Standard input: {"url", "token", "calls": [{"method", "params"}], "prove"};
// standard output: one JSON object {"connect", "calls", "proof"}. No token is in an argument or an environment. Runs on the
// Node.js that runs OpenClaw itself; protocol 4, client `gateway-client:backend`, of which a direct loopback connection
// gets the scopes it asks for (2026.9.6). With "prove" and no token it only waits until that one is accepted.
const LIMIT_MS = 12000;
const SCOPES = ["operator.read", "operator.write", "operator.admin", "operator.approvals", "operator.pairing"];
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = { connect: null, calls: [] };
const started = Date.now();

function end(reason) {
  if (told.ms !== undefined) return;
  if (told.connect === null) told.connect = { ok: false, error: { code: "NO_ANSWER", message: reason } };
  else if (told.calls.length < asked.calls.length) told.broken = reason;
  told.ms = Date.now() - started;
  process.stdout.write(JSON.stringify(told) + "\n", () => process.exit(0));
}

// prove asks for the new token until it is accepted. Each wrong try is delayed by the gateway itself.
async function prove(token) {
  const from = Date.now();
  const url = asked.url.replace("ws:", "http:") + "/tools/invoke";
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  while (Date.now() - from < LIMIT_MS - 2000) {
    const answer = await fetch(url, { method: "POST", headers, body: "{}" }).catch(() => ({ status: 0 }));
    if (![0, 401, 429].includes(answer.status)) return { accepted: true, after_ms: Date.now() - from };
    await new Promise((resume) => setTimeout(resume, 100));
  }
  return { accepted: false, after_ms: null };
}
const finish = async (reason) => {
  if (asked.prove) told.proof = await prove(asked.prove);
  end(reason);
};

function talk() {
  const socket = new WebSocket(asked.url);
  const send = (id, method, params) => socket.send(JSON.stringify({ type: "req", id, method, params }));
  const isDone = () => told.connect !== null && told.calls.length === asked.calls.length;
  const next = () => {
    const call = asked.calls[told.calls.length];
    return call ? send(String(told.calls.length), call.method, call.params || {}) : finish("done");
  };
  const login = () => send("connect", "connect", {
    minProtocol: 4, maxProtocol: 4, role: "operator", scopes: SCOPES, caps: [],
    client: { id: "gateway-client", version: "1", platform: process.platform, mode: "backend" },
    ...(asked.token ? { auth: { token: asked.token } } : {}),
  });
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === "event") return frame.event === "connect.challenge" ? login() : undefined;
    if (frame.type !== "res" || isDone()) return undefined;
    const { ok, payload, error } = frame;
    if (frame.id === "connect") told.connect = ok ? { ok, server: payload.server, auth: payload.auth } : { ok, error };
    else told.calls.push({ method: asked.calls[told.calls.length].method, ok, payload, error });
    return told.connect.ok ? next() : end("refused");
  };
  // A reload that changes the token closes this connection, too: by then all has been said.
  socket.onclose = ({ code, reason }) => isDone() || end(`closed ${code} ${reason}`.trim());
  socket.onerror = ({ message }) => isDone() || end(message || "no connection");
}

if (asked.prove && !asked.token) finish("proof only");
else talk();
setTimeout(() => end(`no answer within ${LIMIT_MS} ms`), LIMIT_MS);
