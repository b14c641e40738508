import { code } from '../python/patchers.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'target-computed',
  code: 'MCK-U04',
  category: 'mocking',
  title: 'What is stubbed is computed',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Which function the stub replaces, and so which live one is kept out, is known only when the test runs.',
  instead: 'Write the target as a string.',
  limits: 'Targets that a helper is given are left to its callers.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.patch'],
  once: 'file',
  on: 'patch',
  patches: (target) => target === '',
  *check(patch) {
    if (patch.targets.length > 0 || patch.owner === undefined || patch.owner.role === 'helper') return;
    if (patch.form !== 'stub_out' && patch.form !== 'monkeypatch' && patch.form !== 'patch' && patch.form !== 'MonkeyPatch') return;
    const given = patch.call.arguments[0];
    if (given === undefined || given.unpack !== undefined || !/^(?:fstring|operation|call)$/.test(given.value.type)) return;
    if (given.value.type === 'call' && patch.form === 'monkeypatch') return; // an object
    yield { at: given.place, message: `what is stubbed: ${code(given.value, 60)} is computed` };
  },
  examples: [
    {
      name: 'a target made up of parts',
      bad: py`
        from unittest import mock

        def test_transfer(name):
            with mock.patch(f"bank.{name}.send"):  #! is computed
                transfer(10)
      `,
    },
    {
      name: 'a target that is known',
      good: py`
        from unittest import mock

        MODULE = "bank.client"

        def test_transfer():
            with mock.patch(MODULE + ".send"):
                transfer(10)
      `,
    },
    {
      name: 'one target for each value of a loop',
      good: py`
        from unittest import mock

        def test_transfer():
            for name in ("client", "server"):
                with mock.patch(f"bank.{name}.send"):
                    transfer(10)
      `,
    },
  ],
});
