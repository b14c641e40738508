import type { FunctionDefinition, Statement } from '../model.ts';
import { walk } from '../model.ts';
import { blocksOf } from '../python/blocks.ts';
import { isAssertion, isSilent } from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

const UNTIL = { function: 'after each test', class: 'after the class', module: 'after the module', package: 'after the package', session: 'after the session' };

export const rule = defineRule({
  id: 'fixture-tears-down',
  code: 'RES-S04',
  category: 'resources',
  title: 'Fixture tears down after its yield',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'pytest resumes a fixture behind its `yield` whether the test passed or failed.',
  instead: 'Keep set-up and tear-down of one thing in one fixture.',
  limits: 'Whether the statements release everything is judged by the rules about the resources themselves.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html#teardown-cleanup-aka-fixture-finalization'],
  on: 'function',
  wants: ({ fixture }) => fixture !== undefined,
  *check(subject) {
    if (subject.fixture === undefined || !subject.generator) return;
    const after = afterYield(subject.node);
    if (after !== undefined)
      yield { at: after.place, message: `behind the \`yield\` of fixture \`${subject.fixture.name}\`: runs ${UNTIL[subject.fixture.scope]}, passed or failed` };
  },
  examples: [
    {
      name: 'a statement behind the yield, plain or in finally',
      bad: py`
        import pytest

        @pytest.fixture
        def client():
            it = make_client()
            yield it
            it.close()  #! behind the

        @pytest.fixture(scope='session')
        def server():
            it = make_server()
            try:
                yield it
            finally:
                it.stop()  #! after the session
      `,
    },
    {
      name: 'nothing behind the yield',
      good: py`
        import pytest

        @pytest.fixture
        def client():
            yield make_client()
            # client.close()

        @pytest.fixture
        def server():
            it = make_server()
            yield it
            print("done")
            assert it.stopped
      `,
    },
  ],
});

/** The first statement that runs when the fixture is resumed. */
function afterYield(node: FunctionDefinition): Statement | undefined {
  const find = (statements: readonly Statement[]): Statement | undefined => {
    for (const [index, it] of statements.entries()) {
      if (![...walk(it)].some((each) => each.type === 'yield')) continue;
      for (const block of blocksOf(it)) {
        const inside = find(block);
        if (inside !== undefined) return inside;
      }
      return (it.type === 'try' ? it.final.find(doesSomething) : undefined) ?? statements.slice(index + 1).find(doesSomething);
    }
    return undefined;
  };
  return find(node.body);
}

/** Calls, deletes or sets something; an assertion, a log line and `pass` tear nothing down. */
function doesSomething(it: Statement): boolean {
  if (isAssertion(it) || isSilent([it])) return false;
  for (const each of walk(it)) if (each.type === 'call' || each.type === 'delete' || each.type === 'assignment') return true;
  return false;
}
