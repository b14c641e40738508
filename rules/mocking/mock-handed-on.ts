import type { Call, TestFile } from '../model.ts';
import { isMockName } from '../python/mock.ts';
import { missingBases } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'mock-handed-on',
  code: 'MCK-U03',
  category: 'mocking',
  title: 'Mock is given to a helper that was not found',
  kind: 'open',
  confidence: 'medium',
  cwe: [628],
  why: 'The helper may say what the mock answers, or verify how it was used; what the mock proves is decided there.',
  instead: 'Open the folder that holds the helper or the base class, or give it with `--root`.',
  limits: 'Speaks of methods of the test and of imported test helpers whose names say that they prepare or check.',
  links: ['https://docs.python.org/3/library/unittest.mock.html'],
  once: 'class',
  on: 'call',
  calls: (_, method) => PREPARES.test(method),
  *check(call, file) {
    if (!PREPARES.test(call.method) || call.arguments.length === 0) return;
    const mock = call.arguments.find((it) => isMockName(it.value.refersTo));
    const from = mock === undefined ? undefined : unknownHome(call, file);
    if (mock !== undefined && from !== undefined)
      yield {
        at: call.place,
        message: `what \`${call.function.text}\` does with the mock \`${short(mock.value.text)}\` is written in \`${from}\`, which was not found`,
      };
  },
  examples: [
    {
      name: 'a method of a base class that is not there',
      bad: py`
        from unittest import mock
        from harbour.testing import HarbourCase

        class TestTides(HarbourCase):
            def test_today(self):
                station = mock.Mock()
                self._setup_station(station)  #! is written in
                self.assertEqual("high", station.tide())
      `,
    },
    {
      name: 'a helper that can be read, one of the test itself, the code under test',
      good: {
        'tests/unit/test_tides.py': py`
          from unittest import mock
          import unittest
          from harbour import check_station
          from tests.helpers import expecting, setup_station

          class TestTides(unittest.TestCase):
              def test_today(self):
                  station = mock.Mock()
                  setup_station(station)
                  self._check_station(station)
                  self.assertTrue(check_station(station))

              def test_inner(self):
                  def prepare(station):
                      station.tide.return_value = "high"
                  station = mock.Mock()
                  prepare(station)
                  station.tide.assert_called_once_with()

              def _check_station(self, station):
                  station.tide.assert_called_once_with()

          class TestKept(expecting("kept.json")):
              def test_today(self):
                  station = mock.Mock()
                  self.expect_equal("today", station.mock_calls)
        `,
        'tests/helpers.py': py`
          import unittest

          def setup_station(station):
              station.tide.return_value = "high"

          def expecting(path):
              class Expecting(unittest.TestCase):
                  def expect_equal(self, name, value):
                      self.assertEqual(kept(path)[name], value)

              return Expecting
        `,
      },
    },
  ],
});

const PREPARES =
  /^_*(?:set_?up|prepare|configure|check|verify|assert_(?!called|has_calls|any_call|not_called|awaited)|expect|validate|stub|mock|init|install)(?:_|$)\w*$/;

/** The class or module that holds the helper, when it cannot be read. */
function unknownHome(call: Call, file: TestFile): string | undefined {
  const { callee } = call;
  if (callee !== undefined && file.definition(callee) !== undefined) return undefined;
  if (call.function.type === 'attribute') {
    const around = file.class;
    if (call.function.object.text !== 'self' || around === undefined || around.methods.has(call.method)) return undefined;
    if (callee !== undefined && !callee.endsWith(`().${call.method}`)) return undefined;
    return missingBases(around, file)[0];
  }
  // A function inside another, which stands where that does.
  if (callee === undefined || callee.includes('<locals>') || !/(?:^|\.)_?(?:tests?|testing|test_\w+|helpers?|conftest)\./.test(callee)) return undefined;
  return file.exists(callee) === 'unknown' ? callee.slice(0, callee.lastIndexOf('.')) : undefined;
}

function short(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
