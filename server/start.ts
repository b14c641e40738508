/**
 * `dist/cli.js`: starts the program beside it, `attest.js`, from what V8 compiled of it in an earlier run. Compiling it
 * anew takes a third of the time that the review of one file does.
 */
import { readFileSync } from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { join } from 'node:path';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { codeCacheOf } from './code-cache.ts';
import { keepYoung } from './young-generation.ts';

/**
 * V8 makes fast code of what has run for long enough. Most of what it thinks so of at a tenth of these, as is usual, is hardly
 * called any more, and neither is most of what it then inlines: of the review of one file that is a fifth of the time, of many
 * a tenth. Where V8 has no flag of a name, it says so on standard error: hence by version.
 */
const FAST_LATE: Readonly<Record<number, string>> = {
  20: '--interrupt-budget=600000',
  22: '--invocation-count-for-turbofan=20000',
  24: '--invocation-count-for-turbofan=20000',
};
/** By how much the old generation may grow before V8 looks for garbage there: on a large machine it would be by four times. */
const GROWS_LITTLE = '--heap-growing-percent=20';
const INLINES_LITTLE = '--max-inlined-bytecode-size-cumulative=200';
/** So much more bytecode than at the start is worth keeping: a review, but not a list of options. */
const WORTH_KEEPING = 300_000;

const [major = 0] = process.versions.node.split('.').map(Number);
const later = FAST_LATE[major];
keepYoung();
if (later !== undefined) for (const it of [later, INLINES_LITTLE, GROWS_LITTLE]) setFlagsFromString(it);

const filename = join(__dirname, 'attest.js');
const program = readFileSync(filename);
const cache = codeCacheOf(program);
const cachedData = cache?.read();
// The build sees to it that it is ASCII.
const script = new Script(wrap(program.toString('latin1')), { filename, ...(cachedData === undefined ? {} : { cachedData }) });
const before = getHeapCodeStatistics().bytecode_and_metadata_size;
if (cache !== undefined)
  process.on('exit', () => {
    if (getHeapCodeStatistics().bytecode_and_metadata_size - before > WORTH_KEEPING) cache.write(script.createCachedData());
  });
script.runInThisContext()({}, createRequire(filename), { exports: {} }, filename, __dirname);
