import { isImportedObject } from '../python/api.ts';
import { givesSettings, isOff, mayGiveSettings, settingsOf } from '../python/settings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'csrf-protection-off',
  code: 'API007',
  category: 'api',
  title: 'protection against forged requests is off',
  kind: 'informational',
  kinds: ['review', 'informational'],
  confidence: 'high',
  cwe: [352],
  peers: {
    semgrep: ['flask-wtf-csrf-disabled', 'no-csrf-exempt', 'pyramid-csrf-check-disabled', 'pyramid-csrf-check-disabled-globally'],
    sonar: ['S4502'],
    codeql: ['py/csrf-protection-disabled'],
  },
  why: 'Tests without the protection pass when a form forgets its token; on an application that others share it stays off for them too.',
  instead: 'Leave it on in at least one test, with a client that sends the token.',
  limits: 'Settings of a class of test configuration and of an application made for the test are taken as meant.',
  links: ['https://flask-wtf.readthedocs.io/en/latest/csrf/', 'https://docs.djangoproject.com/en/5.1/ref/csrf/'],
  on: ['assignment', 'call', 'function'],
  calls: (_, method) => givesSettings(method),
  wants: (it) => (it.type === 'function subject' ? it.node.decorators.length > 0 : it.type === 'call' || mayGiveSettings(it)),
  *check(subject, file) {
    if (subject.type === 'function subject') {
      for (const it of subject.node.decorators) {
        if (it.refersTo === 'django.views.decorators.csrf.csrf_exempt')
          yield { at: it.place, message: `\`${subject.name}\` takes requests without a CSRF token` };
      }
      return;
    }
    for (const it of settingsOf(subject)) {
      if (!KEY.test(it.key) || !isOff(it.value.value) || it.where === 'definition' || file.expected(it.value)) continue;
      const imported = it.object !== undefined && isImportedObject(it.object, file);
      if (it.object !== undefined && !imported) continue;
      if (imported) yield { at: subject.place, kind: 'review', message: `\`${it.key}\` is switched off on an application that other tests share` };
      else if (subject.type === 'call' && subject.method !== 'create_app')
        yield { at: subject.place, message: `forged requests are not refused here: \`${it.key}\` is off` };
    }
  },
  examples: [
    {
      name: 'on an imported application',
      bad: py`
        import pytest
        from harbour.web import app

        @pytest.fixture
        def client():
            app.config["WTF_CSRF_ENABLED"] = False
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ on an application that other tests share
            return app.test_client()
      `,
    },
    {
      name: 'an exempt view, and settings overridden for a test',
      bad: py`
        from django.test import TestCase, override_settings
        from django.views.decorators.csrf import csrf_exempt

        @csrf_exempt
        #^^^^^^^^^^^ takes requests without a CSRF token
        def echo(request):
            return request.body

        class TestForms(TestCase):
            @override_settings(CSRF_ENABLED=False)  #! forged requests are not refused here
            def test_form(self):
                self.assertEqual(200, self.client.get("/form").status_code)
      `,
    },
    {
      name: 'test configuration, an application of its own, and the protection left on',
      good: py`
        import pytest
        from harbour import create_app
        from harbour.web import app as shared

        class TestConfig:
            WTF_CSRF_ENABLED = False

        @pytest.fixture
        def app():
            app = create_app()
            app.config["WTF_CSRF_ENABLED"] = False
            shared.config["WTF_CSRF_ENABLED"] = True
            return app
      `,
    },
  ],
});

const KEY = /^(?:(?:WTF_)?CSRF_(?:ENABLED|CHECK_DEFAULT)|require_csrf)$/;
