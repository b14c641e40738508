import { argument, type Call, type Expression } from '../model.ts';
import { isWrittenHere, outsideOrigin, trailOf } from '../python/outside.ts';
import { XML_CALLS } from '../python/sinks.ts';
import { defineRule, type Fix, py, replace } from '../rule.ts';

const DEFUSED: ReadonlySet<string> = new Set(['ElementTree', 'minidom', 'pulldom', 'sax', 'expatbuilder', 'expatreader', 'xmlrpc', 'cElementTree']);

/** `lxml.etree.XMLParser(resolve_entities=True)`, `no_network=False`. */
function opensUp(call: Call): string | undefined {
  if (call.callee !== 'lxml.etree.XMLParser') return undefined;
  for (const [name, value] of [
    ['resolve_entities', 'True'],
    ['no_network', 'False'],
    ['huge_tree', 'True'],
  ] as const)
    if (argument(call, name)?.text === value) return `${name}=${value}`;
  return undefined;
}

/** The same call of defusedxml, where the file already uses it. */
function defused(call: Call): Fix | undefined {
  const match = /^xml\.(?:etree|dom|sax)?\.?(\w+)\.(\w+)$/.exec(call.callee ?? '');
  const [, module = '', name = ''] = match ?? [];
  if (!DEFUSED.has(module)) return undefined;
  return {
    title: `Use \`defusedxml.${module}.${name}\``,
    safety: 'suggest',
    edits: [replace(call.function, `defusedxml.${module}.${name}`), { do: 'import', module: `defusedxml.${module}` }],
  };
}

function sourceOf(call: Call): Expression | undefined {
  return call.arguments.find(
    (it) => it.unpack === undefined && (it.keyword === undefined || /^(?:source|text|string|file|filename_or_stream)$/.test(it.keyword)),
  )?.value;
}

export const rule = defineRule({
  id: 'xml-entities',
  code: 'INP013',
  category: 'input',
  title: 'XML read with entities expanded',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [611, 776],
  peers: {
    bandit: ['B313', 'B314', 'B315', 'B316', 'B317', 'B318', 'B319', 'B320'],
    ruff: ['S313', 'S314', 'S315', 'S316', 'S317', 'S318', 'S319', 'S320'],
    semgrep: ['use-defused-xml', 'use-defused-xml-parse', 'use-defused-xmlrpc'],
    sonar: ['S2755'],
    codeql: ['py/xxe', 'py/xml-bomb'],
  },
  why: 'Entities in a document can grow to gigabytes, and with some parsers read files or addresses into it.',
  instead: 'Read documents of others with `defusedxml`; with lxml, leave `resolve_entities` off.',
  limits:
    'What the network, the environment or the command line gives, and parsers that are told to expand more; what a file of the repository, the code under test or a parameter brings is left out. What others send is for a person to decide with lxml only.',
  links: ['https://docs.python.org/3/library/xml.html#xml-vulnerabilities', 'https://pypi.org/project/defusedxml/'],
  once: 'file',
  on: 'call',
  calls: (callee) => callee === 'lxml.etree.XMLParser' || XML_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || file.stubbed(callee, call) !== undefined || file.rejected(call)) return;
    const setting = opensUp(call);
    if (setting !== undefined) {
      yield { at: call.place, message: `\`${setting}\` lets the document decide what is read` };
      return;
    }
    if (!XML_CALLS.has(callee)) return;
    const source = sourceOf(call);
    if (source === undefined || isWrittenHere(source, file)) return;
    const fix = file.imports('defusedxml') ? defused(call) : undefined;
    const outside = outsideOrigin(source, file);
    if (outside === undefined) return;
    yield {
      at: call.place,
      // The parsers of the standard library read no files, and expat 2.4 (2021) stops what grows too fast.
      ...(callee.startsWith('lxml.') ? { kind: 'review' } : {}),
      message: `\`${call.function.text}\` expands entities in what ${outside.from} gives`,
      trail: trailOf(outside.origin, outside.from),
      ...(fix === undefined ? {} : { fix }),
    };
  },
  examples: [
    {
      name: 'a reply',
      bad: py`
        import requests
        import xml.etree.ElementTree as ET

        def test_feed():
            reply = requests.get("http://localhost:8000/feed", timeout=5)
            ET.fromstring(reply.text)  #! expands entities in what the network gives
      `,
    },
    {
      name: 'lxml',
      bad: py`
        import lxml.etree
        import requests

        def test_feed():
            reply = requests.get("http://localhost:8000/feed", timeout=5)
            lxml.etree.fromstring(reply.text)  #! expands entities in what the network gives
      `,
    },
    {
      name: 'in a file that has defusedxml',
      bad: py`
        import defusedxml.ElementTree
        import sys
        import xml.etree.ElementTree as ET

        def titles():
            return ET.fromstring(sys.stdin.read() or input()).findall("title")  #! expands entities
      `,
      fixed: py`
        import defusedxml.ElementTree
        import sys
        import xml.etree.ElementTree as ET

        def titles():
            return defusedxml.ElementTree.fromstring(sys.stdin.read() or input()).findall("title")
      `,
    },
    {
      name: 'a document of the test, output of the code under test, defusedxml',
      good: py`
        import defusedxml.ElementTree
        import xml.etree.ElementTree as ET
        from os.path import dirname, join
        from harbour import feed

        def test_feed():
            assert ET.fromstring("<a/>").tag == "a"
            assert ET.fromstring(feed.render()).tag == "a"

        def test_saved(tmp_path):
            feed.save(tmp_path / "feed.xml")
            assert ET.parse(tmp_path / "feed.xml").getroot().tag == "a"

        def test_stored():
            with open("tests/data/feed.xml") as stored:
                assert ET.fromstring(stored.read()).tag == "a"

        def titles(document):
            return defusedxml.ElementTree.fromstring(document), ET.fromstring(document)

        class TestFeed:
            folder = join(dirname(__file__), "data")

            def contents(self, path):
                with open(path) as stored:
                    return stored.read()

            def test_titles(self):
                assert titles(ET.fromstring(self.contents(join(self.folder, "feed.xml"))))
      `,
    },
  ],
});
