import type { Expression } from '../model.ts';
import { MOCK_TYPES, makesMock, PATCH_CALLEES } from '../python/mock.ts';
import { insideRaises, mockLike } from '../python/mock-assertions.ts';
import { code } from '../python/patchers.ts';
import { defineRule, py, replace } from '../rule.ts';

const MEANT: ReadonlyMap<string, string> = new Map([
  ['retrun_value', 'return_value'],
  ['return_vaule', 'return_value'],
  ['reutrn_value', 'return_value'],
  ['return_valu', 'return_value'],
  ['return_val', 'return_value'],
  ['retun_value', 'return_value'],
  ['return_values', 'return_value'],
  ['returned_value', 'return_value'],
  ['returnvalue', 'return_value'],
  ['retur_value', 'return_value'],
  ['return_vale', 'return_value'],
  ['side_efect', 'side_effect'],
  ['side_affect', 'side_effect'],
  ['sideeffect', 'side_effect'],
  ['side_effects', 'side_effect'],
  ['side_effct', 'side_effect'],
  ['sideffect', 'side_effect'],
  ['side_effet', 'side_effect'],
  ['side_Effect', 'side_effect'],
  ['call_arg', 'call_args'],
  ['called_count', 'call_count'],
  ['call_counts', 'call_count'],
  ['calls_count', 'call_count'],
]);

export const rule = defineRule({
  id: 'misspelt-attribute',
  code: 'MCK014',
  category: 'mocking',
  title: 'Misspelt mock attribute',
  kind: 'fail',
  confidence: 'high',
  cwe: [561],
  peers: { hacking: ['N364'] },
  why: 'A mock takes any attribute, so a misspelt `return_value` or `side_effect` changes nothing: the stub answers with another mock, and the refusal that the test means never comes.',
  instead: 'Write `return_value`, `side_effect`, `call_args`, `call_count`.',
  limits:
    'Only the misspellings of a short list are known, where no module of the workspace that the test imports has the name too: it may be an attribute of what the mock stands for.',
  links: ['https://docs.python.org/3/library/unittest.mock.html#unittest.mock.Mock.side_effect'],
  on: ['assignment', 'call'],
  wants: (it) => {
    if (it.type === 'assignment') return it.targets.some((each) => each.type === 'attribute' && isMisspelt(each.name));
    for (const { keyword, value } of it.arguments) if (isMisspelt(keyword) || (value.type === 'attribute' && isMisspelt(value.name))) return true;
    return false;
  },
  *check(subject, file) {
    const meantHere = (name: string) => (isMisspelt(name) && !file.importsName(name) ? meantBy(name) : undefined);
    if (subject.type === 'call') {
      const callee = subject.callee ?? '';
      for (const { value } of subject.arguments) {
        const meant = value.type === 'attribute' && isMock(value.object) ? meantHere(value.name) : undefined;
        if (value.type !== 'attribute' || meant === undefined) continue;
        yield {
          at: value.place,
          message: `${code(value, 50)} is just another attribute of the mock; \`${meant}\` is meant`,
          fix: { title: `Change to \`${meant}\``, safety: 'safe', edits: [replace(value, `${value.object.text}.${meant}`)] },
        };
      }
      if (!makesMock(callee) && !MOCK_TYPES.has(callee) && !PATCH_CALLEES.has(callee)) return;
      for (const it of subject.arguments) {
        const meant = it.keyword === undefined ? undefined : meantHere(it.keyword);
        if (meant === undefined || it.keyword === undefined || insideRaises(subject)) continue;
        yield {
          at: it.place,
          message: `\`${it.keyword}\` means nothing to a mock; \`${meant}\` is meant`,
          fix: { title: `Change to \`${meant}\``, safety: 'safe', edits: [replace(it, `${meant}=${it.value.text}`)] },
        };
      }
      return;
    }
    for (const it of subject.targets) {
      if (it.type !== 'attribute') continue;
      const meant = meantHere(it.name);
      if (meant === undefined || !isMock(it.object)) continue;
      yield {
        at: it.place,
        message: `${code(it, 50)} is just another attribute of the mock; \`${meant}\` is meant`,
        fix: { title: `Change to \`${meant}\``, safety: 'safe', edits: [replace(it, `${it.object.text}.${meant}`)] },
      };
    }
  },
  examples: [
    {
      name: 'assigned and passed',
      bad: py`
        from unittest import mock

        @mock.patch("bank.client.send", retrun_value=True)  #! \`return_value\` is meant
        def test_transfer(send):
            send.side_efect = OSError  #! \`side_effect\` is meant
            transfer(10)
            check(send.called_count)  #! \`call_count\` is meant
      `.replaceAll('\\', ''),
      fixed: py`
        from unittest import mock

        @mock.patch("bank.client.send", return_value=True)
        def test_transfer(send):
            send.side_effect = OSError
            transfer(10)
            check(send.call_count)
      `,
    },
    {
      name: 'the right names, and other objects',
      good: py`
        from unittest import mock

        class Report:
            side_effects = ()

        @mock.patch("bank.client.send", return_value=True)
        def test_transfer(send):
            send.side_effect = OSError
            report = Report()
            report.side_effects = [1]
      `,
    },
    {
      name: 'an attribute of what the mock stands for',
      good: {
        'tests/test_cli.py': py`
          from unittest.mock import Mock
          from harbour import cli

          def test_prepare():
              root = Mock()
              root.side_effects = False
              cli.prepare(root)
        `,
        'harbour/cli.py': py`
          def prepare(root):
              if root.side_effects:
                  root.open()
        `,
      },
    },
  ],
});

function meantBy(name: string): string | undefined {
  return MEANT.get(name);
}

function isMisspelt(name: string | undefined): boolean {
  return name !== undefined && meantBy(name) !== undefined;
}

function isMock(it: Expression): boolean {
  return mockLike(it) !== 'no';
}
