import type { Expression } from '../model.ts';
import { shownIn } from '../python/credential-values.ts';
import { defineRule, py } from '../rule.ts';

const WRITES =
  /^(?:builtins\.print|pprint\.pprint|json\.dump|yaml\.dump|unittest\.TestCase\(\)\.addDetail|logging\.(?:getLogger\(\)\.)?(?:debug|info|warning|error|exception|critical)|oslo_log\.log\.getLogger\(\)\.(?:debug|info|warning|error))$/;
const WHOLE = /^os\.environb?(?:\.(?:copy|items)\(\))?$/;

/** What is written: itself, the holes of a text, what is made into JSON. */
function written(it: Expression): Expression[] {
  if (it.type === 'call' && /^(?:json\.dumps|pprint\.pformat|builtins\.(?:str|repr|dict|sorted))$/.test(it.callee ?? ''))
    return it.arguments.flatMap((each) => written(each.value));
  const shown = shownIn(it);
  return shown.length === 1 && shown[0] === it ? [it] : shown.flatMap(written);
}

/** `vars(settings)`: every setting there is. */
function isAllSettings(it: Expression): boolean {
  return it.type === 'call' && it.callee === 'builtins.vars' && /(?:^|[._])(?:settings|conf|config|CONF)$/i.test(it.arguments[0]?.value.text ?? '');
}

export const rule = defineRule({
  id: 'environment-dumped',
  code: 'SEC013',
  category: 'credentials',
  title: 'Whole environment written out',
  kind: 'review',
  confidence: 'high',
  cwe: [526],
  why: 'The environment of a build holds its tokens; printed, they stand in a log that many can read.',
  instead: 'Print the variables that matter, by name.',
  limits:
    'The environment itself, as it is or made into text, and `vars(settings)`; not a mapping that was made of it earlier. Of `log_opt_values` only that of the global `CONF`. Nothing is said of a configuration file of traitlets (`c = get_config()`), which the service runs that it is for.',
  links: ['https://cwe.mitre.org/data/definitions/526.html'],
  on: 'call',
  calls: (callee, method) => method === 'log_opt_values' || WRITES.test(callee),
  *check(call, file) {
    if (call.method === 'log_opt_values' && call.arguments.length > 0) {
      // Options that the test registers for itself hold nothing.
      if (call.function.type === 'attribute' && /(?:^|\.)CONF$/.test(call.function.object.text))
        yield { at: call.place, message: 'all options are written to the log; only those registered as secret are masked' };
      return;
    }
    if (call.callee === undefined || !WRITES.test(call.callee) || file.stubbed('os.environ', call) !== undefined) return;
    if (file.constantHere('c', 'file')?.text === 'get_config()') return; // of traitlets: the service that is configured runs it, in its own environment
    for (const { value } of call.arguments) {
      for (const it of written(value)) {
        if (isAllSettings(it)) yield { at: value.place, message: 'all settings are written out, with every password among them' };
        else if (it.refersTo !== undefined && WHOLE.test(it.refersTo))
          yield { at: value.place, message: 'the whole environment is written out, with every token of the build' };
      }
    }
  },
  examples: [
    {
      name: 'printed',
      bad: py`
        import os

        def test_login(client):
            print(dict(os.environ))
            #     ^^^^^^^^^^^^^^^^ the whole environment
      `,
    },
    {
      name: 'in a text, as JSON, and all settings',
      bad: py`
        import json
        import os
        from harbour import settings

        def test_login(log):
            print(f"with {os.environ}")  #! the whole environment
            print(json.dumps(dict(os.environ)))  #! the whole environment
            print(vars(settings))  #! all settings are written out
      `,
    },
    {
      name: 'the options of the service',
      bad: py`
        from harbour.conf import CONF

        def test_start(log):
            CONF.log_opt_values(log, 10)  #! only those registered as secret are masked
      `,
    },
    {
      name: 'one variable, options of the test',
      good: py`
        import os
        from oslo_config import cfg

        def test_options(log):
            conf = cfg.ConfigOpts()
            conf.log_opt_values(log, 10)

        def test_login(client):
            print(os.environ["PATH"])
      `,
    },
    {
      name: 'what a service runs that is started with it',
      good: {
        'tests/hub_config.py': py`
          import os
          import pprint

          c = get_config()
          c.Hub.port = 8081
          pprint.pprint(dict(os.environ))
        `,
      },
    },
  ],
});
