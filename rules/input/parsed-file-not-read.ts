import { type Call, constantText, type Expression, type Origin, walk } from '../model.ts';
import { isData, mayBeMade, programBefore, readFile, writtenBefore } from '../python/data-files.ts';
import { XML_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

const PARSERS: ReadonlySet<string> = new Set([
  'json.load',
  'json.loads',
  'yaml.safe_load',
  'yaml.safe_load_all',
  'tomllib.load',
  'tomli.load',
  'csv.reader',
  'csv.DictReader',
  'configparser.ConfigParser().read',
  'plistlib.load',
]);

/** The call that reads what is parsed: in the argument itself, or where the name was given its value. */
function reader(source: Expression, origins: readonly Origin[]): Call | undefined {
  if (!origins.some((it) => it.sort === 'file')) return undefined;
  for (const it of walk(source)) if (it.type === 'call' && /(?:^|\.)(?:open|read_text|read_bytes)$/.test(it.callee ?? '')) return it;
  for (let around = source.parent; around !== undefined; around = around.parent) {
    if (around.type !== 'with') continue;
    for (const item of around.items) if (item.context.type === 'call' && item.target?.text === source.text) return item.context;
  }
  return undefined;
}

function said(path: string): string {
  return `\`${(/(?<![^/\\])[^/\\]*$/.exec(path)?.[0] ?? '').slice(0, 50)}\` is parsed, and was not found to be read here`;
}

export const rule = defineRule({
  id: 'parsed-file-not-read',
  code: 'INP-U03',
  category: 'input',
  title: 'Data file that the test parses is not there',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'What the test does with the file depends on what is in it.',
  instead: 'Keep small data in the test itself, where it is reviewed with it.',
  limits:
    'Only parsers that run no code; those that do have rules of their own. Only paths that are in the source. Files whose names say that they may hold secrets are told of there; one that a call before is given may be written by it, or by a program that the function starts before, as may one that the test asks for before, one in a folder that a command is given, and one in a folder that a fixture has changed into. A file that is there is parsed as the test asks: nothing is to be said of it.',
  links: ['https://docs.python.org/3/library/json.html'],
  yieldsTo: ['xml-entities'],
  once: 'file',
  on: 'call',
  calls: (callee) => PARSERS.has(callee) || XML_CALLS.has(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !(PARSERS.has(callee) || XML_CALLS.has(callee)) || file.stubbed(callee, call) !== undefined) return;
    const source = call.arguments[0]?.value;
    if (source === undefined) return;
    const path = XML_CALLS.has(callee) ? constantText(source.value) : undefined;
    if (path !== undefined && /\.(?:xml|xsd|xsl|svg|html)$/.test(path) && !path.includes('<')) {
      if (file.dataFile(source) !== 'missing' || programBefore(call, file) || mayBeMade({ path, at: source }, call, file)) return;
      yield { at: call.place, message: said(path) };
      return;
    }
    const opened = reader(source, file.origins(source));
    const read = opened === undefined ? undefined : readFile(opened, file);
    if (opened === undefined || read === undefined || writtenBefore(read, opened, file)) return;
    if (isData(read.path) || file.dataFile(read.at) !== 'missing' || mayBeMade(read, opened, file) || programBefore(opened, file)) return;
    yield { at: call.place, message: said(read.path) };
  },
  examples: [
    {
      name: 'JSON and XML',
      bad: py`
        import json
        import xml.etree.ElementTree as ET

        def test_tides(parse):
            with open("tests/data/tides") as stored:
                assert parse(json.load(stored))  #! ${'`tides` is parsed, and was not found'}
            ET.parse("tests/data/tides.xml")
      `,
    },
    {
      name: 'a text of the test, a file that the test wrote',
      good: py`
        import json
        import subprocess
        import xml.etree.ElementTree as ET
        import pytest
        from pathlib import Path

        def test_report_of_a_run(pytester):
            pytester.runpytest("--junitxml", "report.xml")
            assert ET.parse("report.xml").getroot()

        def test_drawn(draw):
            draw("-o", "chart.svg")
            assert ET.parse("chart.svg").getroot()

        @pytest.fixture
        def mirror(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
            return Mirror()

        def test_mirror(mirror, parse):
            mirror.fetch()
            assert parse(json.loads(open("web/simple/index").read()))

        def test_stamped(stamp):
            kept = Path("data/tides.record")
            kept.write_text("{}")
            stamp()
            assert json.loads(kept.read_text())

        def test_tides(parse, tmp_path):
            assert parse(json.loads("{}"))
            with open(tmp_path / "tides") as stored:
                assert parse(json.load(stored))

        def test_report(parse):
            subprocess.run(["harbour-report", "--all"], check=True)
            assert parse(ET.parse("report.xml"))

        def test_record(parse, record):
            kept = "recorded"
            with record(file_path=kept):
                parse("{}")
            with open(kept) as stored:
                assert json.load(stored)
      `,
    },
    {
      name: 'a file that is there',
      good: {
        'tests/test_tides.py': py`
          import json
          from pathlib import Path

          def test_tides(parse):
              with open(Path(__file__).parent / "data" / "tides") as stored:
                  assert parse(json.load(stored))
        `,
        'tests/data/tides': '[]',
      },
    },
  ],
});
