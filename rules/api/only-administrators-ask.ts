import type { Call, TestFile } from '../model.ts';
import { canBeApiCall, demandsStatus, isRefusalClass, isRequest, lastName, refusalDemanded } from '../python/api.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'only-administrators-ask',
  code: 'API010',
  category: 'api',
  title: 'only privileged identities are tried',
  kind: 'informational',
  confidence: 'medium',
  cwe: [862],
  why: 'An administrator may do everything, so that none of these tests notices when an access check is gone.',
  instead: 'Ask once as somebody without rights, and expect 401 or 403.',
  limits: 'Looks at files that are named after an API, its views or its policy. Tests in another file that ask as somebody else are not seen.',
  links: ['https://owasp.org/www-project-web-security-testing-guide/', 'https://cwe.mitre.org/data/definitions/862.html'],
  once: 'file',
  atLeast: 5,
  on: ['call', 'raises', 'statement'],
  calls: (callee, method) => demandsStatus(method) || canBeApiCall(callee, method),
  statements: ['assert'],
  *check(subject, file) {
    if (!isAboutApi(file.path)) return;
    if (subject.type === 'raises') {
      if (subject.exceptions.some(isRefusalClass)) yield { at: subject.place, disproves: true, message: '' };
      return;
    }
    if (subject.type !== 'call' && subject.type !== 'assert') return;
    if (refusalDemanded(subject) !== undefined) yield { at: subject.place, disproves: true, message: '' };
    else if (subject.type === 'call' && isRequest(subject)) {
      if (isPrivileged(subject, file)) yield { at: subject.place, message: 'the API is asked as an administrator only, and no refusal is expected' };
      else yield { at: subject.place, disproves: true, message: '' };
    }
  },
  examples: [
    {
      name: 'an administrator, five times',
      bad: {
        'tests/test_api_berths.py': py`
          def test_read(admin_client):
              assert admin_client.get("/berths").status_code == 200  #! as an administrator only
              assert admin_client.get("/berths/1").status_code == 200

          def test_write(admin_client):
              assert admin_client.post("/berths", {}).status_code == 201
              assert admin_client.put("/berths/1", {}).status_code == 200
              assert admin_client.delete("/berths/1").status_code == 204
        `,
      },
    },
    {
      name: 'a refusal, somebody else, few requests, a file about something else',
      good: {
        'tests/test_api_berths.py': py`
          def test_read(admin_client, agent_client):
              assert admin_client.get("/berths").status_code == 200
              assert admin_client.get("/berths/1").status_code == 200
              assert admin_client.get("/berths/2").status_code == 200
              assert admin_client.get("/berths/3").status_code == 200
              assert admin_client.get("/berths/4").status_code == 200
              assert agent_client.delete("/berths/1").status_code == 403
        `,
      },
    },
  ],
});

const ABOUT = /(?:^|_)(?:api|apis|rest|views?|controllers?|endpoints?|routes?|polic(?:y|ies)|permissions?|auth[A-Za-z0-9]*)[_.]/;

function isAboutApi(path: string): boolean {
  return path.endsWith('.py') && ABOUT.test(path.slice(path.lastIndexOf('/') + 1));
}

const PRIVILEGED = /(?:^|_)(?:admin|superuser|root|staff|sysadmin)(?:_|$)/;

/** By the name of the client, or because the set-up logs an administrator in. */
function isPrivileged(call: Call, file: TestFile): boolean {
  if (call.function.type !== 'attribute') return false;
  const name = lastName(call.function.object);
  if (PRIVILEGED.test(name)) return true;
  const around = file.class;
  if (name !== 'client' || around === undefined) return false;
  const setUp = file.definition(`${around.qualified}().setUp`)?.node?.text ?? '';
  return /create_superuser|is_superuser=True/.test(setUp) && /force_login|\.login\(|force_authenticate/.test(setUp);
}
