import { ancestors, argument, type Call, type Expression, type Node, type TestFile, walk } from '../model.ts';
import { isOfRepository, isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { unsafeYamlLoader, YAML_LOADS, YAML_UNSAFE } from '../python/sinks.ts';
import { defineRule, py, replace } from '../rule.ts';

/** What names objects, but calls nothing since PyYAML 5.4. */
const CALLS_NOTHING = /FullLoader$|full_load/;

/** `text = yaml.dump(ship)` … `yaml.load(text)`: is it only what the test itself has dumped? */
function isOwnDump(source: Expression, file: TestFile): boolean {
  const origins = file.origins(source);
  return origins.length > 0 && origins.every((it) => it.sort === 'call' && it.name.includes('yaml.') && /\.(?:safe_)?dump(?:_all)?$/.test(it.name));
}

/** `if yaml.__version__ < '5': yaml.load(text)`, and another loader in the other branch. */
function isForOldLibrary(call: Call): boolean {
  let inner: Node = call;
  for (const it of ancestors(call)) {
    if (it.type === 'if' && walk(it.test).some((each) => each.type === 'attribute' && each.name === '__version__' && each.object.refersTo === 'yaml')) {
      const other = it.body.some((each) => each === inner) ? it.otherwise : it.body;
      const loads = other.flatMap((each) => walk(each).filter((one) => one.type === 'call' && /^yaml\.(?:\w+_)?load(?:_all)?$/.test(one.callee ?? '')));
      return loads.length > 0 && loads.every((one) => one.type === 'call' && isGentle(unsafeYamlLoader(one)));
    }
    inner = it;
  }
  return false;
}

/** No loader that can run code, or one that calls nothing. */
function isGentle(loader: string | undefined): boolean {
  return loader === undefined || CALLS_NOTHING.test(loader);
}

export const rule = defineRule({
  id: 'unsafe-yaml',
  code: 'INP009',
  category: 'input',
  title: 'YAML loaded without a safe loader',
  kind: 'review',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'high',
  cwe: [502],
  peers: { bandit: ['B506'], ruff: ['S506'], semgrep: ['avoid-pyyaml-load'], codeql: ['py/unsafe-deserialization'] },
  why: 'With these loaders a YAML file may name any Python object to be made, and so run code.',
  instead: 'Use `yaml.safe_load`.',
  limits:
    "What the same test dumps is not judged. A loader that is not one of PyYAML's own is taken to be safe. Where `unsafe_load` or `UnsafeLoader` is written out, somebody has decided: it is a note, but for what comes from outside; so is what is read by a path of `__file__` and constants, and what stands in a branch for one version of the library, where the other branch gives another loader.",
  links: ['https://github.com/yaml/pyyaml/wiki/PyYAML-yaml.load(input)-Deprecation'],
  yieldsTo: ['sink-argument-unknown'],
  once: 'file',
  on: 'call',
  calls: (callee) => YAML_LOADS.has(callee) || YAML_UNSAFE.has(callee),
  *check(call, file) {
    const loader = unsafeYamlLoader(call);
    if (loader === undefined || call.callee === undefined || file.stubbed(call.callee, call) !== undefined) return;
    const source = argument(call, 'stream', 0);
    if (source === undefined || isOwnDump(source, file)) return;
    const how =
      loader === ''
        ? '`yaml.load` without a loader'
        : loader.endsWith('load') || loader.endsWith('load_all')
          ? `\`yaml.${loader}\``
          : `\`yaml.load\` with \`${loader}\``;
    const outside = outsideOrigin(source, file);
    const many = /_all$/.test(call.method) ? 'safe_load_all' : 'safe_load';
    const plain = call.arguments.length === (loader === '' || loader.includes('_load') ? 1 : 2);
    const written = call.function.type === 'attribute' ? call.function.object.text : undefined;
    const fix =
      plain && written !== undefined
        ? { fix: { title: `Use \`${written}.${many}\``, safety: 'suggest' as const, edits: [replace(call, `${written}.${many}(${source.text})`)] } }
        : {};
    if (outside !== undefined) {
      yield {
        at: call.place,
        kind: 'fail',
        message: `${how} builds objects from what ${outside.from} gives: that can run code`,
        trail: trailOf(outside.origin, outside.from),
        ...fix,
      };
    } else if (isWrittenHere(source, file)) {
      if (!CALLS_NOTHING.test(loader)) yield { at: call.place, kind: 'informational', message: `${how} reads a text that is written in this file`, ...fix };
    } else if (CALLS_NOTHING.test(loader)) {
      yield { at: call.place, kind: 'informational', message: `${how} names Python objects that the text asks for`, ...fix };
    } else if (/unsafe/i.test(loader)) {
      yield { at: call.place, kind: 'informational', message: `${how} makes any Python object that the text names, as its name says`, ...fix };
    } else if (isOfRepository(source, file)) {
      yield { at: call.place, kind: 'informational', message: `${how} makes any Python object that a file of the repository names`, ...fix };
    } else if (isForOldLibrary(call)) {
      yield { at: call.place, kind: 'informational', message: `${how} makes any Python object that the text names, with an old version of the library` };
    } else yield { at: call.place, message: `${how} makes any Python object that the text names`, ...fix };
  },
  examples: [
    {
      name: 'the full loader, and none',
      bad: py`
        import yaml

        def test_saved(path, text):
            assert yaml.load(path.read_text(), Loader=yaml.Loader) == {}
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ with ${'`Loader`'} makes any Python object
            assert yaml.load(text)  #! without a loader
            assert yaml.unsafe_load("a: 1")  #! written in this file
      `,
      fixed: py`
        import yaml

        def test_saved(path, text):
            assert yaml.safe_load(path.read_text()) == {}
            assert yaml.safe_load(text)
            assert yaml.safe_load("a: 1")
      `,
    },
    {
      name: 'a reply from the network',
      bad: py`
        import requests
        import yaml

        def test_reply():
            reply = requests.get("http://localhost:8000/")
            yaml.load(reply.text, yaml.FullLoader)  #! from what the network gives
      `,
    },
    {
      name: 'a file beside the test: who can change it can change the test too',
      bad: py`
        import os
        import yaml

        HERE = os.path.abspath(os.path.join(os.path.dirname(__file__), os.pardir))

        def test_plan():
            with open("{0}/{1}".format(HERE, "plan.yaml"), "r") as plan:
                text = plan.read()
            assert yaml.load(text, Loader=yaml.Loader)  #! that a file of the repository names

        def test_chosen(name):
            with open("{0}/{1}".format(HERE, name), "r") as plan:
                text = plan.read()
            assert yaml.load(text, Loader=yaml.Loader)  #! that the text names
      `,
    },
    {
      name: 'unsafe by its name',
      bad: py`
        import yaml

        def test_saved(path):
            assert yaml.unsafe_load(path.read_text()).name == "harbour"  #! as its name says
      `,
    },
    {
      name: 'for an old version of the library; a branch that is no safer',
      bad: py`
        import yaml

        if int(yaml.__version__.split(".")[0]) < 5:
            def load(text):
                return yaml.load(text)  #! with an old version of the library
        else:
            def load(text):
                return yaml.load(text, Loader=yaml.FullLoader)  #! names Python objects

        def test_saved(path):
            if yaml.__version__ < "5.1":
                saved = yaml.load(path.read_text())  #! makes any Python object
            else:
                saved = yaml.load(path.read_text(), Loader=yaml.Loader)  #! makes any Python object
            assert saved == load("")
      `,
    },
    {
      name: 'safe loaders, one of our own, and what the test has dumped',
      good: py`
        import yaml

        class OurLoader(yaml.SafeLoader):
            pass

        def test_saved(text):
            yaml.safe_load(text)
            yaml.load(text, Loader=yaml.CSafeLoader)
            yaml.load(text, Loader=OurLoader)
            assert yaml.load("berths: 4", Loader=yaml.FullLoader) == {"berths": 4}

        def test_round_trip(ship):
            text = yaml.dump(ship)
            assert yaml.load(text, Loader=yaml.Loader) == ship
      `,
    },
  ],
});
