/**
 * Work that has to come to an end. Nothing in Attest is known to run on for ever; should anything ever do so, it costs
 * the file that it happened on, and neither the others nor the editor.
 */
import { Script } from 'node:vm';

/** The largest text that is reviewed takes a slow machine a part of this. */
export const LONGEST_MS = 60_000;

/** Work was stopped wherever it stood: what it worked on may be in pieces. */
export class OutOfPatience extends Error {
  constructor(milliseconds: number) {
    super(`its review was stopped after ${Math.round(milliseconds / 1000)} s`);
  }
}

const WORK = Symbol.for('attest.work');
const slot = globalThis as { [WORK]?: () => void };
/** Only a script can be stopped from outside; that it is another one makes no difference to what it calls. */
const call = new Script(`globalThis[Symbol.for('attest.work')]()`);

/** The result of the work; throws what it throws, or `OutOfPatience`. */
export function inTime<T>(work: () => T, milliseconds = LONGEST_MS): T {
  let result: { readonly value: T } | undefined;
  slot[WORK] = () => {
    result = { value: work() };
  };
  try {
    call.runInThisContext({ timeout: milliseconds });
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? new OutOfPatience(milliseconds) : error;
  } finally {
    delete slot[WORK];
  }
  if (result === undefined) throw new Error('the work did not begin');
  return result.value;
}
