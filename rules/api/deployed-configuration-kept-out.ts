import { argument, type Expression } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const FINDS_FILES = /(?:^|\.)find_config_files$/;

export const rule = defineRule({
  id: 'deployed-configuration-kept-out',
  code: 'API-S07',
  category: 'api',
  title: 'configuration of the machine is kept out of the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'What is configured under `/etc` on the machine that runs the tests, passwords included, does not reach them.',
  limits: 'Knows oslo.config, and of it the files: folders (`find_config_dirs`) are for `default_config_dirs`.',
  links: ['https://docs.openstack.org/oslo.config/latest/reference/fixtures.html'],
  once: 'file',
  on: ['call', 'patch'],
  keywords: (keyword) => keyword === 'default_config_files',
  patches: (target) => FINDS_FILES.test(target),
  *check(subject) {
    if (subject.type === 'patch') {
      if (FINDS_FILES.test(subject.target ?? '') && subject.applied !== 'unused' && subject.applied !== 'held')
        yield { at: subject.place, message: '`find_config_files` is replaced: no configuration file of the machine is looked for' };
      return;
    }
    const files = argument(subject, 'default_config_files');
    if (files !== undefined && isEmpty(files)) yield { at: subject.place, message: `\`${subject.method}\` reads no configuration of the machine` };
  },
  examples: [
    {
      name: 'no default files',
      bad: py`
        import unittest
        from oslo_config import cfg

        class TestBerths(unittest.TestCase):
            def setUp(self):
                self.conf = cfg.ConfigOpts()
                self.conf([], default_config_files=[])  #! reads no configuration of the machine
      `,
    },
    {
      name: 'the search is replaced',
      bad: py`
        from unittest import mock

        @mock.patch("oslo_config.cfg.find_config_files", return_value=[])  #! no configuration file of the machine
        def test_start(find):
            start()
      `,
    },
    {
      name: 'files of the machine, and a comment',
      good: py`
        from oslo_config import cfg

        def test_start():
            conf = cfg.ConfigOpts()
            # conf([], default_config_files=[])
            conf([], default_config_files=["berths.conf"])
      `,
    },
  ],
});

function isEmpty(it: Expression): boolean {
  return (it.type === 'list' || it.type === 'tuple') && it.items.length === 0;
}
