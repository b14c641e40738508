import { calledBy, innermostFunction, isBroadHandler, isCleanup, isSilent, mayRaise } from '../python/failures.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'error-swallowed-in-cleanup',
  code: 'ERR021',
  category: 'errors',
  title: 'any error of a clean-up is ignored',
  kind: 'informational',
  confidence: 'medium',
  cwe: [390],
  peers: { bandit: ['B110'], ruff: ['S110'] },
  why: 'What was not released stays for the next test, and nothing tells.',
  instead: 'Ignore the one class that may come, such as `FileNotFoundError`.',
  limits: 'Clean-up is told by the name and role of the function.',
  links: [],
  on: 'handler',
  *check(handler, file) {
    const around = handler.parent;
    if (around?.type !== 'try' || !isBroadHandler(handler) || !isSilent(handler.body) || !around.body.some(mayRaise)) return;
    // An error that is logged is told.
    if (handler.body.some((it) => TELLS.test(calledBy(it)?.method ?? ''))) return;
    const owner = file.ownerOf(handler);
    if (!isCleanup(owner) || owner === undefined || innermostFunction(handler) !== owner.node) return;
    const caught = handler.exception === undefined ? '`except:`' : `\`except ${handler.exception.text}\``;
    yield { at: handler.headPlace, message: `${caught} ignores every error of the clean-up in \`${owner.name}\`` };
  },
  examples: [
    {
      name: 'in tearDown',
      bad: py`
        import unittest

        class TestShop(unittest.TestCase):
            def tearDown(self):
                try:
                    self.shop.close()
                except Exception:  #! ignores every error
                    pass
      `,
    },
    {
      name: 'one class only, and an error that is told',
      good: py`
        import logging
        import os
        import unittest

        class TestShop(unittest.TestCase):
            def tearDown(self):
                try:
                    os.unlink(self.path)
                except FileNotFoundError:
                    pass
                try:
                    self.shop.close()
                except Exception:
                    logging.exception("not closed")
      `,
    },
    {
      name: 'in a test it is another matter',
      good: py`
        import unittest

        class TestShop(unittest.TestCase):
            def test_close(self):
                try:
                    self.shop.close()
                except Exception:
                    pass
                self.assertTrue(self.shop.closed)
      `,
    },
  ],
});

const TELLS = /^(?:exception|error|warning|warn|critical|print_exc)$/;
