/**
 * All that makes regular expressions from strings, run once, so that `redos.mjs` sees what they come to: every rule's
 * examples, what the model is tested with, the sample, and what none of these leads to.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../rules/index.ts';
import { findingsOf } from '../../server/review/review.ts';
import { filesOf, newEngine, reviewFiles } from '../harness.ts';

/** A stub whose class's set-up is read; tear-down that is called by a name like its own; set-up that does what its base does. */
const ELSEWHERE = `import unittest
import responses
from tests.base import Base

class StubbedTest(unittest.TestCase):
    def setUp(self):
        self.base_setUp()
        self.started = responses.RequestsMock()

    def base_setUp(self):
        pass

    def test_get(self):
        responses.add(responses.GET, 'https://harbour-shipping.com', json={})

class BasedTest(Base):
    def setUp(self):
        self.base_setUp()
        self.home = 1

    def tearDown(self):
        self.close_tearDown()
`;
const BASE = `import unittest

class Base(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.home = 2

    def tearDown(self):
        self.session.close()
`;

function filesIn(folder: string): Record<string, string>[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) => it.endsWith('.py'));
  return paths.map((path) => ({ [`tests/${path}`]: readFileSync(join(folder, path), 'utf8') }));
}

async function main(): Promise<void> {
  const engine = await newEngine();
  const examples = RULES.flatMap((rule) => rule.examples.flatMap((it) => ('bad' in it ? [it.bad] : [it.good]))).map(filesOf);
  const others = [
    { 'tests/test_elsewhere.py': ELSEWHERE, 'tests/base.py': BASE },
    ...['sample', 'model'].flatMap((it) => filesIn(join(process.cwd(), 'test', it))),
  ];
  for (const files of [...examples, ...others]) {
    // A fix is worked out when somebody asks.
    for (const it of findingsOf(reviewFiles(engine, files))) void it.fix;
    for (const [path, text] of Object.entries(files)) {
      engine.put(path, text);
      engine.surroundings(path);
    }
    for (const path of Object.keys(files)) engine.drop(path);
  }
}

void main();
