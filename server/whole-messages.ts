/**
 * A stream for messages of the Language Server Protocol whose header and content leave together. The library writes one
 * after the other, and each write costs a call of the system here and wakes who reads it there.
 */
import { Writable } from 'node:stream';

const HEADER_END = '\r\n\r\n';

export function wholeMessages(output: Writable): Writable {
  let header: Buffer | undefined;
  const whole = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (header === undefined && isHeader(chunk)) {
        header = chunk;
        done();
        return;
      }
      const message = header === undefined ? chunk : Buffer.concat([header, chunk]);
      header = undefined;
      output.write(message, done);
    },
  });
  output.on('error', (error) => whole.destroy(error));
  output.on('close', () => whole.destroy());
  return whole;
}

function isHeader(chunk: Buffer): boolean {
  return chunk.length < 100 && chunk.toString('latin1').endsWith(HEADER_END);
}
