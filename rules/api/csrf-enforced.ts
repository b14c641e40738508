import { argument, isConstant } from '../model.ts';
import { givesSettings, isOn, mayGiveSettings, settingsOf } from '../python/settings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'csrf-enforced',
  code: 'API-S05',
  category: 'api',
  title: 'protection against forged requests is on in the test',
  kind: 'pass',
  confidence: 'high',
  cwe: [],
  why: 'Test clients leave the protection out by default; a client that enforces it notices a form without its token.',
  limits: "Knows Django's test client and Flask-WTF's setting.",
  links: ['https://docs.djangoproject.com/en/5.1/ref/csrf/#testing-and-csrf-protection', 'https://flask-wtf.readthedocs.io/en/latest/config/'],
  once: 'file',
  on: ['call', 'assignment'],
  calls: (_, method) => givesSettings(method) || /(?:Client|Factory)$/.test(method),
  wants: (it) => it.type === 'call' || mayGiveSettings(it),
  *check(subject) {
    if (subject.type === 'call') {
      const enforced = argument(subject, 'enforce_csrf_checks');
      if (enforced !== undefined && isConstant(enforced.value, true) && /(?:Client|Factory)$/.test(subject.method)) {
        yield { at: subject.place, message: `\`${subject.method}\` asks for the CSRF token` };
        return;
      }
    }
    for (const it of settingsOf(subject)) {
      if (/^(?:WTF_)?CSRF_ENABLED$/.test(it.key) && isOn(it.value.value) && it.where !== 'definition')
        yield { at: subject.place, message: `the check for CSRF tokens is on: \`${it.key}\`` };
    }
  },
  examples: [
    {
      name: "Django's client",
      bad: py`
        from django.test import Client

        def test_form():
            client = Client(enforce_csrf_checks=True)  #! asks for the CSRF token
            assert client.post("/berths").status_code == 403
      `,
    },
    {
      name: 'a setting of Flask-WTF',
      bad: py`
        import pytest
        from harbour import create_app

        @pytest.fixture
        def app():
            app = create_app()
            app.config["WTF_CSRF_ENABLED"] = True  #! the check for CSRF tokens is on
            return app
      `,
    },
    {
      name: 'left out, or off',
      good: py`
        from django.test import Client
        from harbour import create_app

        def test_form():
            client = Client(enforce_csrf_checks=False)
            app = create_app()
            app.config["WTF_CSRF_ENABLED"] = False
            # Client(enforce_csrf_checks=True)
            assert client.post("/berths").status_code == 200
      `,
    },
  ],
});
