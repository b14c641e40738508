import type { Statement } from '../model.ts';
import { asserts, innermostFunction, isAfterwards, isAttempt, isCleanup, isTidying, mayRaise, raisesItself, running } from '../python/failures.ts';
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
  limits: 'A handler that raises, fails, keeps the exception or ends the process is left alone.',
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
    const isOwn = innermostFunction(handler) === owner.node && owner.role !== 'helper';
    yield {
      at: handler.headPlace,
      ...(isOwn ? {} : { kind: 'informational' as const }),
      message: '`except:` takes any error for the expected one, a failing assertion and Ctrl-C included',
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
            except:  #! takes any error
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
            except:  #! takes any error
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
            except:  #! takes any error
                assert True
            assert shop.closed
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

/** Calls something, or looks into something: `settings["debug"]`. */
function mayFail(statement: Statement): boolean {
  return mayRaise(statement) || running([statement]).some((it) => it.type === 'subscript');
}
