/** The cut into units, and that parsing them one by one loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resplit, split } from '../server/syntax/split.ts';

/** Units as text: kind and first line. */
function cut(text: string): string[] {
  return split(text).map((it) => `${it.kind}: ${text.slice(it.start, it.end).trim().split('\n')[0] ?? ''}`);
}

test('top-level statements, class headers and members are units', () => {
  const text =
    'import os\n\n# a comment\nclass A(B):\n    """doc"""\n    x = 1\n\n    @dec\n    def f(self):\n        pass\n\n    # between\n    def g(self): pass\ny = 2\n';
  assert.deepEqual(cut(text), [
    'statement: import os',
    'class header: class A(B):',
    'member: """doc"""',
    'member: x = 1',
    'member: @dec',
    'member: def g(self): pass',
    'statement: y = 2',
  ]);
});

test('clauses stay with their statement, decorators with their definition', () => {
  assert.deepEqual(cut('try:\n    a\nexcept E:\n    b\nelse:\n    c\nfinally:\n    d\n@a\n@b(\n  1)\ndef f():\n    pass\nif x: y\nelif z: w\n'), [
    'statement: try:',
    'statement: @a',
    'statement: if x: y',
  ]);
});

test('brackets, strings and backslashes carry a line on', () => {
  assert.deepEqual(cut('a = (\n1,\n)\nb = """\ndef no():\n"""\nc = 1 + \\\n2\nd = "\\""\ne = 1\n').length, 5);
});

test('an open bracket is given up at the next definition', () => {
  assert.deepEqual(cut('def f():\n    x = (1,\n\ndef g():\n    pass\n'), ['statement: def f():', 'statement: def g():']);
  assert.deepEqual(cut('class A:\n    def f(self):\n        x = [1,\n\n    def g(self):\n        pass\n'), [
    'class header: class A:',
    'member: def f(self):',
    'member: def g(self):',
  ]);
});

test('a class on one line is a statement', () => {
  assert.deepEqual(cut('class A(B): pass\nclass C(D):\n    pass\n'), ['statement: class A(B): pass', 'class header: class C(D):', 'member: pass']);
});

test('carriage returns, tabs, form feeds, a byte order mark and an empty text', () => {
  assert.deepEqual(cut('class A:\r\n\tdef f(self):\r\n\t\tpass\r\n\tdef g(self):\r\n\t\tpass\r\n').length, 3);
  assert.deepEqual(cut('x = 1\n\fdef f():\n    pass\n').length, 2);
  assert.deepEqual(cut('\ufeffimport os\n'), ['statement: import os']);
  assert.deepEqual(cut(''), []);
  assert.deepEqual(cut('\n\n# only a comment'), []);
});

test('units cover every line that is not blank or a comment, in order', () => {
  const text = 'import a\nclass X(Y):\n    def f(self):\n        return 1\n\n\nz = [\n  1]\n# end\n';
  const units = split(text);
  let last = 0;
  for (const it of units) {
    assert.ok(it.start >= last && it.end > it.start);
    assert.match(text.slice(last, it.start), /^(?:\s|#[^\n]*)*$/);
    last = it.end;
  }
  assert.match(text.slice(last), /^(?:\s|#[^\n]*)*$/);
});

test('cutting again after an edit gives what cutting from nothing gives', () => {
  const texts = [
    'import os\n\nclass A(B):\n    x = 1\n    @dec\n    def f(self):\n        pass\n    def g(self):\n        """doc\n        """\n        return (1,\n            2)\n\nif a:\n    b\nelse:\n    c\n\nclass C: pass\nclass D(E):\n    def h(self): pass\n    try:\n        y\n    except Z:\n        w\nz = 3\n',
    'def a():\n    pass\n\n\n@x\ndef b():\n  return """\nclass no:\n    pass\n"""\n\nclass K:\n\tdef m(self):\n\t\tpass\n\tdef n(self):\n\t\tpass\n',
  ];
  const pieces = ['', ' ', '\n', '    ', '"', '"""', '(', ')', '#', 'class Q:\n', 'def q():\n', '    def r(self):\n', '@d\n', 'else:\n', '\\\n', 'x', '\t'];
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return seed % below;
  };
  for (const original of texts) {
    let text = original;
    let units = split(text);
    for (let round = 0; round < 5000; round++) {
      const at = random(text.length + 1);
      const next = round % 25 === 0 ? original : text.slice(0, at) + pieces[random(pieces.length)] + text.slice(at + random(6));
      const { units: again, prefix, suffix } = resplit(next, text, units);
      assert.deepEqual(again, split(next), `${JSON.stringify(text)} → ${JSON.stringify(next)}`);
      for (let index = 0; index < prefix; index++) assert.deepEqual(again[index], units[index]);
      for (let index = 1; index <= suffix; index++) {
        const [one, other] = [again.at(-index), units.at(-index)];
        assert.equal(next.slice(one?.start, one?.end), text.slice(other?.start, other?.end));
      }
      text = next;
      units = again;
    }
  }
});
