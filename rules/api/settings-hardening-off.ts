import { constantText, type Expression } from '../model.ts';
import { isImportedObject } from '../python/api.ts';
import { givesSettings, isOff, mayGiveSettings, settingsOf } from '../python/settings.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'settings-hardening-off',
  code: 'API018',
  category: 'api',
  title: 'protection of sessions or hosts is off in shared settings',
  kind: 'informational',
  confidence: 'low',
  cwe: [614],
  peers: { sonar: ['S2092', 'S3330', 'S5344'], codeql: ['py/insecure-cookie', 'py/client-exposed-cookie', 'py/samesite-none-cookie'] },
  why: 'Settings that are not for tests alone may be what is deployed; cookies then travel in the clear, or any host name is answered.',
  instead: 'Keep the protection on, and switch it off where the test is: `override_settings`, a `TestConfig`.',
  limits: 'Whether the settings are deployed is not known. Files and classes named after tests are taken as meant for tests alone.',
  links: ['https://docs.djangoproject.com/en/5.1/howto/deployment/checklist/', 'https://flask.palletsprojects.com/en/stable/web-security/'],
  on: ['assignment', 'call'],
  calls: (_, method) => givesSettings(method),
  wants: (it) => it.type === 'call' || mayGiveSettings(it),
  *check(subject, file) {
    for (const it of settingsOf(subject)) {
      if (!isWeak(it.key, it.value)) continue;
      const shared =
        it.where === 'definition' ? isSharedModule(file.path) && !isTestClass(subject) : it.object !== undefined && isImportedObject(it.object, file);
      if (!shared) continue;
      yield { at: subject.place, message: `\`${it.key}\` is weakened in settings that are not for tests alone` };
    }
  },
  examples: [
    {
      name: 'a settings module of the product',
      bad: {
        'harbour/settings.py': py`
          SESSION_COOKIE_SECURE = False  #! is weakened in settings that are not for tests alone; 1 more of its kind: line 2
          ALLOWED_HOSTS = ["*"]
          SESSION_COOKIE_NAME = "harbour"
        `,
      },
    },
    {
      name: 'an application that others share',
      bad: py`
        import pytest
        from harbour.web import app

        @pytest.fixture
        def client():
            app.config["SESSION_COOKIE_HTTPONLY"] = False  #! is weakened
            return app.test_client()
      `,
    },
    {
      name: 'settings for tests, an override, a class for tests',
      good: {
        'tests/settings.py': py`
          SESSION_COOKIE_SECURE = False
          ALLOWED_HOSTS = ["*"]
        `,
      },
    },
    {
      name: 'in one test alone',
      good: py`
        from django.test import TestCase, override_settings

        class TestConfig:
            SESSION_COOKIE_SECURE = False

        class TestBerths(TestCase):
            @override_settings(ALLOWED_HOSTS=["*"])
            def test_list(self):
                self.assertEqual(200, self.client.get("/berths").status_code)
      `,
    },
  ],
});

const SWITCH =
  /^(?:SESSION_COOKIE_SECURE|SESSION_COOKIE_HTTPONLY|CSRF_COOKIE_SECURE|CSRF_COOKIE_HTTPONLY|SECURE_SSL_REDIRECT|REMEMBER_COOKIE_SECURE|REMEMBER_COOKIE_HTTPONLY|RATELIMIT_ENABLED)$/;

function isWeak(key: string, value: Expression): boolean {
  if (SWITCH.test(key)) return isOff(value.value);
  const items = value.type === 'list' || value.type === 'tuple' ? value.items : [];
  if (key === 'ALLOWED_HOSTS') return items.some((it) => constantText(it.value) === '*');
  return key === 'PASSWORD_HASHERS' && isWeakHasher(constantText(items[0]?.value) ?? '');
}

function isWeakHasher(name: string): boolean {
  return name.endsWith('PasswordHasher') && /^Unsalted|^(?:MD5|SHA1)PasswordHasher$/.test(name.slice(name.lastIndexOf('.') + 1));
}

function isSharedModule(path: string): boolean {
  return /(?:^|\/)(?:settings|config|configuration)(?:\/\w+)?\.py$/.test(path) && !/test|local|dev/i.test(path);
}

function isTestClass(it: { readonly parent: { readonly type: string } | undefined }): boolean {
  const { parent } = it;
  return parent?.type === 'class' && /test/i.test((parent as { name?: string }).name ?? '');
}
