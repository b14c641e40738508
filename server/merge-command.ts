/** `attest merge`: reports of parts → the report of the whole. All of it or nothing: a union with a hole is a lie. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { deliver, isSameFile } from './report-file.ts';
import { refuse } from './terminal.ts';
import { merge, type Part } from './views/merge.ts';

export function mergeCommand(names: readonly string[], { output }: { readonly output?: string }): void {
  const overwritten = output === undefined ? undefined : names.find((it) => isSameFile(resolve(it), resolve(output)));
  if (overwritten !== undefined) return refuse(`${output}: the report would overwrite ${overwritten}, which is a part of it`);
  const parts = names.flatMap(partOf);
  if (parts.length < names.length) return;
  const merged = merge(parts);
  if ('why' in merged) return refuse(merged.why);
  deliver(merged.text, output);
}

function partOf(name: string): Part[] {
  try {
    return [{ name, text: readFileSync(name, 'utf8') }];
  } catch (error) {
    refuse(`${name}: cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`);
    return [];
  }
}
