import { walk } from '../model.ts';
import { shown } from '../python/leaks.ts';
import { defineRule, insertAfter, py, replace } from '../rule.ts';

const CLOSED_BY: Readonly<Record<string, string>> = {
  file: 'close',
  socket: 'close',
  database: 'close',
  server: 'server_close',
  process: 'kill',
  executor: 'shutdown',
  'event loop': 'close',
};

export const rule = defineRule({
  id: 'fixture-returns-live-resource',
  code: 'RES018',
  category: 'resources',
  title: 'pytest fixture returns a live resource without teardown',
  kind: 'review',
  confidence: 'high',
  cwe: [772],
  peers: { sonar: ['S9080'], ruff: ['PT021', 'PT022'] },
  why: 'No test that asks for the fixture knows that it has to give the resource back.',
  instead: 'Change `return` to `yield` and release it behind the `yield`.',
  limits: 'A resource that a fixture makes through a helper function is not followed.',
  links: ['https://docs.pytest.org/en/stable/how-to/fixtures.html#yield-fixtures-recommended'],
  on: 'resource',
  *check({ call, fate, holder, owner, sort }) {
    if (owner?.fixture === undefined || owner.generator || sort === 'patcher' || sort === 'stub' || sort === 'temporary object') return;
    if (fate !== 'handed on' && fate !== 'leaks') return;
    const returned = [...walk(owner.node)].find((it) => it.type === 'return' && it.operands.some((each) => each === call || each.text === holder));
    if (returned?.type !== 'return') return;
    const close = CLOSED_BY[sort];
    yield {
      at: call.place,
      message: `fixture \`${owner.fixture.name}\` returns what \`${shown(call)}\` acquires and never gives it back`,
      ...(close === undefined || holder === undefined || owner.async || returned.operands[0]?.text !== holder
        ? {}
        : {
            fix: {
              title: `Yield it, then \`${close}\` it`,
              safety: 'safe',
              edits: [replace(returned, `yield ${holder}`), insertAfter(returned, `${holder}.${close}()`)],
            },
          }),
    };
  },
  examples: [
    {
      name: 'a connection for every test',
      bad: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def database(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ never gives it back
            return it
      `,
      fixed: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def database(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            yield it
            it.close()
      `,
    },
    {
      name: 'a finalizer, a yield, a with',
      good: py`
        import sqlite3
        import pytest

        @pytest.fixture
        def first(request, tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            request.addfinalizer(it.close)
            return it

        @pytest.fixture
        def second(tmp_path):
            it = sqlite3.connect(tmp_path / 'harbour.db')
            yield it
            it.close()
      `,
    },
  ],
});
