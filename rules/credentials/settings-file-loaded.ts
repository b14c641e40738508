import { argument, constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const LOADERS: ReadonlyMap<string, string> = new Map([
  ['dotenv.load_dotenv', 'dotenv_path'],
  ['dotenv.dotenv_values', 'dotenv_path'],
  ['dotenv.main.load_dotenv', 'dotenv_path'],
  ['environ.Env.read_env', 'env_file'],
  ['environ.Env().read_env', 'env_file'],
]);

export const rule = defineRule({
  id: 'settings-file-loaded',
  code: 'SEC016',
  category: 'credentials',
  title: "The developer's settings file is loaded",
  kind: 'review',
  confidence: 'medium',
  cwe: [526],
  why: 'A `.env` file holds what its owner works with: the tests then run against whatever it names, with real credentials.',
  instead: 'Load a file made for the tests: `load_dotenv("tests/test.env")`.',
  limits: 'Plug-ins that load such a file by themselves are not seen.',
  links: ['https://saurabh-kumar.com/python-dotenv/'],
  on: 'call',
  calls: (callee) => LOADERS.has(callee),
  *check(call, file) {
    const keyword = LOADERS.get(call.callee ?? '');
    if (keyword === undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const path = argument(call, keyword, 0);
    const text = path === undefined ? '.env' : constantText(path.value);
    if (text === undefined || !/(?:^|\/)\.env(?:\.local)?$/.test(text) || argument(call, 'stream') !== undefined) return;
    yield { at: call.place, message: `\`${text}\` of whoever runs the tests is loaded, with the credentials in it` };
  },
  examples: [
    {
      name: 'whatever file is there',
      bad: py`
        from dotenv import load_dotenv

        load_dotenv()  #! of whoever runs the tests is loaded
      `,
    },
    {
      name: 'a file made for the tests',
      good: py`
        from dotenv import load_dotenv

        load_dotenv("tests/test.env")

        def test_settings(tmp_path):
            load_dotenv(tmp_path / ".env")
      `,
    },
  ],
});
