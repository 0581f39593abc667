// Asks a running gateway over its WebSocket. Standard input: {"url", "token", "calls": [{"method", "params"}]}; standard
// output: one JSON object {"connect", "calls"}. The token is in no argument and no environment. Runs on the Node.js that
// runs OpenClaw itself; protocol 4, client `gateway-client:backend`, of which a direct loopback connection gets the scopes
// it asks for (2026.9.6).
const LIMIT_MS = 12000;
const SCOPES = ["operator.read", "operator.write", "operator.admin", "operator.approvals", "operator.pairing"];
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = { connect: null, calls: [] };
const started = Date.now();

function end(reason) {
  if (told.connect === null) told.connect = { ok: false, error: { code: "NO_ANSWER", message: reason } };
  else if (told.calls.length < asked.calls.length) told.broken = reason;
  told.ms = Date.now() - started;
  process.stdout.write(JSON.stringify(told) + "\n", () => process.exit(0));
}

const socket = new WebSocket(asked.url);
const send = (id, method, params) => socket.send(JSON.stringify({ type: "req", id, method, params }));
const next = () => {
  const call = asked.calls[told.calls.length];
  if (call) send(String(told.calls.length), call.method, call.params || {});
  else end("done");
};
const login = () => send("connect", "connect", {
  minProtocol: 4, maxProtocol: 4, role: "operator", scopes: SCOPES, caps: [],
  client: { id: "gateway-client", version: "1", platform: process.platform, mode: "backend" },
  ...(asked.token ? { auth: { token: asked.token } } : {}),
});

socket.onmessage = ({ data }) => {
  const frame = JSON.parse(data);
  if (frame.type === "event") return frame.event === "connect.challenge" ? login() : undefined;
  if (frame.type !== "res") return undefined;
  const { ok, payload, error } = frame;
  if (frame.id !== "connect") told.calls.push({ method: asked.calls[told.calls.length].method, ok, payload, error });
  else told.connect = ok ? { ok, server: payload.server, auth: payload.auth } : { ok, error };
  return told.connect.ok ? next() : end("refused");
};
socket.onclose = ({ code, reason }) => end(`closed ${code} ${reason}`.trim());
socket.onerror = ({ message }) => end(message || "no connection");
setTimeout(() => end(`no answer within ${LIMIT_MS} ms`), LIMIT_MS);
