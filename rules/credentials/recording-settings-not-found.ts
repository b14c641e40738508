import { argument, type TestFile } from '../model.ts';
import { FILTERS } from '../python/recordings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'recording-settings-not-found',
  code: 'SEC-U04',
  category: 'credentials',
  title: 'Settings of the HTTP recording were not found',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'What the recording leaves out is said in a fixture that could not be read.',
  instead: 'Give `vcr_config` in `conftest.py`, with `filter_headers`.',
  limits: 'Looks for the fixture `vcr_config` in the file and in the `conftest.py` files above it; not where the settings of pytest have `--record-mode=none`.',
  links: ['https://github.com/kiwicom/pytest-recording#configuration'],
  once: 'file',
  on: 'function',
  wants: ({ role, decorators }) => role === 'test' && decorators.length > 0,
  *check(subject, file) {
    if (subject.role !== 'test' || recordsNothing(file)) return;
    for (const it of subject.node.decorators) {
      const name = it.type === 'call' ? it.callee : it.refersTo;
      if (name !== 'pytest.mark.vcr' && name !== 'pytest.mark.default_cassette') continue;
      if (it.type === 'call' && FILTERS.some((each) => argument(it, each) !== undefined)) continue;
      if (file.fixture('vcr_config') !== undefined) return;
      yield { at: it.place, message: 'what this recording leaves out was not found: there is no fixture `vcr_config`' };
      return;
    }
  },
  examples: [
    {
      name: 'no settings',
      bad: py`
        import pytest

        @pytest.mark.vcr  #! was not found
        def test_list(client):
            client.get("/")
      `,
    },
    {
      name: 'settings in conftest.py, at the mark, or nothing recorded',
      good: {
        'tests/test_list.py': py`
          import pytest

          @pytest.mark.vcr
          def test_list(client):
              client.get("/")
        `,
        'tests/conftest.py': py`
          import pytest

          @pytest.fixture(scope="module")
          def vcr_config():
              return {"filter_headers": ["authorization"]}
        `,
      },
    },
    {
      name: 'a project that plays back only',
      good: {
        'tests/test_list.py': py`
          import pytest

          @pytest.mark.vcr
          def test_list(client):
              client.get("/")
        `,
        'pytest.ini': '[pytest]\naddopts = --record-mode=none\n',
      },
    },
  ],
});

function recordsNothing({ project: { options } }: TestFile): boolean {
  return options.some(({ text }, index) => text === '--record-mode=none' || (text === '--record-mode' && options[index + 1]?.text === 'none'));
}
