/** The cut into units, and that parsing them one by one loses nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { split } from '../server/syntax/split.ts';

/** Units as text: kind and first line. */
function cut(text: string): string[] {
  return split(text).map((it) => `${it.kind}: ${text.slice(it.start, it.end).trim().split('\n')[0] ?? ''}`);
}

test('top-level statements, class headers and members are units', () => {
  const text = 'import os\n\n# a comment\nclass A(B):\n    """doc"""\n    x = 1\n\n    @dec\n    def f(self):\n        pass\n\n    # between\n    def g(self): pass\ny = 2\n';
  assert.deepEqual(cut(text), ['statement: import os', 'class header: class A(B):', 'member: """doc"""', 'member: x = 1', 'member: @dec', 'member: def g(self): pass', 'statement: y = 2']);
});

test('clauses stay with their statement, decorators with their definition', () => {
  assert.deepEqual(cut('try:\n    a\nexcept E:\n    b\nelse:\n    c\nfinally:\n    d\n@a\n@b(\n  1)\ndef f():\n    pass\nif x: y\nelif z: w\n'), ['statement: try:', 'statement: @a', 'statement: if x: y']);
});

test('brackets, strings and backslashes carry a line on', () => {
  assert.deepEqual(cut('a = (\n1,\n)\nb = """\ndef no():\n"""\nc = 1 + \\\n2\nd = "\\""\ne = 1\n').length, 5);
});

test('an open bracket is given up at the next definition', () => {
  assert.deepEqual(cut('def f():\n    x = (1,\n\ndef g():\n    pass\n'), ['statement: def f():', 'statement: def g():']);
  assert.deepEqual(cut('class A:\n    def f(self):\n        x = [1,\n\n    def g(self):\n        pass\n'), ['class header: class A:', 'member: def f(self):', 'member: def g(self):']);
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
