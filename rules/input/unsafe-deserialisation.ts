import { ancestors, argument, argumentsKnown, type Call, constantText, type Expression, type TestFile, walk } from '../model.ts';
import { behind } from '../python/behind.ts';
import { NETWORK_SINKS } from '../python/network.ts';
import { isOwnFile, isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { DESERIALISERS, deserialises } from '../python/sinks.ts';
import { addArgument, defineRule, type Fix, py, replace } from '../rule.ts';

/** Where the bytes come from that the call reads: an `Unpickler` was given them earlier. */
function sourceOf(call: Call): Expression | undefined {
  if (call.callee === 'pickle.Unpickler().load' && call.function.type === 'attribute' && call.function.object.type === 'call')
    return call.function.object.arguments[0]?.value;
  return argument(call, 'file', 0) ?? argument(call, 'f', 0);
}

/** Is what is read only what the same test has written: `loads(dumps(x))`, a buffer, what the code under test returns? */
function isOwn(source: Expression, file: TestFile): boolean {
  if (isWrittenHere(source, file)) return true;
  const origins = file.origins(source);
  return (
    origins.some((it) => /pipe|socketpair/.test(it.name)) ||
    origins.every(
      (it) =>
        it.sort === 'constant' ||
        (it.sort === 'call' &&
          /dumps|dump|getvalue|pickle|BytesIO|encode|tobytes|pack|serializ|mkstemp|TemporaryFile|tmp|pipe|socketpair|stdout|communicate/i.test(it.name)),
    )
  );
}

/** `with open(path, 'wb') as f: pickle.dump(kept, f)`: does the function write the file that it reads, before it does, with nothing that it is sent? */
function isWrittenBeside(source: Expression, call: Call, file: TestFile): boolean {
  const path = opened(source, call);
  const inside = path === undefined ? [] : walk(file.ownerOf(call)?.node ?? call);
  const calls = inside.filter((it) => it.type === 'call');
  const module = call.callee?.split('.')[0];
  const dumps = calls.some((it) => it.callee === `${module}.dump`);
  if (!dumps && calls.some((it) => NETWORK_SINKS.has(it.callee ?? ''))) return false;
  return (dumps ? calls : calls.slice(0, calls.indexOf(call))).some(
    (it) => pathOf(it)?.text === path?.text && /[wax]/.test(constantText(argument(it, 'mode', 1)?.value) ?? ''),
  );
}

/** `environment = self.build(…)`, `open(join(environment.folder, 'all.pkl'))`: a file of what the same function has had made. */
function isOfMade(source: Expression, call: Call, file: TestFile): boolean {
  const path = opened(source, call);
  const body = file.ownerOf(call)?.node;
  if (path === undefined || body === undefined) return false;
  const owners = behind(path, body).flatMap((it) => (it.type === 'attribute' && it.object.type === 'name' ? [it.object.id] : []));
  return walk(body).some(
    (it) => it.type === 'assignment' && it.value?.type === 'call' && it.targets.some((each) => each.type === 'name' && owners.includes(each.id)),
  );
}

/** The path of the file that a name was opened for. */
function opened(source: Expression, call: Call): Expression | undefined {
  for (const it of ancestors(call)) {
    const context = it.type === 'with' ? it.items.find(({ target }) => target?.text === source.text)?.context : undefined;
    if (context !== undefined) return context.type === 'call' ? pathOf(context) : undefined;
  }
  return source.value.kind === 'result' ? pathOf(source.value.call) : undefined;
}

function pathOf(call: Call): Expression | undefined {
  return call.callee === 'builtins.open' ? argument(call, 'file', 0) : undefined;
}

/** Calls that take the path of a file instead of the data. */
const PATHS: ReadonlySet<string> = new Set(['torch', 'numpy', 'shelve']);

const HOW: Readonly<Record<string, string>> = {
  torch: '`torch.load` without `weights_only=True`',
  numpy: '`numpy.load` with `allow_pickle=True`',
  shelve: '`shelve.open`',
  yaml: '`ruamel.yaml` with `typ="unsafe"`',
};

/** `weights_only=True`, which loads numbers and runs no code. */
function numbersOnly(call: Call): { readonly fix?: Fix } {
  if (call.callee !== 'torch.load' || !argumentsKnown(call)) return {};
  const given = argument(call, 'weights_only');
  const edit = given === undefined ? addArgument(call, 'weights_only=True') : replace(given, 'True');
  return { fix: { title: 'Pass `weights_only=True`', safety: 'suggest', edits: [edit] } };
}

export const rule = defineRule({
  id: 'unsafe-deserialisation',
  code: 'INP008',
  category: 'input',
  title: 'Objects loaded from data that can run code',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [502],
  peers: {
    bandit: ['B301', 'B302', 'B614'],
    ruff: ['S301', 'S302', 'S614'],
    semgrep: ['avoid-pickle', 'avoid-dill', 'avoid-shelve', 'avoid-jsonpickle', 'marshal-usage'],
    sonar: ['S6985'],
    codeql: ['py/unsafe-deserialization'],
  },
  why: 'A pickle is a program: loading one that somebody else made runs what they put into it.',
  instead: 'Store test data as JSON; for models use `weights_only=True`.',
  limits:
    "Bytes that a helper or the code under test gives are taken for the test's own, and so is a file that the same function writes first, with nothing that the network sends; one that lies in a folder of what the function has had made is a note. What the environment names is a point to decide. What a parameter brings is for who gives it: `value-through-helper` follows it.",
  links: ['https://docs.python.org/3/library/pickle.html', 'https://pytorch.org/docs/stable/generated/torch.load.html'],
  yieldsTo: ['sink-argument-unknown'],
  once: 'file',
  on: 'call',
  calls: (callee) => DESERIALISERS.has(callee),
  *check(call, file) {
    const what = deserialises(call);
    if (what === undefined || call.callee === undefined || file.stubbed(call.callee, call) !== undefined || file.rejected(call)) return;
    const source = sourceOf(call);
    if (source === undefined || isWrittenBeside(source, call, file)) return;
    const how = HOW[what] ?? `\`${call.callee.replace('()', '')}\``;
    const outside = outsideOrigin(source, file);
    if (outside !== undefined) {
      yield {
        at: call.place,
        // What the environment names is mostly the own file in another place.
        kind: outside.from === 'the environment' ? 'review' : 'fail',
        message: `${how} loads data named by ${outside.from}: whoever made it runs code here`,
        trail: trailOf(outside.origin, outside.from),
        ...numbersOnly(call),
      };
      return;
    }
    const byPath = PATHS.has(what) || call.callee === 'pandas.read_pickle';
    if (!byPath && isOwn(source, file)) return;
    const origins = file.origins(source);
    const read = origins.find((it) => it.sort === 'file');
    if (read !== undefined) {
      if (origins.some((it) => isOwnFile(it))) return;
      // A file that the source names is one of the repository or of the test's own, and a helper is mostly told to read what was just written.
      const named = origins.every(
        (it) => it.sort === 'file' || it.sort === 'constant' || it.sort === 'parameter' || isOwnFile(it) || /__file__|findfile/.test(it.name),
      );
      yield {
        at: call.place,
        kind: named || what === 'shelve' || what === 'marshal' || isOfMade(source, call, file) ? 'informational' : 'review',
        message: `${how} runs what a file says: was it made by this test or reviewed like code?`,
        trail: [{ at: read.place, note: 'is read here' }],
        ...numbersOnly(call),
      };
      return;
    }
    const given = byPath || (what === 'yaml' && origins.some((it) => it.sort === 'parameter' || it.sort === 'unknown'));
    if (given && !origins.some((it) => isOwnFile(it)) && !(what === 'shelve' && file.tier === 'unit'))
      yield { at: call.place, kind: 'informational', message: `${how} runs what the data says: it must come from this test`, ...numbersOnly(call) };
  },
  examples: [
    {
      name: 'a file named by the environment',
      bad: py`
        import os
        import pickle

        SNAPSHOT = os.environ.get("SNAPSHOT")

        def test_snapshot():
            with open(SNAPSHOT, "rb") as stored:
                register = pickle.load(stored)  #! loads data named by the environment
      `,
    },
    {
      name: 'a file of the repository, and a download',
      bad: py`
        import os
        import pickle
        import requests

        def test_stored():
            folder = os.path.dirname(__file__)
            with open(os.path.join(folder, "data", "register.pickle"), "rb") as stored:
                assert pickle.load(stored)  #! runs what a file says

        def test_download():
            reply = requests.get("https://localhost/register")
            pickle.loads(reply.content)  #! loads data named by the network
      `,
      alsoFinds: ['NET006', 'NET001', 'RES005', 'NET007', 'NET012'],
    },
    {
      name: 'data that the test is given',
      bad: py`
        import pickle
        import torch

        def test_model():
            torch.load("model.pt")  #! runs what the data says

        def load(path):
            with open(path, "rb") as stored:
                return pickle.load(stored)  #! runs what a file says
      `,
    },
    {
      name: 'a model',
      bad: py`
        import torch

        def test_model(path):
            torch.load(path)  #! it must come from this test
      `,
      fixed: py`
        import torch

        def test_model(path):
            torch.load(path, weights_only=True)
      `,
    },
    {
      name: 'unsafe YAML',
      bad: py`
        from ruamel.yaml import YAML

        def test_saved(text):
            YAML(typ="unsafe").load(text)  #! it must come from this test
      `,
    },
    {
      name: 'a file that the test writes first with what the network sends, or only afterwards',
      bad: py`
        import os
        import pickle
        import requests

        def test_download(path):
            with open("register.pkl", "wb") as kept:
                kept.write(requests.get("http://localhost/register", timeout=5).content)
            with open("register.pkl", "rb") as kept:
                assert pickle.load(kept)  #! runs what a file says

        def test_kept():
            path = os.environ["REGISTER"]
            with open(path, "rb") as kept:
                assert pickle.load(kept)  #! named by the environment
            with open(path, "wb") as kept:
                kept.write(b"")
      `,
      alsoFinds: ['NET006', 'NET001', 'NET007', 'NET012', 'SEC-S02'],
    },
    {
      name: 'a file of what the same test has had made: a note',
      bad: py`
        import os
        import pickle
        import unittest

        class TestRegister(unittest.TestCase):
            def test_written(self):
                harbour = self.build("harbour")
                path = os.path.join(harbour.folder, "register.pkl")
                with open(path, "rb") as stored:
                    self.assertIn("ship", pickle.load(stored))  #! runs what a file says
      `,
    },
    {
      name: 'a round trip, and JSON',
      good: py`
        import io
        import json
        import os
        import pickle

        CACHE = os.environ.get("CACHE")

        def test_round_trip(ship):
            assert pickle.loads(pickle.dumps(ship)) == ship
            data = pickle.dumps(ship, 2)
            again = pickle.loads(data)
            with open(CACHE, "wb") as kept:
                pickle.dump(ship, kept)
            with open(CACHE, "rb") as kept:
                assert pickle.load(kept) == ship
            with open(CACHE, "wb") as kept:
                ship.store(kept)
            with open(CACHE, "rb") as kept:
                assert pickle.load(kept) == ship
            buffer = io.BytesIO()
            pickle.dump(ship, buffer)
            pickle.load(buffer)
            json.loads(ship.text)

        def loads(data):
            return pickle.loads(data)

        def test_helper(ship):
            assert loads(pickle.dumps(ship)) == ship
      `,
    },
    {
      name: 'a file that the code under test writes',
      good: py`
        import pandas as pd
        from harbour import temporary

        def test_round_trip(ships):
            with temporary() as path:
                with open(path, "wb") as stored:
                    ships.to_pickle(stored)
                with open(path, "rb") as stored:
                    assert pd.read_pickle(stored) == ships
      `,
    },
  ],
});
