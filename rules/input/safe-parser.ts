import { argument, constantText, isConstant } from '../model.ts';
import { ARCHIVE_CALLS, SAFE_CALLS } from '../python/sinks.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'safe-parser',
  code: 'INP-S03',
  category: 'input',
  title: 'Input read with a safe API',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'These calls read data and cannot be made to run code by it.',
  limits: 'Speaks of the calls it cites only.',
  links: ['https://docs.python.org/3/library/ast.html#ast.literal_eval', 'https://docs.python.org/3/library/tarfile.html#extraction-filters'],
  once: 'file',
  on: 'call',
  calls: (callee) => SAFE_CALLS.has(callee) || ARCHIVE_CALLS.has(callee) || callee === 'torch.load',
  *check(call) {
    const { callee } = call;
    if (callee === undefined) return;
    const what = SAFE_CALLS.get(callee);
    if (what !== undefined) yield { at: call.place, message: `\`${call.function.text}\` ${what}` };
    else if (ARCHIVE_CALLS.has(callee)) {
      const filter = argument(call, 'filter');
      const name = constantText(filter?.value);
      if (name === 'data' || name === 'tar') yield { at: call.place, message: `\`filter="${name}"\` refuses members that lead out of the target folder` };
    } else if (callee === 'torch.load') {
      const weights = argument(call, 'weights_only');
      if (weights !== undefined && isConstant(weights.value, true)) yield { at: call.place, message: '`weights_only=True` loads numbers and runs no code' };
    }
  },
  examples: [
    {
      name: 'safe YAML and literals',
      bad: py`
        import yaml

        def test_saved(path):
            assert yaml.safe_load(path.read_text()) == {}
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ builds plain data only
      `,
    },
    {
      name: 'an archive with a filter',
      bad: py`
        import tarfile

        def test_unpack(archive, tmp_path):
            with tarfile.open(archive) as packed:
                packed.extractall(tmp_path, filter="data")  #! refuses members
      `,
    },
    {
      name: 'only in a comment',
      good: py`
        def test_saved(parse, path):
            # yaml.safe_load is used inside
            assert parse(path) == {}
      `,
    },
  ],
});
