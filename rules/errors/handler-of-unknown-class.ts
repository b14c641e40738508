import type { Expression } from '../model.ts';
import { asserts, following, isSilent, mayRaise } from '../python/failures.ts';
import { short } from '../python/inspection.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'handler-of-unknown-class',
  code: 'ERR-U03',
  category: 'errors',
  title: 'which exceptions a silent handler takes is decided elsewhere',
  kind: 'open',
  confidence: 'medium',
  cwe: [],
  why: 'If the variable holds `Exception`, the test cannot fail there.',
  instead: 'Name the classes in the handler.',
  limits: 'Only handlers of tests that do nothing with the exception, where nothing is asserted afterwards.',
  links: [],
  on: 'handler',
  *check(handler, file) {
    const around = handler.parent;
    const { exception } = handler;
    if (around?.type !== 'try' || exception === undefined || !isVariable(exception) || !isSilent(handler.body) || !around.body.some(mayRaise)) return;
    const owner = file.ownerOf(handler);
    if (owner?.role !== 'test' || asserts([...following(around)]) || asserts(around.otherwise)) return;
    yield { at: exception.place, message: `which exceptions \`${short(exception.text)}\` holds: the handler ignores all of them` };
  },
  examples: [
    {
      name: 'a parameter',
      bad: py`
        def test_delete(shop, ignored):
            try:
                shop.delete("1")
            except ignored:  #! which exceptions ${'`ignored`'} holds
                pass
      `,
    },
    {
      name: 'a class, a tuple in sight',
      good: py`
        import socket

        IGNORED = (FileNotFoundError, socket.error)

        def test_delete(shop):
            try:
                shop.delete("1")
            except FileNotFoundError:
                pass
            try:
                shop.delete("2")
            except IGNORED:
                pass
      `,
    },
    {
      name: 'asserted afterwards',
      good: py`
        def test_delete(shop, ignored):
            try:
                shop.delete("1")
            except ignored:
                pass
            assert shop.count() == 0
      `,
    },
  ],
});

/** A name or attribute that holds something unknown, and is not written like a class. */
function isVariable(it: Expression): boolean {
  if (it.type !== 'name' && it.type !== 'attribute') return false;
  if (it.value.kind === 'parameter') return true;
  const last = it.type === 'name' ? it.id : it.name;
  return it.refersTo === undefined && it.value.kind === 'unknown' && /^_?[a-z][a-z0-9_]*$/.test(last) && !/error$/.test(last);
}
