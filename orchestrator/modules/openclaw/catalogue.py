"""The symptom catalogue: what OpenClaw says or shows, which layer it is, the first command, the next step. Data only.

Layers, in the order of diagnosis: A transport and credentials, B policy, configuration and approvals, C resolution of
secrets, D the runtime on the host. Patterns were written after messages of OpenClaw 2026.9.6 that were provoked on
purpose (tests keep them); the first pattern that is found decides, so that the specific stand before the general.
"""

from __future__ import annotations

import json
import re

from orchestrator.model.frozen import frozen

LAYERS = {
    "A": "transport and credentials",
    "B": "policy and approvals",
    "C": "secret resolution",
    "D": "runtime and desktop session",
}


@frozen
class Symptom:
    """One row. ``pattern`` None: it is no message, a check found it. ``command`` is the first to run, then ``step``."""

    code: str
    layer: str
    pattern: str | None
    cause: str
    command: str
    step: str

    def matches(self, text: str) -> bool:
        return self.pattern is not None and re.search(self.pattern, text, re.IGNORECASE) is not None


STATUS = "openclaw gateway status --require-rpc --json"
SYMPTOMS: tuple[Symptom, ...] = (
    # C: a secret that cannot be had hides behind many other words, so it comes first
    Symptom("secret_unresolved", "C",
            r"SECRETS_(DEGRADED|OWNER_UNAVAILABLE|PROVIDER_DEGRADED|GATEWAY_AUTH_SURFACE)|REF_UNRESOLVED"
            r"|SecretRefResolutionError|SecretRef is unresolved|required secrets are unavailable"
            r"|secret reference was not found|secrets\.reload failed|Failed to resolve (env|file|exec|store):"
            r"|(Unresolved|cannot resolve|could not resolve)[^\n]*SecretRef|kind\W+resolvability"
            r"|secret provider failed",
            "a SecretRef of the configuration cannot be resolved",
            "openclaw secrets audit --check --json",
            "supply the secret under exactly that name, then openclaw secrets reload"),
    Symptom("provider_key", "C",
            r"No API key|missingProvidersInUse|missing api key|api key (is )?(missing|required)"
            r"|auth(entication)? profile .*(missing|expired)|No auth profiles? |expired or missing",
            "a model provider has no key",
            "openclaw models status --check --json",
            "add the provider's key as a SecretRef; this is not the gateway's token"),
    Symptom("variable_missing", "C",
            r"env var \"[^\"]+\" - feature using this value will be unavailable"
            r"|Environment variable \"?\w+\"? is missing|MissingEnvVar|missing env(ironment)? var",
            "a variable that the configuration names is not in the service's environment",
            "openclaw secrets audit --json",
            "put it into the service's environment file, not into a shell's, and restart the service"),
    Symptom("secret_name", "C",
            None,
            "a SecretRef's name differs from a known one by a letter or two",
            "openclaw secrets audit --check --json",
            "correct the name in the configuration or in the registry"),
    Symptom("secret_missing_env", "C",
            None,
            "a variable that a SecretRef names is not in the service's environment",
            "openclaw secrets audit --check --json",
            "put it into the service's environment file, then restart the service"),
    Symptom("secret_unregistered", "C",
            None,
            "the configuration and the registry of secrets do not name the same",
            "openclaw secrets audit --json",
            "register the reference, or take it out of the configuration"),
    Symptom("secret_plaintext", "C",
            r"PLAINTEXT_FOUND|STORE_PLAINTEXT_RESIDUE|LEGACY_RESIDUE|PLACEHOLDER_VALUE|REF_SHADOWED",
            "a secret lies in plain text or is shadowed",
            "openclaw secrets audit --json",
            "replace the value by a SecretRef and remove the copy"),
    # D, where words of other layers occur in it as well
    Symptom("second_gateway", "D",
            r"StateDatabaseCoordinatorContention|another OpenClaw process owns|gateway-lifecycle",
            "a second gateway wants the same state directory",
            "openclaw gateway status --json",
            "end the one that launchd does not own; one state directory has one gateway"),
    Symptom("port_taken", "D",
            r"EADDRINUSE|already (listening|in use)|port \d+ is (already )?(in use|busy|taken)",
            "another process has the gateway's port",
            "lsof -nP -iTCP:{port} -sTCP:LISTEN",
            "end the process that holds the port, or let it take another one"),
    Symptom("crash_loop", "D",
            r"crash-loop breaker|restart storm|times in 5 min|another supervisor may be",
            "the service is restarted again and again, or by two supervisors",
            "launchctl print gui/{uid}/{label}",
            "find out who restarts it; do not restart again before that"),
    Symptom("starved", "D",
            r"lease heartbeat did not become ready|ENOMEM|heap out of memory|slow SQLite transaction|event_loop_(delay"
            r"|utilization)|ENOSPC|no space left",
            "the machine is starved of memory, disk or processor time",
            "memory_pressure -Q",
            "free it before anything else; timeouts on a starved machine look like refused credentials"),
    Symptom("service_manager", "D",
            r"service management skipped|Domain does not support specified action|bootstrap failed"
            r"|Could not find domain|service-manager-unavailable|No supported service manager|service not (loaded"
            r"|installed)",
            "the service cannot be managed from this session",
            "launchctl print gui/{uid}",
            "log in at the console as the service's user, with its own HOME and no OPENCLAW_ variables"),
    Symptom("node_absent", "D",
            r"unknown node|node (is )?not connected|node .{0,80}disconnected|NODE_NOT_CONNECTED|Browser not running"
            r"|browser (is )?not running|\"running\":\s*false",
            "a node or its browser is not there",
            "openclaw nodes status --json",
            "look at the node's own log and service; a lost state directory gives it a new device id"),
    Symptom("not_installed", "D",
            r"openclaw[\w-]*: (command )?not found|Cannot find module|ERR_MODULE_NOT_FOUND|no Node\.js was found"
            r"|requires Node|unsupported engine",
            "OpenClaw or its Node.js is not installed as the service expects",
            "openclaw --version",
            "install the pinned version where the service's plist points"),
    Symptom("migration", "D",
            r"requires state migration|newer (database|schema)|last touched by|lastTouchedVersion",
            "state and program are of different versions",
            "openclaw --version",
            "run the version that wrote the state, or restore the backup of this version"),
    # B: configuration and approvals
    Symptom("config_invalid", "B",
            r"Invalid config|Unrecognized key|config(uration)? (is )?invalid|invalid config|\"valid\":\s*false"
            r"|Config validation failed|skipped \(invalid config\)|JSON5|Expected .* received|Invalid (input|option)"
            r"|must be (one of|a )|(Config path not found|Unknown config path)"
            r"|Missing config|existing config is missing gateway\.mode"
            r"|Gateway start blocked|unsupported config|Config (write|set|patch) (rejected|refused|failed)",
            "the configuration is not valid for this version",
            "openclaw config validate --json",
            "correct the named key, or restore the last snapshot; the running gateway keeps its last good one"),
    Symptom("bind_unsafe", "B",
            r"Refusing to bind gateway|refus\w+ to bind|bind.*without auth",
            "the gateway is asked to listen beyond the loopback without credentials",
            "openclaw config get gateway.bind",
            "write gateway.bind: loopback"),
    Symptom("awaiting_approval", "B",
            r"awaiting operator approval|pending-approval|approvalState\W+(pending|unapproved)"
            r"|command surface withheld|PAIRING_REQUIRED|pairing required|NOT_PAIRED.*not-paired|not approved yet"
            r"|node pairing changed|role-upgrade|waiting for operator action|cause\W*pairing-required"
            r"|node pairing is required|unknown requestId|unknown (pairing )?request|device removed"
            r"|device (token|pairing) \w+ denied|No pending \w+ request",
            "a device or node waits for an operator's approval, or lost it",
            "openclaw nodes pending --json",
            "openclaw nodes approve REQUEST or openclaw devices approve REQUEST; then restart a node that paused"),
    Symptom("scope", "B",
            r"missing scope|MISSING_SCOPE|probe_scope_limited|connected_no_operator_scope|FORBIDDEN",
            "the connection has no scope for this; on a host with only the shared token that is normal for `gateway "
            "probe`",
            STATUS,
            "use a client with a device identity and the scope, not another token"),
    Symptom("exec_policy", "B",
            r"(denied|blocked) by (exec |tool )?policy|approval[- ]required|exec(ution)? (is )?denied"
            r"|SYSTEM_RUN_DENIED|Tool not available|not allowed by policy|node command not allowed|disallowed",
            "a policy does not allow this command or tool",
            "openclaw exec-policy show --json",
            "approve it, or change the policy on purpose"),
    Symptom("permissions", "B",
            r"perms_(writable|world|group)|permissions? (are|is) too|world[- ]writable|EACCES|EPERM",
            "a file with configuration or secrets has too wide or wrong permissions",
            "openclaw security audit --json",
            "chmod 600 the file, chmod 700 its directory"),
    Symptom("proxy_header", "B",
            r"proxy_attribution_required|Proxy client attribution|trustedProxies|proxy-shaped traffic"
            r"|ORIGIN_NOT_ALLOWED|origin not allowed",
            "a proxy or a browser origin is not declared",
            "openclaw config get gateway.trustedProxies",
            "declare the proxy or the origin in the configuration"),
    Symptom("refused_as_designed", "B",
            r"re-run with --force|requires? (an )?(interactive|TTY)|interactive terminal|operator's running gateway"
            r"|stopping the gateway is|does not know the command|unknown (command|option|method)|too many arguments"
            r"|missing required argument",
            "the command is not meant to run like this",
            "openclaw --help",
            "use the form for automation"),
    # A
    Symptom("rate_limited", "A",
            r"AUTH_RATE_LIMITED|rate.?limit|too many (failed )?auth|retry later",
            "too many wrong credentials; the gateway makes this client wait, also with a right one",
            STATUS,
            "stop whoever sends the old token, wait for the lockout to end"),
    Symptom("token_mismatch", "A",
            r"token[_ ]mismatch|AUTH_TOKEN_MISMATCH|password[_ ]mismatch|gateway auth changed|auth-rejected"
            r"|AUTH_DEVICE_TOKEN|reason=device_token_mismatch",
            "the client's token is not the one the running gateway holds",
            STATUS,
            "compare fingerprints: deliver the current token to this client, restart it; do not rotate yet"),
    Symptom("token_generated", "A",
            r"auth token was missing\. Generated a runtime token|auth token is blank|published example placeholder",
            "the gateway runs on a token nobody knows, or refuses a placeholder",
            STATUS,
            "configure gateway.auth.token as a SecretRef, then restart"),
    Symptom("token_missing", "A",
            r"AUTH_TOKEN_MISSING|token_missing|gateway_credentials_required|requires? credentials"
            r"|DEVICE_IDENTITY_REQUIRED|device identity required|explicit credentials|no credentials?"
            r"|cause=device-required",
            "the client sends no credentials",
            STATUS,
            "give the client the token by its service's environment or a SecretRef"),
    Symptom("unauthorized", "A",
            r"unauthorized|\b401\b",
            "the gateway does not accept the credentials",
            STATUS,
            "compare the client's fingerprint with the gateway's"),
    Symptom("tls_or_scheme", "A",
            r"SECURITY ERROR|plaintext ws://|certificate|ERR_TLS|wrong version number|ENOTFOUND|getaddrinfo"
            r"|EHOSTUNREACH|Invalid URL|protocol mismatch|Unexpected server response",
            "the client's address, name or scheme is not the gateway's",
            STATUS,
            "compare the client's URL with the gateway's port, bind and TLS"),
    Symptom("not_ready", "A",
            r"startup-sidecars|gateway-draining|\"status\":\s*\"(starting|draining)\"|service restart|UNAVAILABLE"
            r"|\(1012\)|draining active work|admission\] closed",
            "the gateway is starting or draining",
            "curl -s http://127.0.0.1:{port}/readyz",
            "wait until it is ready"),
    Symptom("unreachable", "A",
            r"ECONNREFUSED|no_gateway_reachable|gateway_transport_error|kind\W+unreachable|Could not connect"
            r"|Couldn't connect|Failed to connect|Connection refused|not reachable|closed \(1006"
            r"|gateway (is )?not running|handshake timeout|timed? ?out|socket hang up|ECONNRESET|NO_ANSWER"
            r"|printed nothing"
            r"|gateway closed|connect failed",
            "nobody answers on the gateway's port",
            "curl -s http://127.0.0.1:{port}/readyz",
            "look at the service: launchctl print gui/{uid}/{label}"),
    # found by checks, not by words
    Symptom("bind_wide", "A",
            None,
            "the gateway listens beyond the loopback",
            "lsof -nP -iTCP:{port} -sTCP:LISTEN",
            "write gateway.bind: loopback and restart; what status reports is not what the socket does"),
    Symptom("anonymous_let_in", "A",
            None,
            "the gateway answers a request without credentials",
            "openclaw config get gateway.auth.mode",
            "set gateway.auth.mode: token"),
    Symptom("token_unknown", "A",
            None,
            "no token was given, so the authenticated half could not be asked",
            STATUS,
            "give the module the token"),
    Symptom("permissions_wide", "B",
            None,
            "a file with configuration or secrets is readable by others",
            "ls -l {config}",
            "chmod 600 the file, chmod 700 its directory"),
    Symptom("policy_changed", "B",
            None,
            "what is in effect differs from what is declared",
            "openclaw exec-policy show --json",
            "bring the policy back to the declared one"),
    Symptom("stale_process", "D",
            None,
            "the running process is older than what it should have read",
            "launchctl print gui/{uid}/{label}",
            "restart the service once, under the budget"),
    Symptom("second_install", "D",
            None,
            "PATH finds more than one OpenClaw",
            "which -a openclaw",
            "keep the one that the service runs, remove the other"),
    Symptom("version_skew", "D",
            None,
            "command line and running gateway are of different versions",
            "openclaw --version",
            "restart the service, or install the pinned version"),
    Symptom("memory_pressure", "D",
            None,
            "the machine is short of memory",
            "memory_pressure -Q",
            "free memory first: on a starved host timeouts look like refused credentials"),
    Symptom("service_down", "D",
            None,
            "the service does not run",
            "launchctl print gui/{uid}/{label}",
            "read the end of its log, mend the cause, then launchctl kickstart -k gui/{uid}/{label}"),
    Symptom("clock_off", "D",
            None,
            "the clock is off",
            "sntp time.apple.com",
            "set the time before anything else: signed device proofs are refused 120 s away"),
    Symptom("node_unsound", "D",
            None,
            "a node is not connected, or cannot be used",
            "openclaw nodes status --json",
            "look at the node's own service and log"),
    Symptom("unseen", "D",
            None,
            "something could not be looked at",
            STATUS,
            "look by hand"),
)  # fmt: skip
BY_CODE = {row.code: row for row in SYMPTOMS}


@frozen
class Finding:
    """One thing that is wrong: the symptom, what was seen, and the names its command is completed with."""

    code: str
    evidence: str
    names: tuple[tuple[str, str], ...] = ()

    @property
    def symptom(self) -> Symptom:
        return BY_CODE[self.code]

    @property
    def command(self) -> str:
        command = self.symptom.command
        for name, value in self.names:
            command = command.replace(f"{{{name}}}", value)
        return command

    def __str__(self) -> str:
        row = self.symptom
        head = f"layer {row.layer} ({LAYERS[row.layer]}): {row.cause}"
        return f"{head}\n  evidence: {self.evidence}\n  next: {self.command}; {row.step}"

    def as_data(self) -> dict[str, str]:
        row = self.symptom
        return {
            "code": self.code,
            "layer": row.layer,
            "cause": row.cause,
            "evidence": self.evidence,
            "next": self.command,
            "step": row.step,
        }


TELLING = ("rpc", "error", "issues", "findings", "warnings")


def telling(text: str) -> str:
    """The part of an answer that tells the trouble: of JSON what stands under rpc, error, issues or findings."""
    start = text.find("{")
    try:
        answer, _ = json.JSONDecoder().raw_decode(text[start:]) if start >= 0 else (None, 0)
    except ValueError:
        return text
    parts = (
        [answer[key] for key in ("rpc", "error", "issues", "findings", "warnings") if key in answer] if answer else []
    )
    return json.dumps(parts, ensure_ascii=False).replace('\\"', '"') if any(parts) else text


def classify(text: str) -> Symptom | None:
    """The symptom that a message shows; None where the catalogue does not know it."""
    told = telling(text)
    return next((row for row in SYMPTOMS if row.matches(told)), None)
