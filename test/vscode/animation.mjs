// Screenshots to one animated PNG (https://www.w3.org/TR/png-3/#apng-frame-based-animation): their pixels are taken over
// as they are, since all of them are of one size and kind.
import { crc32 } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** `frames` are `{ png, milliseconds }`, all of one size. Runs for ever. */
export function animated(frames) {
  const [first] = frames;
  const head = chunksOf(first.png).find((it) => it.type === 'IHDR').data;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const count = Buffer.alloc(8);
  count.writeUInt32BE(frames.length, 0);
  const parts = [SIGNATURE, chunk('IHDR', head), chunk('acTL', count)];
  let serial = 0;
  for (const [index, { png, milliseconds }] of frames.entries()) {
    const chunks = chunksOf(png);
    if (!chunks.find((it) => it.type === 'IHDR').data.equals(head)) throw new Error(`frame ${index + 1} is of another size or kind`);
    const control = Buffer.alloc(26);
    control.writeUInt32BE(serial++, 0);
    control.writeUInt32BE(width, 4);
    control.writeUInt32BE(height, 8);
    control.writeUInt16BE(milliseconds, 20);
    control.writeUInt16BE(1000, 22);
    parts.push(chunk('fcTL', control));
    for (const { data } of chunks.filter((it) => it.type === 'IDAT')) {
      if (index === 0) {
        parts.push(chunk('IDAT', data));
        continue;
      }
      const number = Buffer.alloc(4);
      number.writeUInt32BE(serial++, 0);
      parts.push(chunk('fdAT', Buffer.concat([number, data])));
    }
  }
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]);
}

function chunksOf(png) {
  const chunks = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
