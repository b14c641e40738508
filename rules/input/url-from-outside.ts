import type { Call, Node } from '../model.ts';
import { destinationArgument, destinationOf, isMeant } from '../python/hosts.ts';
import { isIsolated } from '../python/isolation.ts';
import { outsideOrigin, trailOf } from '../python/outside.ts';
import { ARCHIVE_CALLS, CODE_CALLS, DESERIALISERS, PROCESS_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

const OPENS =
  /^(?:urllib\.request\.(?:urlopen|urlretrieve)|urllib\.(?:urlopen|urlretrieve)|requests\.(?:get|head|Session\(\)\.get)|httpx\.(?:get|stream|Client\(\)\.get))$/;
const CHECKED = /urlparse|urlsplit|startswith\(|is_safe|allowed|whitelist|allowlist/i;

/** Is what is fetched then run, loaded or unpacked in the same statement or given to such a call? */
function isRun(call: Call): boolean {
  for (let it: Node | undefined = call.parent; it !== undefined; it = it.parent) {
    if (it.type === 'function') return false;
    if (it.type !== 'call') continue;
    const callee = it.callee ?? '';
    if (CODE_CALLS.has(callee) || DESERIALISERS.has(callee) || ARCHIVE_CALLS.has(callee) || PROCESS_CALLS.has(callee)) return true;
  }
  return false;
}

export const rule = defineRule({
  id: 'url-from-outside',
  code: 'INP015',
  category: 'input',
  title: 'Address to open comes from outside',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [918],
  peers: { bandit: ['B310'], ruff: ['S310'], semgrep: ['dynamic-urllib-use-detected'], codeql: ['py/full-ssrf', 'py/partial-ssrf'] },
  why: 'Whoever chooses the address chooses which system is asked, and with `file:` which file of this machine is read.',
  instead: 'Compare scheme and host with those that are meant before opening the address.',
  limits: 'An address that the environment gives to an HTTP client is for the network category; a check in the same function counts, whatever it compares.',
  links: ['https://owasp.org/www-community/attacks/Server_Side_Request_Forgery', 'https://docs.python.org/3/library/urllib.request.html'],
  yieldsTo: ['destination-from-outside', 'unsafe-deserialisation', 'evaluated-text'],
  on: 'call',
  calls: (callee) => OPENS.test(callee),
  *check(call, file) {
    if (call.callee === undefined || !OPENS.test(call.callee)) return;
    const at = destinationArgument(call) ?? call.arguments[0]?.value;
    if (at === undefined || at.type === 'string' || destinationOf(call) !== undefined || isIsolated(call, file)) return;
    if (/live_?server|base_?url|server_?url|self\.url/i.test(at.text) || CHECKED.test(file.ownerOf(call)?.node.text ?? '')) return;
    const outside = outsideOrigin(at, file);
    const read = outside ?? file.origins(at).find((it) => it.sort === 'file');
    if (read === undefined) return;
    const from = outside?.from ?? 'a file';
    const run = isRun(call);
    if (!run && outside !== undefined && isMeant(outside.origin, file)) return;
    // Of an address that is put together a reply mostly gives a name below a known host.
    if (!run && outside?.origin.sort === 'network' && (at.value.kind === 'joined' || at.value.kind === 'result')) return;
    yield {
      at: call.place,
      ...(run ? { kind: 'review' } : {}),
      message: `\`${call.method}\` opens an address that ${from === 'the network' ? 'a reply' : from} gives${run ? ', and what is there is run' : ''}`,
      trail: outside === undefined ? [] : trailOf(outside.origin, outside.from),
    };
  },
  examples: [
    {
      name: 'an address from a reply',
      bad: py`
        import requests

        def test_next_page():
            reply = requests.get("http://localhost:8000/", timeout=5)
            requests.get(reply.json()["next"], timeout=5)  #! opens an address that a reply gives
      `,
    },
    {
      name: 'an address in a file',
      bad: py`
        import urllib.request
        from pathlib import Path

        def test_mirror():
            urllib.request.urlopen(Path("mirror.txt").read_text())  #! opens an address that a file gives
      `,
    },
    {
      name: 'a literal, a local server, an address that is checked',
      good: py`
        import requests
        from urllib.parse import urlsplit
        from urllib.request import Request, urlopen

        def test_page(live_server):
            requests.get(live_server.url + "/", timeout=5)
            requests.get("http://localhost:8000/", timeout=5)

        def fetch(url):
            return urlopen(Request(method="GET", url=url), timeout=5).read()

        def test_berth(server):
            berth = requests.get("http://localhost:8000/free", timeout=5).json()["id"]
            requests.get(f"{server}/berths/{berth}", timeout=5)

        def test_next_page():
            reply = requests.get("http://localhost:8000/", timeout=5)
            following = reply.json()["next"]
            assert urlsplit(following).hostname == "localhost"
            requests.get(following, timeout=5)
      `,
    },
  ],
});
