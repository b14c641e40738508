import { ancestors, argument, type Call, constantText, type Expression, type Node, type TestFile, walk } from '../model.ts';
import { destinationOf, isLoopback } from '../python/hosts.ts';
import { NETWORK_CALLS } from '../python/network.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { addressOf, isEveryInterface } from '../python/servers.ts';
import { defineRule, py } from '../rule.ts';

/** Take a path: keyword and position. */
const PATH_SINKS: ReadonlyMap<string, readonly [string | undefined, number]> = new Map([
  ['builtins.open', ['file', 0]],
  ['flask.send_file', ['path_or_file', 0]],
  ['aiohttp.web.FileResponse', ['path', 0]],
  ['starlette.responses.FileResponse', ['path', 0]],
  ['fastapi.responses.FileResponse', ['path', 0]],
  ['django.http.FileResponse', [undefined, 0]],
  ['os.remove', ['path', 0]],
  ['os.unlink', ['path', 0]],
  ['shutil.copyfile', ['src', 0]],
  ['shutil.copy', ['src', 0]],
]);
const PATH_METHODS = /^pathlib\.Path\(\)(?:\.\w+\(\))*\.(?:read_text|read_bytes|open|unlink|write_text|write_bytes)$/;
/** What a client sends to the server of a test. */
const REQUEST =
  /^(?:flask\.request|django\.http\.HttpRequest\(\)|starlette\.requests\.Request\(\)|aiohttp\.web\.Request\(\)|bottle\.request|cherrypy\.request)\b/;
const CHECKED =
  /secure_filename|safe_join|is_relative_to|relative_to|commonpath|translate_path|os\.path\.basename|\.name\b|normpath|startswith\(|\.\.["'] (?:not )?in\b/;

function pathOf(call: Call): Expression | undefined {
  const callee = call.callee ?? '';
  if (PATH_METHODS.test(callee)) return call.function.type === 'attribute' ? call.function.object : undefined;
  const sink = PATH_SINKS.get(callee);
  return sink === undefined ? undefined : argument(call, sink[0], sink[1]);
}

/** `self.path` in a handler of `http.server`: what the client asked for. */
function isRequestPath(it: Node, file: TestFile): boolean {
  if (it.type !== 'attribute' || it.name !== 'path' || it.object.type !== 'name' || it.object.id !== 'self') return false;
  if (
    file.class?.ancestors.some((base) => /HTTPRequestHandler$/.test(base)) === true ||
    file.class?.unresolved.some((base) => /HTTPRequestHandler$/.test(base)) === true
  )
    return true;
  for (let node = it.parent; node !== undefined; node = node.parent)
    if (node.type === 'class') return node.bases.some((base) => /HTTPRequestHandler$/.test(base.value.text));
  return false;
}

function requested(path: Expression, file: TestFile): Expression | undefined {
  for (const it of walk(path)) {
    if (it.type !== 'name' && it.type !== 'attribute' && it.type !== 'call' && it.type !== 'subscript') continue;
    if (isRequestPath(it, file) || REQUEST.test(it.refersTo ?? '')) return it;
  }
  return file.origins(path).some((it) => REQUEST.test(it.name)) ? path : undefined;
}

/** `HTTPServer(('127.0.0.1', port), Handler)` in the same function: only this machine asks it, while the test runs. */
function isServedToItself(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call)?.node;
  if (owner === undefined) return false;
  const hosts = walk(owner).flatMap((it) => (it.type === 'call' ? (addressOf(it)?.host ?? []) : []));
  return hosts.length > 0 && hosts.every((it) => isLoopback(it) && !isEveryInterface(it));
}

/** Does the function ask nobody but servers on this machine: `requests.get(f"{BASE}/ships")` with `BASE = "http://localhost:9000"`? */
function asksThisMachine(call: Call, file: TestFile): boolean {
  const owner = file.ownerOf(call)?.node;
  const asked = owner === undefined ? [] : walk(owner).flatMap((it) => (it.type === 'call' && NETWORK_CALLS.has(it.callee ?? '') ? it : []));
  return asked.length > 0 && asked.every((it) => isLoopback(destinationOf(it)?.host ?? ''));
}

/** `with open(path) as stored: assert stored.read() == …`: nothing of it goes anywhere. */
function isOnlyCompared(call: Call): boolean {
  const mode = argument(call, 'mode', 1);
  if (call.callee !== 'builtins.open' || (mode !== undefined && !/^[rbt]{1,3}$/.test(constantText(mode.value) ?? '?'))) return false;
  const around = call.parent;
  const target = around?.type === 'with' ? around.items.find((it) => it.context === call)?.target : undefined;
  if (around?.type !== 'with' || target?.type !== 'name') return false;
  const held = new Set([target.id]);
  for (const it of walk(around)) {
    if (it.type !== 'name' || it === target || !held.has(it.id)) continue;
    let node: Node = it;
    for (const each of ancestors(it)) {
      if (each.type === 'comparison') break;
      node = each;
      if (each.type === 'assignment' || each === around) break;
    }
    if (node.parent?.type === 'comparison') continue;
    // A name for what was read is looked at in turn.
    const [named] = node.type === 'assignment' ? node.targets : [];
    if (named?.type !== 'name') return false;
    held.add(named.id);
  }
  return true;
}

export const rule = defineRule({
  id: 'path-from-outside',
  code: 'INP012',
  category: 'input',
  title: 'Part of a file path comes from a request or reply',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [22],
  peers: { semgrep: ['path-traversal-open', 'path-traversal-join'], codeql: ['py/path-injection'] },
  why: 'With `../` in that part the test server hands out, or removes, any file of the machine it runs on.',
  instead: 'Resolve the path and refuse what is outside: `path.resolve().is_relative_to(root)`, or take the last part only.',
  limits:
    'A server that the same function makes on this machine alone is a note, and so is a file that is only read and compared. What a server on this machine replies is not from outside. Only parts that are joined to a folder, and only when the same function does not check them. Values of the environment are not counted as a part, nor are replies that another file asks for.',
  links: ['https://owasp.org/www-community/attacks/Path_Traversal', 'https://docs.python.org/3/library/pathlib.html#pathlib.PurePath.is_relative_to'],
  yieldsTo: ['destructive-path'],
  on: 'call',
  calls: (callee) => PATH_METHODS.test(callee) || PATH_SINKS.has(callee),
  *check(call, file) {
    const path = pathOf(call);
    if (path === undefined || path.type === 'string' || file.stubbed(call.callee ?? '', call) !== undefined || file.rejected(call)) return;
    if (CHECKED.test(file.ownerOf(call)?.node.text ?? '')) return;
    const fromRequest = requested(path, file);
    if (fromRequest !== undefined) {
      yield {
        at: call.place,
        ...(isServedToItself(call, file) ? { kind: 'informational' } : {}),
        message: `\`../\` in what a client sends leads \`${call.method}\` out of the folder`,
        trail: [{ at: fromRequest.place, note: 'comes from a request' }],
      };
      return;
    }
    if (path.value.kind !== 'joined' || constantText(path.value.parts[0]) === '') return;
    const outside = outsideOrigin(path, file);
    if (outside?.from !== 'the network' || !outside.origin.here) return;
    if (asksThisMachine(call, file)) return;
    yield {
      at: call.place,
      ...(isOnlyCompared(call) ? { kind: 'informational' } : {}),
      message: `a part of the path comes from a reply: \`../\` in it leads \`${call.method}\` out of the folder`,
      trail: trailOf(outside.origin, outside.from),
    };
  },
  examples: [
    {
      name: 'a test server that serves files',
      bad: py`
        import http.server
        import os

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                with open(os.path.join("tests/data", self.path), "rb") as stored:  #! leads ${'`open`'} out of the folder
                    self.wfile.write(stored.read())
      `,
    },
    {
      name: 'a note for a server that only the test itself can ask',
      bad: py`
        import http.server

        def serve(port):
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    with open(self.path[1:], "rb") as stored:  #! leads ${'`open`'} out of the folder
                        self.wfile.write(stored.read())

            address = ("127.0.0.1", port)
            http.server.HTTPServer(address, Handler).serve_forever()
      `,
    },
    {
      name: 'a name from a reply',
      bad: py`
        import requests

        def test_download():
            reply = requests.get(TIDES, timeout=5)
            with open("tests/data/" + reply.json()["name"], "w") as stored:  #! comes from a reply
                stored.write(reply.text)
      `,
    },
    {
      name: 'a note where the file is only compared',
      bad: py`
        import requests

        def test_download():
            reply = requests.get(TIDES, timeout=5)
            with open("tests/data/" + reply.json()["name"], "rb") as stored:  #! comes from a reply
                head = stored.read(100)
                assert b"PK" in head[:10]
      `,
    },
    {
      name: 'another machine is asked by a session, beside this one',
      bad: py`
        import requests

        def test_download():
            session = requests.Session()
            assert requests.get("http://localhost:9000/health", timeout=5).ok
            reply = session.get(TIDES, timeout=5)
            with open("tests/data/" + reply.json()["name"], "w") as stored:  #! comes from a reply
                stored.write(reply.text)
      `,
    },
    {
      name: 'a reply of this machine',
      good: py`
        import requests

        BASE = "http://localhost:9000"

        def test_download():
            reply = requests.get(f"{BASE}/ships/1", timeout=5)
            with open("tests/data/" + reply.json()["name"], "w") as stored:
                stored.write(reply.text)
      `,
    },
    {
      name: 'checked, only the last part, a payload that is passed to the code under test',
      good: py`
        import http.server
        import os

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                name = os.path.basename(self.path)
                with open(os.path.join("tests/data", name), "rb") as stored:
                    self.wfile.write(stored.read())

        def test_traversal(load, folder):
            assert load("../../etc/passwd") is None
            with open(os.path.join(folder, "berths.txt")) as stored:
                stored.read()
      `,
    },
  ],
});
