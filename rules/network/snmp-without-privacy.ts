import { argument, argumentsKnown, type Call, isConstant } from '../model.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'snmp-without-privacy',
  code: 'NET015',
  category: 'network',
  title: 'SNMP without authentication or privacy',
  kind: 'informational',
  confidence: 'high',
  cwe: [319],
  peers: { bandit: ['B508', 'B509'], ruff: ['S508', 'S509'] },
  why: 'Versions 1 and 2c send the community name, which is all that protects the device, in clear text; version 3 without keys protects nothing.',
  instead: 'Use `UsmUserData` with an authentication and a privacy key.',
  limits: "Only pysnmp's own classes are known.",
  links: ['https://docs.lextudio.com/pysnmp/v7.1/'],
  on: 'call',
  calls: (callee) => callee.startsWith('pysnmp.'),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !/^pysnmp\.hlapi\.(?:\w+\.)*(?:CommunityData|UsmUserData)$/.test(callee) || !argumentsKnown(call)) return;
    if (file.expected(call) || file.stubbed(callee, call) !== undefined) return;
    if (call.method === 'CommunityData' && isConstant(argument(call, 'mpModel')?.value, 2)) return;
    if (call.method === 'CommunityData') yield { at: call.place, message: 'a community name goes over the network in clear text' };
    else if (!hasKeys(call)) yield { at: call.place, message: '`UsmUserData` without a privacy key sends everything in clear text' };
  },
  examples: [
    {
      name: 'version 2c, and version 3 without keys',
      bad: py`
        from pysnmp.hlapi import CommunityData, UsmUserData

        def test_device():
            first = CommunityData("harbour", mpModel=1)  #! in clear text
            second = UsmUserData("harbour-master")  #! without a privacy key
      `,
    },
    {
      name: 'both keys',
      good: py`
        from pysnmp.hlapi import UsmUserData

        def test_device(authentication, privacy):
            UsmUserData("harbour-master", authentication, privacy)
            UsmUserData("harbour-master", authKey=authentication, privKey=privacy)
      `,
    },
  ],
});

function hasKeys(call: Call): boolean {
  return (argument(call, 'privKey', 2) ?? argument(call, 'privProtocol', 4)) !== undefined;
}
