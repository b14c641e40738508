import type { Statement, TryStatement } from '../model.ts';
import { walk } from '../model.ts';
import {
  asserts,
  following,
  innermostFunction,
  isAfterwards,
  isAssertion,
  isAttempt,
  isCleanup,
  isTidying,
  mayRaise,
  raisesItself,
  running,
} from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'bare-except',
  code: 'ERR008',
  category: 'errors',
  title: 'a handler without a class catches even KeyboardInterrupt',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [396],
  peers: { ruff: ['E722'], hacking: ['H201'], pylint: ['W0702'], sonar: ['S5754'], codeql: ['py/catch-base-exception'], bugbear: ['B001'] },
  why: 'It also catches `SystemExit`, `KeyboardInterrupt` and the `AssertionError` of a failing assertion.',
  instead: 'Name the class that may come, at least `except Exception:`.',
  limits:
    'A handler that raises, fails, keeps the exception or ends the process is left alone. To be decided on is only a handler that notes a constant which an assertion below reads; elsewhere it is a note.',
  links: ['https://docs.astral.sh/ruff/rules/bare-except/'],
  yieldsTo: ['exception-swallowed', 'assertion-failure-swallowed', 'error-swallowed-in-cleanup'],
  on: 'handler',
  *check(handler, file) {
    if (handler.exception !== undefined || asserts(handler.body)) return;
    const around = handler.parent;
    if (around?.type !== 'try' || !around.body.some(mayFail) || raisesItself(around.body)) return;
    if (isAttempt(around) || isAfterwards(around) || isTidying(around.body)) return;
    const owner = file.ownerOf(handler);
    if (owner === undefined || isCleanup(owner)) return;
    for (const it of running(handler.body)) {
      if (it.type === 'attribute' && /^(?:exc_info|format_exc|_exit|exit|skipTest|abort|set_exception|print_exc)$/.test(it.name)) return;
      if (it.type === 'call' && /^(?:exc_info|exit|format_exc|skip)$/.test(it.method)) return;
    }
    const decides = innermostFunction(handler) === owner.node && owner.role === 'test' && isOutcomeAsserted(handler.body, around);
    yield {
      at: handler.headPlace,
      ...(decides ? {} : { kind: 'informational' as const }),
      message: '`except:` catches every error alike, a failing assertion and Ctrl-C included',
      fix: { title: 'Catch `Exception`', safety: 'suggest', edits: [{ do: 'replace', at: handler.headPlace, with: 'except Exception' }] },
    };
  },
  examples: [
    {
      name: 'any error is taken for the missing file',
      bad: py`
        def test_read(shop):
            try:
                text = shop.read()
            except:  #! catches every error alike
                text = ""
            assert text == ""
      `,
      fixed: py`
        def test_read(shop):
            try:
                text = shop.read()
            except Exception:
                text = ""
            assert text == ""
      `,
    },
    {
      name: 'looked up only',
      bad: py`
        def test_debug(settings):
            try:
                debug = settings["debug"]
            except:  #! catches every error alike
                debug = False
            assert not debug
      `,
    },
    {
      name: 'an assertion that is always true is none',
      bad: py`
        def test_read(shop):
            try:
                shop.read()
            except:  #! catches every error alike
                assert True
            assert shop.closed
      `,
    },
    {
      name: 'what happened is noted, and asserted below',
      bad: py`
        def test_refuses(shop):
            refused = False
            try:
                shop.buy(-1)
            except:  #! catches every error alike
                refused = True
            assert refused
      `,
    },
    {
      name: 'raises again, fails, or keeps it',
      good: py`
        import sys

        def test_read(shop, seen):
            try:
                shop.read()
            except:
                shop.close()
                raise
            try:
                shop.read()
            except:
                seen.append(sys.exc_info())
      `,
    },
    {
      name: 'giving back what was taken, and a try that raises by itself',
      good: py`
        def test_read(shop, seen):
            shop.read()
            try:
                shop.close()
            except:
                pass
            try:
                raise KeyError(shop.name)
            except:
                seen.append(1)
            assert seen == [1]
      `,
    },
  ],
});

/** Is what happened noted as a constant, `failed = True`, that an assertion below reads? Then any error at all decides it. */
function isOutcomeAsserted(body: readonly Statement[], around: TryStatement): boolean {
  const noted = new Set(body.flatMap((it) => (it.type === 'assignment' && it.value?.value.kind === 'constant' ? it.targets.map((each) => each.text) : [])));
  if (noted.size === 0) return false;
  for (const it of following(around)) if (isAssertion(it) && walk(it).some((each) => each.type === 'name' && noted.has(each.id))) return true;
  return false;
}

/** Calls something, or looks into something: `settings["debug"]`. */
function mayFail(statement: Statement): boolean {
  return mayRaise(statement) || running([statement]).some((it) => it.type === 'subscript');
}
