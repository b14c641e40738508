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

/**
 * V8 makes fast code of what has run for long enough. Most of what it thinks so of at the usual tenth of this is hardly called
 * any more, and neither is most of what it then inlines: of the review of one file that is a fifth of the time, of many a
 * tenth. The flags are there in V8 from Node 20 to 24; where there are none of these names, V8 would say so on standard error.
 */
const OPTIMISES_LITTLE = ['--interrupt-budget=600000', '--max-inlined-bytecode-size-cumulative=200'];
/** So much more bytecode than at the start is worth keeping: a review, but not a list of options. */
const WORTH_KEEPING = 300_000;

const [major = 0] = process.versions.node.split('.').map(Number);
if (major >= 20 && major <= 24) OPTIMISES_LITTLE.forEach(setFlagsFromString);

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
