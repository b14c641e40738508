import { ancestors, isStatement, type Node, type TestFile, walk } from '../model.ts';
import { attackIn } from '../python/attacks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'attack-refused',
  code: 'INP-S02',
  category: 'input',
  title: 'An attack is tested to be refused',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'The test sends what an attacker would and shows that it does no harm.',
  limits:
    'Attacks are told by their best-known forms. What an assertion compares is an answer, and no attack. Silent where the function that is called has no use for another argument: that is what it refuses.',
  links: ['https://owasp.org/www-community/attacks/'],
  once: 'file',
  on: 'literal',
  shortest: 4,
  wants: ({ content }) => attackIn(content) !== undefined,
  *check(literal, file) {
    const attack = attackIn(literal.content);
    if (
      attack === undefined ||
      !refusedAround(literal.node, file) ||
      isBesideThisFile(literal.node) ||
      isCompared(literal.node) ||
      refusesAnother(literal.node, file)
    )
      return;
    yield { at: literal.place, message: `${attack} is tested to be refused` };
  },
  examples: [
    {
      name: 'inside a block that expects a refusal',
      bad: py`
        import pytest
        from harbour import berths

        def test_path():
            with pytest.raises(berths.BadName, match="name"):
                berths.load("../../etc/passwd")  #! a path that leads out of its folder
      `,
    },
    {
      name: 'ordinary text, and an attack that nothing refuses',
      good: py`
        from harbour import berths

        def test_path():
            berths.load("north/1")
            berths.load("../../etc/passwd")
      `,
      alsoFinds: ['INP021'],
    },
    {
      name: 'a file of the test, by a path from where it stands',
      good: py`
        import os
        import pytest
        from harbour import berths

        def test_template():
            with pytest.raises(berths.BadTemplate, match="template"):
                berths.load(os.path.join(os.path.dirname(__file__), "../../../templates/empty.yml"))
      `,
    },
    {
      name: 'an argument that the function does not take is what it refuses',
      good: {
        'tests/test_berths.py': py`
          import unittest
          from harbour import berths

          class TestBerths(unittest.TestCase):
              def test_unknown_argument(self):
                  self.assertRaises(ValueError, berths.load, "file:///etc/passwd", depth=3)

              def test_another(self):
                  with self.assertRaisesRegex(ValueError, "unexpected"):
                      berths.load("../../etc/passwd", depth=3)
        `,
        'harbour/berths.py': py`
          def load(path, **options):
              width = options.pop("width", 1)
              if options:
                  raise ValueError("unexpected arguments")
              return open(path).read(width)
        `,
      },
    },
    {
      name: 'in what an assertion expects it is an answer',
      bad: py`
        import pytest
        from harbour import berths

        def test_field():
            with pytest.raises(berths.BadField, match="missing field ${'`id`'}"):
                try:
                    berths.load({"name": "north"})
                except berths.BadField as e:
                    assert str(e).endswith("missing field ${'`id`'}")
                    assert "field ${'`id`'}" in str(e)
                    raise
            with pytest.raises(berths.BadField, match="field"):
                assert berths.load("north; rm -r /")  #! a shell command in a value
      `,
    },
    {
      name: 'a path through a file',
      good: py`
        import pytest
        from harbour import disk

        def test_no_folder():
            with pytest.raises(disk.NoFolder, match="folder"):
                disk.list("/etc/passwd/berths")
      `,
    },
  ],
});

/** Is it part of what an assertion expects: `assert msgs[0].endswith("no `id`")`, `match="…"`? What another function is given there, is sent. */
function isCompared(node: Node): boolean {
  let inner: Node = node;
  for (const it of ancestors(node)) {
    if (it.type === 'assert') return true;
    if (it.type === 'call') {
      if (/^(?:raises|assertRaises\w*)$/.test(it.method)) {
        return it.arguments.some(
          ({ keyword, value }, at) =>
            value === inner && (/^(?:match|expected_regexp?)$/.test(keyword ?? '') || (at === 1 && /(?:Regexp?|Message)$/.test(it.method))),
        );
      }
      if (/^assert/.test(it.method)) return true;
      if (!TEXT.test(it.method)) return false;
    } else if (isStatement(it)) return false;
    inner = it;
  }
  return false;
}

/** Of texts and patterns. */
const TEXT = /^(?:startswith|endswith|format|join|strip|escape|dedent|match|search|fullmatch|find|index|count)$/;

/** `os.path.join(os.path.dirname(__file__), "../../data")` leads to a file of the repository. */
function isBesideThisFile(node: Parameters<typeof ancestors>[0]): boolean {
  for (const it of ancestors(node)) {
    if (it.type === 'with' || it.type === 'function') return false;
    if (walk(it).some((each) => each.type === 'name' && each.id === '__file__')) return true;
  }
  return false;
}

/** What is called gets an argument by a keyword that stands nowhere in it. */
function refusesAnother(node: Parameters<typeof ancestors>[0], file: TestFile): boolean {
  for (const it of ancestors(node)) {
    if (it.type !== 'call') continue;
    const called = /^(?:assertRaises\w*|raises)$/.test(it.method) ? it.arguments.map(({ value }) => value.refersTo) : [it.callee];
    const body = called.map((name) => (name === undefined ? undefined : file.definition(name)?.node?.text)).find((text) => text !== undefined);
    if (body !== undefined && it.arguments.some(({ keyword }) => keyword !== undefined && !new RegExp(`\\b${keyword}\\b`).test(body))) return true;
  }
  return false;
}

/** A block or call around the text expects an exception. */
function refusedAround(node: Parameters<typeof ancestors>[0], file: TestFile): boolean {
  if (!file.rejected(node)) return false;
  for (const it of ancestors(node)) {
    if (it.type === 'with' && it.items.some((item) => item.context.type === 'call' && /raises|assertRaises/i.test(item.context.method))) return true;
    if (it.type === 'call' && /^(?:assertRaises\w*|raises)$/.test(it.method)) return true;
  }
  return false;
}
