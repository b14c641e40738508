/** `attest merge`: reports of parts → the report of the whole. All of it or nothing: a union with a hole is a lie. */
import { readFileSync } from 'node:fs';
import { deliver } from './report-file.ts';
import { refuse } from './terminal.ts';
import { merge, type Part } from './views/merge.ts';

export function mergeCommand(names: readonly string[], options: { readonly output?: string }): void {
  const parts = names.flatMap(partOf);
  if (parts.length < names.length) return;
  const merged = merge(parts);
  if ('why' in merged) return refuse(merged.why);
  deliver(merged.text, options.output);
}

function partOf(name: string): Part[] {
  try {
    return [{ name, text: readFileSync(name, 'utf8') }];
  } catch (error) {
    refuse(`${name}: cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`);
    return [];
  }
}
