import { ancestors, argument, type Call, constantText } from '../model.ts';
import { addArgument, defineRule, type Fix, py, replace } from '../rule.ts';

const LOADERS: ReadonlyMap<string, string> = new Map([
  ['dotenv.load_dotenv', 'dotenv_path'],
  ['dotenv.dotenv_values', 'dotenv_path'],
  ['dotenv.main.load_dotenv', 'dotenv_path'],
  ['environ.Env.read_env', 'env_file'],
  ['environ.Env().read_env', 'env_file'],
]);

/** A file that belongs to its owner. */
const OWN = /(?:^|\/)\.env(?:\.local)?$/;

function fixOf(call: Call, keyword: string): { readonly fix?: Fix } {
  const title = 'Load `tests/test.env`';
  const path = argument(call, keyword, 0);
  if (path !== undefined) return { fix: { title, safety: 'suggest', edits: [replace(path, '"tests/test.env"')] } };
  return call.arguments.length > 0 ? {} : { fix: { title, safety: 'suggest', edits: [addArgument(call, '"tests/test.env"')] } };
}

export const rule = defineRule({
  id: 'settings-file-loaded',
  code: 'SEC016',
  category: 'credentials',
  title: "The developer's settings file is loaded",
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [526],
  why: 'A `.env` file holds what its owner works with: the tests then run against whatever it names, with real credentials.',
  instead: 'Load a file made for the tests: `load_dotenv("tests/test.env")`.',
  limits: 'Plug-ins that load such a file by themselves are not seen. What is tried and may fail, since not everybody has the library, is a note.',
  links: ['https://saurabh-kumar.com/python-dotenv/'],
  on: 'call',
  calls: (callee) => LOADERS.has(callee),
  keywords: (keyword) => keyword === '_env_file',
  *check(call, file) {
    const settings = argument(call, '_env_file');
    if (settings !== undefined) {
      const name = constantText(settings.value);
      if (name !== undefined && OWN.test(name))
        yield { at: settings.place, message: `\`${name}\` of whoever runs the tests is loaded, with the credentials in it` };
      return;
    }
    const keyword = LOADERS.get(call.callee ?? '');
    if (keyword === undefined || file.stubbed(call.callee ?? '', call) !== undefined) return;
    const path = argument(call, keyword, 0);
    const text = path === undefined ? '.env' : constantText(path.value);
    if (text === undefined || !OWN.test(text) || argument(call, 'stream') !== undefined) return;
    // Who has no such library does without: a convenience of one machine.
    const isTried = [...ancestors(call)].some((it) => it.type === 'try' && it.handlers.length > 0);
    yield {
      at: call.place,
      ...(isTried ? { kind: 'informational' } : {}),
      message: `\`${text}\` of whoever runs the tests is loaded, with the credentials in it`,
      ...fixOf(call, keyword),
    };
  },
  examples: [
    {
      name: 'whatever file is there',
      bad: py`
        from dotenv import load_dotenv

        load_dotenv()  #! of whoever runs the tests is loaded
      `,
      fixed: py`
        from dotenv import load_dotenv

        load_dotenv("tests/test.env")
      `,
    },
    {
      name: 'settings of pydantic',
      bad: py`
        from harbour.settings import Settings

        def test_settings():
            assert Settings(_env_file=".env").port == 8080  #! of whoever runs the tests is loaded
      `,
    },
    {
      name: 'where the library is there',
      bad: py`
        try:
            from dotenv import load_dotenv
            load_dotenv()  #! of whoever runs the tests is loaded
        except ImportError:
            pass
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
