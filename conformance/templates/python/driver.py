"""A driver of mfa-conformance: puts an SDK behind the protocol MDP/1, one JSON object a line.

Replace each TODO by the SDK's one call, in any order: a function of the SDK's client `c` and the arguments `a`
that gives back what the SDK returned, renamed. Do not retry, wait or repair: the suite would then judge this
driver and not the SDK. What the SDK cannot do is No("why"). After each step:

    mfa-conformance smoke --driver 'exec:python3 driver.py'
"""
import itertools, json, sys, time, traceback
# import your_sdk

TODO = object()
class No(str): """Why the SDK has no such call."""

OPS = {
    "client.new": TODO,  # a function of a alone: {environment_id, base_url, origin} -> the SDK's client, initialised
    "client.close": lambda c, a: None,  # let go of the client
    # {authenticated, user_id, scopes, mfa_pending, recovery_ack_pending, token, token_exp, mfa_token}; None if unknown
    "state.get": TODO,
    "auth.email_start": TODO,  # {email} -> {email, verification_id}
    "auth.email_verify": TODO,  # {code, scopes?, allow_new_mfa_linking?} -> {}
    "auth.refresh": TODO,  # {} -> {}
    "auth.logout": TODO,  # {} -> {}
    "client.restart": TODO,  # {} -> {}; a new SDK object over the same storage and keys
    "state.stored": TODO,  # {} -> {items}: each value that the SDK has stored, as text
    "user.get": TODO,  # {} -> {user}
    "user.update": TODO,  # {fields} -> {}
    "user.delete": TODO,  # {} -> {}
    "totp.register": TODO,  # {} -> {device_id, secret, uri}
    "totp.confirm": TODO,  # {code} -> {device}
    "totp.auth": TODO,  # {code, device_id?, scopes?, mfa_token?: {single_use}} -> {mfa_token}
    "passkey.register": TODO,  # {} -> {}; the SDK's authenticator is `lend`, see below
    "passkey.auth": TODO,  # {scopes?, mfa_token?} -> {mfa_token}
    "passkey.sign_in": TODO,  # {} -> {}
    "passkey.list": TODO,  # {} -> {passkeys}
    "passkey.delete": TODO,  # {id} -> {}
    "device.list": TODO,  # {} -> {devices: [{id, type, verified, default, verified_at}]}
    "device.get": TODO,  # {id} -> {device}
    "device.set_default": TODO,  # {id} -> {}
    "device.delete": TODO,  # {id, mfa_token?} -> {}
    "mfa.methods": TODO,  # {} -> {devices, passkeys, has_verified}
    "mfa.missing": TODO,  # {} -> {missing}
    "mfa.required_for_action": TODO,  # {action} -> {required}
    "mfa_token.take": TODO,  # {} -> {mfa_token}
    "stepup.check": TODO,  # {scope} -> {required, credentials, default_credential_id}
    "stepup.peek": TODO,  # {scope} -> {token}
    "stepup.take": TODO,  # {scope} -> {token}
    "recovery.list": TODO,  # {} -> {count, codes}
    "recovery.rotate": TODO,  # {} -> {count, codes}
    "recovery.auth": TODO,  # {code, scopes?, mfa_token?} -> {mfa_token}
    "recovery.ack": TODO,  # {} -> {}
    "recovery.pending": TODO,  # {} -> {pending}
}

def hello():
    """Who is there; `passkey` becomes "harness" once `lend` is the SDK's authenticator."""
    optional = [(op, call) for op, call in OPS.items() if op not in MANDATORY and call is not TODO]
    return {
        "mdp": 1, "driver": {"name": "my-driver", "version": "0.0.0"},
        "sdk": {"name": "My SDK", "version": "0.0.0", "package": "my-sdk", "platform": "cpython", "language": "python"},
        "guides": [],  # of: totp, passkey, account-based, action-based, step-up, session-mfa, device-management, recovery-codes
        "caps": {op: {"no": str(call)} if isinstance(call, No) else True for op, call in optional},
        "clock": {"now_ms": int(time.time() * 1000), "injectable": False}, "limits": {"instances": 8, "inflight": 1},
        "errors": "typed", "passkey": "none", "storage": "memory", "restart": "none",
    }

def described(error):
    """What the SDK raised, in its own words; many an SDK has what the service or the browser said as a cause."""
    chain = [it for it in (error, error.__cause__, getattr(error.__cause__, "__cause__", None)) if it]
    http = next((it.status for it in chain if isinstance(getattr(it, "status", None), int)), None)
    kinds = {Declined: "user", TimeoutError: "timeout", ConnectionError: "network"}
    found = [origin for kind, origin in kinds.items() if any(isinstance(it, kind) for it in chain)]
    code, own = getattr(error, "code", None), error.name if isinstance(error, Declined) else type(error).__name__
    return {"origin": "server" if http is not None else (found + ["client"])[0], "class": own, "http": http,
            "code": code if isinstance(code, str) else None, "message": str(error), "retryable": False}

# ---- the protocol; nothing below needs a change ----
MANDATORY = ("client.new", "client.close", "state.get")
out, sys.stdout = sys.stdout, sys.stderr  # an SDK that prints must not break the lines
clients, made, asked = {}, itertools.count(1), itertools.count(1)

def send(message):
    print(json.dumps(message), file=out, flush=True)

class Declined(Exception):
    """What a browser would have thrown; `name` is NotAllowedError when the person cancelled."""
    def __init__(self, err): super().__init__(err["message"]); self.name = err["name"]

def lend(op, options):
    """The runner's authenticator: "webauthn.create" or "webauthn.get" and the options, to the credential's JSON."""
    send({"cb": next(asked), "op": op, "args": options})
    answer = json.loads(sys.stdin.readline())
    if "ok" in answer: return answer["ok"]
    raise Declined(answer["err"])

def outcome(op, inst, a):
    if op in ("hello", "bye"): return {"ok": hello() if op == "hello" else {}}
    call = OPS.get(op, No(f"this driver knows no op {op}"))
    if not callable(call):
        return {"unsupported": {"why": str(call) if isinstance(call, No) else "not filled in yet", "issue": None}}
    if op != "client.new" and inst not in clients:
        return {"fault": {"message": f"there is no client {inst}", "trace": None}}
    try:
        result = call(a) if op == "client.new" else call(clients[inst], a)
    except Exception as error:
        # A slip in the calls above, raised in this very file, is no error of the SDK, but a fault of this driver.
        place = traceback.extract_tb(error.__traceback__)[-1].filename
        if isinstance(error, (AttributeError, NameError, TypeError)) and place == outcome.__code__.co_filename:
            return {"fault": {"message": repr(error), "trace": traceback.format_exc()}}
        return {"err": described(error)}
    if op == "client.new":
        inst = f"c{next(made)}"
        clients[inst], result = result, {"inst": inst}
    if op == "client.close": del clients[inst]
    return {"ok": result or {}}

for line in iter(sys.stdin.readline, ""):
    request = json.loads(line)
    send({"id": request["id"], **outcome(request["op"], request.get("inst"), request.get("args", {}))})
    if request["op"] == "bye": break
