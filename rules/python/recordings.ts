/** Recorders of HTTP traffic. Sources: vcrpy 7, pytest-recording 0.13, betamax 0.9. */
import { constantText, type Expression, type FunctionDefinition, walk } from '../model.ts';

export const RECORDERS = /^(?:vcr\.use_cassette|vcr\.VCR|vcr\.VCR\(\)\.use_cassette|betamax\.Betamax\(\)\.use_cassette)$/;

/** Keywords that keep something out of the recording. */
export const FILTERS: readonly string[] = [
  'filter_headers',
  'filter_query_parameters',
  'filter_post_data_parameters',
  'before_record_request',
  'before_record_response',
  'before_record',
];

/** The settings that a fixture gives, by name: of `return {…}`, `return dict(…)`, `yield {…}`. */
function settingsGiven(node: FunctionDefinition): readonly { readonly name: string; readonly value: Expression }[] {
  for (const it of walk(node)) {
    const given = it.type === 'return' ? it.operands[0] : it.type === 'yield' ? it.operand : undefined;
    if (given?.type === 'dict')
      return given.entries.flatMap(({ key, value }) => {
        const name = constantText(key?.value);
        return name === undefined ? [] : [{ name, value }];
      });
    if (given?.type === 'call' && given.callee === 'builtins.dict')
      return given.arguments.flatMap(({ keyword, value }) => (keyword === undefined ? [] : [{ name: keyword, value }]));
  }
  return [];
}

/** What of the settings keeps something out of the recording. */
export function filterGiven(node: FunctionDefinition): string | undefined {
  return settingsGiven(node).find((it) => FILTERS.includes(it.name) && it.value.text !== 'None')?.name;
}
