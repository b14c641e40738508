import { argument, type Call, constantText, type Expression } from '../model.ts';
import { hostKind } from '../python/host-names.ts';
import { mayBeAnsweredHere } from '../python/http-stubs.ts';
import { defineRule, py } from '../rule.ts';

/** What sends a message to somebody, with who carries it. Sources: slack_sdk 3, twilio 9, sendgrid 6, pdpyras 5. */
const SENDERS: readonly (readonly [RegExp, string])[] = [
  [
    /^slack_sdk\.(?:web\.)?(?:async_client\.)?(?:Async)?WebClient\(\)\.(?:chat_postMessage|chat_postEphemeral|chat_scheduleMessage|files_upload(?:_v2)?)$/,
    'Slack',
  ],
  [/^slack_sdk\.webhook\.(?:Async)?WebhookClient\(\)\.send$/, 'Slack'],
  [/^twilio\.rest\.Client\(\)\.(?:messages|calls)\.create$/, 'Twilio'],
  [/^sendgrid\.SendGridAPIClient\(\)\.send$/, 'SendGrid'],
  [/^pdpyras\.EventsAPISession\(\)\.(?:trigger|acknowledge|resolve)$/, 'PagerDuty'],
];
const MAIL = /^smtplib\.SMTP(?:_SSL)?\(\)\.(?:sendmail|send_message)$/;

export const rule = defineRule({
  id: 'message-really-sent',
  code: 'NET022',
  category: 'network',
  title: 'Test sends a real message',
  kind: 'fail',
  kinds: ['fail', 'review', 'informational'],
  confidence: 'medium',
  cwe: [923],
  why: 'Somebody gets what the test sends, each time it runs, and it carries what the test knows.',
  instead: 'Patch the client, or give it a server of the test: `aiosmtpd` on `127.0.0.1`, `locmem` in Django.',
  limits:
    'A mail server must be a constant. In a test that says by its folder, a mark or a skip that it asks a service it is a note. A webhook that is called with an HTTP client is judged as any other network call.',
  links: ['https://docs.djangoproject.com/en/stable/topics/testing/tools/#email-services'],
  on: 'call',
  calls: (callee) => MAIL.test(callee) || SENDERS.some(([pattern]) => pattern.test(callee)),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined) return;
    const via = MAIL.test(callee) ? mailServer(call) : SENDERS.find(([pattern]) => pattern.test(callee))?.[1];
    if (via === undefined || file.stubbed(callee, call) !== undefined || file.expected(call)) return;
    const maker = makerOf(call);
    if (
      maker?.arguments.some((it) => it.keyword === 'base_url' || it.keyword === 'http_client' || it.keyword === 'host' || it.unpack !== undefined) === true &&
      !MAIL.test(callee)
    )
      return;
    if (mayBeAnsweredHere(file)) return;
    const kind = file.asksForNetwork(call) ? 'informational' : file.tier === 'unit' && !file.guarded(call) ? 'fail' : 'review';
    yield { at: call.place, kind, message: `\`${call.method}\` sends a real message through ${via}: nothing stands in for it here` };
  },
  examples: [
    {
      name: 'chat and mail',
      bad: py`
        import smtplib
        from slack_sdk import WebClient

        def test_notice(token):
            client = WebClient(token=token)
            client.chat_postMessage(channel="#harbour", text="high tide")  #! through Slack

        def test_mail(message):
            server = smtplib.SMTP("mail.harbourmaster.org")  # the constructor alone sends nothing
            server.send_message(message)  #! through ${'`mail.harbourmaster.org`'}
      `,
      alsoFinds: ['NET001', 'NET016', 'NET013'],
    },
    {
      name: 'by the folder the real service is meant: a note',
      bad: {
        'integration_tests/test_notice.py': py`
          import os
          from slack_sdk import WebClient

          def test_notice():
              client = WebClient(token=os.environ["BOT_TOKEN"])
              client.chat_postMessage(channel="#harbour", text="high tide")  #! through Slack
        `,
      },
      alsoFinds: ['SEC-S05'],
    },
    {
      name: 'a patched client, a server of the test',
      good: py`
        import smtplib
        from unittest import mock
        from slack_sdk import WebClient

        @mock.patch("slack_sdk.WebClient.chat_postMessage")
        def test_notice(post, token):
            WebClient(token=token).chat_postMessage(channel="#harbour", text="high tide")

        def test_mail(message, port):
            server = smtplib.SMTP("localhost", port)
            server.send_message(message)

        def test_own_server(token, url):
            WebClient(token=token, base_url=url).chat_postMessage(channel="#harbour", text="high tide")
      `,
    },
  ],
});

function makerOf(call: Call): Call | undefined {
  if (call.function.type !== 'attribute') return undefined;
  let object: Expression = call.function.object;
  while (object.type === 'attribute' && object.value.kind !== 'result') object = object.object;
  return object.value.kind === 'result' ? object.value.call : undefined;
}

/** The public server that a mail goes to. */
function mailServer(call: Call): string | undefined {
  const maker = makerOf(call);
  const host = maker === undefined ? undefined : argument(maker, 'host', 0);
  const name = constantText(host?.value)?.replace(/:\d+$/, '');
  return name !== undefined && hostKind(name) === 'public' ? `\`${name}\`` : undefined;
}
