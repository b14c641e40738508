/**
 * What a command says beside its report, and how it ends.
 *
 *     0  nothing at or above the threshold        2  wrong usage, or an input that cannot be read
 *     1  something is                             3  a fault in Attest itself
 *
 * The highest wins. Reports go to standard output, remarks and timing to standard error.
 */
import { join, relative } from 'node:path';
import type { ConfigurationProblem } from './configuration.ts';
import { visible } from './views/visible.ts';

export type ExitCode = 0 | 1 | 2 | 3;

/** The highest code wins. */
export function raiseExitCode(code: ExitCode): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code);
}

export function remark(message: string): void {
  process.stderr.write(`attest: ${visible(message)}\n`);
}

/** Something that was asked for cannot be done; the rest goes on. */
export function refuse(message: string): void {
  remark(message);
  raiseExitCode(2);
}

/** Mistakes in a file, each with its place in front, as other tools print them. */
export function refuseAll(mistakes: readonly string[]): void {
  for (const it of mistakes) process.stderr.write(`${visible(it)}\n`);
  raiseExitCode(2);
}

/** As a person at this folder would write the path. */
export function shown(absolute: string): string {
  const path = relative(process.cwd(), absolute);
  return /^\.\.(?:[\\/]|$)/.test(path) || path === '' ? absolute : path;
}

/** A mistake in a configuration file with its place in front, as compilers write it. */
export function mistakeLine({ file, line, column, message }: ConfigurationProblem, root: string): string {
  return `${shown(join(root, file))}:${line}:${column}: ${message}`;
}

/** Somebody read enough (`attest review | head`): that is no error. A full disk behind `>` is one. */
export function leaveWhenClosed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`attest: the report cannot be written (${error.code === 'ENOSPC' ? 'the disk is full' : error.code})\n`);
  process.exit(2);
}

/**
 * Somebody pressed ^C: what is being written is finished, the last words are said, and the exit code is the shell's
 * for it.
 */
export function onInterrupt(lastWords: () => void): void {
  const leave = (signal: NodeJS.Signals) => {
    lastWords();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', leave).on('SIGTERM', leave);
}

/** Is standard output a terminal that shows colours, or asked to be treated as one? */
export function wantsColor(): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = process.env;
  if (no !== undefined && no !== '') return false;
  if (force !== undefined && force !== '') return force !== '0';
  return process.stdout.isTTY && terminal !== 'dumb';
}
